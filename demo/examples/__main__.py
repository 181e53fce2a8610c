"""The command ``python -m demo.examples``, with the exit codes of ``python -m demo``."""

from __future__ import annotations

import sys

from demo.__main__ import main

if __name__ == "__main__":
    sys.exit(main("demo.examples.performance", target="examples"))
