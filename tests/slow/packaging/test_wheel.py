"""The wheel as users get it: what is in it, what isn't, and that it works on its own."""

from __future__ import annotations

import ast
import email
import platform
import subprocess
import sys
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

import pytest

from dev.tools.lambda_dependencies import ARCHITECTURES, RUNTIMES, TARGET, UNUSED_MODULES
from support.checkouts import copy_of_checkout
from support.files import umask

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGES = {
    "cdk_iam_server_certificate",
    "server_certificate",
    "server_certificate_cli",
    "server_certificate_handler",
}
PARTS = "cdk_iam_server_certificate/_function"
ELF_MACHINES = {"x86_64": 62, "arm64": 183}


def build(checkout: Path, folder: Path) -> Path:
    """Build the wheel of a checkout into a folder and return its path."""
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel"]
    subprocess.run([*command, "--directory", folder], check=True, cwd=checkout, capture_output=True)
    (path,) = folder.glob("*.whl")
    return path


@pytest.fixture(scope="session")
def parts(content: dict[str, bytes]) -> dict[PurePosixPath, bytes]:
    """What the wheel holds of the function beside our own packages."""
    prefix = f"{PARTS}/"
    return {
        PurePosixPath(name.removeprefix(prefix)): octets
        for name, octets in content.items()
        if name.startswith(prefix)
    }


def test_holds_the_packages_and_nothing_else(content: dict[str, bytes]) -> None:
    """All source roots are flattened; tests, demo, local cloud and tools stay out."""
    top = {PurePosixPath(name).parts[0] for name in content}
    assert {name for name in top if not name.endswith(".dist-info")} == PACKAGES


@pytest.mark.parametrize("package", sorted(PACKAGES))
def test_is_typed(content: dict[str, bytes], package: str) -> None:
    """Type checkers read the annotations of every package."""
    assert f"{package}/py.typed" in content


def test_carries_each_part_of_the_function(parts: dict[PurePosixPath, bytes]) -> None:
    """What an architecture needs, what it needs for a Python, and the bytecode of each Python."""
    pairs = {f"{each}-python{runtime}" for each in ARCHITECTURES for runtime in RUNTIMES}
    bytecode = {f"python{runtime}.zip" for runtime in RUNTIMES}
    assert {path.parts[0] for path in parts} == {*ARCHITECTURES, *pairs, *bytecode}
    assert {path: octets for path, octets in parts.items() if path.suffix == ".zip"} == {
        PurePosixPath(name): (TARGET / name).read_bytes() for name in bytecode
    }


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_carries_libraries_of_both_architectures(
    parts: dict[PurePosixPath, bytes], architecture: str
) -> None:
    """Each has libraries for its own machine: one for every runtime, and one for each of them."""
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
def test_carries_only_what_the_function_lacks(
    parts: dict[PurePosixPath, bytes], architecture: str
) -> None:
    """What comes with the Lambda runtime isn't carried along; neither are types or records."""
    tree = [path.relative_to(architecture) for path in parts if path.parts[0] == architecture]
    code = {path for path in tree if not path.parts[0].endswith(".dist-info")}
    assert {path.parts[0] for path in code} == {"crhelper", "cryptography"}
    assert {path.suffix for path in code} == {".py", ".so"}
    assert "RECORD" not in {path.name for path in tree}


def test_nothing_imports_what_was_left_out(content: dict[str, bytes]) -> None:
    """Neither our packages nor what they need names a module that the function lacks."""
    modules = {name.removesuffix(".py").replace("/", ".") for name in UNUSED_MODULES}
    function = ("server_certificate/", "server_certificate_handler/", f"{PARTS}/")
    looked_at = {name: octets for name, octets in content.items() if name.startswith(function)}
    imported = {
        module
        for name, octets in looked_at.items()
        if name.endswith(".py")
        for module in imports(octets)
    }
    assert "cryptography.x509" in {each.rpartition(".")[0] for each in imported}
    assert {
        each for each in imported for module in modules if f"{each}.".startswith(f"{module}.")
    } == set()
    libraries = [octets for name, octets in looked_at.items() if name.endswith("_rust.abi3.so")]
    assert len(libraries) == len(ARCHITECTURES)
    for library in libraries:
        assert b"cryptography.hazmat.primitives.serialization.pkcs12" in library
        assert [module for module in modules if module.encode() in library] == []


@pytest.mark.parametrize("architecture", ARCHITECTURES)
@pytest.mark.parametrize("package", ["cffi", "crhelper", "cryptography"])
def test_keeps_licences(content: dict[str, bytes], architecture: str, package: str) -> None:
    """Whoever passes the code of others on passes their licence on, too."""
    prefix = f"{PARTS}/{architecture}/{package}-"
    assert [name for name in content if name.startswith(prefix) and "LICENSE" in name]
    assert [name for name in content if name.startswith(prefix) and name.endswith("/METADATA")]


def test_says_what_it_is(wheel: Path, content: dict[str, bytes]) -> None:
    """Name, licence and dependencies are in the metadata; it installs on any platform."""
    (folder,) = {name.split("/")[0] for name in content} - PACKAGES
    metadata = email.message_from_bytes(content[f"{folder}/METADATA"])
    licence = content[f"{folder}/licenses/LICENSE"]
    assert wheel.name.endswith("-py3-none-any.whl")
    assert metadata["Name"] == "cdk-iam-server-certificate"
    assert metadata["License-Expression"] == "Apache-2.0"
    requirements = " ".join(metadata.get_all("Requires-Dist") or [])
    for name in ("aws-cdk-lib", "constructs", "cryptography", "click", "rich", "boto3"):
        assert name in requirements
    assert "crhelper" not in requirements
    assert "ministack" not in requirements
    assert b"Apache License" in licence


def test_is_reproducible(wheel: Path, tmp_path: Path) -> None:
    """The same sources make the same wheel, to the byte, in any place and under any umask."""
    for name, mask in {"checkout": 0o077, "another place": 0o002}.items():
        with umask(mask):
            copy = copy_of_checkout(tmp_path / name)
            assert build(copy, tmp_path / f"{name}'s").read_bytes() == wheel.read_bytes()


@pytest.mark.skipif(sys.platform != "linux", reason="the libraries are Linux's")
def test_tree_works_under_the_local_cloud() -> None:
    """On top of this Python's packages the tree gives crhelper and cryptography, and needs no cffi."""
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
    """Yield all modules, and what may be one, that a file imports, in functions as well."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "a relative import isn't understood here"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
