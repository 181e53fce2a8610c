"""Connections of the HTTP server that are closed without an answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypercorn.protocol.http_stream import ASGIHTTPState, HTTPStream

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable


def abandon(send: Callable[[Any], Awaitable[None]]) -> None:
    """
    Let the server close the connection when the application returns, without an answer.

    ASGI has no way to say so. Hypercorn answers for an application that didn't, unless it takes
    the answer for complete, and then closes the connection, as the answer wasn't.

    Args:
        send: The application's way to answer, as Hypercorn gave it.

    Raises:
        TypeError: Another server gave it, or another version of this one.
    """
    stream = getattr(send, "__self__", None)
    if not isinstance(stream, HTTPStream):
        raise TypeError("The HTTP server isn't the Hypercorn that pyproject.toml pins.")
    stream.state = ASGIHTTPState.CLOSED
