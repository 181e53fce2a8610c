"""The command ``python -m dev.acceptance``."""

import sys

from dev.acceptance.command import main

if __name__ == "__main__":
    sys.exit(main())
