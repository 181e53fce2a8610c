"""
Unpack the packages that are bundled with the Lambda function, for both of its architectures.

Files for every Python are in the folder of an architecture, such as `x86_64`. Files that are compiled for
one Python are in a folder for both, such as `x86_64-python3.14`. The construct merges the two folders.

`make setup` runs this in a checkout, and the build hook runs it for a wheel. Neither needs Docker, and
installing the wheel doesn't fetch these packages. The lock file alone determines every byte of the content.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import sys
import tempfile
import zipfile
from pathlib import Path, PurePosixPath

from dev import ROOT
from dev.tools.commands import SetupError, run

LOCK = ROOT / "lambda/server_certificate_handler/requirements.txt"
TARGET = ROOT / "constructs/cdk_iam_server_certificate/_function"

RUNTIMES = ("3.12", "3.13", "3.14")
"""The Pythons of Lambda that users can choose; not every partition has the newest."""

BUILT_PER_RUNTIME = "cffi"
"""The only package with a wheel for each Python. One wheel of each other package fits every Python."""

ARCHITECTURES = {"x86_64": "x86_64", "arm64": "aarch64"}
"""CDK's name of each architecture, and that in wheels. Amazon Linux 2023 has glibc 2.34."""

UNUSED_SUFFIXES = (".pyi", ".pyc", ".h", ".typed")
UNUSED_FOLDERS = ("__pycache__", "tests", "cffi")
"""`cffi`: cryptography calls only the compiled `_cffi_backend` next to it, never the package itself."""
UNUSED_MODULES = (
    "cryptography/cobblestone.py",
    "cryptography/fernet.py",
    "cryptography/hazmat/asn1",
    "cryptography/hazmat/primitives/hpke.py",
    "cryptography/hazmat/primitives/twofactor",
)
"""Modules that neither the function nor cryptography itself imports, its compiled library included."""
UNUSED_METADATA = ("RECORD", "WHEEL", "top_level.txt", "entry_points.txt")


def main() -> None:
    """Build both trees, or exit with one sentence that says what failed."""
    try:
        build()
    except SetupError as error:
        sys.exit(str(error))


def build(*, python: Path = Path(sys.executable), log: Path | None = None) -> None:
    """
    Build the trees of both architectures, unless those of the same lock file are there already.

    Args:
        python: A Python that has pip. Default: the running one.
        log: The file to append pip's output to. Default: none.

    Raises:
        SetupError: A wheel couldn't be fetched.
    """
    stamp = TARGET / "inputs.sha256"
    inputs = hashlib.sha256(LOCK.read_bytes() + Path(__file__).read_bytes()).hexdigest() + "\n"
    if stamp.is_file() and stamp.read_text() == inputs:
        return
    shutil.rmtree(TARGET, ignore_errors=True)
    for architecture, machine in ARCHITECTURES.items():
        with tempfile.TemporaryDirectory() as wheels:
            *others, newest = RUNTIMES
            download(LOCK, machine, newest, Path(wheels), python=python, log=log)
            per_runtime = Path(wheels) / "per-runtime.txt"
            per_runtime.write_text(requirement(BUILT_PER_RUNTIME, LOCK.read_text()))
            for runtime in others:
                download(per_runtime, machine, runtime, Path(wheels), python=python, log=log)
            for wheel in sorted(Path(wheels).glob("*.whl")):
                unpack(wheel, architecture)
    stamp.write_text(inputs)


def requirement(name: str, lock: str) -> str:
    """Return a package's part of the lock file: its version and its hashes."""
    blocks = re.split(r"^(?=[a-z])", lock, flags=re.MULTILINE)
    return next(block for block in blocks if block.startswith(f"{name}=="))


def download(
    requirements: Path,
    machine: str,
    runtime: str,
    folder: Path,
    *,
    python: Path,
    log: Path | None,
) -> None:
    """Fetch the wheels for one machine and Python; pip checks their hashes against the lock file."""
    platforms = (f"manylinux2014_{machine}", f"manylinux_2_28_{machine}")
    run(
        [
            *(python, "-m", "pip", "download", "--quiet", "--require-hashes", "--no-deps"),
            *("--only-binary=:all:", "--implementation=cp", f"--python-version={runtime}"),
            *(f"--abi=cp{runtime.replace('.', '')}", "--abi=abi3", "--abi=none"),
            *(f"--platform={platform}" for platform in platforms),
            *(f"--requirement={requirements}", f"--dest={folder}"),
        ],
        purpose=f"The Lambda function's packages for {machine}",
        log=log,
    )


def unpack(wheel: Path, architecture: str) -> None:
    """Unpack the files that the function may need, with modes that don't depend on the umask."""
    with zipfile.ZipFile(wheel) as archive:
        for name in sorted(archive.namelist()):
            if not name.endswith("/") and is_needed(PurePosixPath(name)):
                path = folder_of(PurePosixPath(name), architecture) / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(archive.read(name))
                path.chmod(0o644)


def folder_of(path: PurePosixPath, architecture: str) -> Path:
    """Return the folder of a file; the name of a library for one Python contains its version (PEP 3149)."""
    runtime = re.search(r"\.cpython-3(\d+)-", path.name)
    return TARGET / (f"{architecture}-python3.{runtime[1]}" if runtime else architecture)


def is_needed(path: PurePosixPath) -> bool:
    """Return whether a file of a wheel is bundled: code and licenses are, types and tests aren't."""
    if path.parts[0].endswith(".dist-info"):
        return path.name not in UNUSED_METADATA
    return (
        path.suffix not in UNUSED_SUFFIXES
        and not set(path.parts) & set(UNUSED_FOLDERS)
        and not any(path.is_relative_to(module) for module in UNUSED_MODULES)
    )


if __name__ == "__main__":
    main()
