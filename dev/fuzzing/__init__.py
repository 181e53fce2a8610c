"""
A fuzzer, guided by coverage, for everything that reads what users give: `python -m dev.fuzzing`.

It needs atheris, in a virtual environment of its own; to try one input again, any will do. The
material that it begins with is made by the factory of the tests.
"""

from __future__ import annotations

import sys

from dev import ROOT

for _folder in ("lambda", "tests"):
    if str(ROOT / _folder) not in sys.path:
        sys.path.append(str(ROOT / _folder))
