"""One request id for each call: the header of an answer has the id in its body."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ministack import app as application

from local_cloud.emulator.internals import SERVICE_PARAMETERS, function

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from local_cloud.emulator.internals import Answer

INTERNALS = (function(application, "_dispatch_service_request", *SERVICE_PARAMETERS, "request_id"),)

# The end of an answer in the query protocol.
_IN_BODY = re.compile(rb"<RequestId>([^<]+)</RequestId>\s*(?:</ResponseMetadata>\s*)?</\w+>\s*\Z")
_HEADERS = ("x-amzn-requestid", "x-amz-request-id")


class RequestIds:
    """Corrects the header, for which the emulator invents another id."""

    def __init__(self) -> None:
        self._dispatch: Callable[..., Awaitable[Answer]] = application._dispatch_service_request  # noqa: SLF001 - no public way in
        application._dispatch_service_request = self._dispatch_request  # noqa: SLF001 - the same

    async def _dispatch_request(self, *call: object) -> Answer:
        status, headers, body = await self._dispatch(*call)
        request_id = request_id_in(body)
        if request_id is not None:
            headers = {**headers, **dict.fromkeys(_HEADERS, request_id)}
        return status, headers, body


def request_id_in(body: object) -> str | None:
    """Return the request id at the end of an answer in the query protocol; None for other answers."""
    found = _IN_BODY.search(body[-200:]) if isinstance(body, bytes) else None
    return found[1].decode() if found else None
