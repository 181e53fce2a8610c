"""``server-certificate explain``: explain the findings of a check, by their codes."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

import click

from server_certificate.rules.registry import RULES
from server_certificate.secrecy import quoted
from server_certificate_cli.output.report import write_document
from server_certificate_cli.usage import usage_error

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from server_certificate.findings import Rule

_HELP = """
Explain findings of 'check' by their codes: what a finding means, how to fix it, whether you can ignore
it, and the source of the rule. Without a code, all codes are listed.

\b
Examples:
  server-certificate explain chain-order
  server-certificate explain expires-soon lifetime-too-long --json

\b
Exit codes: 0 explained
            2 there is no finding with this code
"""


def _complete(
    _ctx: click.Context, _parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    # Imported lazily: only shell completion needs it.
    from click.shell_completion import CompletionItem  # noqa: PLC0415

    return [
        CompletionItem(code, help=rule.severity.value)
        for code, rule in RULES.items()
        if code.startswith(incomplete)
    ]


@click.command(help=_HELP)
@click.option("--json", "wants_json", is_flag=True, help="Print JSON.")
@click.argument("codes", nargs=-1, metavar="[CODE]...", shell_complete=_complete)
def command(*, codes: tuple[str, ...], wants_json: bool) -> None:
    """Explain the rules with these codes, or list all."""
    rules = [_rule(code) for code in codes] or list(RULES.values())
    if wants_json:
        write_document(rules=[_as_json(rule) for rule in rules])
        return
    # Imported lazily: loads rich, which JSON doesn't need.
    from server_certificate_cli.output.rule_lines import draw_rules, list_rules  # noqa: PLC0415
    from server_certificate_cli.output.terminal import Terminal  # noqa: PLC0415

    draw = draw_rules if codes else list_rules
    draw(Terminal(), rules)


def _rule(code: str) -> Rule:
    if rule := RULES.get(code.lower()):
        return rule
    near = get_close_matches(code.lower(), RULES, n=1)
    hint = f"Did you mean '{near[0]}'? " if near else ""
    raise usage_error(
        f"There is no finding {quoted(code)}. {hint}To list all codes, run: server-certificate explain"
    )


def _as_json(rule: Rule) -> dict[str, str | None]:
    return {
        "code": rule.code,
        "severity": rule.severity.value,
        "why": rule.why,
        "fix": rule.fix,
        "ignored": rule.acknowledged,
        "source": rule.source,
    }
