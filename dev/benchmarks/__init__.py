"""
How long checking takes, how much memory, and how many calls a deployment: `python -m dev.benchmarks`.

Everything is a ratio of two things measured in the same run, so that it means something on any
machine. The material is made by the factory of the tests.
"""

from __future__ import annotations

import sys

from dev import ROOT

_TESTS = str(ROOT / "tests")
if _TESTS not in sys.path:
    sys.path.append(_TESTS)
