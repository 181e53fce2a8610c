"""The handler of the renewal function."""

from __future__ import annotations

import io
import json
import logging

import pytest

from server_certificate.contract.renewal import RENEWAL_HANDLER
from server_certificate_handler import connections
from server_certificate_handler.errors import InvalidRequestError
from server_certificate_handler.renewal import entry
from support.renewal_account import RenewalAccount, renewal_input


def test_handler_is_that_of_the_contract() -> None:
    """The construct names this function."""
    handler = entry.on_event
    assert f"{handler.__module__}.{handler.__qualname__}" == RENEWAL_HANDLER


def test_log_lines_are_json(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each line is an object without private keys, also when a warm function is called again."""
    key = "-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----"
    account = RenewalAccount(refuse={"DescribeStacks": [(400, "ValidationError", key)] * 2})
    monkeypatch.setattr(connections, "client", account.client)
    stream = io.StringIO()
    log_handler = logging.StreamHandler(stream)
    root = logging.getLogger()
    before = (root.handlers, root.level)
    root.handlers = [log_handler]
    try:
        entry.on_event(renewal_input(), account.context)
        entry.on_event(renewal_input(), account.context)
    finally:
        root.handlers, root.level = before
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    messages = [line["message"] for line in lines]
    assert {"metric": "DaysToExpiry", "path": "Web/Tls"}.items() <= messages[0].items()
    failures = [each for each in messages if "reason" in each]
    assert [each["decision"] for each in failures] == ["Server Certificate Renewal Failed"] * 2
    assert "ValidationError: (private key)" in failures[0]["reason"]
    assert "MIIE" not in stream.getvalue()
    assert len(log_handler.filters) == 1


@pytest.mark.parametrize("event", [None, "{}", {}])
def test_damaged_input_is_raised(event: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lambda counts the error, and nothing is called."""
    account = RenewalAccount()
    monkeypatch.setattr(connections, "client", account.client)
    with pytest.raises(InvalidRequestError, match="The input"):
        entry.on_event(event, account.context)
    assert not account.calls
