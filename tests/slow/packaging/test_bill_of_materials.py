"""The bill of materials in the wheel is valid, complete, correct and reproducible."""

from __future__ import annotations

import email
import hashlib
import json
import os
import subprocess
import sys
import uuid
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.backends.openssl import backend
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from dev import ROOT
from dev.tools import bill_of_materials
from dev.tools.commands import SetupError
from dev.tools.distributions import version
from dev.tools.lambda_dependencies import ARCHITECTURES, LOCK, RUNTIMES, requirement

if TYPE_CHECKING:
    from email.message import Message
    from pathlib import Path

    Component = dict[str, Any]


@pytest.fixture(scope="module")
def text(content: dict[str, bytes], dist_info: str) -> bytes:
    """The bill as it is in the wheel, at the path that PEP 770 specifies."""
    return content[f"{dist_info}/sboms/cdk-iam-server-certificate.cdx.json"]


@pytest.fixture(scope="module")
def bill(text: bytes) -> dict[str, Any]:
    """The parsed bill."""
    read: dict[str, Any] = json.loads(text)
    return read


@pytest.fixture(scope="module")
def components(bill: dict[str, Any]) -> dict[str, Component]:
    """Its components, by reference."""
    return {each["bom-ref"]: each for each in bill["components"]}


@pytest.fixture(scope="module")
def carried(content: dict[str, bytes]) -> dict[PurePosixPath, Message]:
    """The metadata of each bundled package, by its folder."""
    found = (PurePosixPath(name) for name in content if name.endswith(".dist-info/METADATA"))
    return {
        path.parent: email.message_from_bytes(content[str(path)])
        for path in found
        if len(path.parts) > 2
    }


def packages(components: dict[str, Component]) -> dict[str, Component]:
    """Return the Python packages that are part of the wheel, by name."""
    return {
        each["name"]: each
        for each in components.values()
        if each["purl"].startswith("pkg:pypi/") and not each.get("isExternal")
    }


def test_is_valid(text: bytes) -> None:
    """CycloneDX's own schema accepts the bill, which has no unknown field."""
    assert JsonStrictValidator(SchemaVersion.V1_7).validate_str(text.decode()) is None


def test_schema_is_strict(bill: dict[str, Any]) -> None:
    """The schema rejects an unknown field."""
    validator = JsonStrictValidator(SchemaVersion.V1_7)
    assert validator.validate_str(json.dumps({**bill, "unknown": 1})) is not None


@pytest.mark.parametrize("seed", ["1", "2"])
def test_is_the_same_every_time(seed: str, text: bytes) -> None:
    """Another process, in which sets have another order, gives the same bill, byte for byte."""
    program = "import sys; from dev.tools.bill_of_materials import bill; sys.stdout.write(bill())"
    written = subprocess.run(
        [sys.executable, "-c", program],
        check=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": seed},
        capture_output=True,
    ).stdout
    assert written == text


def test_serial_number_is_of_the_content(bill: dict[str, Any]) -> None:
    """The bill has no date, and its serial number is computed from the rest of it."""
    rest = {key: value for key, value in bill.items() if key != "serialNumber"}
    assert "timestamp" not in bill["metadata"]
    number = uuid.uuid5(bill_of_materials.NAMESPACE, json.dumps(rest, sort_keys=True))
    assert bill["serialNumber"] == number.urn


def test_is_about_the_project(bill: dict[str, Any]) -> None:
    """The top component is the wheel's project."""
    top = bill["metadata"]["component"]
    assert top["purl"] == f"pkg:pypi/cdk-iam-server-certificate@{version()}"
    assert top["licenses"] == [{"expression": "Apache-2.0", "acknowledgement": "declared"}]


def test_lists_exactly_the_bundled_packages(
    components: dict[str, Component], carried: dict[PurePosixPath, Message]
) -> None:
    """The bill lists exactly the packages in the wheel, with their versions, for both architectures."""
    listed = {(each["name"], each["version"]) for each in packages(components).values()}
    for architecture in ARCHITECTURES:
        assert listed == {
            (metadata["Name"], metadata["Version"])
            for folder, metadata in carried.items()
            if folder.parent.name == architecture
        }
    assert len(carried) == len(listed) * len(ARCHITECTURES) > 0
    for name, each in packages(components).items():
        assert each["purl"] == each["bom-ref"] == f"pkg:pypi/{name}@{each['version']}"


def test_licenses_are_those_of_the_packages(
    components: dict[str, Component],
    carried: dict[PurePosixPath, Message],
    content: dict[str, bytes],
) -> None:
    """The license is the one that a package declares, or else the one in its license file."""
    for folder, metadata in carried.items():
        (listed,) = packages(components)[metadata["Name"]]["licenses"]
        if declared := metadata["License-Expression"]:
            assert listed == {"expression": declared, "acknowledgement": "declared"}
        else:
            text = b" ".join(content[f"{folder}/LICENSE"].split())
            assert text.startswith(b"Apache License Version 2.0, January 2004")
            assert listed == {"expression": "Apache-2.0", "acknowledgement": "concluded"}


