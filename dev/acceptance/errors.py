"""Errors of AWS: their code and text."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def code_of(error: ClientError) -> str:
    """Return the code on the wire, such as ``NoSuchEntity``."""
    return str(error.response.get("Error", {}).get("Code", ""))


def text_of(error: ClientError) -> str:
    """Return the message, without what boto3 adds."""
    return str(error.response.get("Error", {}).get("Message", ""))


@contextlib.contextmanager
def ignored(*codes: str) -> Iterator[None]:
    """Ignore errors with these codes."""
    try:
        yield
    except ClientError as error:
        if code_of(error) not in codes:
            raise


def refusal(call: Callable[..., Any], **parameters: Any) -> ClientError | None:  # noqa: ANN401 - boto3's parameters
    """Make a call; return the error that it ends with, None if it succeeds."""
    try:
        call(**parameters)
    except ClientError as error:
        return error
    return None


def described(error: ClientError | None) -> str:
    """Describe how a call ended."""
    return "accepted" if error is None else f"{code_of(error)}: {text_of(error)}"


def is_denied(error: ClientError | None) -> bool:
    """Whether a call was refused for a missing permission."""
    return error is not None and code_of(error) in {"AccessDenied", "AccessDeniedException"}
