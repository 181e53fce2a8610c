"""An event of CloudFormation, read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from server_certificate.contract.ownership import Owner
from server_certificate.contract.properties import DEFAULT_NAME_PREFIX, Property, source_digest
from server_certificate.secrecy import quoted
from server_certificate_handler.errors import InvalidRequestError
from server_certificate_handler.identifiers import is_certificate_id
from server_certificate_handler.kernel.desired import Desired, Former, Request

if TYPE_CHECKING:
    from server_certificate.contract.properties import ResourceProperties

REQUIRED = ("RequestType", "ResponseURL", "StackId", "RequestId", "LogicalResourceId")
"""What every request has (CloudFormation user guide, custom resource request objects)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """What an event tells, apart from what its properties mean."""

    request: Request
    stack_id: str
    logical_id: str
    request_id: str

    physical_id: str
    """PhysicalResourceId; empty in a Create."""

    properties: Mapping[str, object]
    old_properties: Mapping[str, object]

    @property
    def owner(self) -> Owner:
        """The resource that it is about."""
        return Owner(stack_id=self.stack_id, logical_id=self.logical_id)

    @property
    def certificate_id(self) -> str | None:
        """ServerCertificateId that the resource holds; None when it holds none."""
        return self.physical_id if is_certificate_id(self.physical_id) else None

    def desired(self, properties: ResourceProperties) -> Desired:
        """Return what a Create or an Update asks for, with its properties read."""
        return Desired(
            request=self.request,
            request_id=self.request_id,
            owner=self.owner,
            certificate_id=self.certificate_id,
            name=properties.name,
            name_prefix=properties.name_prefix,
            path=properties.path,
            tags=properties.tags,
            source=properties.source_digest,
            retain=properties.retain,
            adopts=properties.adopt,
            former=self.former,
        )

    def removal(self) -> Desired:
        """
        Return what a Delete asks for, whatever its properties look like.

        A Delete that failed for their form would never end.
        """
        return Desired(
            request=Request.DELETE,
            request_id=self.request_id,
            owner=self.owner,
            certificate_id=self.certificate_id,
            name=_text_of(self.properties, Property.SERVER_CERTIFICATE_NAME),
            name_prefix=_text_of(self.properties, Property.NAME_PREFIX) or DEFAULT_NAME_PREFIX,
            source=source_digest(self.properties),
            adopts=str(self.properties.get(Property.ADOPT)).lower() == "true",
        )

    @property
    def former(self) -> Former:
        """What the template before declared."""
        tags = self.old_properties.get(Property.TAGS)
        keys = tags if isinstance(tags, list) else []
        return Former(
            name=_text_of(self.old_properties, Property.SERVER_CERTIFICATE_NAME),
            tag_keys=frozenset(
                str(tag["Key"]) for tag in keys if isinstance(tag, Mapping) and "Key" in tag
            ),
        )


def read_event(event: Mapping[str, Any]) -> Event:
    """
    Read an event.

    Raises:
        InvalidRequestError: A field is missing or has the wrong type; names all of them.
    """
    needed = [*REQUIRED]
    if event.get("RequestType") != "Create":
        needed.append("PhysicalResourceId")
    missing = [name for name in needed if not isinstance(event.get(name), str) or not event[name]]
    if missing:
        raise InvalidRequestError(
            f"The event lacks {', '.join(missing)}: it is not a custom resource request from CloudFormation."
            " Don't invoke the function by hand."
        )
    physical_id = event.get("PhysicalResourceId")
    request_types = {each.value: each for each in Request}
    if event["RequestType"] not in request_types:
        raise InvalidRequestError(
            f"The event's RequestType is {quoted(event['RequestType'])}; it must be one of {', '.join(request_types)}."
            " Don't invoke the function by hand."
        )
    return Event(
        request=request_types[event["RequestType"]],
        stack_id=event["StackId"],
        logical_id=event["LogicalResourceId"],
        request_id=event["RequestId"],
        physical_id=physical_id if isinstance(physical_id, str) else "",
        properties=_properties(event, "ResourceProperties"),
        old_properties=_properties(event, "OldResourceProperties"),
    )


def _text_of(properties: Mapping[str, object], key: Property) -> str | None:
    """Return a property that is a text; None when it is missing, empty, or something else."""
    value = properties.get(key)
    return value if isinstance(value, str) and value else None


def _properties(event: Mapping[str, Any], key: str) -> Mapping[str, object]:
    value = event.get(key)
    return value if isinstance(value, Mapping) else {}
