"""Where calls arrive: they are counted, some fail, and some are for the local cloud itself."""

from __future__ import annotations

import json
import uuid
from dataclasses import replace
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from ministack import app as application
from ministack.core import iam_actions, router
from ministack.core.iam_evaluator import AuthError

from local_cloud import control
from local_cloud.callers import browser_refusal
from local_cloud.calls import Call
from local_cloud.connections import abandon
from local_cloud.emulator.calls.request_ids import request_id_in
from local_cloud.emulator.calls.requests import (
    LARGEST_BODY,
    Bodies,
    BusyError,
    DisconnectedError,
    TooLargeError,
    again,
    discard,
    head,
)
from local_cloud.emulator.functions import schedules
from local_cloud.emulator.functions.workers import kill, running_processes
from local_cloud.emulator.internals import function
from local_cloud.iam.actions import ACTIONS
from local_cloud.refusals import refusal

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, MutableMapping

    from local_cloud.emulator.calls.requests import Request
    from local_cloud.emulator.calls.signatures import Signatures
    from local_cloud.emulator.functions.workers import Workers
    from local_cloud.refusals import Protocol
    from local_cloud.switchboard import Switchboard

    Scope = MutableMapping[str, Any]
    Receive = Callable[[], Awaitable[Any]]
    Send = Callable[[Any], Awaitable[None]]
    Reply = tuple[int, str, bytes]

INTERNALS = (
    function(application, "app", "scope", "receive", "send"),
    function(
        application,
        "_credential_failure",
        *("service", "iam_action", "request_id", "denied", "headers"),
    ),
    function(application, "_routing_params", "method", "path", "headers", "body", "query_params"),
    function(
        iam_actions,
        "extract_iam_action",
        *("service", "method", "path", "headers", "body", "query_params"),
    ),
    function(router, "detect_service", "method", "path", "headers", "query_params"),
    *schedules.INTERNALS,
)

_ANSWER_PATH = "/_ministack/cfn-response/"
# Their last part is a secret that only the function, or the user of the wait condition, has.
_PATHS_WITH_TOKEN = (_ANSWER_PATH, "/_ministack/cfn-signal/")
# CloudFormation accepts 4,096 bytes, and says so about more.
_LARGEST_ANSWER = 1024 * 1024
_ROUTING_BYTES = 16 * 1024
_OWN_PATHS = (control.PATH, "/_ministack/")
_OWN_PATH_REFUSAL = (
    "This path needs the header Authorization: Bearer, followed by the secret access key that the "
    "local cloud printed when it started."
)


