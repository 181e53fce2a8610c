"""The metadata of both wheels: what indexes show and installers go by is what pyproject.toml declares."""

from __future__ import annotations

import email
import re
from configparser import ConfigParser
from typing import TYPE_CHECKING, Any

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from trove_classifiers import classifiers

from dev.tools.distributions import COMMAND, CONSTRUCT, DISTRIBUTIONS, version
from dev.tools.metadata_hook import index_page
from support.wheels import content_of, dist_info_of, metadata_of

if TYPE_CHECKING:
    from email.message import Message
    from pathlib import Path

    from dev.tools.distributions import Distribution


@pytest.fixture(scope="module", params=DISTRIBUTIONS, ids=lambda each: each.name)
def distribution(request: pytest.FixtureRequest) -> Distribution:
    """The distribution that the wheel is of."""
    chosen: Distribution = request.param
    return chosen


@pytest.fixture(scope="module")
def installed(distribution: Distribution, wheels: list[Path]) -> dict[str, bytes]:
    """The content of its wheel."""
    return content_of(wheels[DISTRIBUTIONS.index(distribution)])


@pytest.fixture(scope="module")
def metadata(installed: dict[str, bytes]) -> Message:
    """The wheel's."""
    return metadata_of(installed)


@pytest.fixture(scope="module")
def project(distribution: Distribution) -> dict[str, Any]:
    """What is declared."""
    declared: dict[str, Any] = distribution.read()["project"]
    return declared


def test_names_the_project(metadata: Message, project: dict[str, Any]) -> None:
    """Name, version, summary, license and Python are those that are declared."""
    assert metadata["Name"] == project["name"]
    assert metadata["Version"] == version()
    assert metadata["Summary"] == project["description"]
    assert metadata["License-Expression"] == project["license"] == "Apache-2.0"
    assert metadata["License"] is None, "an expression and a text contradict one another (PEP 639)"
    assert SpecifierSet(metadata["Requires-Python"]) == SpecifierSet(project["requires-python"])
    links = [line.split(", ") for line in metadata.get_all("Project-URL") or []]
    assert dict(links) == project.get("urls", {})


def test_classifiers_are_known(metadata: Message, project: dict[str, Any]) -> None:
    """They are those that are declared, an index takes each of them, and none names a license."""
    found = metadata.get_all("Classifier") or []
    assert sorted(found) == sorted(project["classifiers"])
    assert set(found) <= classifiers
    assert [each for each in found if each.startswith("License ::")] == []


def test_requirements_are_those_that_are_declared(
    metadata: Message, distribution: Distribution
) -> None:
    """Those of each extra are, too."""
    declared = {Requirement(each) for each in distribution.requirements()}
    for extra, requirements in distribution.extras().items():
        declared |= {Requirement(f"{each} ; extra == '{extra}'") for each in requirements}
    assert {Requirement(each) for each in metadata.get_all("Requires-Dist") or []} == declared
    assert metadata.get_all("Provides-Extra") == [*distribution.extras()] == ["cli"]


def test_requirements_have_no_upper_bound(metadata: Message) -> None:
    """Each requirement has only a lower bound, except our own command, released with the construct."""
    for each in map(Requirement, metadata.get_all("Requires-Dist") or []):
        bounds = str(each.specifier)
        if each.name == COMMAND.name:
            assert bounds == f"=={version()}"
        else:
            assert [bound.operator for bound in each.specifier] == [">="], each


def test_synthesis_needs_nothing_of_the_command(wheels: list[Path]) -> None:
    """Without the extra, neither boto3 nor click nor rich is installed."""
    required = {
        Requirement(each).name
        for wheel in wheels
        for each in metadata_of(content_of(wheel)).get_all("Requires-Dist") or []
        if "extra ==" not in each
    }
    assert required == {
        "aws-cdk-lib",
        "constructs",
        "cryptography",
        "iam-server-certificate",
        "jsii",
    }


def test_command_needs_no_cdk(command_content: dict[str, bytes]) -> None:
    """Neither the command nor its extra requires aws-cdk-lib."""
    required = metadata_of(command_content).get_all("Requires-Dist") or []
    assert {Requirement(each).name for each in required} == {
        *("boto3", "click", "cryptography", "pyopenssl", "rich")
    }


def test_readme_is_the_description(metadata: Message, distribution: Distribution) -> None:
    """The description is the README, in Markdown, without links that an index page doesn't have."""
    assert metadata["Description-Content-Type"] == "text/markdown"
    payload = metadata.get_payload(decode=True)
    assert isinstance(payload, bytes)
    readme = (distribution.folder / "README.md").read_text("utf-8")
    assert payload.decode() == index_page(readme)
    assert re.findall(r"\]\((?!https?:)[^)]*\)", payload.decode()) == []


def test_license_is_included(
    metadata: Message, installed: dict[str, bytes], distribution: Distribution
) -> None:
    """The wheel contains the license file that it names, the same in both distributions."""
    assert metadata.get_all("License-File") == ["LICENSE"]
    text = installed[f"{dist_info_of(installed)}/licenses/LICENSE"]
    assert text == (distribution.folder / "LICENSE").read_bytes()
    assert text == (CONSTRUCT.folder / "LICENSE").read_bytes()


def test_command_is_the_only_entry_point(
    installed: dict[str, bytes], distribution: Distribution, project: dict[str, Any]
) -> None:
    """One distribution installs one command; neither registers a plugin."""
    declared = installed.get(f"{dist_info_of(installed)}/entry_points.txt", b"")
    assert bool(declared) == (distribution == COMMAND)
    parser = ConfigParser(delimiters=["="])
    parser.read_string(declared.decode())
    found = {section: dict(parser[section]) for section in parser.sections()}
    assert found.get("console_scripts", {}) == project.get("scripts", {})
    assert found.keys() <= {"console_scripts"}


def test_installs_anywhere(installed: dict[str, bytes]) -> None:
    """The wheel is for any platform, although the function's libraries are for Linux."""
    wheel = email.message_from_bytes(installed[f"{dist_info_of(installed)}/WHEEL"])
    assert wheel.get_all("Tag") == ["py3-none-any"]
    assert wheel["Root-Is-Purelib"] == "true"


def test_record_lists_every_file(installed: dict[str, bytes]) -> None:
    """Uninstalling removes every file."""
    lines = installed[f"{dist_info_of(installed)}/RECORD"].decode().splitlines()
    assert sorted(line.split(",")[0] for line in lines) == sorted(installed)
