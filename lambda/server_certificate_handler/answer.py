"""
The answer to CloudFormation: crhelper, with what it lacks for this job.

crhelper carries the protocol. Fixed here, and nowhere else:

* it imports boto3 and builds three clients that only its polling mode uses: neither is done;
* it sleeps up to 120 s on Delete and logs the event, ResponseURL included, at its default level;
* it answers a time-out with an empty physical id, and then a second time when the work ends;
* it keeps the tail of a long reason and takes an HTTP error for delivery, or tries for ever.
"""

from __future__ import annotations

import http
import json
import logging
import os
import threading
from typing import TYPE_CHECKING, Any

import urllib3

from server_certificate_handler.connections import authorities, tls_context
from server_certificate_handler.deadline import TIMER_SECONDS
from server_certificate_handler.errors import HandlerError, InvalidRequestError
from server_certificate_handler.event import read_event
from server_certificate_handler.identifiers import NOT_CREATED
from server_certificate_handler.protocol import FAILED, CfnResource

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from server_certificate_handler.redaction import Redactor

log = logging.getLogger(__name__)

MAX_ANSWER_BYTES = 4096
"""Of the whole body (CloudFormation user guide, custom resource response objects)."""

_MIN_REASON_CHARACTERS = 200

_RETRY = urllib3.Retry(
    total=5,
    backoff_factor=0.5,
    status_forcelist=range(500, 600),
    allowed_methods=None,
    raise_on_status=False,
)


class DeliveryError(Exception):
    """The answer did not reach CloudFormation; raised out of the function so that Lambda retries."""


class CertificateResource(CfnResource):
    """
    crhelper's resource: one answer for each event, with a physical id, within CloudFormation's limits.

    Args:
        redactor: Applied to every reason.
        deliver: Sends a body to a URL; replaced in tests.
    """

    _event: Mapping[str, Any]
    _context: Any
    _response_url: str
    _timer: threading.Timer

    def __init__(
        self, redactor: Redactor, deliver: Callable[[str, bytes], None] | None = None
    ) -> None:
        self._redactor = redactor
        self._deliver = deliver or put
        self._answering = threading.Lock()
        self._answered = False
        self.undelivered: DeliveryError | None = None
        # With this set crhelper builds no clients for its polling mode, which is not used here.
        before = os.environ.get("AWS_SAM_LOCAL")
        os.environ["AWS_SAM_LOCAL"] = "1"
        try:
            super().__init__(
                json_logging=True, log_level="INFO", boto_level="WARNING", sleep_on_delete=0
            )
        finally:
            if before is None:
                del os.environ["AWS_SAM_LOCAL"]
            else:
                os.environ["AWS_SAM_LOCAL"] = before

    def __call__(self, event: Mapping[str, Any], context: Any) -> None:  # noqa: ANN401 (Lambda's)
        """Handle one event. Nothing of the event before is left, however broken this one is."""
        self._event, self._context = event, context
        self._response_url = str(event.get("ResponseURL", ""))
        self.StackId = event.get("StackId", "")
        self.RequestId = event.get("RequestId", "")
        self.LogicalResourceId = event.get("LogicalResourceId", "")
        self.PhysicalResourceId = ""
        self._answered = False
        self.undelivered = None
        try:
            read_event(event)
        except InvalidRequestError as err:
            # crhelper would answer with the name of the first missing field and nothing else.
            log.error({"decision": "fail", "reason": str(err)})  # noqa: TRY400 (explained)
            self._send(FAILED, str(err))
        else:
            super().__call__(event, context)

    def _wrap_function(self, func: Callable[[Any, Any], str] | None) -> None:
        try:
            self.PhysicalResourceId = func(self._event, self._context) if func else ""
        except HandlerError as err:
            # Explained to the user; a stack trace adds nothing.
            log.error({"decision": "fail", "error": type(err).__name__, "reason": str(err)})  # noqa: TRY400
            self.Status, self.Reason = FAILED, str(err)
        except Exception as err:
            log.exception({"decision": "fail", "error": type(err).__name__})
            self.Status = FAILED
            self.Reason = f"Unexpected {type(err).__name__}: {err} (a defect of the function; its log has the trace)"

    def _set_timeout(self) -> None:
        seconds = self._context.get_remaining_time_in_millis() / 1000 - TIMER_SECONDS
        self._timer = threading.Timer(max(seconds, 0.1), self._timeout)
        self._timer.daemon = True
        self._timer.start()

    def _timeout(self) -> None:
        log.error({"decision": "fail", "error": "time-out"})
        self._send(
            FAILED,
            "The function ran out of time before its work was done; its log says what it waited for.",
        )

    def generate_physical_id(self, event: Mapping[str, Any]) -> str:
        """Return the id of a Create that made nothing; a later Delete knows by it what to look for."""
        return f"{NOT_CREATED}{event.get('RequestId', '')}"

    def _send(
        self,
        status: str | None = None,
        reason: str = "",
        send_response: object = None,  # noqa: ARG002 (crhelper's signature)
    ) -> None:
        # Held until the answer is out: a function that returned before would be frozen in the act.
        with self._answering:
            if not self._answered:
                self._answered = True
                self._answer(status or self.Status, reason or str(self.Reason))

    def _answer(self, status: str, reason: str) -> None:
        failed = status == FAILED
        physical_id = self._event.get("PhysicalResourceId") if failed else None
        body = compose(
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
        try:
            self._deliver(self._response_url, body)
        except DeliveryError as err:
            log.error({"decision": "not delivered", "reason": str(err)})  # noqa: TRY400 (the trace may hold the URL)
            self.undelivered = err


def compose(envelope: Mapping[str, str], *, reason: str, data: Mapping[str, str]) -> bytes:
    """
    Write the body of an answer, at most 4,096 bytes.

    What is too long gives way from its end: first the reason, then the longest attribute. The
    cause stands at the head of a reason, and that is what stays.
    """
    reason, data = reason or "See the function's log.", dict(data)
    while True:
        body = json.dumps({**envelope, "Reason": reason, "Data": data}).encode()
        excess = len(body) - MAX_ANSWER_BYTES
        if excess <= 0:
            return body
        if len(reason) > _MIN_REASON_CHARACTERS:
            keep = max(_MIN_REASON_CHARACTERS, len(reason) - max(excess, 4))
            reason = reason[: keep - 2].rstrip() + " …"
        else:
            longest = max(data, key=lambda key: len(data[key]))
            data[longest] = data[longest][: max(0, len(data[longest]) - excess - 8)]


def put(url: str, body: bytes) -> None:
    """
    PUT an answer to a presigned URL, with retries on connection errors and 5xx.

    Raises:
        DeliveryError: It did not arrive. The message does not hold the URL.
    """
    if not url:
        raise DeliveryError("The answer could not be sent: the event has no ResponseURL.")
    pool = urllib3.PoolManager(
        timeout=urllib3.Timeout(connect=5, read=10),
        ssl_context=tls_context(),
        cert_reqs="CERT_REQUIRED",
        ca_certs=authorities(),
    )
    try:
        response = pool.request("PUT", url, body=body, headers={"Content-Type": ""}, retries=_RETRY)
    except (urllib3.exceptions.HTTPError, ValueError) as err:
        raise DeliveryError(
            f"The answer could not be sent to CloudFormation ({type(err).__name__})."
            " A function in a VPC needs a way to S3."
        ) from None
    if response.status >= http.HTTPStatus.MULTIPLE_CHOICES:
        raise DeliveryError(
            f"CloudFormation's bucket refused the answer with HTTP status {response.status}."
        )
