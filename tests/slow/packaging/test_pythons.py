"""The Pythons that the classifiers name and this machine has, each with the newest of all that pip may take."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from packaging.version import Version

from dev.tools.distributions import COMMAND, CONSTRUCT
from dev.tools.pythons import python_of
from support.environments import DEPLOYING_TESTS, REQUIREMENTS, made

if TYPE_CHECKING:
    from collections.abc import Iterator

    from support.environments import Environment

PROJECT = CONSTRUCT.read()["project"]
NAMED = [
    each.rpartition(" ")[2]
    for each in PROJECT["classifiers"]
    if re.fullmatch(r"Programming Language :: Python :: 3\.\d+", each)
]
RUNNING = f"{sys.version_info.major}.{sys.version_info.minor}"
OTHERS = {
    version: python
    for version in sorted(NAMED, key=Version)
    if version != RUNNING and (python := python_of(version))
}
# The tests run on the Python of this environment anyway, with locked versions of all packages.
TESTED = OTHERS or {RUNNING: Path(sys.executable)}


def test_every_minor_is_named() -> None:
    """The classifiers name the lowest that pip lets in, and each that follows up to the newest."""
    minors = [int(each.removeprefix("3.")) for each in NAMED]
    assert minors == list(range(minors[0], minors[-1] + 1))
    assert PROJECT["requires-python"] == f">={NAMED[0]}"


def test_distributions_are_for_the_same_pythons() -> None:
    """The construct requires the command, so neither can be for more of them than the other."""
    command = COMMAND.read()["project"]
    assert command["requires-python"] == PROJECT["requires-python"]
    named = [each for each in PROJECT["classifiers"] if " Python :: " in each]
    assert [each for each in command["classifiers"] if " Python :: " in each] == named


@pytest.fixture(scope="module", params=TESTED)
def version(request: pytest.FixtureRequest) -> str:
    """One of the Pythons."""
    chosen: str = request.param
    return chosen


@pytest.fixture(scope="module")
def environment(version: str, wheels: list[Path]) -> Iterator[Environment]:
    """An environment as a new user gets it."""
    with made(TESTED[version], wheels) as environment:
        yield environment


@pytest.mark.network
def test_pip_takes_the_newest(environment: Environment) -> None:
    """What pip chooses is the newest of the index that the bounds let in, whatever else it needs."""
    installed = environment.installed()
    for name, requirement in REQUIREMENTS.items():
        told = environment.pip("index", "versions", name)
        (listed,) = re.findall(r"^Available versions: (.*)$", told, re.MULTILINE)
        newest = max(requirement.specifier.filter(map(Version, listed.split(", "))))
        assert installed[name] == newest, name


@pytest.mark.network
def test_all_works_on_the_newest_versions(version: str, environment: Environment) -> None:
    """
    Construct, command and function pass their own tests.

    Reading material is tested on the newest Python and, with every other test, on the oldest: a
    Python in between that reads differently from both is unlikely, and these tests are the longest.
    """
    if version == list(TESTED)[-1]:
        assert environment.test() > 2500, "many tests have been left out"
    else:
        passed = environment.test(tests=DEPLOYING_TESTS)
        assert passed > 1200, "many tests have been left out"
