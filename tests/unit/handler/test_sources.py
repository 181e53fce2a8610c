"""Reading parts from where they lie: the right text, or a sentence that says what to fix."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import pytest

from dev.simulator.account import Account
from dev.simulator.context import Context
from server_certificate.contract.ownership import SecretVersion
from server_certificate.contract.sources import Parameter, Secret, Stored, StoredObject, part
from server_certificate_handler.deadline import Deadline
from server_certificate_handler.errors import SourceUnreadableError
from server_certificate_handler.sources.reading import read

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
        client=account.client,
        deadline=Deadline(context.get_remaining_time_in_millis, context.sleep),
    ).value


def test_whole_secret() -> None:
    """Without a field the whole secret is the text."""
    assert read_secret("pem") == "pem"


def test_version_of_a_secret() -> None:
    """A secret tells its complete ARN and the version that was read, also for one of its fields."""

    class Client:
        meta = SimpleNamespace(region_name="eu-central-1")

        def get_secret_value(self, **_: object) -> dict[str, str]:
            return {"ARN": f"{ARN}-AbCdEf", "VersionId": "v1", "SecretString": '{"key": "pem"}'}

    deadline = Deadline(Context().get_remaining_time_in_millis, Context().sleep)
    for field in (None, "key"):
        source = Secret(arn=ARN, json_field=field)
        content = read(source, client=lambda _: Client(), deadline=deadline)
        assert content.secret_version == SecretVersion(f"{ARN}-AbCdEf", "v1")
        assert "pem" not in repr(content)


@pytest.mark.parametrize(
    ("declared", "requested"),
    [({}, {}), ({"VersionId": ""}, {}), ({"VersionId": "v1"}, {"VersionId": "v1"})],
)
def test_empty_version_is_the_current_one(
    declared: dict[str, str], requested: dict[str, str]
) -> None:
    """The parameter of a renewal is empty at first, and what was read is known in any case."""
    calls: list[dict[str, str]] = []

    class Client:
        meta = SimpleNamespace(region_name="eu-central-1")

        def get_secret_value(self, **request: str) -> dict[str, str]:
            calls.append(request)
            return {"ARN": f"{ARN}-AbCdEf", "VersionId": "v1", "SecretString": "pem"}

    source = part({"Bundle": {"SecretArn": ARN, **declared}}, "Bundle")
    assert isinstance(source, Secret)
    deadline = Deadline(Context().get_remaining_time_in_millis, Context().sleep)
    content = read(source, client=lambda _: Client(), deadline=deadline)
    assert calls == [{"SecretId": ARN, **requested}]
    assert content.secret_version == SecretVersion(f"{ARN}-AbCdEf", "v1")


@pytest.mark.parametrize("value", [b"pem", b"\x30\x82\xff"])
def test_binary_secret(value: bytes) -> None:
    """A binary secret is read as it is: it may hold DER."""
    assert read_secret(value) == value


def test_json_field_of_a_binary_secret() -> None:
    """A binary secret that holds JSON has fields like any other."""
    value = json.dumps({"privateKey": "pem"}).encode()
    assert read_secret(value, json_field="privateKey") == "pem"


def test_json_field_behind_a_byte_order_mark() -> None:
    """A file that Windows wrote may have become the secret."""
    value = "\ufeff" + json.dumps({"privateKey": "pem"})
    assert read_secret(value, json_field="privateKey") == "pem"
    assert read_secret(value.encode(), json_field="privateKey") == "pem"


def test_json_field() -> None:
    """A field of a JSON secret is its string."""
    assert read_secret(json.dumps({"privateKey": "pem"}), json_field="privateKey") == "pem"


@pytest.mark.parametrize(
    ("value", "fields", "sentence"),
    [
        (None, {}, f"The secret '{ARN}' doesn't exist"),
        (None, {"version_id": "7" * 32}, f"The secret '{ARN}' doesn't exist"),
        ("pem", {"version_id": "v7"}, "a version ID 32 to 64"),
        (
            '{"a": "b", "c": "d"}',
            {"json_field": "key"},
            "has no field 'key'. Number of other fields, whose names are not shown: 2.",
        ),
        (
            '{"certificate": "c", "tls.key": "k", "hunter2": "d"}',
            {"json_field": "pem"},
            "It has 'certificate', 'tls.key', and 1 more, whose names are not shown.",
        ),
        ("{}", {"json_field": "key"}, "The object is empty."),
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
        ("AccessDeniedException", "role isn't allowed to read the secret"),
        ("DecryptionFailure", "Secret.from_secret_attributes(…, encryption_key=…)."),
        ("InvalidRequestException", "InvalidRequestException: why"),
        ("ThrottlingException", "Secrets Manager throttles requests. Deploy again later."),
        ("InternalServiceError", "InternalServiceError: why"),
    ],
)
def test_refusals_are_explained(code: str, sentence: str) -> None:
    """Each refusal of Secrets Manager has its sentence."""
    account = Account(secrets={ARN: "pem"}, refuse={"GetSecretValue": [(400, code, "why")] * 5})
    with pytest.raises(SourceUnreadableError) as caught:
        read_from(account)
    assert sentence in str(caught.value)


@pytest.mark.parametrize(
    ("code", "message", "fields", "sentence"),
    [
        (
            "ResourceNotFoundException",
            "Secrets Manager can't find the specified secret value for staging label: AWSCURRENT",
            {},
            (
                "has no value yet. Store one, then deploy again, for example: server-certificate store"
                f" --secret {ARN} FILE"
            ),
        ),
        (
            "ResourceNotFoundException",
            "Secrets Manager can't find the specified secret value for staging label: AWSCURRENT",
            {"version_stage": "AWSCURRENT"},
            "has no value yet.",
        ),
        (
            "ResourceNotFoundException",
            "Secrets Manager can't find the specified secret value for staging label: AWSPENDING",
            {"version_stage": "AWSPENDING"},
            (
                "has no version 'AWSPENDING'. To list its versions: aws secretsmanager"
                f" list-secret-version-ids --secret-id {ARN}"
            ),
        ),
        (
            "InvalidRequestException",
            "You can't perform this operation on the secret because it was marked for deletion.",
            {},
            (
                f"is scheduled for deletion. Restore it, then deploy again:"
                f" aws secretsmanager restore-secret --secret-id {ARN}"
            ),
        ),
        (
            "AccessDeniedException",
            (
                "User: r is not authorized to perform: secretsmanager:GetSecretValue on resource: s because"
                " no VPC endpoint policy allows the secretsmanager:GetSecretValue action"
            ),
            {},
            "action. Allow it in the policy of the VPC endpoint that the function uses.",
        ),
        (
            "AccessDeniedException",
            (
                "User: r is not authorized to perform: secretsmanager:GetSecretValue on resource: s because"
                " no resource-based policy allows the secretsmanager:GetSecretValue action"
            ),
            {},
            "Allow it in the resource-based policy.",
        ),
    ],
)
def test_the_reason_in_a_message_is_understood(
    code: str, message: str, fields: dict[str, str], sentence: str
) -> None:
    """What a message of Secrets Manager tells apart under one code has a way out each."""
    account = Account(secrets={ARN: "pem"}, refuse={"GetSecretValue": [(400, code, message)] * 5})
    with pytest.raises(SourceUnreadableError) as caught:
        read_from(account, **fields)
    assert sentence in str(caught.value)


def test_secret_without_a_value() -> None:
    """An answer with neither a text nor octets is a secret that nothing was stored in."""

    class Client:
        meta = SimpleNamespace(region_name="eu-central-1")

        def get_secret_value(self, **_: object) -> dict[str, str]:
            return {"ARN": ARN, "Name": "key"}

    deadline = Deadline(Context().get_remaining_time_in_millis, Context().sleep)
    with pytest.raises(SourceUnreadableError, match="has no value yet"):
        read(Secret(arn=ARN), client=lambda _: Client(), deadline=deadline)


@pytest.mark.parametrize(
    ("source", "empty"),
    [
        (Secret(arn=ARN), ""),
        (Secret(arn=ARN), b""),
        (Secret(arn=ARN, json_field="key"), '{"key": ""}'),
        (Parameter(name="p"), ""),
        (StoredObject(bucket="bucket", key="k"), b""),
    ],
)
def test_empty_value_is_a_value(source: Stored, empty: str | bytes) -> None:
    """It is left to the checks to say what is empty: a passphrase may be."""
    account = Account(secrets={ARN: empty}, parameters={"p": str(empty)}, objects={"bucket/k": b""})
    assert not read_part(account, source)


def test_permission_that_takes_seconds_is_waited_for() -> None:
    """A role that may read the secret a moment later reads it."""
    denied = (400, "AccessDeniedException", "why")
    account = Account(secrets={ARN: "pem"}, refuse={"GetSecretValue": [denied] * 3})
    assert read_from(account) == "pem"


def read_part(account: Account, source: Stored) -> str | bytes:
    """Read a part of an account, with time that passes by waiting only."""
    context = Context()
    deadline = Deadline(context.get_remaining_time_in_millis, context.sleep)
    return read(source, client=account.client, deadline=deadline).value


def refusal_of(account: Account, source: Stored) -> str:
    """Return why a part cannot be read."""
    with pytest.raises(SourceUnreadableError) as caught:
        read_part(account, source)
    return str(caught.value)


PARAMETERS = Account(
    parameters={"/tls/key": "new", "/tls/key:2": "old", "/tls/all": '{"key": "k"}'}
)


@pytest.mark.parametrize(
    ("source", "value"),
    [
        (Parameter(name="/tls/key"), "new"),
        (Parameter(name="/tls/key", version="2"), "old"),
        (Parameter(name="/tls/all", json_field="key"), "k"),
    ],
)
def test_parameter(source: Parameter, value: str) -> None:
    """A parameter is read decrypted, in the version that is asked for, as a whole or a field of it."""
    assert read_part(PARAMETERS, source) == value


@pytest.mark.parametrize("is_confidential", [True, False])
def test_secret_in_a_plain_parameter(*, is_confidential: bool) -> None:
    """A private key, bundle or passphrase in a String is refused with the way out; a certificate isn't."""
    account = Account(parameters={"/tls/key": "pem"}, plain_parameters={"/tls/key"})
    source = Parameter(name="/tls/key", is_confidential=is_confidential)
    if is_confidential:
        assert "aws ssm put-parameter --name /tls/key --type SecureString --value" in refusal_of(
            account, source
        )
    else:
        assert read_part(account, source) == "pem"


