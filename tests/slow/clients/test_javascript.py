"""AWS's SDK for JavaScript, @aws-sdk/client-iam."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from dev.tools import nodejs
from dev.tools.installers import LOG

if TYPE_CHECKING:
    from local_cloud import LocalCloud

FOLDER = Path(__file__).parent / "javascript"
SCRIPT = "life_cycle.mjs"


def test_the_sdk_for_javascript(
    cloud: LocalCloud, environment_variables: dict[str, str], files: Path, tmp_path: Path
) -> None:
    """The SDK reads every answer, follows the markers, and makes the right class of each error."""
    node = nodejs.home()
    folder = tmp_path / "javascript"
    nodejs.install(FOLDER, folder, node=node, purpose="The SDK for JavaScript", log=LOG)
    shutil.copy(FOLDER / SCRIPT, folder)
    with cloud.knobs(quota=5):
        done = subprocess.run(
            [str(nodejs.program(node)), SCRIPT, str(files)],
            cwd=folder,
            env=environment_variables,
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 0, done.stdout + done.stderr
