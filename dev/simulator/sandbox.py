"""Lambda's sandboxes: the real handler, warm, with real boto3 clients that reach one account."""

from __future__ import annotations

import json
import logging
import sys
from typing import TYPE_CHECKING, Any

import boto3
from botocore import UNSIGNED
from botocore.config import Config

from dev.certificates.authority import NOW
from dev.simulator.account import ACCOUNT_ID, REGION
from dev.simulator.context import Context
from dev.simulator.disturbances import KilledError
from server_certificate_handler.entry import Handler
from server_certificate_handler.response import MAX_ANSWER_BYTES
from server_certificate_handler.watchdog import NoWatchdog

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from botocore.awsrequest import AWSPreparedRequest, AWSResponse

    from dev.simulator.account import Account
    from dev.simulator.events import Answer, Event

TRIES = 3
"""How often the SDK tries a call here, without pauses."""


class Sandbox:
    """One process of the function."""

    def __init__(
        self, services: Collection[str] = ("iam", "cloudformation", "secretsmanager")
    ) -> None:
        """
        Start one.

        Args:
            services: The services that the function may call; each client costs time.
        """
        self.account: Account | None = None
        self.context = Context()
        self.receive: Callable[[str, Answer], None] = lambda *_: None
        self._clients = {service: self._make_client(service) for service in services}
        self._handler = Handler(
            self._client,
            self._deliver,
            now=lambda: NOW,
            sleep=lambda seconds: self.context.sleep(seconds),  # noqa: PLW0108 (each run has its context)
            watch=lambda *_: NoWatchdog(),
        )

    def run(self, account: Account, event: Event) -> None:
        """Run one invocation."""
        self.account, self.context = account, Context()
        self._handler(event, self.context)

    def _client(self, service: str, _region: str = REGION) -> Any:  # noqa: ANN401 (boto3's)
        return self._clients[service]

    def _make_client(self, service: str) -> Any:  # noqa: ANN401 (boto3 makes its clients at run time)
        client: Any = boto3.client(
            service,  # type: ignore[call-overload]
            region_name=REGION,
            aws_access_key_id=ACCOUNT_ID,
            aws_secret_access_key="none",  # noqa: S106 (it opens nothing)
            config=Config(
                signature_version=UNSIGNED,
                retries={"mode": "standard", "total_max_attempts": 1},
                parameter_validation=service == "iam",
            ),
        )

        def serve(request: AWSPreparedRequest, **_: object) -> AWSResponse:
            assert self.account is not None
            return self.account.serve(service, request)

        client.meta.events.register_last("before-send", serve)
        client.meta.events.register_first("needs-retry", _try_again)
        return client

    def _deliver(self, url: str, body: bytes) -> None:
        if isinstance(sys.exception(), KilledError):
            # A killed process does nothing more.
            return
        assert len(body) <= MAX_ANSWER_BYTES
        answer = json.loads(body)
        # Ids appear in answers, whatever they contain.
        assert "PRIVATE KEY" not in f"{answer['Reason']}{answer['Data']}"
        self.receive(url, answer)


def new_sandboxes() -> list[Sandbox]:
    """Create sandboxes for events within events; they are costly, so worlds share them."""
    return [Sandbox() for _ in range(3)]


def _try_again(
    attempts: int,
    response: tuple[Any, dict[str, Any]] | None,
    caught_exception: Exception | None,
    **_: object,
) -> int | None:
    """Retry like the SDK's standard mode: throttling, 5xx and broken connections."""
    if attempts >= TRIES:
        return None
    if caught_exception is not None:
        return 0 if type(caught_exception).__name__ == "ConnectionClosedError" else None
    if response is None:
        return None
    http, parsed = response
    code = parsed.get("Error", {}).get("Code", "")
    return 0 if http.status_code >= 500 or "Throttling" in code else None  # noqa: PLR2004 (HTTP)


class LeakDetector(logging.Handler):
    """Searches all log records for what must never be logged."""

    def emit(self, record: logging.LogRecord) -> None:
        """Check a record."""
        text = record.getMessage() + (record.exc_text or "")
        assert "PRIVATE KEY-----" not in text, text
        assert "X-Amz-Signature" not in text, text
