"""
Compare the bytecode in a function's code with what the running Python compiles from the sources in it.

    python bytecode_compare.py FOLDER [exact]

Prints a line for each file that differs. It needs only the standard library of one of Lambda's Pythons.

With `exact`, the code must be the same, byte for byte. Only the patch release that compiled it can do that:
another one may order instructions or number lines differently. Without `exact`, everything else must be the
same: names, arguments, constants, first lines, and nesting.
"""

from __future__ import annotations

import marshal
import sys
from importlib.util import MAGIC_NUMBER, cache_from_source, source_from_cache
from pathlib import Path
from types import CodeType

HEADER = 16
UNCHECKED_HASH = 0b01
"""PEP 552: the header contains a hash of the source, which Python doesn't check."""

LAMBDA = "/var/task"

SAME_IN_ALL_RELEASES = (
    "co_filename",
    "co_qualname",
    "co_firstlineno",
    "co_flags",
    "co_argcount",
    "co_posonlyargcount",
    "co_kwonlyargcount",
    "co_varnames",
    "co_cellvars",
    "co_freevars",
    "co_names",
)


def main(folder: Path, *, exact: bool) -> None:
    """Print a line for each file in a folder that is wrong."""
    for path in sorted(folder.rglob("*.py")):
        problem = problem_of(path, path.relative_to(folder).as_posix(), exact=exact)
        if problem:
            print(f"{path.relative_to(folder).as_posix()}: {problem}")  # noqa: T201 - its answer
    for path in sorted(folder.rglob("*.pyc")):
        if not Path(source_from_cache(str(path))).is_file():
            print(f"{path.relative_to(folder).as_posix()}: there is no source")  # noqa: T201


def problem_of(source: Path, name: str, *, exact: bool) -> str | None:
    """Return what is wrong with the bytecode of a source; None if nothing is."""
    compiled = Path(cache_from_source(str(source)))
    if not compiled.is_file():
        return "there is no bytecode"
    content = compiled.read_bytes()
    if content[:4] != MAGIC_NUMBER:
        return "the bytecode is in the format of another Python"
    if int.from_bytes(content[4:8], "little") != UNCHECKED_HASH:
        return "Python would compare the bytecode with times or hashes"
    wanted = compile(source.read_bytes(), f"{LAMBDA}/{name}", "exec", dont_inherit=True, optimize=0)
    found = marshal.loads(content[HEADER:])  # noqa: S302 - compared, never run
    if summary(found) != summary(wanted) or (exact and found != wanted):
        return "the bytecode is of another source"
    return None


def summary(code: CodeType) -> list[object]:
    """Return the parts of compiled code that all patch releases of a version have in common."""
    constants = [
        summary(each) if isinstance(each, CodeType) else (type(each), each)
        for each in code.co_consts
    ]
    return [*(getattr(code, each) for each in SAME_IN_ALL_RELEASES), constants]


if __name__ == "__main__":
    main(Path(sys.argv[1]), exact="exact" in sys.argv[2:])
