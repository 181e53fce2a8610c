"""
Compile the Lambda function's bytecode, into one archive for each of its Pythons.

Lambda can't write bytecode next to the code. Without these archives, every cold start would compile all
modules again. Bytecode depends on the minor version of Python, not on the machine, so CPython for
WebAssembly compiles it, one for each runtime, in the Node that is installed anyway.

A function must never run bytecode of other sources, and Python checks neither times nor hashes in it. So
the comment of each file in an archive is the hash of the source that the file was compiled from.
"""

from __future__ import annotations

import hashlib
import shutil
import sys
import tempfile
import zipfile
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from dev import ROOT
from dev.tools import nodejs
from dev.tools.commands import SetupError, run
from dev.tools.lambda_dependencies import ARCHITECTURES, RUNTIMES, TARGET

if TYPE_CHECKING:
    from collections.abc import Mapping

PACKAGES = ROOT / "dev/tools/bytecode"
COMPILER = PACKAGES / "compile.mjs"
TOOLS = (Path(__file__).resolve(), COMPILER, PACKAGES / "package-lock.json")
STAMP = TARGET / "bytecode.sha256"
PURPOSE = "The Lambda function's bytecode"


def main() -> None:
    """Build the archives with newly fetched Pythons, or exit with one sentence that says what failed."""
    try:
        if not is_built():
            node = nodejs.home()
            with tempfile.TemporaryDirectory() as folder:
                nodejs.install(PACKAGES, Path(folder), node=node, purpose=PURPOSE)
                build(node=node, pythons=Path(folder) / "node_modules")
    except SetupError as error:
        sys.exit(str(error))


def build(*, node: Path, pythons: Path, log: Path | None = None) -> None:
    """
    Build the archives, unless those of the same sources are there already.

    Args:
        node: The folder of Node.
        pythons: The folder of the packages that `dev/tools/bytecode/package.json` names.
        log: The file to append the compilers' output to. Default: none.

    Raises:
        SetupError: A file couldn't be compiled.
    """
    if is_built():
        return
    STAMP.unlink(missing_ok=True)
    # Read first: a source that changes during compilation is compiled the next time.
    inputs, found = fingerprint(), sources()
    with tempfile.TemporaryDirectory() as folder:
        staged = Path(folder)
        for name, path in found.items():
            (staged / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, staged / name)
        for runtime in RUNTIMES:
            compiler = (nodejs.program(node), COMPILER, pythons / f"python{runtime}", staged)
            run(compiler, purpose=f"{PURPOSE} for Python {runtime}", log=log)
            pack(staged, found, runtime)
    STAMP.write_text(inputs)


def is_built() -> bool:
    """Return whether the archives were built from the sources that are there now."""
    wanted = (STAMP, *(archive_of(runtime) for runtime in RUNTIMES))
    return all(path.is_file() for path in wanted) and STAMP.read_text() == fingerprint()


def sources() -> dict[str, Path]:
    """
    Return all sources to compile, by their names in the function.

    They are those of the first architecture. If a source ever differs in the other one, the construct
    leaves out its bytecode there.
    """
    return own_sources() | _sources_in(TARGET / next(iter(ARCHITECTURES)))


def own_sources() -> dict[str, Path]:
    """Return the project's own sources among them."""
    return _sources_in(ROOT / "lambda")


def fingerprint() -> str:
    """Hash everything that the archives depend on: the sources, their names, the compilers and this file."""
    inputs = {path.name: path for path in TOOLS} | sources()
    digest = hashlib.sha256()
    for name, path in inputs.items():
        digest.update(f"{name} {hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return digest.hexdigest() + "\n"


def pack(staged: Path, names: Mapping[str, Path], runtime: str) -> None:
    """Pack the bytecode of one Python, uncompressed: zlib's version makes no difference."""
    with zipfile.ZipFile(archive_of(runtime), "w") as archive:
        for name in names:
            path = compiled(PurePosixPath(name), runtime)
            member = zipfile.ZipInfo(str(path))
            member.create_system = 3  # Unix, wherever this runs
            member.external_attr = 0o644 << 16
            member.comment = hashlib.sha256((staged / name).read_bytes()).hexdigest().encode()
            archive.writestr(member, (staged / path).read_bytes())


def archive_of(runtime: str) -> Path:
    """Return the path of the archive for a Python."""
    return TARGET / f"python{runtime}.zip"


def compiled(source: PurePosixPath, runtime: str) -> PurePosixPath:
    """Return where a Python looks for the bytecode of a file (PEP 3147)."""
    tag = f"cpython-{runtime.replace('.', '')}"
    return source.parent / "__pycache__" / f"{source.stem}.{tag}.pyc"


def _sources_in(folder: Path) -> dict[str, Path]:
    paths = sorted(folder.rglob("*.py"))
    return {path.relative_to(folder).as_posix(): path for path in paths}


if __name__ == "__main__":
    main()