def test_secret_of_another_region() -> None:
    """A secret is read in the Region of its ARN."""
    arn = ARN.replace("eu-central-1", "us-east-1")
    account = Account(secrets={arn: "pem"})
    asked: list[str] = []

    def client(service: str, *region: str) -> Any:  # noqa: ANN401 - boto3 makes its clients at run time
        asked.extend(region)
        return account.client(service, *region)

    context = Context()
    deadline = Deadline(context.get_remaining_time_in_millis, context.sleep)
    assert read(Secret(arn=arn), client=client, deadline=deadline).value == "pem"
    assert asked == ["us-east-1"]


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        (Parameter(name="/gone"), "The parameter '/gone' doesn't exist"),
        (Parameter(name="/tls/key", version="9"), "'/tls/key' has no version '9'"),
        (Parameter(name="/tls/key", json_field="f"), "parameter '/tls/key' is not a JSON object"),
        (Parameter(name=""), "A name has 1 to 1,011 characters, and a version is a number."),
    ],
)
def test_unreadable_parameter_is_explained(source: Parameter, sentence: str) -> None:
    """Each way in which a parameter cannot be read has its sentence."""
    assert sentence in refusal_of(PARAMETERS, source)


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("AccessDeniedException", "role isn't allowed to read the parameter"),
        ("InvalidKeyId", "from_parameter(…, encryption_key=…)."),
        ("InternalServerError", "InternalServerError: why"),
    ],
)
def test_refusals_of_systems_manager_are_explained(code: str, sentence: str) -> None:
    """Each refusal of Systems Manager has its sentence."""
    account = Account(parameters={"p": "v"}, refuse={"GetParameter": [(400, code, "why")] * 5})
    assert sentence in refusal_of(account, Parameter(name="p"))


