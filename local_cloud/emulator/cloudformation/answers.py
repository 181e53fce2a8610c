"""
What CloudFormation makes of a custom resource's answer.

The fields are those of the CloudFormation User Guide, "Custom resource response objects". The texts
are status reasons of stacks on AWS, except those that are marked as inferred.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

LONGEST_ANSWER = 4096
LONGEST_PHYSICAL_ID = 1024

_COPIED = ("RequestId", "StackId", "LogicalResourceId")

_TOO_LONG = "Response object is too long."
_NO_OBJECT = "Invalid Response object: not a JSON object"  # inferred
_INVALID_ID = "Invalid PhysicalResourceId"
_NO_REASON = "Invalid Response object: Reason is required if Status is FAILED"  # inferred
_INVALID_DATA = "Value of property Data must be an object with String (or simple type) properties"


@dataclass(frozen=True, slots=True)
class Success:
    """
    The event succeeded.

    Attributes:
        physical_id: The id of the resource.
        attributes: The values for ``Fn::GetAtt``.
        no_echo: Whether the values are masked where CloudFormation shows them.
    """

    physical_id: str
    attributes: dict[str, Any] = field(default_factory=dict)
    no_echo: bool = False


@dataclass(frozen=True, slots=True)
class Failure:
    """
    The event failed.

    Attributes:
        reason: The status reason of the resource.
        physical_id: The id of the resource; empty if there is no valid one.
    """

    reason: str
    physical_id: str = ""


class ForeignAnswerError(Exception):
    """The answer isn't one to this request; the message says what differs."""


class _RefusedError(Exception):
    """CloudFormation refuses the answer; the message is the status reason."""


def read_answer(body: bytes, request: Mapping[str, Any]) -> Success | Failure:
    """
    Read what a custom resource sent to the URL of a request.

    Raises:
        ForeignAnswerError: It names another request, another stack or another resource.
    """
    physical_id = ""
    try:
        answer = _object_in(body)
        _check_copied(answer, request)
        status = _status_of(answer)
        # Also if Status is FAILED: its Reason is lost then.
        physical_id = _physical_id_of(answer)
        if status == "FAILED":
            return Failure(failed(_reason_of(answer), request["RequestId"]), physical_id)
        return Success(
            physical_id,
            _attributes_in(answer),
            no_echo=_text(answer.get("NoEcho", False)) == "true",
        )
    except _RefusedError as refused:
        return Failure(str(refused), physical_id)


def failed(reason: str, request_id: str) -> str:
    """Return the status reason of a resource whose function answered that it failed."""
    return (
        "Received response status [FAILED] from custom resource. "
        f"Message returned: {reason} (RequestId: {request_id})"
    )


def timed_out(request_id: str) -> str:
    """Return the status reason of a resource whose function didn't answer in time."""
    return (
        "CloudFormation did not receive a response from your Custom Resource. "
        f"Please check your logs for requestId [{request_id}]. If you are using the Python "
        "cfn-response module, you may need to update your Lambda function code so that "
        "CloudFormation can attach the updated version."
    )


def missing_attribute(name: str, stack_id: str, logical_id: str, request_id: str) -> str:
    """Return the status reason of what needs an attribute that wasn't in the answer."""
    return (
        f"CustomResource attribute error: Vendor response doesn't contain {name} attribute "
        f"in object {stack_id}|{logical_id}|{request_id}"
    )


def _object_in(body: bytes) -> dict[str, Any]:
    if len(body) > LONGEST_ANSWER:
        raise _RefusedError(_TOO_LONG)
    try:
        answer = json.loads(body)
    except ValueError:
        answer = None
    if not isinstance(answer, dict):
        raise _RefusedError(_NO_OBJECT)
    return answer


def _check_copied(answer: Mapping[str, Any], request: Mapping[str, Any]) -> None:
    for name in _COPIED:
        if answer.get(name) != request[name]:
            raise ForeignAnswerError(
                f"{name} is {answer.get(name)!r} in the answer and {request[name]!r} in the request"
            )


def _status_of(answer: Mapping[str, Any]) -> str:
    status: str | None = answer.get("Status")
    if status not in ("SUCCESS", "FAILED"):
        raise _RefusedError(f"Invalid Response object: '{status}' is not a valid ResponseStatus")
    return status


def _physical_id_of(answer: Mapping[str, Any]) -> str:
    value = answer.get("PhysicalResourceId")
    # The limit is documented; its text is inferred.
    if not isinstance(value, str) or not 0 < len(value.encode()) <= LONGEST_PHYSICAL_ID:
        raise _RefusedError(_INVALID_ID)
    return value


def _reason_of(answer: Mapping[str, Any]) -> str:
    reason = answer.get("Reason")
    if not reason:
        raise _RefusedError(_NO_REASON)
    return str(reason)


def _attributes_in(answer: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values for Fn::GetAtt as CloudFormation has them."""
    data = answer.get("Data") or {}
    # Lists are accepted, because templates pass them to properties that are lists.
    if not isinstance(data, dict) or any(isinstance(value, dict) for value in data.values()):
        raise _RefusedError(_INVALID_DATA)
    return {
        name: [_text(item) for item in value] if isinstance(value, list) else _text(value)
        for name, value in data.items()
        if value is not None
    }


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
