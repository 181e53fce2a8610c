"""Read CloudFormation events."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from server_certificate.contract.ownership import Owner
from server_certificate.contract.properties import (
    DEFAULT_NAME_PREFIX,
    Property,
    deletion_seconds,
    source_digest,
)
from server_certificate.contract.values import PropertyError
from server_certificate.rules.renewal import RENEWAL_LOSES_HOSTS
from server_certificate.secrecy import quoted
from server_certificate_handler.errors import InvalidRequestError
from server_certificate_handler.identifiers import is_certificate_id
from server_certificate_handler.kernel.desired import Desired, Previous, Request

if TYPE_CHECKING:
    from server_certificate.contract.properties import ResourceProperties

REQUIRED = ("RequestType", "ResponseURL", "StackId", "RequestId", "LogicalResourceId")
"""The fields of every request (CloudFormation user guide, custom resource request objects)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """An event, whose properties have not been parsed."""

    request: Request
    stack_id: str
    logical_id: str
    request_id: str

    physical_id: str
    """The PhysicalResourceId; empty in a Create."""

    properties: Mapping[str, object]
    old_properties: Mapping[str, object]

    @property
    def owner(self) -> Owner:
        """The resource that the event is about."""
        return Owner(stack_id=self.stack_id, logical_id=self.logical_id)

    @property
    def certificate_id(self) -> str | None:
        """The ServerCertificateId of the resource; None if it has none."""
        return self.physical_id if is_certificate_id(self.physical_id) else None

    def desired(self, properties: ResourceProperties) -> Desired:
        """Return the desired state of a Create or an Update with parsed properties."""
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
            keeps_hosts=properties.renew
            and RENEWAL_LOSES_HOSTS.code not in properties.acknowledged,
            previous=self.previous,
        )

    def removal(self) -> Desired:
        """
        Return the desired state of a Delete, even if its properties are invalid.

        Otherwise, the resource could never be deleted.
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
    def deletion_seconds(self) -> float:
        """How long a Delete waits for consumers; infinite if the properties don't say it."""
        try:
            seconds = deletion_seconds(self.properties)
        except PropertyError:
            # As for everything in a Delete: otherwise, the resource could never be deleted.
            return math.inf
        return math.inf if seconds is None else seconds

    @property
    def previous(self) -> Previous:
        """The properties of the previous template."""
        tags = self.old_properties.get(Property.TAGS)
        keys = tags if isinstance(tags, list) else []
        return Previous(
            name=_text_of(self.old_properties, Property.SERVER_CERTIFICATE_NAME),
            tag_keys=frozenset(
                str(tag["Key"]) for tag in keys if isinstance(tag, Mapping) and "Key" in tag
            ),
        )


def read_event(event: Mapping[str, Any]) -> Event:
    """
    Read an event.

    Raises:
        InvalidRequestError: Fields are missing or have the wrong type. The message lists all of
            them.
    """
    needed = [*REQUIRED]
    if event.get("RequestType") != "Create":
        needed.append("PhysicalResourceId")
    missing = [name for name in needed if not isinstance(event.get(name), str) or not event[name]]
    if missing:
        raise InvalidRequestError(
            f"The event has no {', '.join(missing)}, so it isn't a custom resource request from"
            " CloudFormation. Don't invoke the function directly."
        )
    physical_id = event.get("PhysicalResourceId")
    request_types = {each.value: each for each in Request}
    if event["RequestType"] not in request_types:
        raise InvalidRequestError(
            f"The event's RequestType is {quoted(event['RequestType'])}; it must be one of"
            f" {', '.join(request_types)}. Don't invoke the function directly."
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
    """Return a property; None if it is missing, empty, or not a string."""
    value = properties.get(key)
    return value if isinstance(value, str) and value else None


def _properties(event: Mapping[str, Any], key: str) -> Mapping[str, object]:
    value = event.get(key)
    return value if isinstance(value, Mapping) else {}
