"""The text report of a check: the chain, the other findings, and the verdict."""

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
    Print everything except the verdict.

    Args:
        console: The terminal.
        assessment: The result of the check.
        criteria: The criteria of the check.
        files: The files of the subjects, such as ``{"chain": "chain.pem"}``.
    """
    rest = draw(console, assessment, criteria, files=files)
    groups = {_KEY: (), **by_subject(rest)}
    has_key = assessment.private_key or groups[_KEY] or _KEY in files
    if not has_key:
        del groups[_KEY]
    declared = {"name": criteria.name, "path": criteria.path}
    about = {
        subject: declared.get(subject) or files.get(subject.partition("[")[0]) or ""
        for subject in groups
    }
    if has_key:
        about[_KEY] = _about_key(assessment.private_key, files)
    draw_groups(console, groups, about)
    if not has_key and assessment.leaf is not None:
        console.write_line()
        console.write_wrapped(
            "No private key was provided. Only the certificates were checked.", indent=0
        )


def draw_verdict(
    console: Terminal, assessment: Assessment, *, strict: bool, convert: Sequence[str] | None
) -> None:
    """
    Print the verdict, and the command that converts the input.

    Args:
        console: The terminal.
        assessment: The result of the check.
        strict: Whether to reject input that must be converted.
        convert: The words of the command; empty if the input can't be read again; None if there
            are no files to convert.
    """
    found = counts(assessment.findings)
    sentence = verdict_text(assessment) + (f": {found}." if found else ": no findings.")
    console.write_line()
    console.write_wrapped(mark(console, assessment, strict=strict), plain(sentence, "bold"))
    if assessment.accepted and not assessment.accepted_as_is:
        if strict:
            console.write_line("  The input must be converted, which --strict rejects.")
        if convert is None:
            return
        if not convert:
            console.write_wrapped(
                "  To convert it, pass the same input to server-certificate convert."
            )
            return
        shells = "" if all(map(str.isprintable, convert)) else " in bash or zsh"
        console.write_wrapped(f"  To convert it to the format that IAM requires, run{shells}:")
        console.write_line("  ", plain(command_line(convert)))


def draw_folder(console: Terminal, note: str, unused: Mapping[str, str]) -> None:
    """
    Print which files of a folder were selected, and which are not used.

    Args:
        console: The terminal.
        note: Which of several files was selected, as a sentence; empty if there was only one.
        unused: The unused files, each with a description.
    """
    if note:
        console.write_line()
        console.write_wrapped(plain(note), indent=0)
    if unused:
        listed = ", ".join(
            PurePath(file).name + (f" ({what})" if what else "") for file, what in unused.items()
        )
        console.write_line()
        console.write_wrapped("Not used: ", plain(f"{listed}."))


def draw_conversion(console: Terminal, assessment: Assessment) -> None:
    """Print the verdict after a conversion, with the number of changes."""
    # Ignored findings are converted, too.
    changed = sum(one.rule.severity is Severity.FIXABLE for one in assessment.findings)
    what = f"{changed} fixed" if changed else "no changes were needed"
    console.write_line()
    console.write_line((console.symbol("✓ ", "+ "), "bold green"), (f"Converted: {what}.", "bold"))


def verdict_text(assessment: Assessment) -> str:
    """Return the verdict in a few words."""
    if assessment.accepted_as_is:
        return "Accepted"
    return "Accepted after conversion" if assessment.accepted else "Rejected"


def mark(console: Terminal, assessment: Assessment, *, strict: bool) -> Text:
    """
    Return the mark of a verdict.

    Args:
        console: The terminal.
        assessment: The result of the check.
        strict: Whether to reject input that must be converted.
    """
    style = style_of(assessment, strict=strict)
    good = style != "bold red"
    return Text(console.symbol("✓ ", "+ ") if good else console.symbol("✗ ", "x "), style)


def style_of(assessment: Assessment, *, strict: bool) -> str:
    """Return the color of a verdict. ``strict`` is the same as in ``mark``."""
    if assessment.accepted_as_is:
        return "bold green"
    return "bold cyan" if assessment.accepted and not strict else "bold red"


def _about_key(key: PrivateKey | None, files: Mapping[str, str]) -> str:
    file = files.get(_KEY) or (files.get("bundle") if key else None)
    place = f"  ({file})" if file else ""
    if key is not None:
        kind = str(describe_private_key(key))
        return kind + (", encrypted" if key.was_encrypted else "") + place
    return f"can't be read{place}"
