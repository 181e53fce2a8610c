"""No secret leaves the function: not in its log, not in an answer, not in a value's repr."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import pytest

from dev.simulator.stack import Stack
from server_certificate.reading.reader import read_private_key
from server_certificate_handler.redaction import Redactor

if TYPE_CHECKING:
    from collections.abc import Callable

    from dev.certificates.authority import Authority
    from dev.simulator.account import Account


@pytest.mark.parametrize("redacting", [True, False])
def test_whole_life_shows_no_secret(
    account: Account,
    authority: Authority,
    properties: Callable[..., dict[str, Any]],
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    *,
    redacting: bool,
) -> None:
    """Neither keys nor the ResponseURL show in the log or an answer, with the redaction or without."""
    if not redacting:
        monkeypatch.setattr(Redactor, "redact", lambda _, text: text)
    first, second, third = authority.leaf(), authority.leaf(), authority.leaf()
    mismatched = third.with_other_key()
    stack = Stack(account)
    with caplog.at_level(logging.INFO):
        stack.create(properties(first, ServerCertificateName="www"))
        stack.update(properties(first, ServerCertificateName="shop", Path="/edge/"))
        stack.update(properties(second, ServerCertificateName="shop"), neighbor_fails=True)
        stack.update(properties(second, ServerCertificateName="shop"))
        stack.update(properties(mismatched, ServerCertificateName="shop"))
        account.secrets = {arn: third.key_pem(password="x") for arn in account.secrets}  # noqa: S106 - of a test
        stack.update({**properties(third), "PrivateKey": stack.properties["PrivateKey"]})
        stack.delete()
    assert [answer["Status"] for answer in stack.answers].count("FAILED") >= 1
    shown = caplog.text + repr(stack.answers)
    assert "decision" in shown
    assert "X-Amz-Signature" not in shown
    for issued in (first, second, mismatched):
        for line in issued.key_pem().splitlines()[1:-1]:
            assert line not in shown


def test_representation_of_a_key_shows_nothing(authority: Authority) -> None:
    """A key that was read shows nothing of itself."""
    text = authority.leaf().key_pem()
    key, _ = read_private_key(text)
    assert key is not None
    for line in text.splitlines()[1:-1]:
        assert line not in repr(key)
