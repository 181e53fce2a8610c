"""
What `make` runs: setting up, locking, packing.

Standard library only, since this is what runs before anything is installed. Python 3.11 or later is
asked for here, ahead of every other module, so that an older one meets a sentence and no syntax error.
"""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 - whoever starts it may well have an older one
    sys.exit(
        "Python 3.11 or later is needed, and %s is Python %d.%d. "  # noqa: UP031 - no f-strings in 3.5
        "Install a newer one, or name one you have: make setup PYTHON=/path/to/python3.12"
        % (sys.executable, sys.version_info[0], sys.version_info[1])
    )
