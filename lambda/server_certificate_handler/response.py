"""
The response to CloudFormation, based on crhelper.

crhelper implements the protocol. This module works around the following:

* It imports boto3 and creates three clients that only its polling mode uses.
* It sleeps up to 120 s on Delete, and logs the event with its ResponseURL at the default level.
* It responds to a time-out in a thread, which a busy interpreter blocks, with an empty physical ID,
  and responds a second time when the work ends.
* It uses the IDs of an event as formats of log records, and fails at a percent sign.
* It keeps the end of a long reason, and treats HTTP errors as delivered or retries forever.
"""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from server_certificate_handler.deadline import TIMER_SECONDS
from server_certificate_handler.delivery import DeliveryError, put
from server_certificate_handler.errors import HandlerError, InvalidRequestError
from server_certificate_handler.event import read_event
from server_certificate_handler.identifiers import NOT_CREATED
from server_certificate_handler.sdk_quirks import FAILED, CfnResource, set_up
from server_certificate_handler.watchdog import NoWatchdog, start_watchdog

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from server_certificate_handler.event import Event
    from server_certificate_handler.redaction import Redactor
    from server_certificate_handler.watchdog import Watch

log = logging.getLogger(__name__)

MAX_ANSWER_BYTES = 4096
"""The limit of the body (CloudFormation user guide, custom resource response objects)."""

_MAX_PHYSICAL_ID_BYTES, _MAX_ID_BYTES = 1024, 512
"""The limits of the IDs. CloudFormation accepts 1 KB for the first, and sends far shorter others."""

_MIN_REASON_BYTES = 400
"""The bytes reserved for the reason if the attributes are long."""

_IDS = ("StackId", "RequestId", "LogicalResourceId")
"""The fields of the event that the response repeats."""

