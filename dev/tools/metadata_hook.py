"""Hatchling's hook: the construct requires the command in its own version, which is declared once."""

from __future__ import annotations

from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface


class SameVersion(MetadataHookInterface):
    """Fills in the project's version where a requirement has `{version}`."""

    PLUGIN_NAME = "custom"

    def update(self, metadata: dict[str, Any]) -> None:
        """Add the requirements in the hook's own table to the project's metadata."""
        version = metadata["version"]
        metadata["dependencies"] = [
            each.format(version=version) for each in self.config["dependencies"]
        ]
        metadata["optional-dependencies"] = {
            extra: [each.format(version=version) for each in requirements]
            for extra, requirements in self.config["optional-dependencies"].items()
        }
