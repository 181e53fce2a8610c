"""Other Pythons of this machine, where there are any."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_QUESTION = "import sys; print('%d.%d' % sys.version_info[:2])"


def python_of(version: str) -> Path | None:
    """
    Find a Python on the path, or among pyenv's.

    Args:
        version: Its minor version: "3.12".
    """
    return next((each for each in _candidates(version) if _is_of(each, version)), None)


def _candidates(version: str) -> Iterator[Path]:
    on_path = shutil.which(f"python{version}")
    if on_path:
        yield Path(on_path)
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    yield from sorted(pyenv.glob(f"versions/{version}.*/bin/python"))


def _is_of(python: Path, version: str) -> bool:
    """Return whether it runs: pyenv has commands on the path for versions that aren't active."""
    told = subprocess.run([python, "-c", _QUESTION], check=False, capture_output=True, text=True)
    return told.stdout.strip() == version