class Gateway:
    """An ASGI application in front of the emulator's."""

    def __init__(
        self, switchboard: Switchboard, workers: Workers, signatures: Signatures, *, port: int
    ) -> None:
        self._switchboard = switchboard
        self._workers = workers
        self._signatures = signatures
        self._port = port
        self._bodies = Bodies()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] == "lifespan":
            await application.app(scope, receive, send)
            return
        if scope["type"] != "http":
            # The emulator's WebSocket APIs check no secret.
            await send({"type": "websocket.close"})
            return
        request = head(scope)
        if (reason := browser_refusal(request.headers, self._port)) is not None:
            await _respond(send, *_plain(HTTPStatus.FORBIDDEN, reason))
            return
        limit = _LARGEST_ANSWER if _has_token(request) else LARGEST_BODY
        try:
            async with self._bodies.read(request, receive, limit=limit) as whole:
                await self._serve(whole, scope, again(whole.body, receive), send)
        except DisconnectedError:
            return
        except TooLargeError:
            text = f"The body of a request must have at most {limit} bytes."
            error = AuthError("RequestEntityTooLarge", text)
            await _respond_early(send, receive, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, request, error)
        except BusyError:
            error = AuthError(
                "ServiceUnavailable", "Too many large requests at the same time. Try again."
            )
            await _respond_early(send, receive, HTTPStatus.SERVICE_UNAVAILABLE, request, error)

    async def _serve(self, request: Request, scope: Scope, receive: Receive, send: Send) -> None:
        if (reply := self._unauthorized(request)) is not None:
            await _respond(send, *reply)
            return
        if request.path.startswith(control.PATH):
            status, content = control.control(
                *(request.method, request.path, request.query, request.body),
                *(self._switchboard, schedules.fire),
            )
            await _respond(send, status, "application/json", json.dumps(content).encode())
            return
        call = self._call_of(request)
        if call is None:
            await application.app(scope, receive, send)
            return
        match kind := self._switchboard.note(call):
            case None:
                await application.app(scope, receive, send)
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
                await application.app(scope, receive, _discard)
                if kind == "kill-after":
                    kill(processes)
                abandon(send)

    def _unauthorized(self, request: Request) -> Reply | None:
        """Return the answer to a caller who doesn't know the secret; None if they do."""
        if _has_token(request):
            return None
        if request.path.startswith(_OWN_PATHS):
            if self._signatures.names_secret(request):
                return None
            return _plain(HTTPStatus.FORBIDDEN, _OWN_PATH_REFUSAL)
        failure = self._signatures.failure(request)
        return None if failure is None else _error(request, failure)

    def _call_of(self, request: Request) -> Call | None:
        if request.method == "PUT" and request.path.startswith(_ANSWER_PATH):
            # Not signed: only the function has the URL.
            return Call("cloudformation", "Answer", from_function=True)
        if request.path.startswith("/_"):
            return None
        service, parameters = _routed(request)
        permission: str | None = iam_actions.extract_iam_action(
            service, request.method, request.path, request.headers, request.body, parameters
        )
        if permission is None:
            return None
        namespace, _, action = permission.partition(":")
        return Call(namespace, action, from_function=self._workers.sent(request.headers))


def _has_token(request: Request) -> bool:
    return request.method == "PUT" and request.path.startswith(_PATHS_WITH_TOKEN)


def _routed(request: Request) -> tuple[str, Any]:
    """Return the service of a request and its parameters, as the emulator itself reads them."""
    query = parse_qs(request.query, keep_blank_values=True)
    parameters = application._routing_params(  # noqa: SLF001 - no public way in
        request.method, request.path, request.headers, request.body, query
    )
    service = router.detect_service(request.method, request.path, request.headers, parameters)
    return service, parameters


def _plain(status: HTTPStatus, message: str) -> Reply:
    return status, "application/json", json.dumps({"message": message}).encode()


def _error(request: Request, error: AuthError) -> Reply:
    """Return an error in the service's protocol."""
    # Somebody who knows no secret must not have megabytes of parameters taken apart.
    service, parameters = _routed(replace(request, body=request.body[:_ROUTING_BYTES]))
    if parameters.get("Action", [""])[0] in ACTIONS:
        # Without a signature, the emulator knows the service by the action, but not these.
        service = "iam"
    status, headers, body = application._credential_failure(  # noqa: SLF001 - no public way in
        service, "", str(uuid.uuid4()), error, request.headers
    )
    return status, headers["Content-Type"], body


def _protocol(request: Request) -> Protocol:
    if "x-amz-target" in request.headers:
        return "json"
    if request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        return "query"
    return "rest-xml"


async def _respond_early(
    send: Send, receive: Receive, status: HTTPStatus, request: Request, error: AuthError
) -> None:
    """Answer before the body has arrived, and keep the connection until it has."""
    _, content_type, body = _error(request, error)
    await _respond(send, status, content_type, body, complete=False)
    await discard(receive)
    await send({"type": "http.response.body"})


async def _respond(
    send: Send, status: int, content_type: str, body: bytes, *, complete: bool = True
) -> None:
    headers = [
        (b"content-type", content_type.encode()),
        (b"content-length", str(len(body)).encode()),
    ]
    if (request_id := request_id_in(body)) is not None:
        headers.append((b"x-amzn-requestid", request_id.encode()))
    await send({"type": "http.response.start", "status": int(status), "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": not complete})


async def _discard(_: object) -> None:
    """Discard an answer."""
