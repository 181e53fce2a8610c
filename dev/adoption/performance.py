"""Plays the scenes one by one, and leaves nothing behind."""

from __future__ import annotations

import contextlib
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from dev.adoption.scenes import SCENES
from dev.adoption.stage import Stage
from dev.demo.display import Display
from local_cloud import LocalCloud, LocalCloudError

if TYPE_CHECKING:
    from dev.tools.interruption import Interruption


def perform(interruption: Interruption) -> int:
    """
    Play all scenes.

    Args:
        interruption: In force; allowed while the scenes are played, not while things start and stop.

    Returns:
        The exit code: 0 when IAM held what it must after each of them, else 1.

    Raises:
        InterruptedBySignalError: A signal asked to stop; nothing is left behind.
    """
    display = Display()
    wrong = 0
    try:
        # Left from the inside out: the cloud stops before its directory goes.
        with contextlib.ExitStack() as stack:
            directory = Path(
                stack.enter_context(tempfile.TemporaryDirectory(prefix="certificate-adoption-"))
            )
            with display.doing("Start a cloud on this machine"):
                cloud = stack.enter_context(
                    LocalCloud.running(directory=directory / "cloud", auth=True)
                )
            with interruption.allowed():
                stage = Stage(directory, cloud, interruption)
                for number, scene in enumerate(SCENES, start=1):
                    with display.doing(f"{number}/{len(SCENES)} {scene.title}"):
                        problems = stage.play(scene)
                    display.line(f"    IAM: {stage.shown()}")
                    for problem in problems:
                        display.line(f"    WRONG: {problem}")
                    wrong += bool(problems)
    except LocalCloudError as error:
        display.line(str(error))
        return 1
    display.line(
        "Everything was as it must be." if not wrong else f"{wrong} of {len(SCENES)} were wrong."
    )
    return 1 if wrong else 0
