"""
Write the bill of materials in the wheel: what the Lambda function consists of, down to OpenSSL.

A bundled package is listed with its license and with the wheels that it was unpacked from. The bills of
materials in its own wheel list what its maintainers compiled into it; those components are listed as well.
A package that is installed with the project, and not bundled, is external. The bill contains no date and
no random number: the same content gives the same bill, byte for byte.
"""

from __future__ import annotations

import hashlib
import json
import sys
import tempfile
import uuid
from dataclasses import dataclass, field
from importlib.metadata import Distribution
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cyclonedx.contrib.this.builders import this_component
from cyclonedx.model import (
    ExternalReference,
    ExternalReferenceType,
    HashAlgorithm,
    HashType,
    Property,
    XsUri,
)
from cyclonedx.model.bom import Bom, BomMetaData
from cyclonedx.model.bom_ref import BomRef
from cyclonedx.model.component import Component, ComponentScope, ComponentType
from cyclonedx.model.dependency import Dependency
from cyclonedx.model.license import LicenseAcknowledgement, LicenseExpression
from cyclonedx.model.lifecycle import LifecyclePhase, PredefinedLifecycle
from cyclonedx.model.tool import ToolRepository
from cyclonedx.output import make_outputter
from cyclonedx.schema import OutputFormat, SchemaVersion
from packageurl import PackageURL
from packaging.requirements import Requirement
from packaging.utils import parse_wheel_filename

from dev import ROOT
from dev.tools.commands import SetupError
from dev.tools.distributions import CONSTRUCT
from dev.tools.lambda_dependencies import ARCHITECTURES, LOCK, RUNTIMES, TARGET, download

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

BUILD = ROOT / "build"
BILL = BUILD / "cdk-iam-server-certificate.cdx.json"
WHEELS = BUILD / "wheels.json"
"""The wheels of a lock file with their hashes, kept so that they are fetched only once."""

CONCLUDED_LICENSES = {"crhelper": "Apache-2.0", "openssl": "Apache-2.0"}
"""
Licenses that were read from license files.

The metadata of crhelper has 'Apache2', which isn't an SPDX identifier; that of OpenSSL has no license.
"""

REQUIREMENT = "cdk-iam-server-certificate:requirement"
"""The property of an external package: its name and version bounds, as in the metadata of the wheel."""

NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "pkg:pypi/cdk-iam-server-certificate")


@dataclass(frozen=True, slots=True)
class Materials:
    """
    Components by their reference, which is their package URL, and their dependencies.

    Attributes:
        components: The components.
        needs: The references that each reference depends on.
    """

    components: dict[str, Component] = field(default_factory=dict)
    needs: dict[str, set[str]] = field(default_factory=dict)

    def add(self, component: Component, *, needs: Iterable[str] = ()) -> str:
        """Add a component, or merge it with the same one for another machine; return its reference."""
        url = component.purl
        if url is None:
            raise SetupError(f"The bill of materials: '{component.name}' has no package URL.")
        reference = PackageURL(url.type, url.namespace, url.name, url.version).to_string()
        known = self.components.setdefault(reference, component)
        known.bom_ref.value = reference
        known.properties.update(component.properties)
        known.external_references.update(component.external_references)
        self.needs.setdefault(reference, set()).update(needs)
        return reference

    def dependencies(self) -> Iterator[Dependency]:
        """Yield the dependencies in CycloneDX's form."""
        for reference, needs in self.needs.items():
            yield Dependency(BomRef(reference), [Dependency(BomRef(each)) for each in needs])


def main() -> None:
    """Write the bill, or exit with one sentence that says why it can't be written."""
    try:
        text = bill()
    except SetupError as error:
        sys.exit(str(error))
    BUILD.mkdir(exist_ok=True)
    BILL.write_text(text, "utf-8")


def bill() -> str:
    """
    Return the bill of the packages that are unpacked now.

    Raises:
        SetupError: The function's packages are not unpacked, or their wheels couldn't be fetched.
    """
    project = CONSTRUCT.read()["project"]
    materials = Materials()
    needed = {
        *(materials.add(external(Requirement(each))) for each in CONSTRUCT.requirements()),
        *bundled(materials, wheels()),
    }
    parts = list(materials.components.values())
    root = materials.add(
        Component(
            name=project["name"],
            version=project["version"],
            description=project["description"],
            licenses=[license_expression(project["license"])],
            purl=PackageURL("pypi", None, project["name"], project["version"]),
        ),
        needs=needed,
    )
    return written(
        Bom(
            metadata=BomMetaData(
                component=materials.components[root],
                lifecycles=[PredefinedLifecycle(LifecyclePhase.BUILD)],
                tools=ToolRepository(components=[this_component()]),
            ),
            components=parts,
            dependencies=materials.dependencies(),
        )
    )


def external(requirement: Requirement) -> Component:
    """Return a package that is installed with the project, in a version that the installer chooses."""
    return Component(
        name=requirement.name,
        purl=PackageURL("pypi", None, requirement.name),
        scope=ComponentScope.REQUIRED,
        is_external=True,
        properties=[Property(name=REQUIREMENT, value=str(requirement))],
    )


