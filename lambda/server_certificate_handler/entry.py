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
from server_certificate_handler.sources.reading import read
from server_certificate_handler.stack import StackReader
from server_certificate_handler.watchdog import watched

if TYPE_CHECKING:
    from collections.abc import Callable

    from server_certificate.contract.sources import Part
    from server_certificate_handler.event import Event
    from server_certificate_handler.watchdog import Watch


class Handler:
    """
    Receives events, has them carried out, and sees to the answer.

    Args:
        client: Makes the client of a service.
        deliver: Sends an answer to its ResponseURL.
        now: Tells the time that certificates are checked at.
        sleep: Waits for seconds.
        watch: Has an answer sent after some seconds, unless it is called off before.
    """

    def __init__(
        self,
        client: Callable[[str], Any],
        deliver: Callable[[str, bytes], None] = put,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        sleep: Callable[[float], None] = time.sleep,
        watch: Callable[[float, Callable[[], None]], Watch] = watched,
    ) -> None:
        self._client = client
        self._now = now
        self._sleep = sleep
        self._deadline: Deadline | None = None
        self._redactor = Redactor()
        self._responder = Responder(self._work, self._redactor, deliver, watch=watch)

    def __call__(self, event: Mapping[str, Any], context: Any) -> None:  # noqa: ANN401 (Lambda's)
        """
        Handle one event of CloudFormation and answer it.

        Raises:
            DeliveryError: The answer did not arrive; Lambda delivers the event again, and the
                work is found done.
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
        """Carry an event out."""
        deadline = Deadline(context.get_remaining_time_in_millis, self._sleep)
        self._deadline = deadline
        iam = IamStore(self._client_of("iam"), deadline)
        stack = StackReader(self._client_of("cloudformation"), deadline, event.stack_id)
        if event.request is Request.DELETE:
            Run(iam=iam, stack=stack, deadline=deadline, material=None).carry_out(event.removal())
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
        assert stored is not None  # noqa: S101 (only a Delete leaves none)
        return Outcome(stored.certificate_id, attributes(stored))

    def _client_of(self, service: str) -> Any:  # noqa: ANN401 (boto3's factory is typed by literal only)
        client = self._client(service)
        # The SDK tries again by itself: each of its tries must begin in time, too.
        client.meta.events.register("before-send", self._check_deadline, unique_id="deadline")
        return client

    def _check_deadline(self, **_: object) -> None:
        if self._deadline is not None:
            self._deadline.check("AWS")

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
