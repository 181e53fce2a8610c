"""
What `make` runs: setting up, locking, packing.

Standard library only, because this runs before anything is installed. The version of Python is checked
here, before any other module is imported, so that an older Python prints a sentence, not a syntax error.
"""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 - it may be started with an older one
    sys.exit(
        "Python 3.11 or later is required; %s is Python %d.%d. "  # noqa: UP031 - no f-strings in 3.5
        "Install a newer one, or pass its path: make setup PYTHON=/path/to/python3.12"
        % (sys.executable, sys.version_info[0], sys.version_info[1])
    )
