"""Where calls arrive: they are counted, some fail, and some are for the local cloud itself."""

from __future__ import annotations

import json
import uuid
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from ministack import app as application
from ministack.core import iam_actions, router

from local_cloud import control
from local_cloud.calls import Call
from local_cloud.connections import abandon
from local_cloud.emulator.internals import function
from local_cloud.emulator.request_ids import request_id_in
from local_cloud.emulator.workers import kill, running_processes
from local_cloud.refusals import refusal

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, MutableMapping

    from local_cloud.emulator.workers import Workers
    from local_cloud.refusals import Protocol
    from local_cloud.switchboard import Switchboard

    Scope = MutableMapping[str, Any]
    Receive = Callable[[], Awaitable[Any]]
    Send = Callable[[Any], Awaitable[None]]

INTERNALS = (
    function(application, "app", "scope", "receive", "send"),
    function(application, "_routing_params", "method", "path", "headers", "body", "query_params"),
    function(
        iam_actions,
        "extract_iam_action",
        *("service", "method", "path", "headers", "body", "query_params"),
    ),
    function(router, "detect_service", "method", "path", "headers", "query_params"),
)

_ANSWER_PATH = "/_ministack/cfn-response/"


@dataclass(frozen=True, slots=True)
class _Request:
    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes


class Gateway:
    """An ASGI application in front of the emulator's."""

    def __init__(self, switchboard: Switchboard, workers: Workers) -> None:
        self._switchboard = switchboard
        self._workers = workers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await application.app(scope, receive, send)
            return
        request, receive_again = await _read(scope, receive)
        if request.path.startswith(control.PATH):
            status, content = control.control(
                request.method, request.path, request.query, request.body, self._switchboard
            )
            await _respond(send, status, "application/json", json.dumps(content).encode())
            return
        call = self._call_of(request)
        if call is None:
            await application.app(scope, receive_again, send)
            return
        match kind := self._switchboard.note(call):
            case None:
                await application.app(scope, receive_again, send)
            case "throttle" | "refuse" | "fail":
                answer = refusal(kind, _protocol(request), call, request_id=str(uuid.uuid4()))
                await _respond(send, answer.status, answer.content_type, answer.body)
            case "reset" | "kill":
                if kind == "kill":
                    kill(running_processes())
                abandon(send)
            case "lose-answer" | "kill-after":
                # Not the functions that this call has started.
                processes = running_processes()
                await application.app(scope, receive_again, _discard)
                if kind == "kill-after":
                    kill(processes)
                abandon(send)

    def _call_of(self, request: _Request) -> Call | None:
        if request.method == "PUT" and request.path.startswith(_ANSWER_PATH):
            # Not signed: only the function has the URL.
            return Call("cloudformation", "Answer", from_function=True)
        if request.path.startswith("/_"):
            return None
        query_params = parse_qs(request.query, keep_blank_values=True)
        parameters = application._routing_params(  # noqa: SLF001 - as the emulator itself reads it
            request.method, request.path, request.headers, request.body, query_params
        )
        service = router.detect_service(request.method, request.path, request.headers, parameters)
        permission: str | None = iam_actions.extract_iam_action(
            service, request.method, request.path, request.headers, request.body, parameters
        )
        if permission is None:
            return None
        namespace, _, action = permission.partition(":")
        return Call(namespace, action, from_function=self._workers.sent(request.headers))


def _protocol(request: _Request) -> Protocol:
    if "x-amz-target" in request.headers:
        return "json"
    if request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        return "query"
    return "rest-xml"


async def _read(scope: Scope, receive: Receive) -> tuple[_Request, Receive]:
    """Read a whole request; return it, and a way for the emulator to read it again."""
    messages: deque[Any] = deque()
    more = True
    while more:
        messages.append(await receive())
        more = messages[-1]["type"] == "http.request" and messages[-1].get("more_body", False)

    request = _Request(
        scope["method"],
        scope["path"],
        scope["query_string"].decode("latin-1"),
        {
            name.decode("latin-1").lower(): value.decode("latin-1")
            for name, value in scope["headers"]
        },
        b"".join(message.get("body", b"") for message in messages),
    )

    async def receive_again() -> object:
        return messages.popleft() if messages else await receive()

    return request, receive_again


async def _respond(send: Send, status: int, content_type: str, body: bytes) -> None:
    headers = [
        (b"content-type", content_type.encode()),
        (b"content-length", str(len(body)).encode()),
    ]
    if (request_id := request_id_in(body)) is not None:
        headers.append((b"x-amzn-requestid", request_id.encode()))
    await send({"type": "http.response.start", "status": int(status), "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _discard(_: object) -> None:
    """Discard an answer."""
