"""The entry point of the function: ``server_certificate_handler.entry.on_event``."""

from __future__ import annotations

import gc
import logging
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from server_certificate.contract.properties import parse_properties
from server_certificate.contract.sources import Text
from server_certificate.contract.values import PropertyError
from server_certificate_handler import connections
from server_certificate_handler.attributes import attributes
from server_certificate_handler.deadline import Deadline
from server_certificate_handler.delivery import put
from server_certificate_handler.errors import InvalidRequestError
from server_certificate_handler.iam import IamStore
from server_certificate_handler.kernel.desired import Request
from server_certificate_handler.material_reader import MaterialReader
from server_certificate_handler.redaction import Redactor
from server_certificate_handler.response import Outcome, Responder
from server_certificate_handler.run import Run
from server_certificate_handler.sources.content import SourceContent
from server_certificate_handler.sources.reading import read
from server_certificate_handler.stack import StackReader
from server_certificate_handler.watchdog import start_watchdog

if TYPE_CHECKING:
    from collections.abc import Callable

    from server_certificate.contract.sources import Part
    from server_certificate_handler.event import Event
    from server_certificate_handler.watchdog import Watch


class Handler:
    """
    Receives events, processes them, and sends the responses.

    Args:
        client: Creates the client of a service, in the function's Region or another one.
        deliver: Sends a response to its ResponseURL.
        now: Returns the time to check certificates at.
        sleep: Waits for a number of seconds.
        watch: Starts a watchdog that responds after some seconds unless it is canceled.
    """

    def __init__(
        self,
        client: Callable[..., Any],
        deliver: Callable[[str, bytes], None] = put,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        sleep: Callable[[float], None] = time.sleep,
        watch: Callable[[float, Callable[[], None]], Watch] = start_watchdog,
    ) -> None:
        self._client = client
        self._now = now
        self._sleep = sleep
        self._deadline: Deadline | None = None
        self._redactor = Redactor()
        self._responder = Responder(self._work, self._redactor, deliver, watch=watch)

    def __call__(self, event: Mapping[str, Any], context: Any) -> None:  # noqa: ANN401 (Lambda's)
        """
        Process one CloudFormation event, and respond to it.

        Raises:
            DeliveryError: The response did not arrive. Lambda delivers the event again, and the
                retry finds the work done.
        """
        if not isinstance(event, Mapping):
            event = {}
        self._redactor.forget()
        self._redactor.hide(str(event.get("ResponseURL", "")))
        for log_handler in logging.getLogger().handlers:
            log_handler.addFilter(self._redactor)
        self._responder(event, context)
        if self._responder.undelivered:
            raise self._responder.undelivered

    def _work(self, event: Event, context: Any) -> Outcome:  # noqa: ANN401 (Lambda's)
        """Process an event."""
        deadline = Deadline(context.get_remaining_time_in_millis, self._sleep)
        self._deadline = deadline
        iam = IamStore(self._client_of("iam"), deadline)
        stack = StackReader(self._client_of("cloudformation"), deadline, event.stack_id)
        if event.request is Request.DELETE:
            Run(
                iam=iam,
                stack=stack,
                deadline=deadline,
                material=None,
                deletion_seconds=event.deletion_seconds,
            ).carry_out(event.removal())
            return Outcome(event.physical_id)
        try:
            properties = parse_properties(event.properties)
        except PropertyError as err:
            raise InvalidRequestError(str(err)) from err
        material = MaterialReader(
            properties=properties,
            read=lambda source: self._read(source, deadline),
            at=self._now(),
        )
        material.check_names()
        run = Run(
            iam=iam,
            stack=stack,
            deadline=deadline,
            material=material,
            propagation_seconds=properties.propagation_seconds,
        )
        stored = run.carry_out(event.desired(properties))
        assert stored is not None  # noqa: S101 (only a Delete returns None)
        return Outcome(stored.certificate_id, attributes(stored))

    def _client_of(self, service: str, *region: str) -> Any:  # noqa: ANN401 (boto3's factory is typed by literal only)
        client = self._client(service, *region)
        # The SDK retries on its own, and each of its attempts must begin in time, too.
        client.meta.events.register("before-send", self._check_deadline, unique_id="deadline")
        return client

    def _check_deadline(self, **_: object) -> None:
        if self._deadline is not None:
            self._deadline.check("AWS")

    def _read(self, part: Part, deadline: Deadline) -> SourceContent:
        if isinstance(part, Text):
            return SourceContent(part.text)
        content = read(part, client=self._client_of, deadline=deadline)
        self._redactor.hide(content.value)
        return content


_handler = Handler(connections.client)

# Exclude imported objects from garbage collection, which saves milliseconds.
gc.freeze()


def on_event(event: Mapping[str, Any], context: Any) -> None:  # noqa: ANN401 (Lambda's)
    """Process an event. This is the function's handler."""
    _handler(event, context)
