"""The wheels on their own: built from the sdists, installed, and used offline."""

from __future__ import annotations

import json
import os
import shutil
import site
import subprocess
import sys
import tarfile
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from dev import ROOT
from dev.certificates.authority import Authority
from dev.tools.distributions import DISTRIBUTIONS
from dev.tools.wheels import SDIST, build

if TYPE_CHECKING:
    from dev.tools.distributions import Distribution

NOBODY = "http://127.0.0.1:9"
"""The port of a service that nobody offers any more."""

OFFLINE = {
    "HTTP_PROXY": NOBODY,
    "HTTPS_PROXY": NOBODY,
    "PIP_INDEX_URL": NOBODY,
    "npm_config_registry": NOBODY,
    "CDK_DOCKER": "no-docker",
}


@pytest.fixture(scope="module")
def installed(wheels: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment without pip, in a folder of another project, with the wheels and what they require."""
    environment = tmp_path_factory.mktemp("another project") / "its environment"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", environment], check=True)
    python = environment / "bin/python"
    pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "--no-index"]
    subprocess.run([*pip, "--no-deps", *wheels], check=True, capture_output=True)
    (site_packages,) = environment.glob("lib/python*/site-packages")
    # In place of downloads; the checkout itself is not found this way.
    (site_packages / "requirements.pth").write_text("\n".join(site.getsitepackages()))
    return environment


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the README's app, with files for its certificate."""
    folder = tmp_path_factory.mktemp("the app")
    shutil.copyfile(ROOT / "app.py", folder / "app.py")
    Authority.root(at=datetime.now(UTC)).intermediate().leaf("www.example.com").write(
        folder / "certificates"
    )
    return folder


def synthesize(python: Path, app: Path, output: Path) -> subprocess.CompletedProcess[str]:
    """Run the app with nothing but Node on the path, and no way out of this machine."""
    commands = output.parent / "commands"
    commands.mkdir(exist_ok=True)
    if not (commands / "node").exists():
        (commands / "node").symlink_to(str(shutil.which("node")))
    certificates = app / "certificates"
    context = {
        "certificate": str(certificates / "certificate.pem"),
        "chain": str(certificates / "certificate-chain.pem"),
    }
    variables = {
        "PATH": str(commands),
        "CDK_CONTEXT_JSON": json.dumps(context),
        "CDK_OUTDIR": str(output),
    }
    return subprocess.run(
        [python, "app.py"],
        check=False,
        cwd=app,
        env={**os.environ, **OFFLINE, **variables},
        capture_output=True,
        text=True,
    )


def assets(output: Path) -> set[str]:
    """Return the names of the assets of an app, which have their hashes in them."""
    return {path.name for path in output.iterdir() if path.name.startswith("asset.")}


def test_app_needs_the_wheels_alone(installed: Path, app: Path, tmp_path: Path) -> None:
    """Without pip, Docker and network it is synthesized, with the function of the checkout."""
    there, here = tmp_path / "installed", tmp_path / "checkout"
    for python, output in ((installed / "bin/python", there), (Path(sys.executable), here)):
        result = synthesize(python, app, output)
        assert result.returncode == 0, result.stderr
    assert len(assets(there)) == 1
    assert assets(there) == assets(here)


def test_packages_are_the_installed_ones(installed: Path, tmp_path: Path) -> None:
    """All packages and the command come from the environment, and nothing from the checkout."""
    names = (
        "cdk_iam_server_certificate",
        "server_certificate",
        "server_certificate_cli",
    )
    program = (
        f"from importlib.util import find_spec\nfor name in {names}: print(find_spec(name).origin)"
    )
    python = installed / "bin/python"
    result = subprocess.run(
        [python, "-I", "-c", program], check=True, cwd=tmp_path, capture_output=True, text=True
    )
    (site_packages,) = installed.glob("lib/python*/site-packages")
    assert result.stdout.splitlines() == [
        str(site_packages / name / "__init__.py") for name in names
    ]
    program = "import server_certificate_handler"
    handler = subprocess.run([python, "-I", "-c", program], check=False, capture_output=True)
    assert b"No module named 'server_certificate_handler'" in handler.stderr
    command = installed / "bin/server-certificate"
    told = subprocess.run([command, "--version"], check=True, capture_output=True, text=True)
    assert told.stdout.startswith("server-certificate")


@pytest.mark.parametrize("part", ["handler", "x86_64", "x86_64-python3.14", "python3.14.zip"])
def test_broken_installation_is_reported_in_the_last_line(
    part: str, installed: Path, app: Path, tmp_path: Path
) -> None:
    """Whichever part is missing, the app's last line says what to do."""
    (parts,) = installed.glob("lib/python*/site-packages/cdk_iam_server_certificate/_function")
    away = (parts / part).rename(tmp_path / part)
    result = synthesize(installed / "bin/python", app, tmp_path / "cdk.out")
    away.rename(parts / part)
    last = result.stderr.splitlines()[-1]
    assert result.returncode == 1
    assert "HandlerCodeError: a part of the Lambda function is missing: '" in last
    assert "install it again (pip install --force-reinstall cdk-iam-server-certificate)" in last


@pytest.fixture(scope="module")
def sdists(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The source distributions of this checkout."""
    return build(tmp_path_factory.mktemp("sdists"), target=SDIST)


@pytest.mark.parametrize("distribution", DISTRIBUTIONS, ids=lambda each: each.name)
def test_sdist_has_nothing_that_was_built(distribution: Distribution, sdists: list[Path]) -> None:
    """It contains neither bundled packages nor bytecode; a build fetches and compiles them again."""
    with tarfile.open(sdists[DISTRIBUTIONS.index(distribution)]) as archive:
        names = archive.getnames()
    assert [name for name in names if "/_function/" in name or name.endswith(".pyc")] == []
    assert [name for name in names if name.endswith("/server_certificate/assessment.py")]


@pytest.mark.network
@pytest.mark.parametrize("distribution", DISTRIBUTIONS, ids=lambda each: each.name)
def test_sdist_makes_the_same_wheel(
    distribution: Distribution, sdists: list[Path], wheels: list[Path], tmp_path: Path
) -> None:
    """From a source distribution alone, pip builds the wheel of the checkout, byte for byte."""
    index = DISTRIBUTIONS.index(distribution)
    caches = {
        "PIP_CACHE_DIR": str(ROOT / ".venv/cache/pip"),
        "npm_config_cache": str(ROOT / ".venv/cache/npm"),
    }
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    command = (sys.executable, "-m", "pip", "wheel", "--no-deps", "--wheel-dir", tmp_path)
    result = subprocess.run(
        [*command, sdists[index]],
        check=False,
        cwd=tmp_path,
        env={**kept, **caches, "PATH": os.defpath},
        capture_output=True,
        text=True,
        timeout=500,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    assert (tmp_path / wheels[index].name).read_bytes() == wheels[index].read_bytes()
