"""The errors of CloudFormation's resource handlers, as status reasons have them."""

from __future__ import annotations

import uuid

from ministack.services.cloudformation import helpers

from local_cloud.emulator.internals import function

INTERNALS = (function(helpers, "_sdk_error", "message", "service", "status", "request_id"),)


def service_error(message: str, *, service: str, status: int = 400) -> str:
    """
    Return a service's error as the SDK for Java, in which resource handlers are written, words it.

    Args:
        message: The service's message.
        service: The service, as the SDK calls it.
        status: The HTTP status.
    """
    error: str = helpers._sdk_error(message, service, status)  # noqa: SLF001 - no public way in
    return error


def failure_reason(message: str, *, service: str, kind: str, status: int = 400) -> str:
    """
    Return the status reason of a resource whose service refused a call.

    Args:
        message: The service's message.
        service: The service, as the SDK calls it.
        kind: The HandlerErrorCode.
        status: The HTTP status.
    """
    return (
        f'Resource handler returned message: "{service_error(message, service=service, status=status)}" '
        f"(RequestToken: {uuid.uuid4()}, HandlerErrorCode: {kind})"
    )
