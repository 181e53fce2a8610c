"""What the function consists of: each part that it needs, bytecode of its own sources, nothing else."""

from __future__ import annotations

import importlib.util
import os
import shutil
import zipfile
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

import pytest
from aws_cdk import App, Stack
from aws_cdk.assertions import Template

from cdk_iam_server_certificate.provider import function_files
from cdk_iam_server_certificate.provider.function_files import HandlerCodeError
from support.files import umask

if TYPE_CHECKING:
    from collections.abc import Callable

    from cdk_iam_server_certificate import ServerCertificate

    Certify = Callable[..., ServerCertificate]

ARCHITECTURES = {"x86_64": "x86_64", "arm64": "aarch64"}
RUNTIMES = {"python3.12": "cpython-312", "python3.13": "cpython-313", "python3.14": "cpython-314"}
CHOSEN = ("x86_64", "python3.14")

PACKAGES = {"server_certificate", "server_certificate_handler", "crhelper", "cryptography"}


@pytest.fixture
def parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the parts of one choice, at another place, and younger."""
    copy = tmp_path / "elsewhere"
    copy.mkdir()
    for name in ("x86_64", "x86_64-python3.14"):
        shutil.copytree(function_files._PARTS / name, copy / name, copy_function=shutil.copyfile)
    shutil.copyfile(function_files._PARTS / "python3.14.zip", copy / "python3.14.zip")
    monkeypatch.setattr(function_files, "_PARTS", copy)
    return copy


@pytest.mark.parametrize("architecture", ARCHITECTURES)
@pytest.mark.parametrize("runtime", RUNTIMES)
def test_holds_what_its_choice_needs_and_nothing_else(architecture: str, runtime: str) -> None:
    """Sources, one library of cffi, bytecode of one Python, licenses; neither types nor locks."""
    tag = RUNTIMES[runtime]
    names = [PurePosixPath(name) for name in function_files.function_files(architecture, runtime)]
    top = {name.parts[0] for name in names if not name.parts[0].endswith(".dist-info")}
    assert top == {*PACKAGES, f"_cffi_backend.{tag}-{ARCHITECTURES[architecture]}-linux-gnu.so"}
    code = {name for name in names if name.parts[0] in PACKAGES}
    assert {name.suffix for name in code} == {".py", ".pyc", ".so"}
    assert {name.suffixes[0] for name in code if name.suffix == ".pyc"} == {f".{tag}"}


@pytest.mark.parametrize("package", sorted(PACKAGES))
def test_has_bytecode_of_every_package(package: str) -> None:
    """The bytecode is where Python looks for it: in the folder __pycache__ next to its source."""
    assert f"{package}/__pycache__/__init__.cpython-314.pyc" in function_files.function_files(
        *CHOSEN
    )


def test_bytecode_of_another_source_is_left_out(parts: Path) -> None:
    """The bytecode of a changed or removed module is left out; that of the others is included."""
    before = function_files.function_files(*CHOSEN)
    with (parts / "x86_64/crhelper/utils.py").open("a") as module:
        module.write("# Changed.\n")
    (parts / "x86_64/crhelper/log_helper.py").unlink()
    gone = before.keys() - function_files.function_files(*CHOSEN).keys()
    assert gone == {
        "crhelper/__pycache__/utils.cpython-314.pyc",
        "crhelper/__pycache__/log_helper.cpython-314.pyc",
        "crhelper/log_helper.py",
    }


def test_compiled_files_beside_the_sources_stay_out(parts: Path) -> None:
    """An installer's bytecode, even of the function's own Python, never takes the place of ours."""
    before = function_files.function_files(*CHOSEN)
    for name in ("utils.cpython-314.pyc", "utils.cpython-311.pyc"):
        compiled = parts / "x86_64/crhelper/__pycache__" / name
        compiled.parent.mkdir(exist_ok=True)
        compiled.write_bytes(b"compiled")
    assert function_files.function_files(*CHOSEN) == before


def test_hash_depends_on_content_alone(parts: Path, certify: Certify) -> None:
    """Another place, other times and modes give the same hash; another byte gives another."""
    here = hash_of_function(certify)
    for path in parts.rglob("*"):
        os.utime(path, (0, 0))
        path.chmod(0o700)
    assert hash_of_function(certify) == here
    with zipfile.ZipFile(parts / "python3.14.zip") as archive:
        members = {member: archive.read(member) for member in archive.infolist()}
    with zipfile.ZipFile(parts / "python3.14.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for member, content in members.items():
            archive.writestr(member, content, zipfile.ZIP_DEFLATED)
    assert hash_of_function(certify) == here
    (parts / "x86_64/one_more.py").write_bytes(b"")
    assert hash_of_function(certify) != here


def test_hash_is_the_same_from_another_place(
    parts: Path, monkeypatch: pytest.MonkeyPatch, certify: Certify
) -> None:
    """The parts that are installed, and their copy elsewhere, give the same."""
    copied = hash_of_function(certify)
    monkeypatch.undo()
    assert parts != function_files._PARTS
    assert hash_of_function(certify) == copied


def test_choices_differ(certify: Certify) -> None:
    """Each architecture and each runtime has code of its own."""
    key = "cdk-iam-server-certificate"
    contexts: list[dict[str, object]] = [
        {f"{key}:architecture": architecture, f"{key}:runtime": runtime}
        for architecture in ARCHITECTURES
        for runtime in RUNTIMES
    ]
    assert len({hash_of_function(certify, context) for context in contexts}) == 6


@pytest.mark.parametrize(
    ("part", "named"),
    [
        ("x86_64", "'crhelper/__init__.py' for x86_64 and python3.14"),
        ("x86_64/crhelper", "'crhelper/__init__.py' for x86_64"),
        ("x86_64/cryptography", "'cryptography/__init__.py' for x86_64"),
        ("x86_64/cryptography/hazmat/bindings/_rust.abi3.so", r"_rust\.abi3\.so' for x86_64"),
        ("x86_64-python3.14", r"'_cffi_backend\.\*\.so' for x86_64 and python3\.14"),
        ("python3.14.zip", r"'python3\.14\.zip' with the bytecode"),
    ],
)
def test_missing_part_is_named(
    part: str, named: str, parts: Path, certify: Certify, stack: Stack
) -> None:
    """A broken install says what is missing, where, and how to fix it."""
    path = parts / part
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink()
    with pytest.raises(HandlerCodeError, match=named) as error:
        certify(stack)
    assert "install it again (pip install --force-reinstall" in str(error.value)
    assert "remove its 'elsewhere' and run 'make setup'" in str(error.value)
    assert f"'{parts.parent}'" in str(error.value)


def test_unreadable_bytecode_is_named(parts: Path, certify: Certify, stack: Stack) -> None:
    """An archive that was cut off is as good as none."""
    archive = parts / "python3.14.zip"
    archive.write_bytes(archive.read_bytes()[:1000])
    with pytest.raises(HandlerCodeError, match=r"'python3\.14\.zip' with the bytecode"):
        certify(stack)


def test_missing_checks_are_named(
    monkeypatch: pytest.MonkeyPatch, certify: Certify, stack: Stack
) -> None:
    """Their package is installed by another distribution, and may be missing."""
    find = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util,
        "find_spec",
        lambda name: None if name == "server_certificate" else find(name),
    )
    with pytest.raises(HandlerCodeError, match=r"is missing: 'server_certificate/__init__\.py'"):
        certify(stack)


def test_missing_handler_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, certify: Certify, stack: Stack
) -> None:
    """It is data of the construct, and an incomplete installation may lack it."""
    monkeypatch.setattr(function_files, "_HANDLER_FOLDERS", (tmp_path, tmp_path / "none"))
    with pytest.raises(
        HandlerCodeError, match=r"is missing: 'server_certificate_handler/entry\.py'"
    ):
        certify(stack)


def test_handler_is_taken_from_the_installation_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If the package contains a handler, no handler from elsewhere is used."""
    for place in ("installed", "checkout"):
        package = tmp_path / place / "server_certificate_handler"
        package.mkdir(parents=True)
        (package / "entry.py").write_text(f"# {place}\n")
    folders = (tmp_path / "installed", tmp_path / "checkout")
    monkeypatch.setattr(function_files, "_HANDLER_FOLDERS", folders)
    files = function_files.function_files(*CHOSEN)
    assert files["server_certificate_handler/entry.py"] == b"# installed\n"
    assert "server_certificate_handler/__pycache__/entry.cpython-314.pyc" not in files