def test_license_files_are_in_the_wheel(
    carried: dict[PurePosixPath, Message], content: dict[str, bytes]
) -> None:
    """Each package is bundled with the license files that it names."""
    for folder, metadata in carried.items():
        files = metadata.get_all("License-File")
        assert files
        for file in files:
            assert {f"{folder}/{file}", f"{folder}/licenses/{file}"} & content.keys()


def test_everything_has_a_license(components: dict[str, Component]) -> None:
    """Each component in the wheel has a license."""
    parts = [each for each in components.values() if not each.get("isExternal")]
    assert [each["name"] for each in parts if not each["licenses"]] == []


def test_files_are_those_of_the_lock(components: dict[str, Component]) -> None:
    """Each unpacked wheel has a hash from the lock file, and each architecture has its wheels."""
    lock = LOCK.read_text("utf-8")
    for name, each in packages(components).items():
        allowed = requirement(name, lock)
        for file in each["components"]:
            ((algorithm, digest),) = ((its["alg"], its["content"]) for its in file["hashes"])
            assert algorithm == "SHA-256"
            assert f"--hash=sha256:{digest}" in allowed
            assert file["name"].startswith(f"{name}-{each['version']}-")
        names = " ".join(file["name"] for file in each["components"])
        assert "-any.whl" in names or all(machine in names for machine in ARCHITECTURES.values())
    per_runtime = [
        file["name"].split("-")[2] for file in packages(components)["cffi"]["components"]
    ]
    assert sorted(per_runtime) == sorted(2 * [f"cp{each.replace('.', '')}" for each in RUNTIMES])


def test_openssl_is_the_one_in_the_library(
    components: dict[str, Component], content: dict[str, bytes]
) -> None:
    """The version is the one in both libraries, and the one that this Python's library reports."""
    (version,) = (
        each["version"]
        for each in components.values()
        if each["purl"].startswith("pkg:generic/openssl@")
    )
    libraries = [octets for name, octets in content.items() if name.endswith("/_rust.abi3.so")]
    assert len(libraries) == len(ARCHITECTURES)
    for library in libraries:
        assert f"OpenSSL {version} ".encode() in library
    assert backend.openssl_version_text().startswith(f"OpenSSL {version} ")


def test_includes_the_bills_of_cryptography(
    components: dict[str, Component], content: dict[str, bytes]
) -> None:
    """Each component in cryptography's own bills is listed, and these bills are referenced by hash."""
    references = components_of_type(packages(components)["cryptography"], "bom")
    theirs = {name for name in content if "/cryptography-" in name and "/sboms/" in name}
    assert {each["url"] for each in references} == theirs
    assert len(theirs) == 2 * len(ARCHITECTURES)
    listed = {(each["name"], each.get("version")) for each in components.values()}
    for each in references:
        text = content[each["url"]]
        assert each["hashes"] == [{"alg": "SHA-256", "content": hashlib.sha256(text).hexdigest()}]
        makers = json.loads(text)
        named = [*makers["components"], *filter(None, [makers["metadata"].get("component")])]
        assert named
        assert {(part["name"], part["version"]) for part in named} <= listed


def components_of_type(component: Component, kind: str) -> list[dict[str, Any]]:
    """Return the external references of a kind."""
    return [each for each in component["externalReferences"] if each["type"] == kind]


def test_what_is_installed_with_it_is_external(
    components: dict[str, Component], content: dict[str, bytes], dist_info: str
) -> None:
    """Exactly the requirements are external; they are listed with their bounds, without a version."""
    metadata = email.message_from_bytes(content[f"{dist_info}/METADATA"])
    required = metadata.get_all("Requires-Dist") or ()
    requirements = {
        each["properties"][0]["value"]: each
        for each in components.values()
        if each.get("isExternal")
    }
    assert requirements.keys() == {each for each in required if "extra ==" not in each}
    assert [each for each in requirements.values() if "version" in each] == []


def test_everything_is_needed_by_something(
    bill: dict[str, Any], components: dict[str, Component]
) -> None:
    """The project depends, directly or indirectly, on exactly the listed components."""
    needs = {each["ref"]: each.get("dependsOn", []) for each in bill["dependencies"]}
    top = bill["metadata"]["component"]["bom-ref"]

    def reached(reference: str, seen: set[str]) -> set[str]:
        seen.add(reference)
        for each in needs[reference]:
            if each not in seen:
                reached(each, seen)
        return seen

    assert reached(top, set()) == {top, *components}
    carried = packages(components)
    assert carried["cffi"]["bom-ref"] in needs[carried["cryptography"]["bom-ref"]]


def test_unknown_license_stops_the_build() -> None:
    """The message names the package, and the place to add the license after reading it."""
    with pytest.raises(SetupError, match=r"'other' declares no license .* CONCLUDED_LICENSES"):
        bill_of_materials.license_expression(None, of="other")


def test_missing_packages_stop_the_build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No bill is written if no package is unpacked."""
    monkeypatch.setattr(bill_of_materials, "TARGET", tmp_path)
    with pytest.raises(SetupError, match=r"no package is in .*; run 'make setup'"):
        bill_of_materials.bill()