OBJECTS = Account(objects={"bucket/a/b.pem": b"new", "bucket/a/b.pem?v1": b"\x30\xff"})


@pytest.mark.parametrize(("version", "value"), [(None, b"new"), ("v1", b"\x30\xff")])
def test_object(version: str | None, value: bytes) -> None:
    """An object is read as octets, in the version that is asked for."""
    source = StoredObject(bucket="bucket", key="a/b.pem", version=version)
    assert read_part(OBJECTS, source) == value


def test_largest_object() -> None:
    """Objects of up to 4 MiB are read; a larger one is not a certificate, and wouldn't fit into the function."""
    limit = 4 * 1024 * 1024
    account = Account(objects={"bucket/fits": b"x" * limit, "bucket/large": b"x" * (limit + 1)})
    assert len(read_part(account, StoredObject(bucket="bucket", key="fits"))) == limit
    problem = refusal_of(account, StoredObject(bucket="bucket", key="large"))
    assert "'s3://bucket/large' is larger than the limit of 4,194,304 bytes" in problem


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        (
            StoredObject(bucket="bucket", key="\ud800"),
            "its name or version is invalid. A bucket name has",
        ),
        (StoredObject(bucket="bucket", key="no"), "The bucket 'bucket' has no object 'no'"),
        (StoredObject(bucket="bucket", key="a/b.pem", version="v9"), "has no version 'v9'"),
        (
            StoredObject(bucket="my bucket", key="k"),
            "A bucket name has 3 to 63 characters, a key up to 1,024 bytes.",
        ),
    ],
)
def test_unreadable_object_is_explained(source: StoredObject, sentence: str) -> None:
    """Each way in which an object cannot be read has its sentence."""
    assert sentence in refusal_of(OBJECTS, source)


