"""Remove one statement or condition at a time: `python -m dev.mutants [--write] [--module NAME …]`."""

from __future__ import annotations

import argparse
import importlib.util
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from dev import ROOT
from dev.mutants.report import PAGE, count, page, survivors
from dev.mutants.trial import Trial, UntestableError, Verdict, try_out

if TYPE_CHECKING:
    from collections.abc import Sequence

PACKAGE: Final = "server_certificate_handler"
MODULES: Final = (
    *(
        f"kernel.{name}"
        for name in (
            *("decide", "target", "deletion", "event_status", "leftovers", "undo", "progress"),
            *("observed", "desired", "stack", "stored"),
        )
    ),
    "event",
    "identifiers",
    "unsupported",
)
"""The modules that decide."""

TESTS: Final = ("tests/unit/handler", "tests/lifecycle")
"""
The folders of the tests. A survivor takes the time of all tests that could notice it, so the fault
table and the random search are left out.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """
    Try the mutants of the chosen modules.

    Returns:
        The exit code: 0 even if mutants survive, because the list is for people; 2 if the tests fail.
    """
    parser = argparse.ArgumentParser(
        prog="python -m dev.mutants", description="List the removals that no test notices."
    )
    parser.add_argument(
        "--module", nargs="+", default=MODULES, choices=MODULES, metavar="NAME", dest="modules"
    )
    parser.add_argument(
        "--write", action="store_true", help=f"write docs/internals/{PAGE.name}, of all"
    )
    chosen = parser.parse_args(arguments)
    if chosen.write and chosen.modules is not MODULES:
        parser.error("--write needs all modules: leave out --module")
    verdicts: dict[str, list[Verdict]] = {}

    def tell(name: str, found: list[Verdict], seconds: float) -> None:
        verdicts[name] = found
        _say(f"{survivors(name, found)} ({seconds:.0f} s)\n")

    modules = {name: _path(name) for name in chosen.modules}
    _say("Running the tests once without a mutant.\n")
    os.chdir(ROOT)
    try:
        try_out(Trial(modules, os.cpu_count() or 1, tell), TESTS)
    except UntestableError as err:
        sys.stderr.write(f"{err}\n")
        return 2
    except KeyboardInterrupt:
        sys.stderr.write("Interrupted: nothing was written.\n")
        return 130
    _say(count("all", verdicts))
    if chosen.write:
        PAGE.write_text(page(verdicts), encoding="utf-8")
    return 0


def _path(name: str) -> Path:
    spec = importlib.util.find_spec(f"{PACKAGE}.{name}")
    assert spec is not None  # noqa: S101 (the module is one of ours)
    return Path(str(spec.origin))


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
