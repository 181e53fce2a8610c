"""A report on material for people: the picture, what else was found, and the verdict."""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING

from rich.text import Text

from server_certificate.description import describe_private_key
from server_certificate.findings import Severity
from server_certificate_cli.output.chain_tree import draw
from server_certificate_cli.output.finding_lines import by_subject, counts, draw_groups
from server_certificate_cli.output.quoting import command_line
from server_certificate_cli.output.terminal import plain

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from server_certificate.assessment import Assessment, Criteria
    from server_certificate.material import PrivateKey
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
        criteria: What it was checked against.
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
        convert: The words of the command that converts it; none if it can't be repeated.
    """
    found = counts(assessment.findings)
    sentence = verdict_text(assessment) + (f": {found}." if found else ": nothing was found.")
    console.write_line()
    console.write_line(mark(console, assessment, strict=strict), plain(sentence, "bold"))
    if assessment.accepted and not assessment.accepted_as_is:
        if strict:
            console.write_line("  It is not accepted as it is, and --strict was given.")
        if not convert:
            console.write_line(
                "  Given the same, server-certificate convert writes it as IAM takes it."
            )
            return
        shells = "" if all(map(str.isprintable, convert)) else ", in bash or zsh,"
        console.write_line(f"  This command{shells} writes it the way IAM takes it:")
        console.write_line("  ", plain(command_line(convert)))


def draw_folder(console: Terminal, note: str, unused: Mapping[str, str]) -> None:
    """
    Draw what else lies in the folder that was given, and how a choice was made.

    Args:
        console: Where to.
        note: How the choice was made, as a sentence; empty when there was none.
        unused: Files that are not used, each with what it holds.
    """
    if note:
        console.write_line()
        console.write_line(plain(note))
    if unused:
        listed = ", ".join(
            PurePath(file).name + (f" ({what})" if what else "") for file, what in unused.items()
        )
        console.write_line()
        console.write_line("Not used: ", plain(f"{listed}."))


def draw_conversion(console: Terminal, assessment: Assessment) -> None:
    """Draw the verdict on what was converted: it is accepted, and what was changed."""
    # What is ignored is converted all the same.
    changed = sum(one.rule.severity is Severity.FIXABLE for one in assessment.findings)
    what = f"{changed} fixable" if changed else "nothing had to be changed"
    console.write_line()
    console.write_line((console.symbol("✓ ", "+ "), "bold green"), (f"Converted: {what}.", "bold"))


def verdict_text(assessment: Assessment) -> str:
    """Return the verdict in a word or two."""
    if assessment.accepted_as_is:
        return "Accepted"
    return "Accepted once converted" if assessment.accepted else "Rejected"


def mark(console: Terminal, assessment: Assessment, *, strict: bool) -> Text:
    """
    Return the sign of a verdict.

    Args:
        console: What draws it.
        assessment: What was found.
        strict: Whether what has to be converted counts as rejected.
    """
    style = style_of(assessment, strict=strict)
    good = style != "bold red"
    return Text(console.symbol("✓ ", "+ ") if good else console.symbol("✗ ", "x "), style)


def style_of(assessment: Assessment, *, strict: bool) -> str:
    """Return the colour of a verdict; ``strict`` as in ``mark``."""
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
