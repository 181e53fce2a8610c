"""The command line of a search for events."""

from __future__ import annotations

import argparse
import logging
import sys
from typing import TYPE_CHECKING

from dev.fuzzing.trial import BrokenError

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Callable, Iterable


def search_from_command_line(
    module: str, description: str, search: Callable[[int, int], Iterable[Counter[str]]]
) -> int:
    """
    Search, print what was counted, and return the exit code: 1 if something is wrong.

    Args:
        module: The module of the command.
        description: What it searches for.
        search: Tries a number of events, from a seed.
    """
    parser = argparse.ArgumentParser(prog=f"python -m {module}", description=description)
    parser.add_argument(
        "--events", type=int, default=20_000, help="the number of events. Default: 20000"
    )
    parser.add_argument("--seed", type=int, default=0, help="the random seed. Default: 0")
    chosen = parser.parse_args()
    # Otherwise the function's log would be printed.
    logging.getLogger().addHandler(logging.NullHandler())
    try:
        tallies = search(chosen.events, chosen.seed)
    except BrokenError as err:
        sys.stderr.write(f"{err}\n")
        return 1
    for tally in tallies:
        for what, count in tally.most_common():
            sys.stdout.write(f"{count:7,}  {what}\n")
    return 0
