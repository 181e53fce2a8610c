"""What the HTTP server has no setting for: HTTP/1.1 only, and closing connections without an answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypercorn.protocol.h11 import H11Protocol
from hypercorn.protocol.http_stream import ASGIHTTPState, HTTPStream

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable


def speak_http1_only() -> None:
    """
    Answer in HTTP/1.1, also to clients that ask for HTTP/2 during a connection.

    With HTTP/2, calls would share a connection, and abandoning one would end all of them. TLS
    negotiates none, but Hypercorn has two more ways, Upgrade and prior knowledge.
    """
    H11Protocol._check_protocol = _stay  # type: ignore[assignment, method-assign] # noqa: SLF001 - no public way in


async def _stay(*_: object) -> None:
    """Change nothing."""


def abandon(send: Callable[[Any], Awaitable[None]]) -> None:
    """
    Close the connection without an answer when the application returns.

    ASGI has no such message. Hypercorn answers for an application that doesn't, unless it believes
    that the answer is complete; then it closes the connection.

    Args:
        send: The application's way to answer, as Hypercorn gave it.

    Raises:
        TypeError: It comes from another server, or another version of Hypercorn.
    """
    stream = getattr(send, "__self__", None)
    if not isinstance(stream, HTTPStream):
        raise TypeError("The server isn't the version of Hypercorn that pyproject.toml pins.")
    stream.state = ASGIHTTPState.CLOSED
