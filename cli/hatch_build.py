"""
Hatchling's hook: the checks go along, though they are in another folder of the checkout.

Hatchling's own `force-include` would do for a checkout. It fails where the source is missing, and an
sdist has no folder above it: there, the checks are next to the command.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hatchling.builders.config import BuilderConfig
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

PACKAGE = "server_certificate"


class Checks(BuildHookInterface[BuilderConfig]):
    """Adds the package of the checks to the wheel and to the sdist."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add it; an editable install has its folder on the path."""
        if version == "editable":
            return
        in_checkout = Path(self.root).parent / "lambda" / PACKAGE
        found = in_checkout if in_checkout.is_dir() else Path(self.root) / PACKAGE
        # Forced in both cases, so that a wheel has the same order of files wherever it is built.
        build_data["force_include"][str(found)] = PACKAGE
