"""The function's bytecode matches its sources and its Python, and that Python runs it."""

from __future__ import annotations

import json
import os
import platform
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path, PurePosixPath
from typing import Any

import pytest

from dev import ROOT
from dev.tools import bytecode_check, lambda_bytecode, nodejs
from dev.tools.commands import SetupError
from dev.tools.installers import PYTHONS
from dev.tools.lambda_bytecode import compiled, own_sources
from dev.tools.lambda_dependencies import ARCHITECTURES, RUNTIMES, TARGET
from dev.tools.pythons import python_of
from support.files import umask

MAGIC_NUMBERS = {"3.12": 3531, "3.13": 3571, "3.14": 3627}
"""The same in every patch release of a version (CPython, Include/internal/pycore_magic_number.h)."""

UNCHECKED_HASH = 0b01
"""PEP 552: the header contains a hash of the source, which Python doesn't check."""

MODULE = "server_certificate_handler/redaction.py"
COMPARING = "server_certificate_handler/iam.py"

MACHINES = {machine: architecture for architecture, machine in ARCHITECTURES.items()}


def members(runtime: str) -> dict[str, bytes]:
    """Return the bytecode for a Python."""
    with zipfile.ZipFile(TARGET / f"python{runtime}.zip") as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.mark.parametrize("architecture", ARCHITECTURES)
@pytest.mark.parametrize("runtime", RUNTIMES)
def test_covers_every_module(runtime: str, architecture: str) -> None:
    """There is bytecode for exactly our modules and those of their dependencies, on both architectures."""
    assert lambda_bytecode.is_built(), "a source has changed since the build: run 'make setup'"
    tree = TARGET / architecture
    theirs = {path.relative_to(tree).as_posix(): path for path in tree.rglob("*.py")}
    sources = own_sources() | theirs
    assert len(sources) > 100
    assert set(members(runtime)) == {
        str(compiled(PurePosixPath(name), runtime)) for name in sources
    }


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_is_of_its_python_and_never_compared(runtime: str) -> None:
    """The format is that Python's, and it checks neither the times nor the sources."""
    for name, content in members(runtime).items():
        assert content[:4] == MAGIC_NUMBERS[runtime].to_bytes(2, "little") + b"\r\n", name
        assert int.from_bytes(content[4:8], "little") == UNCHECKED_HASH, name


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_names_its_source_where_lambda_has_it(runtime: str) -> None:
    """The file names are those in Lambda, and nothing refers to the machine that compiled them."""
    bytecode = members(runtime)
    for name in own_sources():
        content = bytecode[str(compiled(PurePosixPath(name), runtime))]
        assert f"/var/task/{name}".encode() in content
        assert str(ROOT).encode() not in content


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Another folder for the build, with the packages of an architecture and no bytecode."""
    target = tmp_path / "another place"
    with umask(0o077):
        shutil.copytree(TARGET / "x86_64", target / "x86_64", copy_function=shutil.copyfile)
    monkeypatch.setattr(lambda_bytecode, "TARGET", target)
    monkeypatch.setattr(lambda_bytecode, "STAMP", target / "bytecode.sha256")
    return target


def build() -> None:
    """Compile with the Pythons that `make setup` installed."""
    lambda_bytecode.build(node=nodejs.home(), pythons=PYTHONS / "node_modules")


def test_same_sources_have_the_same_bytecode(elsewhere: Path) -> None:
    """In another folder and under another umask, the archives are the same, byte for byte."""
    with umask(0o077):
        build()
    for runtime in RUNTIMES:
        name = f"python{runtime}.zip"
        assert (elsewhere / name).read_bytes() == (TARGET / name).read_bytes()
    assert lambda_bytecode.is_built()


@pytest.mark.parametrize("change", ["a module more", "an archive less"])
def test_change_repeats_it(change: str, elsewhere: Path) -> None:
    """A changed source or a missing archive counts as not built."""
    for name in ("bytecode.sha256", *(f"python{runtime}.zip" for runtime in RUNTIMES)):
        shutil.copyfile(TARGET / name, elsewhere / name)
    assert lambda_bytecode.is_built()
    if change == "a module more":
        (elsewhere / "x86_64/one_more.py").write_text("")
    else:
        (elsewhere / "python3.12.zip").unlink()
    assert not lambda_bytecode.is_built()


def test_what_cannot_be_compiled_is_named(elsewhere: Path) -> None:
    """A syntax error in a source is reported in one sentence, and the archives count as not built."""
    (elsewhere / "x86_64/crhelper/utils.py").write_text("def broken(:\n")
    with pytest.raises(
        SetupError, match=r"for Python 3\.12: .*crhelper/utils\.py can't be compiled"
    ):
        build()
    assert not lambda_bytecode.is_built()


def test_edited_source_has_no_bytecode(tmp_path: Path) -> None:
    """A source that was edited since `make setup` has no bytecode, so the new code runs."""
    for folder in ("constructs", "lambda"):
        shutil.copytree(ROOT / folder, tmp_path / folder, copy_function=shutil.copyfile)
    before = names_in_function(tmp_path)
    with (tmp_path / "lambda" / MODULE).open("a") as module:
        module.write("# Changed.\n")
    assert before - names_in_function(tmp_path) == {str(compiled(PurePosixPath(MODULE), "3.14"))}


def names_in_function(checkout: Path) -> set[str]:
    """Return the names of the function's files in a checkout."""
    program = (
        "import json\n"
        "from cdk_iam_server_certificate.provider import function_files\n"
        f"assert function_files.__file__.startswith({str(checkout)!r})\n"
        "print(json.dumps([*function_files.function_files('x86_64', 'python3.14')]))"
    )
    path = os.pathsep.join(str(checkout / folder) for folder in ("constructs", "lambda"))
    told = subprocess.run(
        [sys.executable, "-c", program],
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"},
    ).stdout
    return set(json.loads(told))


