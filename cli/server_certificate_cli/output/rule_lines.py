"""Print rules: what a finding means, how to fix it, whether it can be ignored, and its source."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rich.text import Text

from server_certificate_cli.output.finding_lines import severity_mark
from server_certificate_cli.output.terminal import plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from server_certificate.findings import Rule
    from server_certificate_cli.output.terminal import Terminal

_MARGIN = Text("  ")
_WIDEST = len("severity")
_NOT_IGNORED = "Not possible, because its cause has to be fixed."
_EMPHASIS = re.compile(r"\*([^*]+)\*")


def draw_rules(console: Terminal, rules: Sequence[Rule]) -> None:
    """Print all about each rule."""
    for number, rule in enumerate(rules):
        if number:
            console.write_line()
        console.write_line(*severity_mark(console, rule.severity), " ", (rule.code, "bold"))
        console.write_line()
        console.write_paragraph(_text(rule.why), first=_MARGIN, further=_MARGIN)
        console.write_line()
        _draw(console, "fix", _text(rule.fix))
        _draw(console, "ignore", _ignoring(rule))
        _draw(console, "source", _text(rule.source))


def list_rules(console: Terminal, rules: Sequence[Rule]) -> None:
    """Print the code and the severity of each rule, and how to get its explanation."""
    width = max(len(rule.code) for rule in rules)
    for rule in rules:
        mark = severity_mark(console, rule.severity)
        console.write_line((rule.code.ljust(width), "bold"), "  ", *mark)
    console.write_line()
    console.write_wrapped("To explain a finding, run: server-certificate explain CODE")


def _ignoring(rule: Rule) -> Text:
    if rule.acknowledged is None:
        return plain(_NOT_IGNORED)
    return Text.assemble("With ", (f"--ignore {rule.code}", "bold"), ". ", _text(rule.acknowledged))


def _draw(console: Terminal, label: str, value: Text) -> None:
    first = Text.assemble(_MARGIN, (label.ljust(_WIDEST), "dim"))
    console.write_paragraph(value, first=first, further=Text(" " * first.cell_len))


def _text(markdown: str) -> Text:
    """Return a sentence of the rules, which mark code by backticks. Here, it is bold."""
    parts = markdown.split("`")
    return Text.assemble(
        *(
            (part, "bold") if number % 2 else _EMPHASIS.sub(r"\1", part)
            for number, part in enumerate(parts)
        )
    )
