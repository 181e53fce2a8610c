"""The command ``python -m dev.adoption``."""

import sys

from dev.demo.__main__ import main

if __name__ == "__main__":
    sys.exit(main("dev.adoption.runner", target="adoption"))
