"""
Check that the bytecode in the Lambda function's code was compiled from the sources next to it.

    python -m dev.tools.bytecode_check                    the function of this checkout
    python -m dev.tools.bytecode_check cdk.out/asset.…    an asset: the code of the function in an app

Each of Lambda's Pythons on this machine compiles the sources again. The Pythons that `make setup` installs,
which run in Node, must give the same bytecode, byte for byte. An installed CPython can be another patch
release; only the order of instructions and the line numbers may differ. The exit code is 1 if a file differs.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from cdk_iam_server_certificate.provider.function_files import function_files
from dev.tools import nodejs
from dev.tools.installers import PYTHONS
from dev.tools.lambda_bytecode import PACKAGES
from dev.tools.lambda_dependencies import ARCHITECTURES, RUNTIMES
from dev.tools.pythons import python_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    Command = tuple[str | Path, ...]


PROGRAM = Path(__file__).with_name("bytecode_compare.py")


def main(arguments: Sequence[str] | None = None) -> int:
    """Check a folder or the checkout, print a line for each Python, and return the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m dev.tools.bytecode_check",
        description="Check that the function's bytecode was compiled from the sources next to it.",
    )
    parser.add_argument(
        "folder", nargs="?", type=Path, help="default: the function of this checkout"
    )
    folder = parser.parse_args(arguments).folder
    if folder is not None:
        runtime = runtime_of(folder)
        if runtime is None:
            sys.stderr.write(f"There is no bytecode in '{folder}'.\n")
            return 1
        return check(folder, runtime)
    found = 0
    for runtime in RUNTIMES:
        with tempfile.TemporaryDirectory() as laid_out:
            lay_out(Path(laid_out), runtime)
            found |= check(Path(laid_out), runtime)
    return found


def check(folder: Path, runtime: str) -> int:
    """Check a folder with each Python of a runtime, and return the exit code."""
    found = 0
    for name, command in pythons(runtime).items():
        problems = problems_of(folder, command)
        found |= bool(problems)
        files = f"{len(problems)} differ" if problems else "all of the same source"
        sys.stdout.write(f"{name}: {len([*folder.rglob('*.pyc')])} files, {files}\n")
        sys.stdout.writelines(f"  {problem}\n" for problem in problems)
    return found


def lay_out(folder: Path, runtime: str, *, architecture: str = next(iter(ARCHITECTURES))) -> None:
    """Write the function's files into a folder, as they are in the asset."""
    for name, content in function_files(architecture, f"python{runtime}").items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)


def runtime_of(folder: Path) -> str | None:
    """Return the version of Python that the bytecode in a folder is for; None if there is none."""
    first = next(folder.rglob("*.cpython-*.pyc"), None)
    version = re.search(r"\.cpython-3(\d+)\.pyc$", first.name) if first else None
    return f"3.{version[1]}" if version else None


def pythons(runtime: str) -> dict[str, Command]:
    """Return this machine's Pythons of a version, each with the command that checks a folder."""
    node = nodejs.program(nodejs.home())
    package = PYTHONS / f"node_modules/python{runtime}"
    found: dict[str, Command] = {}
    if package.is_dir():
        found[f"Python {runtime} in Node"] = (node, PACKAGES / "check.mjs", package, PROGRAM)
    if python := python_of(runtime):
        found[f"Python {runtime}"] = (python, "-I", "-B", PROGRAM)
    return found


def problems_of(folder: Path, command: Command) -> list[str]:
    """Return a line for each file whose bytecode doesn't match its source."""
    result = subprocess.run([*command, folder], check=False, capture_output=True, text=True)
    if result.returncode:
        raise RuntimeError(f"The check failed: {result.stderr}")
    return result.stdout.splitlines()


if __name__ == "__main__":
    sys.exit(main())
