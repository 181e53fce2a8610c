"""
List the tests of the two tiers, to be sure that none is left out.

    python -m dev.tools.list_tests                 counts them; fails if a test is in no tier
    python -m dev.tools.list_tests > FILE          saves the names, one on each line
    python -m dev.tools.list_tests --former FILE   names tests of that list that are in no tier now

Tests move between files, so tests of an older list are compared by their names without the file.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from dev import ROOT
from dev.tools.tiers import TIERS, is_test_run

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_COLLECT = ("--collect-only", "--verbosity=-1", "--numprocesses=0", "--no-cov")
_ALL = ((sys.executable, "-m", "dev.tools.shipped"), (sys.executable, "-m", "pytest"))


def main() -> int:
    """Print the names of the tests of both tiers, and report those in neither."""
    parser = argparse.ArgumentParser(
        prog="python -m dev.tools.list_tests",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--former", type=Path, metavar="FILE", help="an older list")
    former = parser.parse_args().former
    tiers = {
        tier: set(collected(part.command for part in parts if is_test_run(part)))
        for tier, parts in TIERS.items()
    }
    together = set().union(*tiers.values())
    for tier, names in tiers.items():
        sys.stderr.write(f"{tier}: {len(names):,} tests\n")
    if former is None:
        sys.stdout.writelines(f"{name}\n" for name in sorted(together))
        missing = sorted(set(collected(_ALL)) - together)
    else:
        missing = lost(former.read_text("utf-8").split("\n"), together)
    sys.stderr.writelines(f"in no tier: {name}\n" for name in missing)
    return 1 if missing else 0


def lost(former: Iterable[str], present: Iterable[str]) -> list[str]:
    """Return the former tests that are missing, by their names without the file, sorted."""
    gone = Counter(map(_bare, filter(None, former))) - Counter(map(_bare, present))
    return sorted(gone.elements())


def collected(commands: Iterable[Sequence[str]]) -> list[str]:
    """Return the ids of the tests that the commands would run."""
    names: list[str] = []
    for command in commands:
        output = subprocess.run(
            [*command, *_COLLECT], check=True, cwd=ROOT, stdout=subprocess.PIPE, text=True
        ).stdout
        names += [line for line in output.splitlines() if "::" in line]
    return names


def _bare(name: str) -> str:
    return name.partition("::")[2]


if __name__ == "__main__":
    sys.exit(main())
