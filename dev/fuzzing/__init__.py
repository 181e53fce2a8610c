"""
A fuzzer, guided by coverage, for everything that reads what users give: `python -m dev.fuzzing`.

It needs atheris, in a virtual environment of its own; to try one input again, any will do. The
material that it begins with is made in code.
"""

from __future__ import annotations

import sys

from dev import ROOT

_SOURCES = str(ROOT / "lambda")
if _SOURCES not in sys.path:
    sys.path.append(_SOURCES)
