"""Reading secrets: the right text, or a sentence that says what to mend."""

from __future__ import annotations

import json

import pytest

from server_certificate.resource_contract import Secret
from server_certificate_handler.deadline import Deadline
from server_certificate_handler.errors import SourceUnreadableError
from server_certificate_handler.sources import read
from support.account import Account
from support.cloudformation import Context

ARN = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:key"


def read_secret(value: str | bytes | None, **fields: str) -> str | bytes:
    """Read a secret that has a value; None for one that does not exist."""
    account = Account(secrets={} if value is None else {ARN: value})
    return read_from(account, **fields)


def read_from(account: Account, **fields: str) -> str | bytes:
    """Read the secret of an account, with time that passes by waiting only."""
    context = Context()
    return read(
        Secret(arn=ARN, **fields),
        secrets_manager=account.client("secretsmanager"),
        deadline=Deadline(context.get_remaining_time_in_millis, context.sleep),
    )


def test_whole_secret() -> None:
    """Without a field the whole secret is the text."""
    assert read_secret("pem") == "pem"


@pytest.mark.parametrize("value", [b"pem", b"\x30\x82\xff"])
def test_binary_secret(value: bytes) -> None:
    """A binary secret is read as it is: it may hold DER."""
    assert read_secret(value) == value


def test_json_field_of_a_binary_secret() -> None:
    """A binary secret that holds JSON has fields like any other."""
    value = json.dumps({"privateKey": "pem"}).encode()
    assert read_secret(value, json_field="privateKey") == "pem"


def test_json_field() -> None:
    """A field of a JSON secret is its string."""
    assert read_secret(json.dumps({"privateKey": "pem"}), json_field="privateKey") == "pem"


@pytest.mark.parametrize(
    ("value", "fields", "sentence"),
    [
        (None, {}, f"The secret '{ARN}' does not exist"),
        (None, {"version_id": "7" * 32}, f"or has no version '{'7' * 32}'"),
        ("pem", {"version_id": "v7"}, "a version id 32 to 64"),
        (
            '{"a": "b", "c": "d"}',
            {"json_field": "key"},
            "does not exist; the number of its fields is 2.",
        ),
        ('{"private_key": "b"}', {"json_field": "privateKey"}, "Did you mean 'private_key'?"),
        ('{"key": 7}', {"json_field": "key"}, "is not a string"),
        ("pem", {"json_field": "key"}, "is not a JSON object"),
        ('["key"]', {"json_field": "key"}, "is not a JSON object"),
        (b"\xff\xfe", {"json_field": "key"}, "is not a JSON object"),
    ],
)
def test_unreadable_secret_is_explained(
    value: str | bytes | None, fields: dict[str, str], sentence: str
) -> None:
    """Each way in which a secret cannot be read has its sentence, and none quotes the secret."""
    with pytest.raises(SourceUnreadableError) as caught:
        read_secret(value, **fields)
    assert sentence in str(caught.value)
    assert "7}" not in str(caught.value)


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("AccessDeniedException", "role may not read the secret"),
        ("DecryptionFailure", "kms:Decrypt"),
        ("InvalidRequestException", "scheduled for deletion"),
        ("InternalServiceError", "InternalServiceError: why"),
    ],
)
def test_refusals_are_explained(code: str, sentence: str) -> None:
    """Each refusal of Secrets Manager has its sentence."""
    account = Account(secrets={ARN: "pem"}, refuse={"GetSecretValue": [(400, code, "why")] * 5})
    with pytest.raises(SourceUnreadableError) as caught:
        read_from(account)
    assert sentence in str(caught.value)


def test_permission_that_takes_seconds_is_waited_for() -> None:
    """A role that may read the secret a moment later reads it."""
    denied = (400, "AccessDeniedException", "why")
    account = Account(secrets={ARN: "pem"}, refuse={"GetSecretValue": [denied] * 3})
    assert read_from(account) == "pem"
