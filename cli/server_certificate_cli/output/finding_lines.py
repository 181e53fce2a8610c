"""Print findings. The severity is shown by a word and a mark, not only by color."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from rich.text import Text

from server_certificate.findings import Severity
from server_certificate_cli.output.terminal import plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from server_certificate.findings import Finding
    from server_certificate_cli.output.terminal import Terminal

_MARGIN = Text("   ")
_MARKS = {
    Severity.ERROR: ("✗", "x"),
    Severity.FIXABLE: ("~", "~"),
    Severity.WARNING: ("!", "!"),
    Severity.INFO: ("·", "-"),
}
_STYLES = {
    Severity.ERROR: "bold red",
    Severity.FIXABLE: "cyan",
    Severity.WARNING: "yellow",
    Severity.INFO: "dim",
}
_PLURALS = {
    Severity.ERROR: "errors",
    Severity.FIXABLE: "fixable",
    Severity.WARNING: "warnings",
    Severity.INFO: "info",
}


_COMMAND = re.compile(r"(?P<before>|.*?: )(?P<command>(?:openssl|server-certificate|aws) .*)")
"""A line of a fix that ends with a command to copy."""


def draw_finding(console: Terminal, finding: Finding, *, margin: Text) -> None:
    """Print a finding and its fix, which is on a separate line that can be copied."""
    severity = finding.severity
    style = _STYLES[severity]
    mark = console.symbol(*_MARKS[severity])
    ignored = ", ignored" if finding.is_acknowledged else ""
    sentence = Text.assemble(
        (f"{severity.value}{ignored}", style),
        " ",
        (finding.code, "bold"),
        ": ",
        plain(finding.message),
    )
    console.write_paragraph(
        sentence,
        first=Text.assemble(margin, (f"{mark} ", style)),
        further=Text.assemble(margin, "  "),
    )
    for line in finding.fix.splitlines():
        _draw_fix(console, line, margin=margin)


def _draw_fix(console: Terminal, line: str, *, margin: Text) -> None:
    """Print a line of a fix. On a terminal, a command has its own line, which is never wrapped."""
    arrow = f"{console.symbol('→', '->')} "
    first = Text.assemble(margin, "  ", (arrow, "green"))
    further = Text.assemble(margin, " " * (2 + len(arrow)))
    found = _COMMAND.fullmatch(line) if console.writes_to_terminal else None
    if found is None:
        console.write_paragraph(plain(line), first=first, further=further)
        return
    if found["before"]:
        console.write_paragraph(plain(found["before"]), first=first, further=further)
        first = further
    console.write_line(first, plain(found["command"]))


def severity_mark(console: Terminal, severity: Severity) -> tuple[tuple[str, str], tuple[str, str]]:
    """Return the mark and the word of a severity, each with its style."""
    style = _STYLES[severity]
    return (f"{console.symbol(*_MARKS[severity])} ", style), (severity.value, style)


def by_subject(findings: Iterable[Finding]) -> dict[str, tuple[Finding, ...]]:
    """Group findings by subject."""
    groups: dict[str, tuple[Finding, ...]] = {}
    for finding in findings:
        groups[finding.subject] = (*groups.get(finding.subject, ()), finding)
    return groups


def draw_groups(
    console: Terminal, groups: Mapping[str, Iterable[Finding]], about: Mapping[str, str]
) -> None:
    """
    Print findings that are not about a certificate.

    Args:
        console: The terminal.
        groups: The findings by subject. A subject without findings is also printed.
        about: The descriptions of subjects. A subject without one is printed alone.
    """
    for subject, findings in groups.items():
        words = about.get(subject)
        console.write_line()
        console.write_wrapped((subject, "bold"), plain(f"  {words}" if words else ""))
        for finding in findings:
            draw_finding(console, finding, margin=_MARGIN)


def counts(findings: Iterable[Finding]) -> str:
    """Count findings by severity, as in ``2 errors, 1 warning``; empty if there are none."""
    numbers = Counter(finding.severity for finding in findings)
    return ", ".join(
        f"{numbers[severity]} {severity.value if numbers[severity] == 1 else _PLURALS[severity]}"
        for severity in Severity
        if numbers[severity]
    )
