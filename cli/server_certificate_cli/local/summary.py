"""The report about several targets: a line for each, and the number of each verdict."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from server_certificate.findings import Severity
from server_certificate_cli.output.chain_tree import title
from server_certificate_cli.output.finding_lines import counts
from server_certificate_cli.output.rows import Row, draw_rows
from server_certificate_cli.output.terminal import plain
from server_certificate_cli.output.validity import describe_validity
from server_certificate_cli.output.verdict import mark, style_of, verdict_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from server_certificate.assessment import Criteria
    from server_certificate_cli.local.checking import CheckedTarget
    from server_certificate_cli.output.terminal import Terminal


def draw_table(
    console: Terminal, checked: Sequence[CheckedTarget], criteria: Criteria, *, strict: bool
) -> None:
    """Print a table with a row for each target."""
    draw_rows(console, [_row(console, one, criteria, strict=strict) for one in checked])


def draw_summary(console: Terminal, checked: Sequence[CheckedTarget], *, verbose: bool) -> None:
    """Print the number of targets with each verdict, and how to see more."""
    numbers: dict[str, int] = {}
    for one in checked:
        words = verdict_text(one.assessment) if one.assessment else "Unreadable"
        numbers[words.lower()] = numbers.get(words.lower(), 0) + 1
    total = f"{len(checked)} {'target' if len(checked) == 1 else 'targets'}"
    line = f"{total}: {', '.join(f'{number} {words}' for words, number in numbers.items())}."
    console.write_line()
    console.write_wrapped((line, "bold"))
    if not verbose and any(one.assessment and one.assessment.findings for one in checked):
        console.write_wrapped(
            "To see all findings and the chains, use --verbose, or check a single target.", indent=0
        )


def _row(console: Terminal, one: CheckedTarget, criteria: Criteria, *, strict: bool) -> Row:
    name = plain(one.target.name, "bold")
    assessment = one.assessment
    if assessment is None:
        sign = Text.assemble((console.symbol("✗ ", "x "), "bold red"), ("unreadable", "bold red"))
        return Row([sign, name], plain(one.problem))
    style = style_of(assessment, strict=strict)
    sign = mark(console, assessment, strict=strict)
    sign.append(verdict_text(assessment).lower(), style)
    certificate, days = Text("no certificate"), Text()
    if assessment.leaf is not None:
        leaf = assessment.leaf.certificate
        certificate = plain(title(leaf))
        last = describe_validity(
            leaf.not_valid_before_utc,
            leaf.not_valid_after_utc,
            at=criteria.at,
            expiry_days=criteria.expiry_days,
        )
        days = plain(last.short, last.style)
    first = next((f for f in assessment.findings if f.severity is Severity.ERROR), None)
    error = f"{first.code}: {first.message}" if first else ""
    number = plain(counts(assessment.findings))
    return Row([sign, name, certificate, days, number], plain(error))
