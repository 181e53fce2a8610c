"""Nothing that is logged or answered holds a secret."""

from __future__ import annotations

import logging

import pytest

from dev.certificates.authority import Authority
from server_certificate_handler.redaction import Redactor


@pytest.fixture(scope="module")
def key() -> str:
    """Return a private key in PEM."""
    return Authority.root().leaf().key_pem()


def filtered(redactor: Redactor, **fields: object) -> str:
    """Pass one record through the filter and format it."""
    record = logging.makeLogRecord({"levelno": logging.INFO, "levelname": "INFO", **fields})
    assert redactor.filter(record)
    return logging.Formatter().format(record)


def test_private_key_is_never_shown(key: str) -> None:
    """A PEM private key is replaced although nobody announced it."""
    text = Redactor().redact(f"it said: {key} and more")
    assert key.splitlines()[1] not in text
    assert text.endswith("and more")


def test_cut_private_key_is_never_shown(key: str) -> None:
    """A private key whose end is cut off is replaced, too."""
    assert key.splitlines()[1] not in Redactor().redact(key[:150])


def test_announced_secret_is_replaced_line_by_line(key: str) -> None:
    """Single lines of a secret are replaced wherever they turn up."""
    redactor = Redactor()
    redactor.hide(key)
    assert redactor.redact(f"x{key.splitlines()[1]}y") == "x(secret)y"


def test_secret_in_utf_16_is_replaced_as_a_text() -> None:
    """A binary secret that Windows wrote is known as the text that it is read as."""
    redactor = Redactor()
    redactor.hide("a secret of some length\r\n".encode("utf-16"))
    assert redactor.redact("x a secret of some length y") == "x (secret) y"


def test_secrets_of_the_event_before_are_forgotten() -> None:
    """A warm function does not collect secrets."""
    redactor = Redactor()
    redactor.hide("a secret of some length")
    redactor.forget()
    assert redactor.redact("a secret of some length") == "a secret of some length"


def test_records_are_redacted_in_message_arguments_and_traces(key: str) -> None:
    """Dictionaries, arguments and stack traces pass the filter as text without the secret."""
    redactor = Redactor()
    redactor.hide(key)
    line = key.splitlines()[1]
    assert line not in filtered(redactor, msg={"text": key})
    assert line not in filtered(redactor, msg="%s", args=(key,))
    with pytest.raises(ValueError, match="PRIVATE KEY") as caught:
        _fail_with(key)
    exc_info = (caught.type, caught.value, caught.tb)
    assert line not in filtered(redactor, msg="failed", exc_info=exc_info)


def _fail_with(text: str) -> None:
    raise ValueError(text)


def test_innocent_records_pass_unchanged() -> None:
    """What holds no secret is logged as it is, dictionaries as JSON."""
    redactor = Redactor()
    redactor.hide("short")
    assert (
        filtered(redactor, msg={"decision": "upload", "n": 1}) == '{"decision": "upload", "n": 1}'
    )
    assert filtered(redactor, msg="%s is short", args=("this",)) == "this is short"
