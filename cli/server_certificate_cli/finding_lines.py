"""Findings as lines for people: the word and the mark say the severity, the colour repeats it."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from rich.text import Text

from server_certificate.findings import Severity
from server_certificate_cli.terminal import plain

if TYPE_CHECKING:
    from collections.abc import Iterable

    from server_certificate.findings import Finding
    from server_certificate_cli.terminal import Terminal

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


def draw_finding(console: Terminal, finding: Finding, *, margin: Text) -> None:
    """Draw a finding: what is wrong, and what to do about it, on a line that can be copied."""
    severity = finding.severity
    style = _STYLES[severity]
    mark = console.sign(*_MARKS[severity])
    ignored = ", ignored" if finding.is_acknowledged else ""
    sentence = Text.assemble(
        (f"{severity.value}{ignored}", style),
        " ",
        (finding.code, "bold"),
        ": ",
        plain(finding.message),
    )
    console.prose(
        sentence,
        first=Text.assemble(margin, (f"{mark} ", style)),
        further=Text.assemble(margin, "  "),
    )
    arrow = console.sign("→", "->")
    for line in finding.fix.splitlines():
        console.say(margin, "  ", (f"{arrow} ", "green"), plain(line))


def counts(findings: Iterable[Finding]) -> str:
    """Count findings by severity: ``2 errors, 1 warning``; empty when there are none."""
    numbers = Counter(finding.severity for finding in findings)
    return ", ".join(
        f"{numbers[severity]} {severity.value if numbers[severity] == 1 else _PLURALS[severity]}"
        for severity in Severity
        if numbers[severity]
    )
