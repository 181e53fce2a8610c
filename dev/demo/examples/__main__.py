"""The command ``python -m dev.demo.examples``, with the exit codes of ``python -m dev.demo``."""

from __future__ import annotations

import sys

from dev.demo.__main__ import main

if __name__ == "__main__":
    sys.exit(main("dev.demo.examples.runner", target="examples"))
