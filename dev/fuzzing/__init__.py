"""
A coverage-guided fuzzer for everything that reads users' input: `python -m dev.fuzzing`.

It needs atheris, in its own virtual environment; trying a saved input again doesn't. The first inputs
are made in code.
"""

from __future__ import annotations

import sys

from dev import ROOT

_SOURCES = str(ROOT / "lambda")
if _SOURCES not in sys.path:
    sys.path.append(_SOURCES)
