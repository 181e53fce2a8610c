"""Closing connections of the HTTP server without an answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypercorn.protocol.http_stream import ASGIHTTPState, HTTPStream

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable


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