PYTHONS_OF = [(runtime, name) for runtime in RUNTIMES for name in bytecode_check.pythons(runtime)]
"""Each of Lambda's Pythons on this machine: at least the one in Node for each version."""


@pytest.fixture(scope="module", params=PYTHONS_OF, ids=lambda each: each[1])
def python_of_lambda(request: pytest.FixtureRequest) -> tuple[str, bytecode_check.Command]:
    """A version, and the command with which one of its Pythons checks a folder."""
    runtime, name = request.param
    return runtime, bytecode_check.pythons(runtime)[name]


def test_every_runtime_is_checked() -> None:
    """There is a Python for each runtime, also if the machine has no CPython of that version."""
    assert {runtime for runtime, _ in PYTHONS_OF} == {*RUNTIMES}


def test_is_of_the_sources_next_to_it(
    python_of_lambda: tuple[str, bytecode_check.Command], tmp_path: Path
) -> None:
    """Compiled again, each source of the function gives the bytecode in the function."""
    runtime, command = python_of_lambda
    bytecode_check.lay_out(tmp_path, runtime)
    assert len([*tmp_path.rglob("*.pyc")]) == len([*tmp_path.rglob("*.py")]) > 200
    assert bytecode_check.problems_of(tmp_path, command) == []


def test_bytecode_of_another_source_is_found(
    python_of_lambda: tuple[str, bytecode_check.Command], tmp_path: Path
) -> None:
    """Bytecode of a changed source, missing bytecode and bytecode without a source are reported."""
    runtime, command = python_of_lambda
    bytecode_check.lay_out(tmp_path, runtime)
    with (tmp_path / MODULE).open("a") as module:
        module.write("ANOTHER = 1\n")
    missing = PurePosixPath("crhelper/utils.py")
    (tmp_path / compiled(missing, runtime)).unlink()
    lone = PurePosixPath("crhelper/log_helper.py")
    (tmp_path / lone).unlink()
    assert bytecode_check.problems_of(tmp_path, command) == [
        f"{missing}: there is no bytecode",
        f"{MODULE}: the bytecode is of another source",
        f"{compiled(lone, runtime)}: there is no source",
    ]


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_another_instruction_is_found(runtime: str, tmp_path: Path) -> None:
    """The Pythons in Node compare byte for byte: a reversed comparison is found."""
    bytecode_check.lay_out(tmp_path, runtime)
    source = tmp_path / COMPARING
    text = source.read_text("utf-8")
    assert " == " in text
    source.write_text(text.replace(" == ", " != ", 1), "utf-8")
    command = bytecode_check.pythons(runtime)[f"Python {runtime} in Node"]
    assert bytecode_check.problems_of(tmp_path, command) == [
        f"{COMPARING}: the bytecode is of another source"
    ]


