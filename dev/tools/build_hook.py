"""Hatchling's hook: a wheel never leaves without what its Lambda function carries along, and the bill."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

from hatchling.builders.config import BuilderConfig
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

MODULES = (
    "dev.tools.lambda_dependencies",
    "dev.tools.lambda_bytecode",
    "dev.tools.bill_of_materials",
)
BILL = "build/cdk-iam-server-certificate.cdx.json"
HANDLER = "server_certificate_handler"


class LambdaFunction(BuildHookInterface[BuilderConfig]):
    """Builds what these modules describe, unless it is there."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build them before files are collected; an editable install leaves that to `make setup`."""
        if version == "editable":
            return
        for module in MODULES:
            command = [sys.executable, "-m", module]
            if subprocess.run(command, check=False, cwd=self.root).returncode:
                self.app.abort("No wheel was built: it would lack a part.")
        build_data["sbom_files"].append(BILL)
        # Data of the construct: nothing imports the handler where an app is synthesised. It isn't in
        # `force-include`, which an editable install would follow, too.
        handler = f"cdk_iam_server_certificate/_function/handler/{HANDLER}"
        build_data["force_include"][f"lambda/{HANDLER}"] = handler
