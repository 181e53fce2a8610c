"""Inline code of functions, to which CloudFormation adds its module for custom resources."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

from ministack.services.cloudformation import provisioners

from local_cloud import functions
from local_cloud.emulator.internals import function

if TYPE_CHECKING:
    from collections.abc import Callable

INTERNALS = (function(provisioners, "_zip_inline", "source", "handler", "runtime"),)

_SOURCES = Path(functions.__file__).parent

# How a function asks for the module, and where it finds it. CloudFormation looks for these statements
# in the code (CloudFormation User Guide, "cfn-response module").
_MODULES = {
    "python": (re.compile(r"\bimport cfnresponse\b"), "cfnresponse.py", "cfnresponse.py"),
    "nodejs": (
        re.compile(r"""\brequire\(\s*["']cfn-response["']\s*\)"""),
        "cfn-response.js",
        "node_modules/cfn-response.js",
    ),
}


class InlineCode:
    """Adds the module to the code of ``ZipFile``, and to no other code."""

    def __init__(self) -> None:
        self._zip: Callable[..., bytes | None] = provisioners._zip_inline  # noqa: SLF001 - no public way in
        provisioners._zip_inline = self._zip_inline  # noqa: SLF001 - the same

    def _zip_inline(
        self, source: str | None, handler: str, runtime: str = "python3.12"
    ) -> bytes | None:
        archive = self._zip(source, handler, runtime)
        if source is None or archive is None:
            return archive
        content = io.BytesIO(archive)
        with zipfile.ZipFile(content, "a") as added:
            for language, (statement, file, place) in _MODULES.items():
                if runtime.startswith(language) and statement.search(source):
                    added.write(_SOURCES / file, place)
        return content.getvalue()
