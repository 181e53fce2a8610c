"""The report: for each question what was asked, expected and seen."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from dev.acceptance.findings import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from dev.acceptance.findings import Answer, Finding
    from dev.acceptance.masking import Mask

NAME: Final = "acceptance-report.md"
_LONGEST_LINE: Final = 1500
_EXPLANATIONS: Final = {
    Verdict.AS_EXPECTED: "what the project relies on is true",
    Verdict.OPEN: "nothing was known; what was seen is the answer",
    Verdict.DIFFERS: "the project relies on something else: change the project, or the local cloud",
    Verdict.NOT_SUPPORTED: "the endpoint doesn't offer it",
    Verdict.NOT_ANSWERED: "something kept the question from being answered",
    Verdict.NOT_ASKED: "it was left out",
}


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
        yield "Ids of certificates are numbered, and the account's id is left out."
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
        yield "This is left. Remove it with:"
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
