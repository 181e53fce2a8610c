"""Starts the cloud, runs the steps of all examples, and leaves nothing behind."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from dev.demo.cloud import temporary_cloud
from dev.demo.display import Display
from dev.demo.examples.checks import Expectation, mismatches
from dev.demo.examples.driver import FIRST, REGIONS, RENEWED, Driver
from dev.demo.examples.report import Row, summary, table
from dev.demo.report import end_of_output
from local_cloud import Knobs, LocalCloudError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dev.demo.examples.checks import ExampleEvidence
    from dev.demo.examples.observer import SeenStack
    from dev.demo.facts import Outcome
    from dev.tools.interruption import Interruption

_QUOTA: Final = 30
"""The account's quota: a dozen certificates are renewed at the same time, and the default is 20."""


def run(interruption: Interruption) -> int:
    """
    Run the examples.

    Args:
        interruption: In force; signals interrupt the steps, not the start and the end of the cloud.

    Returns:
        The exit code: 0 if everything went as expected, 1 otherwise.

    Raises:
        InterruptedBySignalError: A signal asked to stop; nothing is left behind.
    """
    display, begin = Display(), time.monotonic()
    rows: list[Row] = []
    is_complete = False
    try:
        with (
            temporary_cloud(display, auth=True, knobs=Knobs(quota=_QUOTA)) as (folder, cloud),
            interruption.allowed(),
        ):
            for step in _steps(Driver(folder, cloud, interruption), display):
                rows += step
                if any(row.mismatches for row in step):
                    break
            else:
                is_complete = True
    except LocalCloudError as error:
        display.line(str(error))
        return 1
    # A signal that arrived during the clean-up.
    with interruption.allowed():
        display.line()
        display.console.print(table(rows))
        display.line(summary(rows, is_complete=is_complete, seconds=time.monotonic() - begin))
    return 0 if is_complete else 1


def _steps(driver: Driver, display: Display) -> Iterator[list[Row]]:
    """Run step by step, up to the first that fails."""
    first, renewed = (driver.materials[name] for name in (FIRST, RENEWED))
    with display.progress(f"Bootstrap {' and '.join(REGIONS)}"):
        bootstrapped = driver.bootstrap()
    yield [
        _row_of(f"bootstrap {region}", "bootstrap", "done", outcome, display)
        for region, outcome in zip(REGIONS, bootstrapped, strict=True)
    ]
    before = driver.inventory()
    with display.progress("Synthesize what the local cloud can't deploy"):
        synthesized = driver.synthesize()
    yield [
        _row_of(example.file, "synth", f"the local cloud has {example.lacks}", outcome, display)
        for example, outcome in synthesized
    ]
    with display.progress("Deploy"):
        deployed = driver.deploy(FIRST)
    tried = [replace(each, deletions=driver.delete_by_hand(_in_use(each))) for each in deployed]
    yield [_row("deploy", Expectation(material=first), each, display) for each in tried]
    called = driver.deletions()
    with display.progress("Renew"):
        replaced = driver.renew()
    expected = Expectation(material=renewed, keeps_ids=False)
    yield [
        *(_row("renew", expected, each, display) for each in replaced),
        _deletions(replaced, called=driver.deletions() - called),
    ]
    with display.progress("Rename"):
        renamed = driver.deploy(RENEWED, is_renamed=True)
    expected = Expectation(material=renewed, is_renamed=True, keeps_ids=True)
    yield [_row("rename", expected, each, display) for each in renamed]
    with display.progress("Destroy"):
        destroyed = driver.destroy()
    yield [_row("destroy", Expectation(material=None), each, display) for each in destroyed]
    left, lost = sorted(driver.inventory() - before), sorted(before - driver.inventory())
    yield [
        Row(
            example="all",
            step="end",
            seen="nothing is left" if not left else f"{len(left)} things are left",
            mismatches=(
                *(f"The {thing} is left." for thing in left),
                *(f"The {thing} is gone, which belongs to no example." for thing in lost),
            ),
        )
    ]


def _deletions(replaced: list[ExampleEvidence], *, called: int) -> Row:
    """
    Check when the old certificates were deleted.

    IAM refuses to delete a certificate that a consumer uses, as every first step shows. So if each
    was deleted by the first call, each consumer had moved to the new certificate before.
    """
    gone = sum(len(each.before) for each in replaced)
    wrong = f"DeleteServerCertificate was called {called} times for {gone} certificates."
    return Row(
        example="all",
        step="renew",
        seen=f"{called} calls deleted {gone} certificates: their consumers had moved on",
        mismatches=() if called == gone else (wrong,),
    )


def _in_use(evidence: ExampleEvidence) -> tuple[SeenStack, ...]:
    return tuple(seen for seen in evidence.after if seen.served)


def _row(step: str, expected: Expectation, evidence: ExampleEvidence, display: Display) -> Row:
    wrong = mismatches(expected, evidence)
    return _printed(
        Row(
            example=evidence.example.file,
            step=step,
            seen=_seen(evidence),
            mismatches=tuple(wrong),
        ),
        evidence.outcome,
        display,
    )


def _row_of(example: str, step: str, seen: str, outcome: Outcome, display: Display) -> Row:
    code = outcome.exit_code
    wrong = (f"The command ended with exit code {code}.",) if code else ()
    return _printed(Row(example=example, step=step, seen=seen, mismatches=wrong), outcome, display)


def _printed(row: Row, outcome: Outcome, display: Display) -> Row:
    for sentence in row.mismatches:
        display.line(f"WRONG: {row.example}, {row.step}: {sentence}")
    if row.mismatches and outcome.output:
        display.line(end_of_output(outcome.output))
    return row


def _seen(evidence: ExampleEvidence) -> str:
    lines = []
    for seen in evidence.after:
        stored = seen.certificate
        served = "".join(f", served by {each.how}" for each in seen.served)
        lines.append(f"{stored.place}{served}" if stored else f"{seen.place.name} without any")
    if evidence.deletions:
        errors = " and ".join(sorted(set(evidence.deletions.values())))
        lines.append(f"a manual deletion ends with {errors or 'success'}")
    return "\n".join(lines) or "no stack"
