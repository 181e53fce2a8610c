"""The wheel's metadata: what indexes show and what installers go by is what pyproject.toml declares."""

from __future__ import annotations

import email
import tomllib
from configparser import ConfigParser
from typing import TYPE_CHECKING, Any

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from trove_classifiers import classifiers

from dev import ROOT

if TYPE_CHECKING:
    from email.message import Message


@pytest.fixture(scope="module")
def metadata(content: dict[str, bytes], dist_info: str) -> Message:
    """The wheel's."""
    return email.message_from_bytes(content[f"{dist_info}/METADATA"])


@pytest.fixture(scope="module")
def project() -> dict[str, Any]:
    """What is declared."""
    declared: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))[
        "project"
    ]
    return declared


def test_names_the_project(metadata: Message, project: dict[str, Any]) -> None:
    """Name, version, summary, licence and Python are those that are declared."""
    assert metadata["Name"] == project["name"]
    assert metadata["Version"] == project["version"]
    assert metadata["Summary"] == project["description"]
    assert metadata["License-Expression"] == project["license"] == "Apache-2.0"
    assert metadata["License"] is None, "an expression and a text contradict one another (PEP 639)"
    assert SpecifierSet(metadata["Requires-Python"]) == SpecifierSet(project["requires-python"])
    links = [line.split(", ") for line in metadata.get_all("Project-URL") or []]
    assert dict(links) == project.get("urls", {})


def test_classifiers_are_known(metadata: Message, project: dict[str, Any]) -> None:
    """They are those that are declared, an index takes each of them, and none names a licence."""
    found = metadata.get_all("Classifier") or []
    assert sorted(found) == sorted(project["classifiers"])
    assert set(found) <= classifiers
    assert [each for each in found if each.startswith("License ::")] == []


def test_requirements_have_the_bounds_that_are_declared(
    metadata: Message, project: dict[str, Any]
) -> None:
    """Each has a lower bound; each but cryptography, whose majors are its minors, has an upper one."""
    found = {Requirement(each) for each in metadata.get_all("Requires-Dist") or []}
    assert found == {Requirement(each) for each in project["dependencies"]}
    operators = {each.name: {bound.operator for bound in each.specifier} for each in found}
    assert {name for name, bounds in operators.items() if bounds != {">=", "<"}} == {"cryptography"}
    assert operators["cryptography"] == {">="}


def test_readme_is_the_description(metadata: Message) -> None:
    """Indexes show it, as Markdown."""
    assert metadata["Description-Content-Type"] == "text/markdown"
    payload = metadata.get_payload(decode=True)
    assert payload == (ROOT / "README.md").read_bytes()


def test_licence_goes_along(metadata: Message, content: dict[str, bytes], dist_info: str) -> None:
    """The file that is named is there, and is the checkout's."""
    assert metadata.get_all("License-File") == ["LICENSE"]
    assert content[f"{dist_info}/licenses/LICENSE"] == (ROOT / "LICENSE").read_bytes()


def test_command_is_the_only_entry_point(
    content: dict[str, bytes], dist_info: str, project: dict[str, Any]
) -> None:
    """Installing puts one command on the path, and adds no plugin to anything."""
    parser = ConfigParser(delimiters=["="])
    parser.read_string(content[f"{dist_info}/entry_points.txt"].decode())
    assert {section: dict(parser[section]) for section in parser.sections()} == {
        "console_scripts": project["scripts"]
    }


def test_installs_anywhere(content: dict[str, bytes], dist_info: str) -> None:
    """It is for any platform, which the libraries of the function, being Linux's, don't change."""
    wheel = email.message_from_bytes(content[f"{dist_info}/WHEEL"])
    assert wheel.get_all("Tag") == ["py3-none-any"]
    assert wheel["Root-Is-Purelib"] == "true"


def test_record_lists_every_file(content: dict[str, bytes], dist_info: str) -> None:
    """Whoever uninstalls it leaves nothing behind."""
    lines = content[f"{dist_info}/RECORD"].decode().splitlines()
    assert sorted(line.split(",")[0] for line in lines) == sorted(content)
