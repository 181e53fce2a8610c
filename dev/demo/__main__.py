"""The command ``python -m dev.demo``: exits with 0 on success, 1 on a failure, 2 if a tool is missing."""

from __future__ import annotations

import importlib
import sys
from io import TextIOWrapper

from dev.tools.interruption import InterruptedBySignalError, Interruption


def main(runner: str = "dev.demo.runner", *, target: str = "demo") -> int:
    """
    Run the demo and return its exit code; 128 plus the signal's number if it was interrupted.

    Args:
        runner: The module whose ``run`` is the demo.
        target: How ``make`` calls it.
    """
    if isinstance(sys.stdout, TextIOWrapper):
        # The output of the CDK CLI may not fit into a terminal's encoding.
        sys.stdout.reconfigure(errors="replace")
    with Interruption() as interruption:
        try:
            # Imported here, because they need what `make setup` installs.
            from dev.demo.cdk_cli import missing_tools  # noqa: PLC0415

            run = importlib.import_module(runner).run
        except ModuleNotFoundError as error:
            return _ask_for_setup(f"the Python package {error.name}", target)
        if missing := missing_tools():
            return _ask_for_setup(" and ".join(missing), target)
        try:
            exit_code: int = run(interruption)
        except InterruptedBySignalError as interrupted:
            print(f"Stopped by {interrupted}; nothing is left behind.", flush=True)  # noqa: T201 - the one line that a person waits for
            return interrupted.exit_code
        return exit_code


def _ask_for_setup(missing: str, target: str) -> int:
    print(f"The demo needs {missing}: run 'make setup', then 'make {target}'.", file=sys.stderr)  # noqa: T201 - what a person reads before rich is there
    return 2


if __name__ == "__main__":
    sys.exit(main())