@pytest.mark.parametrize("value", [False, "false"], ids=repr)
def test_bytecode_can_be_left_out(value: object, certify: Certify, tmp_path: Path) -> None:
    """By a context value, of a file or of the command line, the function has its sources alone."""
    context = {"cdk-iam-server-certificate:bytecode": value}
    app = App(context=context, outdir=str(tmp_path))
    certify(Stack(app, "Web"))
    app.synth()
    (asset,) = tmp_path.glob("asset.*")
    names = {path.relative_to(asset).as_posix() for path in asset.rglob("*") if path.is_file()}
    whole = function_files.function_files(*CHOSEN)
    assert names == {name for name in whole if not name.endswith(".pyc")} < whole.keys()


@pytest.mark.parametrize("value", [True, "true", "", None], ids=repr)
def test_bytecode_goes_along_unless_it_is_left_out(value: object, certify: Certify) -> None:
    """Asked for, or not mentioned, it is what it is by default."""
    context = {"cdk-iam-server-certificate:bytecode": value}
    assert hash_of_function(certify, context) == hash_of_function(certify)


def test_staged_code_is_what_was_hashed(certify: Certify) -> None:
    """The asset has these files, readable for the user that Lambda runs as whatever the umask."""
    app = App()
    with umask(0o077):
        certify(Stack(app, "Web"))
        directory = Path(app.synth().directory)
    (asset,) = (path for path in directory.iterdir() if path.name.startswith("asset."))
    files = {
        path.relative_to(asset).as_posix(): path for path in asset.rglob("*") if path.is_file()
    }
    assert {
        name: path.read_bytes() for name, path in files.items()
    } == function_files.function_files(*CHOSEN)
    assert {path.stat().st_mode & 0o777 for path in files.values()} == {0o644}


def hash_of_function(certify: Certify, context: dict[str, object] | None = None) -> str:
    """Return the hash of the code of a stack's function."""
    stack = Stack(App(context={"aws:cdk:bundling-stacks": [], **(context or {})}), "Web")
    certify(stack)
    (function,) = Template.from_stack(stack).find_resources("AWS::Lambda::Function").values()
    return str(function["Properties"]["Code"]["S3Key"])
