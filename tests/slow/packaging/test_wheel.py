"""The wheels as users get them: what they contain, what they don't, and that they are reproducible."""

from __future__ import annotations

import ast
import os
import platform
import subprocess
import sys
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

import pytest

from dev import ROOT
from dev.tools.distributions import DISTRIBUTIONS, HANDLER
from dev.tools.lambda_dependencies import ARCHITECTURES, RUNTIMES, TARGET, UNUSED_MODULES
from support.checkouts import copy_of_checkout
from support.files import umask
from support.wheels import content_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dev.tools.distributions import Distribution

PARTS = "cdk_iam_server_certificate/_function"
ELF_MACHINES = {"x86_64": 62, "arm64": 183}


def build(checkout: Path, folder: Path) -> list[Path]:
    """Build the wheels of a checkout into a folder and return their paths."""
    command = [sys.executable, "-m", "dev.tools.wheels", "--directory", folder]
    told = subprocess.run(
        command, check=True, cwd=checkout, env=without_checkout(), capture_output=True, text=True
    ).stdout
    return [Path(line) for line in told.splitlines()]


def without_checkout() -> dict[str, str]:
    """Return the environment without what would lead a copy back to this checkout."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}


@pytest.fixture(scope="session")
def parts(content: dict[str, bytes]) -> dict[PurePosixPath, bytes]:
    """The parts of the function in the wheel: the handler, the bundled packages and the bytecode."""
    prefix = f"{PARTS}/"
    return {
        PurePosixPath(name.removeprefix(prefix)): octets
        for name, octets in content.items()
        if name.startswith(prefix)
    }


@pytest.mark.parametrize("distribution", DISTRIBUTIONS, ids=lambda each: each.name)
def test_holds_its_packages_and_nothing_else(
    distribution: Distribution, wheels: list[Path]
) -> None:
    """Its packages are at the top and typed; the handler, tests, demo, local cloud and tools aren't."""
    content = content_of(wheels[DISTRIBUTIONS.index(distribution)])
    top = {PurePosixPath(name).parts[0] for name in content}
    assert {name for name in top if not name.endswith(".dist-info")} == {*distribution.packages}
    for package in distribution.packages:
        assert f"{package}/py.typed" in content


def test_contains_the_handler_as_data(content: dict[str, bytes]) -> None:
    """The construct's package contains each module of the handler, byte for byte as in the checkout."""
    folder = ROOT / "lambda"
    sources = (folder / "server_certificate_handler").rglob("*.py")
    handler = {path.relative_to(folder).as_posix(): path.read_bytes() for path in sources}
    assert len(handler) > 30
    assert {
        name.removeprefix(f"{HANDLER}/"): octets
        for name, octets in content.items()
        if name.startswith(f"{HANDLER}/") and name.endswith(".py")
    } == handler


def test_contains_each_part_of_the_function(parts: dict[PurePosixPath, bytes]) -> None:
    """The wheel contains the handler, and what each architecture and each Python need."""
    pairs = {f"{each}-python{runtime}" for each in ARCHITECTURES for runtime in RUNTIMES}
    bytecode = {f"python{runtime}.zip" for runtime in RUNTIMES}
    assert {path.parts[0] for path in parts} == {
        *("handler", *ARCHITECTURES),
        *pairs,
        *bytecode,
    }
    assert {path: octets for path, octets in parts.items() if path.suffix == ".zip"} == {
        PurePosixPath(name): (TARGET / name).read_bytes() for name in bytecode
    }


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_contains_libraries_of_both_architectures(
    parts: dict[PurePosixPath, bytes], architecture: str
) -> None:
    """Each architecture has one library for all runtimes, and one for each runtime."""
    libraries = {
        str(path): octets
        for path, octets in parts.items()
        if path.suffix == ".so" and path.parts[0].split("-")[0] == architecture
    }
    machine = ARCHITECTURES[architecture]
    per_runtime = {
        f"{architecture}-python{runtime}/_cffi_backend"
        f".cpython-{runtime.replace('.', '')}-{machine}-linux-gnu.so"
        for runtime in RUNTIMES
    }
    common = f"{architecture}/cryptography/hazmat/bindings/_rust.abi3.so"
    assert set(libraries) == {common, *per_runtime}
    for octets in libraries.values():
        assert octets[:4] == b"\x7fELF"
        assert int.from_bytes(octets[18:20], "little") == ELF_MACHINES[architecture]


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_bundles_only_what_the_runtime_lacks(
    parts: dict[PurePosixPath, bytes], architecture: str
) -> None:
    """Packages of the Lambda runtime, types and records aren't bundled."""
    tree = [path.relative_to(architecture) for path in parts if path.parts[0] == architecture]
    code = {path for path in tree if not path.parts[0].endswith(".dist-info")}
    assert {path.parts[0] for path in code} == {"crhelper", "cryptography"}
    assert {path.suffix for path in code} == {".py", ".so"}
    assert "RECORD" not in {path.name for path in tree}


