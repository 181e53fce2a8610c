"""The real AWS CLI."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from local_cloud import LocalCloud

AWS = Path(sys.prefix) / "bin" / "aws"
"""The launcher that `make setup` makes."""


class CommandLine:
    """Runs AWS CLI commands in a folder of their own."""

    def __init__(self, cloud: LocalCloud, folder: Path) -> None:
        self._environment = cloud.environment() | {
            "AWS_CONFIG_FILE": str(folder / "config"),
            "AWS_MAX_ATTEMPTS": "1",
        }
        self.folder = folder
        # The server's checks are what these tests are about.
        (folder / "config").write_text("[default]\nparameter_validation = false\n")

    def run(self, command: str) -> subprocess.CompletedProcess[str]:
        """Run a command as a terminal would."""
        return subprocess.run(
            [str(AWS), *shlex.split(command)[1:]],
            cwd=self.folder,
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def json(self, command: str) -> dict[str, Any]:
        """Run a command that succeeds and return what it prints."""
        done = self.run(command)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout or "{}")


@pytest.fixture
def aws(cloud: LocalCloud, tmp_path: Path) -> CommandLine:
    """Return the AWS CLI for an empty cloud."""
    return CommandLine(cloud, tmp_path)
