"""
The emulator ministack, extended: the only module that knows its insides.

Everything it reaches into is checked before it is used, so that another version of the emulator
fails at start-up with a sentence rather than later with a riddle.
"""

from __future__ import annotations

import inspect
import re
import uuid
from typing import TYPE_CHECKING, Any

from ministack import app as application
from ministack.core import responses
from ministack.services import alb, cloudfront, iam

from local_cloud.iam.actions import ACTIONS, answer
from local_cloud.iam.in_use import distribution_using, load_balancer_using
from local_cloud.iam.store import ServerCertificateStore
from local_cloud.iam.wire import read_query

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, MutableMapping

    from local_cloud.iam.store import ServerCertificate

    Answer = tuple[int, dict[str, str], bytes]

_HANDLER_PARAMETERS = ("method", "path", "headers", "body", "query_params")
_SUMMARY_ENTRY = re.compile(
    rb"<key>(ServerCertificates|ServerCertificatesQuota)</key><value>\d+</value>"
)


class EmulatorChangedError(Exception):
    """The installed ministack isn't the one this extension was written for."""


class Emulator:
    """The emulator of this process with server certificates; to be made once."""

    def __init__(self) -> None:
        _check_internals()
        self._stores: dict[str, ServerCertificateStore] = {}
        self._handle_iam: Callable[..., Awaitable[Answer]] = iam.handle_request
        self._reset_iam: Callable[[], None] = iam.reset
        iam.handle_request = self._handle_request
        iam.reset = self._reset

    async def __call__(
        self,
        scope: MutableMapping[str, Any],
        receive: Callable[[], Awaitable[Any]],
        send: Callable[[Any], Awaitable[None]],
    ) -> None:
        """Serve one ASGI connection."""
        await application.app(scope, receive, send)

    def stop(self) -> None:
        """Forget everything; ends the sub-processes of Lambda functions, too."""
        application._reset_all_state()  # noqa: SLF001 - what its own reset request runs

    async def _handle_request(
        self,
        method: str,
        path: str,
        headers: dict[str, str],
        body: bytes,
        query_params: Mapping[str, list[str]],
    ) -> Answer:
        query = read_query(body, query_params)
        action = query.get("Action", "")
        if action in ACTIONS:
            response = answer(action, query, self._store(), request_id=str(uuid.uuid4()))
            return response.status, response.headers, response.body
        status, reply_headers, reply = await self._handle_iam(
            method, path, headers, body, query_params
        )
        if action == "GetAccountSummary":
            reply = _SUMMARY_ENTRY.sub(self._summary_entry, reply)
        return status, reply_headers, reply

    def _store(self) -> ServerCertificateStore:
        account_id: str = responses.get_account_id()
        if account_id not in self._stores:
            self._stores[account_id] = ServerCertificateStore(account_id, consumer_of=_consumer_of)
        return self._stores[account_id]

    def _summary_entry(self, entry: re.Match[bytes]) -> bytes:
        store = self._store()
        key = entry[1].decode()
        number = len(store) if key == "ServerCertificates" else store.quota
        return f"<key>{key}</key><value>{number}</value>".encode()

    def _reset(self) -> None:
        self._stores.clear()
        self._reset_iam()


def _consumer_of(certificate: ServerCertificate) -> str | None:
    """Look at listeners of every region and at distributions: IAM certificates are global."""
    return load_balancer_using(
        certificate,
        (
            (listener["LoadBalancerArn"], listener.get("Certificates", []))
            for (account_id, *_), listener in alb._listeners.to_dict().items()  # noqa: SLF001 - no public way in
            if account_id == certificate.account_id
        ),
    ) or distribution_using(
        certificate,
        (
            (distribution["ARN"], distribution.get("config_xml", ""))
            for distribution in cloudfront._distributions.values()  # noqa: SLF001 - no public way in
        ),
    )


def _check_internals() -> None:
    """
    Check what this module relies on.

    Raises:
        EmulatorChangedError: It names the first thing that isn't there.
    """
    expectations: tuple[tuple[str, bool], ...] = (
        ("ministack.app.app", callable(getattr(application, "app", None))),
        (
            "ministack.app._reset_all_state",
            callable(getattr(application, "_reset_all_state", None)),
        ),
        (
            f"ministack.services.iam.handle_request({', '.join(_HANDLER_PARAMETERS)})",
            _parameters_of(iam, "handle_request") == _HANDLER_PARAMETERS,
        ),
        ("ministack.services.iam.reset()", _parameters_of(iam, "reset") == ()),
        (
            "ministack.core.responses.get_account_id()",
            _parameters_of(responses, "get_account_id") == (),
        ),
        (
            "ministack.services.alb._listeners",
            isinstance(getattr(alb, "_listeners", None), responses.AccountRegionScopedDict),
        ),
        (
            "ministack.services.cloudfront._distributions",
            isinstance(getattr(cloudfront, "_distributions", None), responses.AccountScopedDict),
        ),
    )
    for name, found in expectations:
        if not found:
            raise EmulatorChangedError(
                f"The installed ministack has no {name}: install the version that pyproject.toml pins."
            )


def _parameters_of(module: object, function: str) -> tuple[str, ...] | None:
    found = getattr(module, function, None)
    return tuple(inspect.signature(found).parameters) if callable(found) else None
