"""
The packages that the Lambda function carries along, unpacked for both of its architectures.

What fits every Python is in the folder of an architecture, `x86_64`; what is compiled for one of them
in a folder of both, `x86_64-python3.14`. The construct lays one upon the other.

`make setup` runs this in a checkout, the build hook when a wheel is built: neither needs Docker, and
whoever installs the wheel needs not even a network. The content depends on the lock alone, to the byte.
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
"""Pythons of Lambda that the function can be set to, for partitions that have not got the newest."""

BUILT_PER_RUNTIME = "cffi"
"""The one package whose wheels are; cryptography's fits every Python, and the rest is Python."""

ARCHITECTURES = {"x86_64": "x86_64", "arm64": "aarch64"}
"""CDK's name of the architecture, and the wheels'. Amazon Linux 2023 has glibc 2.34."""

UNUSED_SUFFIXES = (".pyi", ".pyc", ".h", ".typed")
UNUSED_FOLDERS = ("__pycache__", "tests", "cffi")
"""`cffi`: cryptography calls the compiled `_cffi_backend` beside it, never the package itself."""
UNUSED_MODULES = (
    "cryptography/cobblestone.py",
    "cryptography/fernet.py",
    "cryptography/hazmat/asn1",
    "cryptography/hazmat/primitives/hpke.py",
    "cryptography/hazmat/primitives/twofactor",
)
"""What neither the function nor anything else in cryptography imports, its library included."""
UNUSED_METADATA = ("RECORD", "WHEEL", "top_level.txt", "entry_points.txt")


def main() -> None:
    """Build both trees, or say in one sentence why not."""
    try:
        build()
    except SetupError as error:
        sys.exit(str(error))


def build(*, python: Path = Path(sys.executable), log: Path | None = None) -> None:
    """
    Build the trees of both architectures, unless those of this very lock are there already.

    Args:
        python: A Python that has pip. Default: the one that runs this.
        log: Where pip's output is added. Default: nowhere.

    Raises:
        SetupError: A wheel couldn't be had.
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
    """Return a package's part of the lock: its version and its hashes."""
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
    """Fetch the wheels of one machine and Python; pip compares their hashes with the lock."""
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
    """Unpack what the function may need, with the same modes whatever the umask."""
    with zipfile.ZipFile(wheel) as archive:
        for name in sorted(archive.namelist()):
            if not name.endswith("/") and is_needed(PurePosixPath(name)):
                path = folder_of(PurePosixPath(name), architecture) / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(archive.read(name))
                path.chmod(0o644)


def folder_of(path: PurePosixPath, architecture: str) -> Path:
    """Return where a file belongs: a library for one Python only has that in its name (PEP 3149)."""
    runtime = re.search(r"\.cpython-3(\d+)-", path.name)
    return TARGET / (f"{architecture}-python3.{runtime[1]}" if runtime else architecture)


def is_needed(path: PurePosixPath) -> bool:
    """Return whether a file of a wheel goes along: code and licences do, types and tests don't."""
    if path.parts[0].endswith(".dist-info"):
        return path.name not in UNUSED_METADATA
    return (
        path.suffix not in UNUSED_SUFFIXES
        and not set(path.parts) & set(UNUSED_FOLDERS)
        and not any(path.is_relative_to(module) for module in UNUSED_MODULES)
    )


if __name__ == "__main__":
    main()