_OUT_OF_TIME = (
    "The function ran out of time before its work was done. See the function's log for the last"
    " step."
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of a successful event."""

    physical_id: str
    data: Mapping[str, str] = field(default_factory=dict)
    """The attributes for ``Fn::GetAtt``."""


class Responder(CfnResource):
    """
    A crhelper resource that sends one response per event within CloudFormation's limits.

    Args:
        work: Processes an event. The message of its exception becomes the reason.
        redactor: Applied to every reason.
        deliver: Sends a body to a URL.
        watch: Starts a watchdog that responds after some seconds unless it is canceled.
    """

    _request: Event
    _watch: Watch

    def __init__(
        self,
        work: Callable[[Event, Any], Outcome],
        redactor: Redactor,
        deliver: Callable[[str, bytes], None] = put,
        *,
        watch: Callable[[float, Callable[[], None]], Watch] = start_watchdog,
    ) -> None:
        self._work = work
        self._redactor = redactor
        self._deliver = deliver
        self._start_watch = watch
        self._answered = False
        self.undelivered: DeliveryError | None = None
        set_up(self, json_logging=True, log_level="INFO", boto_level="WARNING", sleep_on_delete=0)

    def __call__(self, event: Mapping[str, Any], context: Any) -> None:  # noqa: ANN401 (Lambda's)
        """Process one event. No state of the previous event is kept, even if this one is malformed."""
        self._event, self._context = event, context
        self._response_url = _text(event, "ResponseURL")
        self.StackId, self.RequestId, self.LogicalResourceId = (_text(event, key) for key in _IDS)
        self.PhysicalResourceId = ""
        self._answered = False
        self.undelivered = None
        self._watch = NoWatchdog()
        try:
            self._request = read_event(event)
        except InvalidRequestError as err:
            # crhelper would respond with the name of the first missing field only.
            self._log_setup(event, context)
            log.error({"decision": "fail", "reason": str(err)})  # noqa: TRY400 (the message explains it)
            self._send(FAILED, str(err))
            return
        seconds = context.get_remaining_time_in_millis() / 1000 - TIMER_SECONDS
        body = self._body(FAILED, _OUT_OF_TIME)
        self._watch = self._start_watch(max(seconds, 0.1), lambda: self._time_out(body))
        try:
            super().__call__(event, context)
        finally:
            # For exceptions that crhelper doesn't handle.
            self._send(
                FAILED,
                "The function ended before its work was done. See the function's log"
                " for the cause.",
            )

    def _log_setup(self, event: Mapping[str, Any], context: Any) -> None:  # noqa: ANN401 (Lambda's)
        shown = {key: _text(event, key).replace("%", "%%") for key in ("RequestType", *_IDS)}
        super()._log_setup(shown, context)  # type: ignore[misc]

    def _get_func(self) -> None:
        """Return nothing, because there is one callable for all request types."""

    def _wrap_function(self, func: None) -> None:  # noqa: ARG002 (crhelper's signature)
        try:
            outcome = self._work(self._request, self._context)
            self.PhysicalResourceId, self.Data = outcome.physical_id, dict(outcome.data)
        except HandlerError as err:
            # The message explains it, so a stack trace adds nothing.
            log.error({"decision": "fail", "error": type(err).__name__, "reason": str(err)})  # noqa: TRY400
            self.Status, self.Reason = FAILED, str(err)
        except Exception as err:
            log.exception({"decision": "fail", "error": type(err).__name__})
            self.Status = FAILED
            self.Reason = (
                f"Internal error: {type(err).__name__}: {err} (See the stack trace in the"
                " function's log.)"
            )

    def _set_timeout(self) -> None:
        """Do nothing, because the watchdog is already running."""

    def _cfn_response(self, event: Mapping[str, Any]) -> None:  # noqa: ARG002 (crhelper's signature)
        self._send()

    def _wait_for_cwlogs(self, sleep: object = None) -> None:
        """Do nothing, because log lines are written immediately."""

    def _time_out(self, body: bytes) -> None:
        log.error({"decision": "fail", "error": "time-out"})
        self._deliver(self._response_url, body)

    def generate_physical_id(self, event: Mapping[str, Any]) -> str:
        """Return the physical ID of a failed Create, which a later Delete recognizes."""
        return f"{NOT_CREATED}{_text(event, 'RequestId')}"

    def _send(
        self,
        status: str | None = None,
        reason: str = "",
        send_response: object = None,  # noqa: ARG002 (crhelper's signature)
    ) -> None:
        if self._answered:
            return
        outcome = (self.Status, str(self.Reason)) if status is None else (status, reason)
        body = self._body(*outcome)
        self._answered = True
        try:
            if self._watch.cancel():
                self._deliver(self._response_url, body)
        except DeliveryError as err:
            log.error({"decision": "not delivered", "reason": str(err)})  # noqa: TRY400 (the trace may hold the URL)
            self.undelivered = err

    def _body(self, status: str, reason: str) -> bytes:
        failed = status == FAILED
        physical_id = _text(self._event, "PhysicalResourceId") if failed else ""
        return compose(
            {
                "Status": status,
                "PhysicalResourceId": physical_id
                or self.PhysicalResourceId
                or self.generate_physical_id(self._event),
                "StackId": self.StackId,
                "RequestId": self.RequestId,
                "LogicalResourceId": self.LogicalResourceId,
            },
            reason=self._redactor.redact(reason),
            data={} if failed else self.Data,
        )


def compose(envelope: Mapping[str, object], *, reason: str, data: Mapping[str, object]) -> bytes:
    """
    Return the body of a response: only strings, and at most 4,096 bytes.

    Long values are truncated at the end: the longest attributes first, then the reason, whose cause
    is at the start.
    """
    reason = reason or "See the function's log."
    ids = {
        key: _cut(
            _text(envelope, key),
            _MAX_PHYSICAL_ID_BYTES if key == "PhysicalResourceId" else _MAX_ID_BYTES,
        )
        for key in envelope
    }
    room = MAX_ANSWER_BYTES - _size({**ids, "Reason": "", "Data": {}})
    attributes = _shortened(data, room - min(_size(reason), _MIN_REASON_BYTES))
    body = {**ids, "Reason": "", "Data": attributes}
    return _json({**body, "Reason": _cut(reason, MAX_ANSWER_BYTES - _size(body))})


def _shortened(data: Mapping[str, object], room: int) -> dict[str, str]:
    """Return attributes that fit into a number of bytes, and truncate the longest ones."""
    texts = {key: value for key, value in data.items() if isinstance(value, str)}
    names: list[str] = []
    for name in sorted(texts, key=lambda name: len(texts[name])):
        room -= _size(name) + len(': "", ')
        if room < 0:
            break
        names.append(name)
    room = max(room, 0)
    kept: dict[str, str] = {}
    for name in names:
        kept[name] = _cut(texts[name], room)
        room -= _size(kept[name]) - len('""')
    return kept


def _cut(text: str, room: int) -> str:
    """Truncate a text so that its JSON fits into a number of bytes."""
    if _size(text) - len('""') <= room:
        return text
    mark = " …"
    room -= _size(mark) - len('""')
    if room < 0:
        return ""
    length = 0
    for character in text:
        room -= _size(character) - len('""')
        if room < 0:
            break
        length += 1
    return text[:length].rstrip() + mark


def _text(values: Mapping[str, object], key: str) -> str:
    """Return a value if it is a string, or else an empty string."""
    value = values.get(key)
    return value if isinstance(value, str) else ""


def _size(value: object) -> int:
    return len(_json(value))


def _json(value: object) -> bytes:
    return json.dumps(value).encode()
