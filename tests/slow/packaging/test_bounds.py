"""The lowest versions that both distributions allow: all works on them, too."""

from __future__ import annotations

import ast
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from packaging.version import Version

from dev import ROOT
from support.environments import REQUIREMENTS, made, pinned

if TYPE_CHECKING:
    from collections.abc import Iterator

    from support.environments import Environment

LOWEST = {
    name: next(bound.version for bound in requirement.specifier if bound.operator == ">=")
    for name, requirement in REQUIREMENTS.items()
}
PINS = {**LOWEST, "botocore": LOWEST["boto3"]}
"""boto3 lets pip take a newer botocore, which is what knows the services."""

FORMER_NAG = "cdk-nag==2.37.55"
"""The last that takes the lowest versions."""

CLOUDFRONT = "tests/unit/construct/cloudfront/test_distribution_certificate.py"
EXAMPLES = "tests/unit/construct/test_examples.py"


def functions(file: str) -> dict[str, str]:
    """Return the source of each function of a file, by its id among the tests."""
    source = (ROOT / file).read_text("utf-8")
    return {
        f"{file}::{each.name}": ast.get_source_segment(source, each) or ""
        for each in ast.parse(source).body
        if isinstance(each, ast.FunctionDef)
    }


def mixing() -> Iterator[str]:
    """Find the tests of mixins, which are younger than the lowest CDK; users can do without them."""
    yield from (name for name, source in functions(CLOUDFRONT).items() if ".with_(" in source)
    files = (ROOT / "examples").glob("*.py")
    for example in (file.stem for file in files if ".with_(" in file.read_text("utf-8")):
        for name, source in functions(EXAMPLES).items():
            yield name if f'"{example}"' in source else f"{name}[{example}"


def test_bounds_are_below_what_is_locked() -> None:
    """What is locked, most tests run on; what is newer, those of every Python."""
    locked = dict(each.split("==") for each in pinned(*LOWEST))
    for name, lowest in LOWEST.items():
        assert Version(lowest) <= Version(locked[name]), name


@pytest.fixture(scope="module")
def environment(wheels: list[Path]) -> Iterator[Environment]:
    """An environment with the lowest versions."""
    pins = [f"{name}=={version}" for name, version in PINS.items()]
    with made(Path(sys.executable), wheels, *pins, FORMER_NAG) as environment:
        yield environment


@pytest.mark.network
def test_all_works_on_the_lowest_versions(environment: Environment) -> None:
    """Construct, command and function pass their own tests with the lowest version of everything."""
    installed = environment.installed()
    assert {name: str(installed[name]) for name in PINS} == PINS
    left_out = [f"--deselect={test}" for test in mixing()]
    # What was fine when they were made may be deprecated in the Python of today.
    passed = environment.test("-W", "ignore::DeprecationWarning", *left_out)
    assert passed > 2500, "many tests have been left out"


@pytest.mark.network
def test_former_cdk_nag_understands_the_reasons(environment: Environment, tmp_path: Path) -> None:
    """cdk-nag 2 finds nothing that the template does not give a reason for."""
    result = environment.run("-m", "templates.former_nag", tmp_path)
    assert result.returncode == 0, result.stderr
    assert set(result.stdout.splitlines()) == {
        "Suppressed AwsSolutions-IAM5",
        "Suppressed AwsSolutions-L1",
    }
