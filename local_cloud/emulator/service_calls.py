"""Refuse calls before the emulator's services answer them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from types import ModuleType

    from local_cloud.emulator.internals import Answer


class ServiceCall(NamedTuple):
    """A call as the emulator passes it to a service."""

    method: str
    path: str
    headers: Mapping[str, str]
    """The headers, with names in lower case. They identify the caller, unless the query string does."""

    body: bytes
    query_params: Mapping[str, list[str]]

    @property
    def target(self) -> str:
        """The action of a service with JSON; empty for others."""
        return self.headers.get("x-amz-target", "")

    def fields(self) -> dict[str, Any]:
        """Return the fields of a service with JSON."""
        fields: dict[str, Any] = json.loads(self.body or b"{}")
        return fields


def refuse_calls(service: ModuleType, refusal_of: Callable[[ServiceCall], Answer | None]) -> None:
    """
    Ask first whether a call is refused.

    Args:
        service: The module of the service.
        refusal_of: Returns the answer that refuses a call; None if the service may answer it.
    """
    handle: Callable[..., Awaitable[Answer]] = service.handle_request

    async def handle_request(*call: Any) -> Answer:  # noqa: ANN401 - as the emulator passes them
        refused = refusal_of(ServiceCall(*call))
        return await handle(*call) if refused is None else refused

    service.handle_request = handle_request  # type: ignore[attr-defined]


def access_denied(message: str) -> Answer:
    """Return the answer of a service with JSON that denies access."""
    error = {"__type": "AccessDeniedException", "Message": message}
    return 400, {"Content-Type": "application/x-amz-json-1.1"}, json.dumps(error).encode()