@pytest.mark.parametrize(
    ("status", "code", "sentence"),
    [
        (403, "AccessDenied", "S3 returns the same error for an object that doesn't exist"),
        (404, "NoSuchBucket", "The bucket 'bucket' doesn't exist"),
        (403, "InvalidObjectState", "is archived: why"),
        (400, "KMS.DisabledException", "Bucket.from_bucket_attributes(…, encryption_key=…)."),
        (400, "InternalError", "InternalError: why"),
    ],
)
def test_refusals_of_s3_are_explained(status: int, code: str, sentence: str) -> None:
    """Each refusal of S3 has its sentence."""
    account = Account(refuse={"GetObject": [(status, code, "why")] * 5})
    assert sentence in refusal_of(account, StoredObject(bucket="bucket", key="k"))


def test_only_the_service_that_holds_the_part_is_asked() -> None:
    """Each client costs start-up time, so none is made that isn't needed."""
    made: list[str] = []

    def client(service: str) -> Any:  # noqa: ANN401 - boto3 makes its clients at run time
        made.append(service)
        return PARAMETERS.client(service)

    context = Context()
    deadline = Deadline(context.get_remaining_time_in_millis, context.sleep)
    read(Parameter(name="/tls/key"), client=client, deadline=deadline)
    assert made == ["ssm"]
