"""The entry point of the function: ``server_certificate_handler.handler.on_event``."""

from __future__ import annotations

import gc
import logging
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from server_certificate.contract.properties import (
    DEFAULT_NAME_PREFIX,
    Property,
    parse_properties,
    source_digest,
)
from server_certificate.contract.sources import Text
from server_certificate.contract.values import PropertyError
from server_certificate_handler import connections
from server_certificate_handler.answer import CertificateResource, put
from server_certificate_handler.attributes import attributes
from server_certificate_handler.change import Change
from server_certificate_handler.deadline import Deadline
from server_certificate_handler.errors import InvalidRequestError
from server_certificate_handler.event import read_event, text_of
from server_certificate_handler.iam_store import IamStore
from server_certificate_handler.intake import Intake
from server_certificate_handler.lifecycle import Identity
from server_certificate_handler.redaction import Redactor
from server_certificate_handler.removal import Removal
from server_certificate_handler.sources.reading import read
from server_certificate_handler.stack_state import StackState

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from server_certificate.contract.sources import Part
    from server_certificate_handler.event import Event
    from server_certificate_handler.stored_certificate import StoredCertificate


class Handler:
    """
    Receives events, has them carried out, and sees to the answer.

    Args:
        client: Makes the client of a service.
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
        self._current_deadline: Deadline | None = None
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
        return self._made(self._change(read_event(event), context).create())

    def _update(self, event: Mapping[str, Any], context: Any) -> str:  # noqa: ANN401 (Lambda's)
        request = read_event(event)
        return self._made(self._change(request, context).update(request.certificate_id))

    def _delete(self, event: Mapping[str, Any], context: Any) -> str:  # noqa: ANN401 (Lambda's)
        request = read_event(event)
        deadline = self._deadline(context)
        # Whatever the properties look like: a Delete that fails for their form never ends.
        Removal(
            store=IamStore(self._client_of("iam"), deadline),
            stack=self._stack(request, deadline),
            identity=Identity(
                owner=request.owner,
                name_prefix=text_of(request.properties, Property.NAME_PREFIX)
                or DEFAULT_NAME_PREFIX,
            ),
            explicit_name=text_of(request.properties, Property.SERVER_CERTIFICATE_NAME),
            source=source_digest(request.properties),
            adopts=(text_of(request.properties, Property.ADOPT) or "").lower() == "true",
        ).delete(request.physical_id)
        return request.physical_id

    def _made(self, stored: StoredCertificate) -> str:
        self._resource.Data = attributes(stored)
        return stored.certificate_id

    def _change(self, request: Event, context: Any) -> Change:  # noqa: ANN401 (Lambda's)
        try:
            properties = parse_properties(request.properties)
        except PropertyError as err:
            raise InvalidRequestError(str(err)) from err
        deadline = self._deadline(context)
        return Change(
            store=IamStore(self._client_of("iam"), deadline),
            stack=self._stack(request, deadline),
            intake=Intake(
                properties=properties,
                read=lambda source: self._read(source, deadline),
                at=self._now(),
            ),
            owner=request.owner,
            request_id=request.request_id,
            deadline=deadline,
            properties=properties,
            former=request.former,
        )

    def _deadline(self, context: Any) -> Deadline:  # noqa: ANN401 (Lambda's)
        self._current_deadline = Deadline(context.get_remaining_time_in_millis, self._sleep)
        return self._current_deadline

    def _stack(self, request: Event, deadline: Deadline) -> StackState:
        return StackState(
            self._client_of("cloudformation"), deadline, request.stack_id, request.logical_id
        )

    def _client_of(self, service: str) -> Any:  # noqa: ANN401 (boto3's factory is typed by literal only)
        client = self._client(service)
        # The SDK tries again by itself: each of its tries must begin in time, too.
        client.meta.events.register("before-send", self._check_deadline, unique_id="deadline")
        return client

    def _check_deadline(self, **_: object) -> None:
        if self._current_deadline is not None:
            self._current_deadline.check("AWS")

    def _read(self, part: Part, deadline: Deadline) -> str | bytes:
        if isinstance(part, Text):
            return part.text
        value = read(part, client=self._client_of, deadline=deadline)
        self._redactor.hide(value)
        return value


_handler = Handler(connections.client)

# What was imported stays for good: no collection need look at it again, which takes milliseconds.
gc.freeze()


def on_event(event: Mapping[str, Any], context: Any) -> None:  # noqa: ANN401 (Lambda's)
    """Handle an event; what Lambda calls."""
    _handler(event, context)
