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
from server_certificate_handler import connections, entry
from server_certificate_handler.delivery import DeliveryError
from server_certificate_handler.material_reader import MaterialReader
from server_certificate_handler.watchdog import NoWatchdog

if TYPE_CHECKING:
    from server_certificate_handler.material_reader import UploadMaterial

SECRET_ARN = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:key-AbCdEf"  # noqa: S105 - an address, not a secret


def declared() -> dict[str, Any]:
    """Write properties whose certificate nobody looks at."""
    return {"Certificate": {"Text": "x"}, "PrivateKey": {"SecretArn": SECRET_ARN}}


def test_secret_in_an_unexpected_error_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """A secret that was read shows neither in the log nor in the reason, whatever quotes it."""
    leaf = Authority.root().leaf()
    secret = leaf.key_pem().splitlines()[1]

    def upload_material(reader: MaterialReader) -> UploadMaterial:
        key = reader.properties.parts.private_key
        assert key is not None
        raise ZeroDivisionError(f"of {reader.read(key).value!r}")

    monkeypatch.setattr(MaterialReader, "upload_material", upload_material)
    stack = Stack(Account(secrets={SECRET_ARN: secret}))
    stream = io.StringIO()
    log_handler = logging.StreamHandler(stream)
    logging.getLogger().addHandler(log_handler)
    try:
        properties = {**declared(), "Certificate": {"Text": leaf.fullchain_pem(root=True)}}
        answer = stack.send("Create", ResourceProperties=properties)
    finally:
        logging.getLogger().removeHandler(log_handler)
    assert "Internal error: ZeroDivisionError: of '(secret)'" in answer["Reason"]
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
    stack.handler = entry.Handler(stack.account.client, deliver, watch=lambda *_: NoWatchdog())
    with pytest.raises(DeliveryError, match="refused"):
        stack.send("Create", ResourceProperties=declared())


def test_clients_are_made_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A warm function keeps its clients."""
    made: list[str] = []

    def create(_: object, service: str, **__: object) -> object:
        made.append(service)
        return object()

    monkeypatch.setattr(
        "botocore.session.Session.create_client",
        create,
    )
    connections.client.cache_clear()
    try:
        assert connections.client("iam") is connections.client("iam")
    finally:
        connections.client.cache_clear()
    assert made == ["iam"]


@pytest.mark.parametrize(
    "event", [{}, {"ResponseURL": 7}, {"ResponseURL": None}, [], None, "event"]
)
def test_event_that_cannot_be_answered_is_an_error(event: Any) -> None:  # noqa: ANN401 (anything)
    """The entry point that the template names says what an event without a ResponseURL lacks."""
    with pytest.raises(DeliveryError, match="the event has no ResponseURL"):
        entry.on_event(event, Context())
