"""The wheel as users get it: what is in it, what isn't, and that it works on its own."""

from __future__ import annotations

import email
import platform
import site
import subprocess
import sys
import zipfile
from pathlib import Path, PurePosixPath

import pytest

from tools.lambda_dependencies import ARCHITECTURES, RUNTIMES

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = {
    "cdk_iam_server_certificate",
    "server_certificate",
    "server_certificate_cli",
    "server_certificate_handler",
}
TREES = "cdk_iam_server_certificate/_lambda_dependencies"
ELF_MACHINES = {"x86_64": 62, "arm64": 183}


def build(folder: Path) -> Path:
    """Build the wheel into a folder and return its path."""
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel"]
    subprocess.run([*command, "--directory", folder], check=True, cwd=ROOT, capture_output=True)
    (path,) = folder.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout, built once."""
    return build(tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def names(wheel: Path) -> list[str]:
    """The names of all files in the wheel."""
    with zipfile.ZipFile(wheel) as archive:
        return archive.namelist()


def test_holds_the_packages_and_nothing_else(names: list[str]) -> None:
    """All source roots are flattened; tests, demo, local cloud and tools stay out."""
    top = {PurePosixPath(name).parts[0] for name in names}
    assert {name for name in top if not name.endswith(".dist-info")} == PACKAGES


@pytest.mark.parametrize("package", sorted(PACKAGES))
def test_is_typed(names: list[str], package: str) -> None:
    """Type checkers read the annotations of every package."""
    assert f"{package}/py.typed" in names


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_carries_libraries_of_both_architectures(wheel: Path, architecture: str) -> None:
    """Each tree has the compiled libraries for its own machine, one of them for every runtime."""
    with zipfile.ZipFile(wheel) as archive:
        libraries = {
            PurePosixPath(name).name: archive.read(name)
            for name in archive.namelist()
            if name.startswith(f"{TREES}/{architecture}/") and name.endswith(".so")
        }
    machine = ARCHITECTURES[architecture]
    per_runtime = {
        f"_cffi_backend.cpython-{runtime.replace('.', '')}-{machine}-linux-gnu.so"
        for runtime in RUNTIMES
    }
    assert set(libraries) == {"_rust.abi3.so", *per_runtime}
    for content in libraries.values():
        assert content[:4] == b"\x7fELF"
        assert int.from_bytes(content[18:20], "little") == ELF_MACHINES[architecture]


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_carries_only_what_the_function_lacks(names: list[str], architecture: str) -> None:
    """What comes with the Lambda runtime isn't carried along; neither are types or caches."""
    prefix = f"{TREES}/{architecture}/"
    tree = [PurePosixPath(name.removeprefix(prefix)) for name in names if name.startswith(prefix)]
    code = {path.parts[0] for path in tree if not path.parts[0].endswith(".dist-info")}
    assert {name.split(".")[0] for name in code} == {"_cffi_backend", "crhelper", "cryptography"}
    assert not [path for path in tree if path.suffix in {".pyi", ".pyc"} or path.name == "RECORD"]


@pytest.mark.parametrize("architecture", ARCHITECTURES)
@pytest.mark.parametrize("package", ["cffi", "crhelper", "cryptography"])
def test_keeps_licences(names: list[str], architecture: str, package: str) -> None:
    """Whoever passes the code of others on passes their licence on, too."""
    prefix = f"{TREES}/{architecture}/{package}-"
    assert [name for name in names if name.startswith(prefix) and "LICENSE" in name]


def test_says_what_it_is(wheel: Path) -> None:
    """Name, licence and dependencies are in the metadata; it installs on any platform."""
    with zipfile.ZipFile(wheel) as archive:
        (folder,) = {name.split("/")[0] for name in archive.namelist()} - PACKAGES
        metadata = email.message_from_bytes(archive.read(f"{folder}/METADATA"))
        licence = archive.read(f"{folder}/licenses/LICENSE")
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
    """The same sources make the same wheel, to the byte."""
    assert build(tmp_path).read_bytes() == wheel.read_bytes()


def test_works_where_nothing_else_is_installed(wheel: Path, tmp_path: Path) -> None:
    """Installed from the file alone, every package is imported from there, with its trees."""
    environment = tmp_path / "environment"
    python = environment / "bin/python"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", environment], check=True)
    pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "--no-index"]
    subprocess.run([*pip, "--no-deps", wheel], check=True, capture_output=True)
    (site_packages,) = environment.glob("lib/python*/site-packages")
    (site_packages / "dependencies.pth").write_text("\n".join(site.getsitepackages()))
    code = (
        "import cdk_iam_server_certificate as construct, server_certificate, pathlib\n"
        "folder = pathlib.Path(construct.__file__).parent / '_lambda_dependencies'\n"
        "print(folder, (folder / 'arm64').is_dir() and (folder / 'x86_64').is_dir())"
    )
    result = subprocess.run(
        [python, "-I", "-c", code], check=True, cwd=tmp_path, capture_output=True, text=True
    )
    assert result.stdout.strip() == f"{site_packages / TREES} True"
    command = environment / "bin/server-certificate"
    told = subprocess.run([command, "--version"], check=True, capture_output=True, text=True)
    assert told.stdout.startswith("server-certificate")


@pytest.mark.skipif(sys.platform != "linux", reason="the libraries are Linux's")
def test_tree_works_under_the_local_cloud() -> None:
    """On top of this Python's packages the tree gives crhelper and cryptography, and needs no cffi."""
    machines = {machine: architecture for architecture, machine in ARCHITECTURES.items()}
    tree = ROOT / "constructs" / TREES / machines[platform.machine()]
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
