"""Requests, read as a whole, within limits."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, MutableMapping

    Scope = MutableMapping[str, Any]
    Receive = Callable[[], Awaitable[Any]]

# More than any client sends in one request: a Lambda function's code has at most 50 MB (as Base64,
# 67 MB), a template 1 MB, and the CDK CLI and the AWS CLI upload large files to S3 in parts.
LARGEST_BODY = 100 * 1024 * 1024
_ALL_BODIES = 2 * LARGEST_BODY
_DISCARD_SECONDS = 30.0


class TooLargeError(Exception):
    """The body is larger than the local cloud accepts."""


class BusyError(Exception):
    """The bodies of the other requests take all the memory that there is for them."""


class DisconnectedError(Exception):
    """The client is gone."""


@dataclass(frozen=True, slots=True)
class Request:
    """
    A request.

    Attributes:
        method: The HTTP method.
        path: The path, decoded.
        raw_path: The path as it was sent.
        query: The query string as it was sent.
        headers: The headers by their names in lowercase; the values of a repeated header are joined
            with commas, as Signature Version 4 has it.
        body: The body.
    """

    method: str
    path: str
    raw_path: str
    query: str
    headers: Mapping[str, str]
    body: bytes = field(default=b"", repr=False)


def head(scope: Scope) -> Request:
    """Return a request without its body."""
    headers: dict[str, str] = {}
    for raw_name, raw_value in scope["headers"]:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("utf-8", "replace")
        headers[name] = f"{headers[name]},{value}" if name in headers else value
    return Request(
        scope["method"],
        scope["path"],
        scope["raw_path"].decode("latin-1"),
        scope["query_string"].decode("latin-1"),
        headers,
    )


class Bodies:
    """Reads the bodies of requests, and counts what they take together."""

    def __init__(self) -> None:
        self._held = 0

    @contextlib.asynccontextmanager
    async def read(
        self, request: Request, receive: Receive, *, limit: int = LARGEST_BODY
    ) -> AsyncIterator[Request]:
        """
        Read the body of a request, and hold it during the block.

        Args:
            request: The request without its body.
            receive: The way to receive it.
            limit: How many bytes it may have.

        Raises:
            TooLargeError: It has more; the rest of it isn't read.
            BusyError: There is no memory left for it; the rest of it isn't read.
            DisconnectedError: The client is gone.
        """
        # Transfer-Encoding: chunked has no length; those bodies are counted.
        if int(request.headers.get("content-length", 0)) > limit:
            raise TooLargeError
        parts: list[bytes] = []
        size = 0
        try:
            more = True
            while more:
                message = await receive()
                if message["type"] != "http.request":
                    raise DisconnectedError
                more = message.get("more_body", False)
                part = message.get("body", b"")
                if size + len(part) > limit:
                    raise TooLargeError
                if self._held + len(part) > _ALL_BODIES:
                    raise BusyError
                parts.append(part)
                size += len(part)
                self._held += len(part)
            body = b"".join(parts)
            parts.clear()
            yield replace(request, body=body)
        finally:
            self._held -= size


def again(body: bytes, receive: Receive) -> Receive:
    """Return a way to receive a body that has already been read."""
    messages = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive_again() -> object:
        return messages.pop() if messages else await receive()

    return receive_again


async def discard(receive: Receive) -> None:
    """Read the rest of a body without keeping it: most clients read no answer before they have sent it."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_DISCARD_SECONDS):
            while (await receive()).get("more_body", False):
                pass
