"""
crhelper, imported without boto3.

Only its polling mode, which is not used here, needs boto3, whose import takes a tenth of a second of
a function's start on one vCPU, and several times that on the share that a small function has.
"""

from __future__ import annotations

import sys
from types import ModuleType

_is_imported = "boto3" in sys.modules
sys.modules.setdefault("boto3", ModuleType("boto3"))

from crhelper import FAILED, CfnResource  # noqa: E402 - after what stands in for boto3

if not _is_imported:
    del sys.modules["boto3"]

__all__ = ["FAILED", "CfnResource"]
