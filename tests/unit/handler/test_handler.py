"""The entry point: what holds for every event, whatever becomes of it."""

from __future__ import annotations

import io
import logging
from typing import TYPE_CHECKING, Any

import pytest

from dev.certificates.authority import Authority
from dev.simulator.account import Account
from dev.simulator.context import Context
from dev.simulator.stack import Stack
from server_certificate_handler import connections, handler
from server_certificate_handler.answer import DeliveryError
from server_certificate_handler.change import Change

if TYPE_CHECKING:
    from server_certificate_handler.stored_certificate import StoredCertificate

SECRET_ARN = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:key-AbCdEf"  # noqa: S105 - an address, not a secret


def declared() -> dict[str, Any]:
    """Write properties whose certificate nobody looks at."""
    return {"Certificate": {"Text": "x"}, "PrivateKey": {"SecretArn": SECRET_ARN}}


def test_secret_in_an_unexpected_error_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """A secret that was read shows neither in the log nor in the reason, whatever quotes it."""
    secret = Authority.root().leaf().key_pem().splitlines()[1]

    def create(change: Change) -> StoredCertificate:
        key = change.properties.parts.private_key
        assert key is not None
        raise ZeroDivisionError(f"of {change.intake.read(key)}")

    monkeypatch.setattr(Change, "create", create)
    stack = Stack(Account(secrets={SECRET_ARN: secret}))
    stream = io.StringIO()
    log_handler = logging.StreamHandler(stream)
    logging.getLogger().addHandler(log_handler)
    try:
        answer = stack.send("Create", ResourceProperties=declared())
    finally:
        logging.getLogger().removeHandler(log_handler)
    assert "Unexpected ZeroDivisionError: of (secret)" in answer["Reason"]
    assert "ZeroDivisionError" in stream.getvalue()
    assert secret not in stream.getvalue() + answer["Reason"]


def test_secrets_do_not_outlive_their_event() -> None:
    """A warm function keeps no secret of the event before."""
    stack = Stack(Account(secrets={SECRET_ARN: "a secret of some length"}))
    leaf = Authority.root().leaf()
    properties = {"Certificate": {"Text": leaf.fullchain_pem(root=True)}}
    stack.send("Create", ResourceProperties={**declared(), **properties})
    redact = stack.handler._redactor.redact
    assert redact("a secret of some length") == "(secret)"
    stack.send("Delete", PhysicalResourceId="ASCA0", ResourceProperties={})
    assert redact("a secret of some length") == "a secret of some length"


def test_answer_that_did_not_arrive_fails_the_function() -> None:
    """Lambda delivers the event again when the function fails; so it does, and only then."""

    def deliver(_: str, __: bytes) -> None:
        raise DeliveryError("refused")

    stack = Stack(Account())
    stack.handler = handler.Handler(stack.account.client, deliver)
    with pytest.raises(DeliveryError, match="refused"):
        stack.send("Create", ResourceProperties=declared())


def test_clients_are_made_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A warm function keeps its clients."""
    made: list[str] = []
    monkeypatch.setattr(
        "botocore.session.Session.create_client",
        lambda _, service, **__: made.append(service) or object(),
    )
    connections.client.cache_clear()
    try:
        assert connections.client("iam") is connections.client("iam")
    finally:
        connections.client.cache_clear()
    assert made == ["iam"]


def test_event_that_cannot_be_answered_is_an_error() -> None:
    """The entry point that the template names says what an event without a ResponseURL lacks."""
    with pytest.raises(DeliveryError, match="the event has no ResponseURL"):
        handler.on_event({}, Context())
