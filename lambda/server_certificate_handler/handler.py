"""The entry point of the function: ``server_certificate_handler.handler.on_event``."""

from __future__ import annotations

import functools
import logging
from typing import TYPE_CHECKING, Any

from server_certificate.fingerprint import sha256_fingerprint
from server_certificate.resource_contract import (
    Attribute,
    Property,
    PropertyError,
    ResourceProperties,
    Secret,
    Text,
    parse_properties,
)
from server_certificate.subject_names import dns_names
from server_certificate.tags import Owner
from server_certificate_handler import sources
from server_certificate_handler.answer import CertificateResource
from server_certificate_handler.change import Change
from server_certificate_handler.deadline import Deadline
from server_certificate_handler.errors import InvalidRequestError
from server_certificate_handler.iam_store import IamStore
from server_certificate_handler.redaction import Redactor
from server_certificate_handler.removal import Removal

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from server_certificate_handler.iam_store import StoredCertificate

redactor = Redactor()
resource = CertificateResource(redactor)


def on_event(event: dict[str, Any], context: Any) -> None:  # noqa: ANN401 (Lambda's)
    """
    Handle one event of CloudFormation and answer it.

    Raises:
        DeliveryError: The answer did not arrive; Lambda delivers the event again, and the work
            is found done.
    """
    redactor.forget()
    redactor.hide(str(event.get("ResponseURL", "")))
    for handler in logging.getLogger().handlers:
        if redactor not in handler.filters:
            handler.addFilter(redactor)
    resource(event, context)
    if resource.undelivered:
        raise resource.undelivered


@resource.create
def create(event: Mapping[str, Any], context: Any) -> str:  # noqa: ANN401 (Lambda's)
    """Answer a Create with the id of the certificate that it made."""
    return _answered(_change(event, context, _properties(event["ResourceProperties"])).create())


@resource.update
def update(event: Mapping[str, Any], context: Any) -> str:  # noqa: ANN401 (Lambda's)
    """Answer an Update with the same id, or another when the content is another."""
    former = event.get("OldResourceProperties", {})
    change = _change(
        event, context, _properties(event["ResourceProperties"]), former_tags=_former_tags(former)
    )
    return _answered(
        change.update(
            event["PhysicalResourceId"], former_name=_name(former, Property.SERVER_CERTIFICATE_NAME)
        )
    )


@resource.delete
def delete(event: Mapping[str, Any], context: Any) -> str:  # noqa: ANN401 (Lambda's)
    """Answer a Delete; it works with properties of any shape, because it must."""
    properties = event.get("ResourceProperties", {})
    physical_id = str(event["PhysicalResourceId"])
    Removal(
        store=_store(),
        owner=_owner(event),
        deadline=Deadline(context.get_remaining_time_in_millis),
        explicit_name=_name(properties, Property.SERVER_CERTIFICATE_NAME),
        name_prefix=_name(properties, Property.NAME_PREFIX),
    ).delete(physical_id)
    return physical_id


def attributes(stored: StoredCertificate) -> dict[str, str]:
    """Return what ``Fn::GetAtt`` gives: strings only, as CloudFormation wants them."""
    if stored.public is None:
        raise InvalidRequestError(f"IAM holds no X.509 certificate under '{stored.name}'.")
    leaf = stored.public.certificate
    return {
        Attribute.ARN: stored.arn,
        Attribute.SERVER_CERTIFICATE_ID: stored.certificate_id,
        Attribute.SERVER_CERTIFICATE_NAME: stored.name,
        Attribute.PATH: stored.path,
        Attribute.EXPIRATION: _instant(leaf.not_valid_after_utc),
        Attribute.UPLOAD_DATE: _instant(stored.upload_date) if stored.upload_date else "",
        Attribute.NOT_BEFORE: _instant(leaf.not_valid_before_utc),
        Attribute.FINGERPRINT: sha256_fingerprint(leaf),
        Attribute.SUBJECT_ALTERNATIVE_NAMES: ",".join(dns_names(leaf)),
    }


def _answered(stored: StoredCertificate) -> str:
    resource.Data = attributes(stored)
    return stored.certificate_id


def _change(
    event: Mapping[str, Any],
    context: Any,  # noqa: ANN401 (Lambda's)
    properties: ResourceProperties,
    *,
    former_tags: Mapping[str, str] | None = None,
) -> Change:
    return Change(
        store=_store(),
        read=_read,
        owner=_owner(event),
        request_id=event["RequestId"],
        deadline=Deadline(context.get_remaining_time_in_millis),
        properties=properties,
        former_tags=former_tags or {},
    )


def _read(source: Text | Secret) -> str:
    if isinstance(source, Text):
        return source.text
    value = sources.read(source, secrets_manager=_client("secretsmanager"))
    redactor.hide(value)
    return value


def _properties(properties: Mapping[str, object]) -> ResourceProperties:
    try:
        return parse_properties(properties)
    except PropertyError as err:
        raise InvalidRequestError(str(err)) from err


def _former_tags(properties: Mapping[str, object]) -> Mapping[str, str]:
    tags = properties.get(Property.TAGS)
    if not isinstance(tags, list):
        return {}
    return {tag["Key"]: "" for tag in tags if isinstance(tag, dict) and "Key" in tag}


def _name(properties: Mapping[str, object], key: Property) -> str | None:
    value = properties.get(key)
    return value if isinstance(value, str) and value else None


def _owner(event: Mapping[str, Any]) -> Owner:
    return Owner(stack_id=event["StackId"], logical_id=event["LogicalResourceId"])


def _store() -> IamStore:
    return IamStore(_client("iam"))


@functools.cache
def _client(service: str) -> Any:  # noqa: ANN401 (boto3's factory is typed by literal only)
    # Imported when needed: an event that is refused needs no client, and each costs start-up time.
    import boto3  # noqa: PLC0415
    from botocore.config import Config  # noqa: PLC0415

    config = Config(
        retries={"mode": "standard", "total_max_attempts": 8}, connect_timeout=5, read_timeout=30
    )
    return boto3.client(service, config=config)  # type: ignore[call-overload]


def _instant(instant: datetime) -> str:
    return instant.strftime("%Y-%m-%dT%H:%M:%SZ")
