"""A report on material for people: the picture, what else was found, and the verdict."""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING

from rich.text import Text

from server_certificate.description import describe_private_key
from server_certificate.findings import Severity
from server_certificate_cli.output.chain_picture import draw, title
from server_certificate_cli.output.finding_lines import by_subject, counts, draw_groups
from server_certificate_cli.output.quoting import command_line
from server_certificate_cli.output.terminal import plain
from server_certificate_cli.output.validity_words import lasting

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from server_certificate.assessment import Assessment, Criteria
    from server_certificate.material import PrivateKey
    from server_certificate_cli.desk.judging import Judged
    from server_certificate_cli.output.terminal import Terminal

_KEY = "private-key"


def draw_assessment(
    console: Terminal,
    assessment: Assessment,
    criteria: Criteria,
    files: Mapping[str, str],
) -> None:
    """
    Draw everything about material but the verdict.

    Args:
        console: Where to.
        assessment: What was found.
        criteria: What it was judged by.
        files: Where subjects come from: ``{"chain": "chain.pem"}``.
    """
    rest = draw(console, assessment, criteria, files=files)
    groups = {_KEY: (), **by_subject(rest)}
    said = {"name": criteria.name, "path": criteria.path}
    about = {
        subject: said.get(subject) or files.get(subject.partition("[")[0]) or ""
        for subject in groups
    }
    about[_KEY] = _about_key(assessment.private_key, is_given=bool(groups[_KEY]), files=files)
    draw_groups(console, groups, about)


def draw_verdict(
    console: Terminal, assessment: Assessment, *, strict: bool, convert: Sequence[str]
) -> None:
    """
    Draw the verdict, and the command that fixes what can be fixed.

    Args:
        console: Where to.
        assessment: What was found.
        strict: Whether what has to be converted counts as rejected.
        convert: The words of the command that converts it.
    """
    found = counts(assessment.findings)
    sentence = verdict_words(assessment) + (f": {found}." if found else ": nothing was found.")
    console.say()
    console.say(_mark(console, assessment, strict=strict), plain(sentence, "bold"))
    if assessment.accepted and not assessment.accepted_as_is:
        if strict:
            console.say("  It is not accepted as it is, and --strict was given.")
        shells = "" if all(map(str.isprintable, convert)) else ", in bash or zsh,"
        console.say(f"  This command{shells} writes it the way IAM takes it:")
        console.say("  ", plain(command_line(convert)))


def draw_conversion(console: Terminal, assessment: Assessment) -> None:
    """Draw the verdict on what was converted: it is accepted, and what was changed."""
    # What is ignored is converted all the same.
    changed = sum(one.rule.severity is Severity.FIXABLE for one in assessment.findings)
    what = f"{changed} fixable" if changed else "nothing had to be changed"
    console.say()
    console.say((console.sign("✓ ", "+ "), "bold green"), (f"Converted: {what}.", "bold"))


def verdict_words(assessment: Assessment) -> str:
    """Return the verdict in a word or two."""
    if assessment.accepted_as_is:
        return "Accepted"
    return "Accepted once converted" if assessment.accepted else "Rejected"


def draw_line_each(
    console: Terminal, judged: Sequence[Judged], criteria: Criteria, *, strict: bool
) -> None:
    """Draw a table: one line for each target."""
    rows = [_row(console, one, criteria, strict=strict) for one in judged]
    aligned = zip_longest(*(row[:-1] for row in rows), fillvalue=Text())
    widths = [max(cell.cell_len for cell in column) for column in aligned]
    for row in rows:
        line = Text()
        for cell, width in zip(row[:-1], widths, strict=False):
            line.append_text(cell).append(" " * (width - cell.cell_len + 2))
        line.append_text(row[-1]).rstrip()
        if console.is_watched:
            line.truncate(console.width, overflow="ellipsis")
        console.say(line)


def draw_summary(console: Terminal, judged: Sequence[Judged], *, verbose: bool) -> None:
    """Draw how many there are of which verdict, and how to see more."""
    numbers: dict[str, int] = {}
    for one in judged:
        words = verdict_words(one.assessment) if one.assessment else "Unreadable"
        numbers[words.lower()] = numbers.get(words.lower(), 0) + 1
    total = f"{len(judged)} {'target' if len(judged) == 1 else 'targets'}"
    line = f"{total}: {', '.join(f'{number} {words}' for words, number in numbers.items())}."
    console.say()
    console.say((line, "bold"))
    if not verbose and any(one.assessment and one.assessment.findings for one in judged):
        console.say("See all findings and the chains with --verbose, or give one target alone.")


def _row(console: Terminal, one: Judged, criteria: Criteria, *, strict: bool) -> list[Text]:
    name = plain(one.target.name, "bold")
    assessment = one.assessment
    if assessment is None:
        mark = Text.assemble((console.sign("✗ ", "x "), "bold red"), ("unreadable", "bold red"))
        return [mark, name, plain(one.problem)]
    style = _style(assessment, strict=strict)
    mark = _mark(console, assessment, strict=strict)
    mark.append(verdict_words(assessment).lower(), style)
    certificate, days = Text("no certificate"), Text()
    if assessment.leaf is not None:
        leaf = assessment.leaf.certificate
        certificate = plain(title(leaf))
        last = lasting(
            leaf.not_valid_before_utc,
            leaf.not_valid_after_utc,
            at=criteria.at,
            expiry_days=criteria.expiry_days,
        )
        days = plain(last.short, last.style)
    first = next((f for f in assessment.findings if f.severity is Severity.ERROR), None)
    error = f"{first.code}: {first.message}" if first else ""
    return [mark, name, certificate, days, plain(counts(assessment.findings)), plain(error)]


def _mark(console: Terminal, assessment: Assessment, *, strict: bool) -> Text:
    style = _style(assessment, strict=strict)
    good = style != "bold red"
    return Text(console.sign("✓ ", "+ ") if good else console.sign("✗ ", "x "), style)


def _style(assessment: Assessment, *, strict: bool) -> str:
    if assessment.accepted_as_is:
        return "bold green"
    return "bold cyan" if assessment.accepted and not strict else "bold red"


def _about_key(key: PrivateKey | None, *, is_given: bool, files: Mapping[str, str]) -> str:
    file = files.get(_KEY) or (files.get("bundle") if key else None)
    place = f"  ({file})" if file else ""
    if key is not None:
        kind = str(describe_private_key(key))
        return kind + (", encrypted" if key.was_encrypted else "") + place
    if is_given or file:
        return f"could not be read{place}"
    return "(not given, so nothing is said about it)"