def test_asset_of_an_app_is_checked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The command reads the version from the file names, and fails if a file differs."""
    assert bytecode_check.main([str(tmp_path)]) == 1
    assert "There is no bytecode in" in capsys.readouterr().err
    bytecode_check.lay_out(tmp_path, "3.13")
    assert bytecode_check.main([str(tmp_path)]) == 0
    compiled_files = len([*tmp_path.rglob("*.pyc")])
    assert compiled_files > 200
    checked = f"Python 3.13 in Node: {compiled_files} files, all of the same source"
    assert checked in capsys.readouterr().out
    (tmp_path / MODULE).write_text("")
    assert bytecode_check.main([str(tmp_path)]) == 1
    assert f"  {MODULE}: the bytecode is of another source\n" in capsys.readouterr().out


IMPORT_ALL = """
import importlib, importlib.machinery, json, pathlib, sys

asset, runtime_packages = sys.argv[1:]
sys.path.insert(0, asset)
sys.path.append(runtime_packages)

compiled_here = []
source_to_code = importlib.machinery.SourceFileLoader.source_to_code

def record(self, data, path, *args, **kwargs):
    compiled_here.append(str(path))
    return source_to_code(self, data, path, *args, **kwargs)

importlib.machinery.SourceFileLoader.source_to_code = record

for path in sorted(pathlib.Path(asset).rglob("*.py")):
    module = ".".join(path.relative_to(asset).with_suffix("").parts)
    importlib.import_module(module.removesuffix(".__init__"))

ours = [
    module for module in sys.modules.values()
    if str(getattr(module, "__file__", None)).startswith(asset) and module.__file__.endswith(".py")
]
print(json.dumps({
    "modules": len(ours),
    "compiled": [path for path in compiled_here if path.startswith(asset)],
    "uncached": [each.__name__ for each in ours if not pathlib.Path(each.__cached__).is_file()],
    "handler": sys.modules["server_certificate_handler.entry"].on_event.__doc__,
}))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the libraries are Linux's")
@pytest.mark.parametrize("runtime", RUNTIMES)
def test_is_what_that_python_runs(runtime: str, tmp_path: Path) -> None:
    """CPython itself imports every module of the function from its bytecode, and compiles none."""
    python = python_of(runtime)
    if python is None:
        pytest.skip(f"there is no Python {runtime} on this machine")
    bytecode_check.lay_out(tmp_path, runtime, architecture=MACHINES[platform.machine()])
    told = run_in_asset(python, tmp_path)
    sources = {path for path in tmp_path.rglob("*.py") if path.read_bytes()}
    assert told["modules"] >= len(sources) > 100
    assert told["compiled"] == []
    assert told["uncached"] == []
    assert told["handler"] == "Process an event. This is the function's handler."
    # Without the bytecode, the same modules are compiled: the checks above can fail.
    for folder in [*tmp_path.rglob("__pycache__")]:
        shutil.rmtree(folder)
    assert len(run_in_asset(python, tmp_path)["compiled"]) >= len(sources)


def run_in_asset(python: Path, asset: Path) -> dict[str, Any]:
    """Import all modules of the function, with this environment's boto3 in place of Lambda's."""
    result = subprocess.run(
        [python, "-I", "-B", "-c", IMPORT_ALL, asset, sysconfig.get_path("purelib")],
        check=False,
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stderr
    told: dict[str, Any] = json.loads(result.stdout)
    return told
