"""Print the plan of ``server-certificate prune``, and what came of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from server_certificate_cli.aws.ownership import State
from server_certificate_cli.aws.pruning import Outcome
from server_certificate_cli.aws.table import draw_facts, fold
from server_certificate_cli.output.terminal import Terminal, plain
from server_certificate_cli.output.validity import describe_expiry

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from server_certificate_cli.aws.pruning import Result

_STYLES = {Outcome.DELETED: "green", Outcome.IN_USE: "yellow", Outcome.CHANGED: "yellow"}
_UNREMARKABLE = {State.CURRENT, State.UNMANAGED}
"""The states of kept certificates that are only counted."""


def draw_plan(results: Sequence[Result], *, at: datetime) -> None:
    """
    Print which certificates would be deleted, and which others are kept and why.

    Args:
        results: The plan.
        at: The time from which to count the days.
    """
    console = Terminal()
    planned = [each for each in results if each.outcome is Outcome.PLANNED]
    kept = [each for each in results if each.outcome is Outcome.KEPT]
    if not planned:
        console.write_line(("There is nothing to delete.", "bold"))
    else:
        console.write_line((f"To be deleted ({len(planned):,}):", "bold"))
        for each in planned:
            _draw(console, each, at, "red")
    told = [each for each in kept if each.decision.entry.ownership.state not in _UNREMARKABLE]
    if told:
        console.write_line()
        console.write_line(
            (f"Kept, although no stack is known to have them ({len(told):,}):", "bold")
        )
        for each in told:
            _draw(console, each, at, "")
    others = len(kept) - len(told)
    if others:
        console.write_line()
        noun = "certificate" if others == 1 else "certificates"
        console.write_line(f"{others:,} other {noun} kept: current, or not of a stack.")


def draw_results(results: Sequence[Result], *, carried_out: bool, was_asked: bool) -> None:
    """
    Print what came of the plan.

    Args:
        results: What came of it.
        carried_out: Whether it was carried out.
        was_asked: Whether a person has answered no.
    """
    console = Terminal()
    done = [each for each in results if each.outcome not in {Outcome.KEPT, Outcome.PLANNED}]
    if not carried_out:
        planned = any(each.outcome is Outcome.PLANNED for each in results)
        if planned:
            console.write_line()
            hint = "" if was_asked else " To delete, run the same command with --yes."
            console.write_line(f"Nothing was deleted.{hint}")
        return
    if done:
        console.write_line()
    for each in done:
        text = Text.assemble(
            (each.outcome.value.replace("-", " "), _STYLES.get(each.outcome, "red")),
            " ",
            plain(each.decision.entry.listed.name, "bold"),
            plain("" if each.outcome is Outcome.DELETED else f": {each.reason}"),
        )
        lines = fold(text, console.width) if console.writes_to_terminal else [text]
        for line in lines:
            console.write_line(line)


def _draw(console: Terminal, result: Result, at: datetime, style: str) -> None:
    entry = result.decision.entry
    name = plain(entry.listed.name, f"bold {style}".strip())
    lines = fold(name, console.width - 2) if console.writes_to_terminal else [name]
    for line in lines:
        console.write_line("  ", line)
    expiry = describe_expiry(entry.listed.expiration, at=at)
    facts = [("because", plain(result.reason))]
    if entry.domains:
        facts.append(("domains", plain(", ".join(entry.domains))))
    facts.append(("expires", Text(expiry.short, expiry.style)))
    facts.append(("id", plain(entry.listed.certificate_id)))
    draw_facts(console, facts, indent=4)
