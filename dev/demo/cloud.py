"""A local cloud with a folder for all that a run writes."""

from __future__ import annotations

import contextlib
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from local_cloud import LocalCloud

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dev.demo.display import Display
    from local_cloud import Knobs


@contextlib.contextmanager
def temporary_cloud(
    display: Display, *, auth: bool = False, knobs: Knobs | None = None
) -> Iterator[tuple[Path, LocalCloud]]:
    """
    Start a local cloud in a temporary folder; stop it, then remove the folder, at the end.

    Args:
        display: Shows that it is starting.
        auth: Whether IAM policies are enforced; default: they aren't.
        knobs: The knobs; default: as on AWS.

    Raises:
        LocalCloudError: It didn't start.
    """
    # Closed in reverse order: the cloud stops before its folder is removed.
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="certificate-demo-")))
        with display.progress("Start an AWS on this machine"):
            running = LocalCloud.running(directory=folder / "cloud", auth=auth, knobs=knobs)
            cloud = stack.enter_context(running)
        yield folder, cloud
