"""
What survives when anything fails at any moment: the fault table and the search.

Both drive the function's real handler against the local cloud's IAM, in one process, by a model
of CloudFormation and of Lambda that can do what the emulator cannot: roll back by Update, cancel
a creation that is running, lose answers, kill, deliver twice and late.
"""

import sys

from dev import ROOT

_TESTS = str(ROOT / "tests")
if _TESTS not in sys.path:
    # The account in this process and the certificates are those of the tests.
    sys.path.append(_TESTS)