def bundled(materials: Materials, files: dict[str, str]) -> set[str]:
    """
    Add the packages that are unpacked for the function, and everything that is compiled into them.

    Args:
        materials: Where they are added.
        files: The wheels that they were unpacked from, with their hashes.

    Returns:
        The references of the packages.

    Raises:
        SetupError: No package is unpacked.
    """
    found = [Distribution.at(path) for path in sorted(TARGET.glob("*/*.dist-info"))]
    if not found:
        raise SetupError(f"The bill of materials: no package is in {TARGET}; run 'make setup'.")
    urls = {each.name: PackageURL("pypi", None, each.name, each.version) for each in found}
    for each in found:
        required = {Requirement(text).name for text in each.requires or ()}
        materials.add(
            Component(
                name=each.name,
                version=each.version,
                description=each.metadata["Summary"],
                scope=ComponentScope.REQUIRED,
                licenses=[license_expression(each.metadata["License-Expression"], of=each.name)],
                purl=urls[each.name],
                components=unpacked_from(each, files),
                external_references=bills(each),
            ),
            needs={
                *(urls[name].to_string() for name in required & urls.keys()),
                *compiled_into(each, materials),
            },
        )
    return {url.to_string() for url in urls.values()}


def unpacked_from(distribution: Distribution, files: dict[str, str]) -> Iterator[Component]:
    """Yield the wheels of a package, one for each machine and Python that it is compiled for."""
    for name, digest in files.items():
        if parse_wheel_filename(name)[0] == distribution.name:
            yield Component(
                type=ComponentType.FILE,
                name=name,
                bom_ref=f"file:{name}",
                hashes=[HashType(alg=HashAlgorithm.SHA_256, content=digest)],
            )


def bills(distribution: Distribution) -> Iterator[ExternalReference]:
    """Yield the bills that a package's own wheel contains, by their path in our wheel (PEP 770)."""
    for path in sboms(distribution):
        place = path.relative_to(TARGET.parent.parent).as_posix()
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        yield ExternalReference(
            type=ExternalReferenceType.BOM,
            url=XsUri(place),
            hashes=[HashType(alg=HashAlgorithm.SHA_256, content=digest)],
        )


def sboms(distribution: Distribution) -> list[Path]:
    """Return the paths of these bills."""
    return sorted(
        Path(str(distribution.locate_file(""))).glob(
            f"{distribution.name}-*.dist-info/sboms/*.json"
        )
    )


def compiled_into(distribution: Distribution, materials: Materials) -> set[str]:
    """Add the components in a package's own bills, and return the references that it needs directly."""
    direct: set[str] = set()
    for path in sboms(distribution):
        theirs: Bom = Bom.from_json(json.loads(path.read_text("utf-8")))  # type: ignore[attr-defined] # a decorator adds it
        top = theirs.metadata.component
        ours: dict[str | None, str] = {}
        for component in (*theirs.components, *([top] if top else ())):
            # The libraries and programs of a crate aren't components of their own.
            component.components.clear()
            if not component.licenses:
                component.licenses = [license_expression(None, of=component.name)]
            reference = component.bom_ref.value
            ours[reference] = materials.add(component)
        for each in theirs.dependencies:
            needs = {ours[needed.ref.value] for needed in each.dependencies}
            materials.needs[ours[each.ref.value]] |= needs
        direct |= {list(ours.values())[-1]} if top else set(ours.values())
    return direct


def license_expression(expression: str | None, *, of: str = "") -> LicenseExpression:
    """
    Return a license.

    Args:
        expression: The license that the component declares, if any.
        of: The name of the component.

    Raises:
        SetupError: The component declares none, and `CONCLUDED_LICENSES` doesn't list it.
    """
    if expression:
        return LicenseExpression(expression, acknowledgement=LicenseAcknowledgement.DECLARED)
    if of not in CONCLUDED_LICENSES:
        raise SetupError(
            f"The bill of materials: '{of}' declares no license expression. Read its license, and add"
            " it to CONCLUDED_LICENSES in dev/tools/bill_of_materials.py."
        )
    concluded = LicenseAcknowledgement.CONCLUDED
    return LicenseExpression(CONCLUDED_LICENSES[of], acknowledgement=concluded)


def wheels() -> dict[str, str]:
    """
    Return the hash of each wheel that the function's packages are unpacked from, by its name.

    Raises:
        SetupError: A wheel couldn't be fetched.
    """
    wanted = LOCK.read_bytes() + repr((ARCHITECTURES, RUNTIMES)).encode()
    key = hashlib.sha256(wanted).hexdigest()
    if WHEELS.is_file():
        known: dict[str, dict[str, str]] = json.loads(WHEELS.read_text("utf-8"))
        if key in known:
            return known[key]
    with tempfile.TemporaryDirectory() as folder:
        for machine in ARCHITECTURES.values():
            for runtime in RUNTIMES:
                python = Path(sys.executable)
                download(LOCK, machine, runtime, Path(folder), python=python, log=None)
        found = {
            path.name: hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(Path(folder).glob("*.whl"))
        }
    BUILD.mkdir(exist_ok=True)
    WHEELS.write_text(json.dumps({key: found}, indent=1), "utf-8")
    return found


def written(bom: Bom) -> str:
    """Return the bill as JSON; its serial number depends only on its content."""
    outputter = make_outputter(bom, OutputFormat.JSON, SchemaVersion.V1_7)
    document: dict[str, Any] = json.loads(outputter.output_as_string())
    del document["metadata"]["timestamp"], document["serialNumber"]
    serial = uuid.uuid5(NAMESPACE, json.dumps(document, sort_keys=True))
    return json.dumps({**document, "serialNumber": serial.urn}, indent=2, sort_keys=True) + "\n"


if __name__ == "__main__":
    main()