def test_nothing_imports_what_was_left_out(
    content: dict[str, bytes], command_content: dict[str, bytes]
) -> None:
    """Neither our packages nor their dependencies refer to a module that was left out."""
    modules = {name.removesuffix(".py").replace("/", ".") for name in UNUSED_MODULES}
    function = ("server_certificate/", f"{PARTS}/")
    installed = content | command_content
    checked = {name: octets for name, octets in installed.items() if name.startswith(function)}
    imported = {
        module
        for name, octets in checked.items()
        if name.endswith(".py")
        for module in imports(octets)
    }
    assert "cryptography.x509" in {each.rpartition(".")[0] for each in imported}
    assert {
        each for each in imported for module in modules if f"{each}.".startswith(f"{module}.")
    } == set()
    libraries = [octets for name, octets in checked.items() if name.endswith("_rust.abi3.so")]
    assert len(libraries) == len(ARCHITECTURES)
    for library in libraries:
        assert b"cryptography.hazmat.primitives.serialization.pkcs12" in library
        assert [module for module in modules if module.encode() in library] == []


@pytest.mark.parametrize("architecture", ARCHITECTURES)
@pytest.mark.parametrize("package", ["cffi", "crhelper", "cryptography"])
def test_keeps_licenses(content: dict[str, bytes], architecture: str, package: str) -> None:
    """Each bundled package has its license and its metadata."""
    prefix = f"{PARTS}/{architecture}/{package}-"
    assert [name for name in content if name.startswith(prefix) and "LICENSE" in name]
    assert [name for name in content if name.startswith(prefix) and name.endswith("/METADATA")]


def test_are_reproducible(wheels: list[Path], tmp_path: Path) -> None:
    """The same sources give the same wheels, byte for byte, in any folder and under any umask."""
    for name, mask in {"checkout": 0o077, "another place": 0o002}.items():
        with umask(mask):
            copy = copy_of_checkout(tmp_path / name)
            built = build(copy, tmp_path / f"{name}'s")
        assert [path.name for path in built] == [path.name for path in wheels]
        for ours, theirs in zip(wheels, built, strict=True):
            assert theirs.read_bytes() == ours.read_bytes()


@pytest.mark.skipif(sys.platform != "linux", reason="the libraries are Linux's")
def test_tree_works_under_the_local_cloud() -> None:
    """Before this Python's packages, the tree provides crhelper and cryptography, and needs no cffi."""
    machines = {machine: architecture for architecture, machine in ARCHITECTURES.items()}
    tree = TARGET / machines[platform.machine()]
    code = (
        f"import sys; sys.path.insert(0, {str(tree)!r}); sys.dont_write_bytecode = True\n"
        "import crhelper, cryptography.x509\n"
        "from cryptography.hazmat.primitives.serialization import pkcs7, pkcs12\n"
        "assert 'cffi' not in sys.modules and 'pycparser' not in sys.modules\n"
        "print(crhelper.__file__, pkcs12.__file__)"
    )
    result = subprocess.run(
        [sys.executable, "-I", "-c", code], check=True, capture_output=True, text=True
    )
    assert result.stdout.count(str(tree)) == 2


def imports(source: bytes) -> Iterator[str]:
    """Yield the modules that a file imports, in functions as well, and the names that may be modules."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "a relative import isn't understood here"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
