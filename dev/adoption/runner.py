"""Runs the steps one by one, and leaves nothing behind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dev.adoption.driver import Driver
from dev.adoption.steps import STEPS
from dev.demo.cloud import temporary_cloud
from dev.demo.display import Display
from local_cloud import LocalCloudError

if TYPE_CHECKING:
    from dev.tools.interruption import Interruption


def run(interruption: Interruption) -> int:
    """
    Run all steps.

    Args:
        interruption: In force; signals interrupt the steps, not the start and the end of the cloud.

    Returns:
        The exit code: 0 if IAM held what it must after each step, 1 otherwise.

    Raises:
        InterruptedBySignalError: A signal asked to stop; nothing is left behind.
    """
    display = Display()
    wrong = 0
    try:
        with temporary_cloud(display, auth=True) as (folder, cloud), interruption.allowed():
            driver = Driver(folder, cloud, interruption)
            for number, step in enumerate(STEPS, start=1):
                with display.progress(f"{number}/{len(STEPS)} {step.title}"):
                    problems = driver.run(step)
                display.line(f"    IAM: {driver.shown()}")
                for problem in problems:
                    display.line(f"    WRONG: {problem}")
                wrong += bool(problems)
    except LocalCloudError as error:
        display.line(str(error))
        return 1
    display.line(
        "IAM held what it must after each step."
        if not wrong
        else f"{wrong} of {len(STEPS)} steps were wrong."
    )
    return 1 if wrong else 0
