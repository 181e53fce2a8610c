"""Hatchling's hook: a wheel never leaves without what its Lambda function carries along."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

from hatchling.builders.config import BuilderConfig
from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class LambdaDependencies(BuildHookInterface[BuilderConfig]):
    """Builds the trees that `tools.lambda_dependencies` describes, unless they are there."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 - hatchling's signature
        """Build them before files are collected; an editable install leaves that to `make setup`."""
        if version == "editable":
            return
        command = [sys.executable, "-m", "tools.lambda_dependencies"]
        if subprocess.run(command, check=False, cwd=self.root).returncode:
            self.app.abort("No wheel was built: its Lambda function would lack packages.")
