"""
Hatchling's hook, for metadata that is derived from something else.

The construct requires the command in its own version, which is declared once. Its description on a
package index is the README, without the links that work only in the repository.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface

_RELATIVE_IMAGE = re.compile(r"!\[[^\]]*\]\((?!https?:)[^)]*\)\n\n")
_RELATIVE_LINK = re.compile(r"\[([^\]]*)\]\((?!https?:|#)[^)]*\)")


def index_page(readme: str) -> str:
    """Return a README without relative images, and with relative links as plain text."""
    return _RELATIVE_LINK.sub(r"\1", _RELATIVE_IMAGE.sub("", readme))


class DerivedMetadata(MetadataHookInterface):
    """Fills in the description, and the project's version where a requirement has `{version}`."""

    PLUGIN_NAME = "custom"

    def update(self, metadata: dict[str, Any]) -> None:
        """Add the description, and the requirements in the hook's own table."""
        readme = Path(self.root, "README.md").read_text(encoding="utf-8")
        metadata["readme"] = {"content-type": "text/markdown", "text": index_page(readme)}
        version = metadata["version"]
        metadata["dependencies"] = [
            each.format(version=version) for each in self.config["dependencies"]
        ]
        metadata["optional-dependencies"] = {
            extra: [each.format(version=version) for each in requirements]
            for extra, requirements in self.config["optional-dependencies"].items()
        }
