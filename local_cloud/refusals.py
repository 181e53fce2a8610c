"""The errors of AWS services that throttle, deny or fail, each in its own protocol."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from local_cloud.calls import Call

Protocol = Literal["query", "json", "rest-xml"]
RefusalKind = Literal["throttle", "refuse", "fail"]

_SERVER_ERROR = 500


@dataclass(frozen=True, slots=True)
class Refusal:
    """An error answer."""

    status: int
    content_type: str
    body: bytes


# Code, HTTP status and text. Query: IAM API Reference, "Common Errors"; JSON: Secrets Manager and
# Systems Manager; REST: Amazon S3 API Reference, "Error responses".
_ERRORS: dict[tuple[Protocol, RefusalKind], tuple[str, int, str]] = {
    ("query", "throttle"): ("Throttling", 400, "Rate exceeded"),
    ("query", "refuse"): ("AccessDenied", 403, ""),
    ("query", "fail"): ("ServiceFailure", 500, "The request processing has failed."),
    ("json", "throttle"): ("ThrottlingException", 400, "Rate exceeded"),
    ("json", "refuse"): ("AccessDeniedException", 400, ""),
    ("json", "fail"): ("InternalServiceError", 500, "An error occurred on the server side."),
    ("rest-xml", "throttle"): ("SlowDown", 503, "Please reduce your request rate."),
    ("rest-xml", "refuse"): ("AccessDenied", 403, ""),
    ("rest-xml", "fail"): ("InternalError", 500, "We encountered an internal error."),
}


def refusal(kind: RefusalKind, protocol: Protocol, call: Call, *, request_id: str) -> Refusal:
    """
    Write the answer to a call that is throttled, denied or fails.

    Args:
        kind: Which of these.
        protocol: The service's protocol.
        call: The call.
        request_id: The request id in the answer.
    """
    code, status, text = _ERRORS[protocol, kind]
    permission = f"{call.service}:{call.action}"
    text = text or (
        f"User: arn:aws:sts::000000000000:assumed-role/somebody/session is not authorized to "
        f"perform: {permission} because no identity-based policy allows the {permission} action"
    )
    if protocol == "json":
        body = json.dumps({"__type": code, "message": text})
        return Refusal(status, "application/x-amz-json-1.1", body.encode())
    error = f"<Code>{code}</Code><Message>{text}</Message>"
    if protocol == "query":
        kind_of_error = "Sender" if status < _SERVER_ERROR else "Receiver"
        body = (
            f"<ErrorResponse><Error><Type>{kind_of_error}</Type>{error}</Error>"
            f"<RequestId>{request_id}</RequestId></ErrorResponse>"
        )
        return Refusal(status, "text/xml", body.encode())
    body = f"<Error>{error}<RequestId>{request_id}</RequestId></Error>"
    return Refusal(status, "application/xml", body.encode())
