"""What is in a wheel."""

from __future__ import annotations

import email
import zipfile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from email.message import Message
    from pathlib import Path


def content_of(wheel: Path) -> dict[str, bytes]:
    """Return the content of each file, by its name."""
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def dist_info_of(content: dict[str, bytes]) -> str:
    """Return the folder of the metadata."""
    (folder,) = {name.partition("/")[0] for name in content if name.endswith(".dist-info/RECORD")}
    return folder


def metadata_of(content: dict[str, bytes]) -> Message:
    """Return the metadata."""
    return email.message_from_bytes(content[f"{dist_info_of(content)}/METADATA"])
