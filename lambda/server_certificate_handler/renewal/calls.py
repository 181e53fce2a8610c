"""Call AWS, and explain its errors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from server_certificate_handler.errors import OutOfTimeError, as_sentence
from server_certificate_handler.renewal.failures import CallError

if TYPE_CHECKING:
    from collections.abc import Callable

    from server_certificate_handler.deadline import Deadline

Answer = TypeVar("Answer")

_DENIED = {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"}
_THROTTLED = {
    "RequestLimitExceeded",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
}
_SERVER_ERROR = 500
_NOT_SHARED = "no resource-based policy allows"
"""A part of the message about a resource of another account, which that account must allow."""


@dataclass(frozen=True, slots=True)
class Calls:
    """Makes calls as long as there is time."""

    deadline: Deadline

    def call(self, action: str, resource: str, call: Callable[[], Answer]) -> Answer:
        """
        Make a call.

        Args:
            action: The permission that it needs, such as ``iam:GetServerCertificate``.
            resource: What it is about, such as an ARN.
            call: The call.

        Raises:
            CallError: AWS answered with an error, or not at all.
            OutOfTimeError: The time for work is over.
        """
        self.check()
        try:
            return call()
        except ClientError as err:
            raise _explained(action, resource, err) from err
        except BotoCoreError as err:
            raise CallError(
                f"{action} on '{resource}' failed: {as_sentence(str(err))} If the function runs in a"
                " VPC, it needs a route to the service, such as a VPC endpoint.",
                code=type(err).__name__,
                is_passing=True,
            ) from err

    def check(self, **_: object) -> None:
        """
        Check that there is time for another call.

        Raises:
            OutOfTimeError: The time for work is over.
        """
        if not self.deadline.seconds:
            raise OutOfTimeError(
                "The renewal function ran out of time. The next scheduled run tries again."
            )


def _explained(action: str, resource: str, err: ClientError) -> CallError:
    code = err.response.get("Error", {}).get("Code", "Unknown")
    text = as_sentence(err.response.get("Error", {}).get("Message", ""))
    status = err.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    if code in _DENIED:
        fix = (
            f"Allow {action} for the function's role in the resource-based policy."
            if _NOT_SHARED in text
            else f"Allow {action} for the function's role, and check whether a resource-based policy,"
            " a permissions boundary or a service control policy (SCP) denies it."
        )
        message = (
            f"The renewal function isn't allowed to call {action} on '{resource}': {text} {fix}"
        )
    else:
        message = f"{action} on '{resource}' failed: {code}: {text}"
    is_passing = code in _THROTTLED or status >= _SERVER_ERROR
    return CallError(message, code=code, text=text, is_passing=is_passing)
