"""Hatchling's hook: build the function's packages, their bytecode and the bill of materials into a wheel."""

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
    """Runs these modules, which build what isn't there yet."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Run them before files are collected; for an editable install, `make setup` does that."""
        if version == "editable":
            return
        for module in MODULES:
            command = [sys.executable, "-m", module]
            if subprocess.run(command, check=False, cwd=self.root).returncode:
                self.app.abort("No wheel was built: it would lack a part.")
        build_data["sbom_files"].append(BILL)
        # The handler is data of the construct: nothing imports it during synthesis. It isn't listed in
        # `force-include` in pyproject.toml, because an editable install would apply that, too.
        handler = f"cdk_iam_server_certificate/_function/handler/{HANDLER}"
        build_data["force_include"][f"lambda/{HANDLER}"] = handler
