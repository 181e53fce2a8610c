"""Starts the cloud, runs the steps one by one, and leaves nothing behind."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from dev.demo.checks import mismatches
from dev.demo.cloud import temporary_cloud
from dev.demo.display import Display
from dev.demo.driver import Driver
from dev.demo.report import Result, end_of_output, has_passed, summary, table
from dev.demo.steps import life_of_a_certificate
from local_cloud import LocalCloudError

if TYPE_CHECKING:
    from dev.demo.steps import Step
    from dev.tools.interruption import Interruption


def run(interruption: Interruption) -> int:
    """
    Run the demo.

    Args:
        interruption: In force; signals interrupt the steps, not the start and the end of the cloud.

    Returns:
        The exit code: 0 if everything went as expected, 1 otherwise.

    Raises:
        InterruptedBySignalError: A signal asked to stop; nothing is left behind.
    """
    display, begin = Display(), time.monotonic()
    steps: tuple[Step, ...] = ()
    results: list[Result] = []
    try:
        with temporary_cloud(display) as (folder, cloud), interruption.allowed():
            driver = Driver(folder, cloud, interruption)
            steps = life_of_a_certificate(driver.materials)
            for number, step in enumerate(steps, start=1):
                results.append(_take(step, driver, display, place=f"{number}/{len(steps)}"))
                if not results[-1].passed:
                    break
    except LocalCloudError as error:
        display.line(str(error))
        return 1
    # A signal that arrived during the clean-up.
    with interruption.allowed():
        display.line()
        display.console.print(table(steps, results))
        display.line(summary(steps, results, seconds=time.monotonic() - begin))
    return 0 if has_passed(steps, results) else 1


def _take(step: Step, driver: Driver, display: Display, *, place: str) -> Result:
    begin = time.monotonic()
    with display.progress(f"{place} {step.title}"):
        evidence = driver.run(step.action)
    result = Result(
        step=step,
        evidence=evidence,
        mismatches=mismatches(step.checks, evidence),
        seconds=time.monotonic() - begin,
    )
    for sentence in result.mismatches:
        display.line(f"WRONG: {sentence}")
    if result.mismatches and evidence.outcome.output:
        display.line(end_of_output(evidence.outcome.output))
    return result
