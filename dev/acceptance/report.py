"""The report: for each question what was asked, expected and seen, without secrets."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from dev.acceptance.findings import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from dev.acceptance.findings import Answer, Finding

NAME: Final = "acceptance-report.md"

_KEY: Final = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.DOTALL
)
_CERTIFICATE_ID: Final = re.compile(r"\bASCA[A-Z0-9]{12,}\b")
_OTHER_ID: Final = re.compile(r"\b(?:ABIA|ACCA|AIDA|AKIA|ANPA|AROA|ASIA)[A-Z0-9]{12,}\b")

_LONGEST_LINE: Final = 1500
_EXPLANATIONS: Final = {
    Verdict.AS_EXPECTED: "what the project relies on is true",
    Verdict.OPEN: "nothing was known until now; what was seen is the answer",
    Verdict.DIFFERS: "the project, or the local cloud, relies on something that isn't true: change it",
    Verdict.NOT_SUPPORTED: "the endpoint doesn't have it",
    Verdict.NOT_ANSWERED: "something prevented an answer",
    Verdict.NOT_ASKED: "the question was left out",
}


class Mask:
    """
    Masks texts of one account.

    IAM's unique ids contain the account's id in another form. Those of certificates are numbered, so
    that one can be told from another.

    Args:
        account_id: The account.
        caller_arn: Who calls; some errors name the caller.
    """

    def __init__(self, account_id: str, caller_arn: str) -> None:
        self._account_id = account_id
        self._caller_arn = caller_arn
        self._numbers: dict[str, int] = {}

    def __call__(self, text: str) -> str:
        """Return a text without the account's id and without secrets."""
        text = text.replace(self._caller_arn, "<caller>")
        text = _KEY.sub("<private key>", text)
        text = _CERTIFICATE_ID.sub(self._numbered, text)
        text = _OTHER_ID.sub("<id>", text)
        return text.replace(self._account_id, "<account>")

    def _numbered(self, found: re.Match[str]) -> str:
        number = self._numbers.setdefault(found[0], len(self._numbers) + 1)
        return f"<ASCA id {number}>"


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a run has found."""

    facts: Mapping[str, str]
    """Versions, Region and the like."""

    answers: Iterable[Answer]
    leftovers: Mapping[str, str] = field(default_factory=dict)
    """For each command that removes something that is left, why it couldn't be removed."""

    def has_passed(self) -> bool:
        """Whether nothing differs, every question is answered, and nothing is left."""
        bad = {Verdict.DIFFERS, Verdict.NOT_ANSWERED}
        return not self.leftovers and not any(
            finding.verdict in bad for answer in self.answers for finding in answer.findings
        )

    def write(self, path: Path, mask: Mask) -> None:
        """Write the report as Markdown."""
        path.write_text(mask("\n".join(self._lines())) + "\n", encoding="utf-8")

    def _lines(self) -> Iterator[str]:
        yield "# Acceptance report"
        yield ""
        yield from _table(("", ""), self.facts.items())
        yield ""
        yield "Ids of certificates are replaced by numbers, and the account's id is left out."
        yield ""
        yield from _table(
            ("Question", "Verdicts", "Seconds"),
            (
                (answer.question.title, answer.verdicts, f"{answer.seconds:.0f}")
                for answer in self.answers
            ),
        )
        yield ""
        yield from _table(
            ("Verdict", "Meaning"),
            ((verdict.value, text) for verdict, text in _EXPLANATIONS.items()),
        )
        for answer in self.answers:
            yield ""
            yield f"## {answer.question.title}"
            yield ""
            yield f"`{answer.question.key}`. {answer.question.relies}"
            for finding in answer.findings:
                yield from _finding(finding)
        yield ""
        yield "## Clean-up"
        yield ""
        if not self.leftovers:
            yield "Everything that the run created is gone."
            return
        yield "These are left. To remove them, run:"
        yield from _block(
            line
            for command, reason in self.leftovers.items()
            for line in (f"# {_one_line(reason)}", command)
        )


def _finding(finding: Finding) -> Iterator[str]:
    yield ""
    yield f"### {finding.asked}"
    yield ""
    yield f"Verdict: **{finding.verdict.value}**"
    lines = [f"seen:     {_one_line(finding.seen)}"]
    if finding.expected:
        lines.insert(0, f"expected: {_one_line(finding.expected)}")
    yield from _block(lines)
    if finding.evidence:
        yield from _block(map(_one_line, finding.evidence))


def _block(lines: Iterable[str]) -> Iterator[str]:
    yield ""
    yield "````text"
    yield from lines
    yield "````"


def _one_line(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST_LINE else f"{line[:_LONGEST_LINE]} …"


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{' --- |' * len(head)}"
    for row in rows:
        yield f"| {' | '.join(cell.replace('|', '&#124;') for cell in row)} |"
