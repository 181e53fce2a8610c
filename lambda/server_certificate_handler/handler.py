"""The entry point of the function: ``server_certificate_handler.handler.on_event``."""

from __future__ import annotations

import functools
import logging
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from server_certificate.resource_contract import (
    Property,
    PropertyError,
    Text,
    parse_properties,
)
from server_certificate.tags import Owner
from server_certificate_handler import sources
from server_certificate_handler.answer import CertificateResource, put
from server_certificate_handler.attributes import attributes
from server_certificate_handler.change import Change
from server_certificate_handler.deadline import Deadline
from server_certificate_handler.errors import InvalidRequestError
from server_certificate_handler.iam_store import IamStore
from server_certificate_handler.redaction import Redactor
from server_certificate_handler.removal import Removal
from server_certificate_handler.stack_status import occasion

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from server_certificate.resource_contract import Secret
    from server_certificate_handler.stored_certificate import StoredCertificate


class Handler:
    """
    Receives events, has them carried out, and sees to the answer.

    Args:
        client: Makes the boto3 client of a service.
        deliver: Sends an answer to its ResponseURL.
        now: Tells the time, which certificates are judged at.
        sleep: Waits for seconds.
    """

    def __init__(
        self,
        client: Callable[[str], Any],
        deliver: Callable[[str, bytes], None] = put,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._client = client
        self._now = now
        self._sleep = sleep
        self._redactor = Redactor()
        self._resource = CertificateResource(self._redactor, deliver)
        self._resource.create(self._create)
        self._resource.update(self._update)
        self._resource.delete(self._delete)

    def __call__(self, event: Mapping[str, Any], context: Any) -> None:  # noqa: ANN401 (Lambda's)
        """
        Handle one event of CloudFormation and answer it.

        Raises:
            DeliveryError: The answer did not arrive; Lambda delivers the event again, and the
                work is found done.
        """
        self._redactor.forget()
        self._redactor.hide(str(event.get("ResponseURL", "")))
        for log_handler in logging.getLogger().handlers:
            log_handler.addFilter(self._redactor)
        self._resource(event, context)
        if self._resource.undelivered:
            raise self._resource.undelivered

    def _create(self, event: Mapping[str, Any], context: Any) -> str:  # noqa: ANN401 (Lambda's)
        return self._made(self._change(event, context, former={}).create())

    def _update(self, event: Mapping[str, Any], context: Any) -> str:  # noqa: ANN401 (Lambda's)
        former = event.get("OldResourceProperties", {})
        change = self._change(event, context, former=former)
        former_name = _string(former, Property.SERVER_CERTIFICATE_NAME)
        return self._made(change.update(event["PhysicalResourceId"], former_name=former_name))

    def _delete(self, event: Mapping[str, Any], context: Any) -> str:  # noqa: ANN401 (Lambda's)
        # Whatever the properties look like: a Delete that fails for their form never ends.
        properties = event.get("ResourceProperties", {})
        physical_id = str(event["PhysicalResourceId"])
        Removal(
            store=self._store(context),
            occasion=lambda: occasion(
                event["StackId"], cloudformation=self._client("cloudformation")
            ),
            owner=_owner(event),
            explicit_name=_string(properties, Property.SERVER_CERTIFICATE_NAME),
            name_prefix=_string(properties, Property.NAME_PREFIX),
        ).delete(physical_id)
        return physical_id

    def _made(self, stored: StoredCertificate) -> str:
        self._resource.Data = attributes(stored)
        return stored.certificate_id

    def _change(
        self,
        event: Mapping[str, Any],
        context: Any,  # noqa: ANN401 (Lambda's)
        *,
        former: Mapping[str, object],
    ) -> Change:
        try:
            properties = parse_properties(event["ResourceProperties"])
        except PropertyError as err:
            raise InvalidRequestError(str(err)) from err
        return Change(
            store=self._store(context),
            read=lambda source: self._read(source, self._deadline(context)),
            owner=_owner(event),
            request_id=event["RequestId"],
            deadline=self._deadline(context),
            at=self._now(),
            properties=properties,
            former_tag_keys=_tag_keys(former),
        )

    def _deadline(self, context: Any) -> Deadline:  # noqa: ANN401 (Lambda's)
        return Deadline(context.get_remaining_time_in_millis, self._sleep)

    def _store(self, context: Any) -> IamStore:  # noqa: ANN401 (Lambda's)
        return IamStore(self._client("iam"), self._deadline(context))

    def _read(self, source: Text | Secret, deadline: Deadline) -> str | bytes:
        if isinstance(source, Text):
            return source.text
        client = self._client("secretsmanager")
        value = sources.read(source, secrets_manager=client, deadline=deadline)
        self._redactor.hide(value)
        return value


@functools.cache
def boto3_client(service: str) -> Any:  # noqa: ANN401 (boto3's factory is typed by literal only)
    """Make the client of a service, once for the life of the function's sandbox."""
    # Imported when needed: an event that is refused needs no client, and each costs start-up time.
    import boto3  # noqa: PLC0415
    from botocore.config import Config  # noqa: PLC0415

    config = Config(
        retries={"mode": "standard", "total_max_attempts": 8}, connect_timeout=5, read_timeout=30
    )
    return boto3.client(service, config=config)  # type: ignore[call-overload]


_handler = Handler(boto3_client)


def on_event(event: Mapping[str, Any], context: Any) -> None:  # noqa: ANN401 (Lambda's)
    """Handle an event; what Lambda calls."""
    _handler(event, context)


def _owner(event: Mapping[str, Any]) -> Owner:
    return Owner(stack_id=event["StackId"], logical_id=event["LogicalResourceId"])


def _string(properties: Mapping[str, object], key: Property) -> str | None:
    value = properties.get(key)
    return value if isinstance(value, str) and value else None


def _tag_keys(properties: Mapping[str, object]) -> frozenset[str]:
    tags = properties.get(Property.TAGS)
    if not isinstance(tags, list):
        return frozenset()
    return frozenset(str(tag["Key"]) for tag in tags if isinstance(tag, dict) and "Key" in tag)
