"""Properties of the custom resource as CloudFormation sends them."""

from __future__ import annotations

from typing import Any

import pytest

from server_certificate.contract.properties import (
    DEFAULT_PROPAGATION_SECONDS,
    RESOURCE_TYPE,
    Attribute,
    Parts,
    Property,
    ResourceProperties,
    deletion_seconds,
    parse_properties,
    source_digest,
)
from server_certificate.contract.sources import (
    Parameter,
    Secret,
    Source,
    StoredObject,
    Text,
)
from server_certificate.contract.values import PropertyError

ARN = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:tls-a1b2c3"
MINIMAL: dict[str, Any] = {"Certificate": {"Text": "PEM"}, "PrivateKey": {"SecretArn": ARN}}
KEY = "-----BEGIN PRIVATE KEY-----\nveryverysecret\n-----END PRIVATE KEY-----\n"
REFERENCE = "{{resolve:secretsmanager:tls:SecretString:key}}"


def refusal(**changes: object) -> str:
    """Return why properties are refused."""
    with pytest.raises(PropertyError) as caught:
        parse_properties({**MINIMAL, **changes})
    return str(caught.value)


def test_spellings_are_for_ever() -> None:
    """Deployed stacks keep sending these names: a change here breaks their updates and deletion."""
    assert RESOURCE_TYPE == "Custom::IamServerCertificate"
    assert {*Property} == {
        "ServerCertificateName",
        "NamePrefix",
        "Path",
        "Certificate",
        "CertificateChain",
        "PrivateKey",
        "Bundle",
        "Passphrase",
        "Tags",
        "PropagationSeconds",
        "DeletionSeconds",
        "Acknowledge",
        "Adopt",
        "Renew",
        "Retain",
    }
    assert {*Source} == {
        "Text",
        "SecretArn",
        "JsonField",
        "VersionId",
        "VersionStage",
        "ParameterName",
        "ParameterVersion",
        "BucketName",
        "ObjectKey",
        "ObjectVersion",
    }
    assert {*Attribute} >= {"Arn", "ServerCertificateId", "ServerCertificateName", "Expiration"}


def test_everything_given() -> None:
    """Every property is read."""
    properties = {
        "ServiceToken": "arn:aws:lambda:eu-west-1:111122223333:function:f",
        "ServerCertificateName": "web",
        "NamePrefix": "stack-web",
        "Path": "/cloudfront/",
        "Certificate": {"Text": "PEM"},
        "CertificateChain": {"SecretArn": ARN, "JsonField": "chain"},
        "PrivateKey": {"SecretArn": ARN, "VersionId": "v", "VersionStage": "AWSCURRENT"},
        "Tags": [{"Key": "Name", "Value": "web"}, {"Key": "empty", "Value": ""}],
        "PropagationSeconds": "45",
        "Acknowledge": ["chain-missing"],
        "Retain": "true",
        "Adopt": "true",
        "Renew": "true",
    }
    assert parse_properties(properties) == ResourceProperties(
        name="web",
        name_prefix="stack-web",
        path="/cloudfront/",
        parts=Parts(
            certificate=Text("PEM"),
            chain=Secret(arn=ARN, json_field="chain"),
            private_key=Secret(arn=ARN, version_id="v", version_stage="AWSCURRENT"),
        ),
        tags={"Name": "web", "empty": ""},
        propagation_seconds=45,
        acknowledged=frozenset({"chain-missing"}),
        retain=True,
        adopt=True,
        renew=True,
        source_digest=source_digest(properties),
    )


def test_defaults() -> None:
    """Only the certificate and the private key are required."""
    assert parse_properties(MINIMAL) == ResourceProperties(
        name=None,
        name_prefix="certificate",
        path="/",
        parts=Parts(certificate=Text("PEM"), private_key=Secret(arn=ARN)),
        tags={},
        propagation_seconds=DEFAULT_PROPAGATION_SECONDS,
        acknowledged=frozenset(),
        retain=False,
        adopt=False,
        renew=False,
        source_digest=source_digest(MINIMAL),
    )


def test_digest_depends_on_the_sources_alone() -> None:
    """The digest depends on the sources, but not on the path or the order of keys."""
    secret = {"SecretArn": ARN, "VersionId": "v"}
    base = source_digest({**MINIMAL, "PrivateKey": secret})
    assert base == source_digest(
        {"PrivateKey": dict(reversed(secret.items())), **MINIMAL, "Path": "/a/"}
        | {"PrivateKey": secret}
    )
    others = [
        source_digest({**MINIMAL, "PrivateKey": {**secret, "VersionId": "w"}}),
        source_digest({**MINIMAL, "PrivateKey": secret, "CertificateChain": {"Text": "PEM"}}),
        source_digest({**MINIMAL, "PrivateKey": secret, "Certificate": {"Text": "OTHER"}}),
        source_digest({"Bundle": secret}),
        source_digest({"Bundle": secret, "Passphrase": {"SecretArn": ARN}}),
        source_digest({}),
    ]
    assert len({base, *others}) == 7


@pytest.mark.parametrize("value", ["yes", "1", ["true"], {}])
def test_invalid_flag(value: object) -> None:
    """A flag is true or false."""
    with pytest.raises(PropertyError, match=r"Retain is .*must be 'true' or 'false'"):
        parse_properties({**MINIMAL, "Retain": value})


@pytest.mark.parametrize("name", ["ServerCertificateName", "NamePrefix", "Path"])
def test_empty_texts_are_defaults(name: str) -> None:
    """An empty string means no value: CloudFormation sends it that way."""
    assert parse_properties({**MINIMAL, name: ""}) == parse_properties(MINIMAL)


@pytest.mark.parametrize("name", ["ServiceToken", "ServiceTimeout", "Unknown", "text"])
def test_unknown_properties_are_left_alone(name: str) -> None:
    """Unknown properties are ignored: CloudFormation adds some, and later versions may, too."""
    assert parse_properties({**MINIMAL, name: ["?"]}) == parse_properties(MINIMAL)


@pytest.mark.parametrize("name", ["Certificate", "PrivateKey"])
def test_required_properties(name: str) -> None:
    """A missing required property is named."""
    assert refusal(**{name: None}) == f"{name} is missing. It is required without a Bundle."
    with pytest.raises(PropertyError, match=f"{name} is missing"):
        parse_properties({key: value for key, value in MINIMAL.items() if key != name})


@pytest.mark.parametrize("value", [1, True, ["web"], {"Ref": "Name"}])
@pytest.mark.parametrize("name", ["ServerCertificateName", "NamePrefix", "Path"])
def test_texts_of_another_type(name: str, value: object) -> None:
    """Anything but a string is refused by its type."""
    assert refusal(**{name: value}) == f"{name} must be a string, not {type(value).__name__}."


@pytest.mark.parametrize("value", ["chain-missing", 1, {"chain-missing": True}, [1]])
def test_acknowledgements_of_another_type(value: object) -> None:
    """Codes come as a list of strings, or are refused."""
    assert refusal(Acknowledge=value).startswith("Acknowledge must be a list")


@pytest.mark.parametrize("value", ["PEM", 1, ["PEM"], False])
@pytest.mark.parametrize("name", ["Certificate", "CertificateChain", "PrivateKey"])
def test_sources_of_another_type(name: str, value: object) -> None:
    """A part that is not an object is refused, and its value isn't quoted: it may be a key."""
    message = refusal(**{name: value})
    assert message.startswith(f'{name} must be an object such as {{"Text": …}}')
    assert message.endswith(f"not {type(value).__name__}.")


@pytest.mark.parametrize("source", [{}, {"Other": "x"}, {"SecretArn": ""}, {"JsonField": "key"}])
@pytest.mark.parametrize("name", ["Certificate", "CertificateChain", "PrivateKey"])
def test_sources_that_name_nothing(name: str, source: dict[str, str]) -> None:
    """A part must name its source."""
    kinds = "Text, SecretArn, ParameterName, BucketName"
    assert refusal(**{name: source}) == (
        f"{name} specifies no source. Provide exactly one of {kinds}."
    )


@pytest.mark.parametrize("name", ["Certificate", "CertificateChain"])
def test_sources_that_name_two(name: str) -> None:
    """A part with two sources is refused, because it isn't clear which one applies."""
    message = f"{name} specifies several sources. Provide exactly one of Text, SecretArn."
    assert refusal(**{name: {"Text": "PEM", "SecretArn": ARN}}) == message
    message = f"{name} specifies several sources. Provide exactly one of SecretArn, BucketName."
    assert refusal(**{name: {"BucketName": "b", "SecretArn": ARN}}) == message


@pytest.mark.parametrize("key", ["Text", "SecretArn", "JsonField", "VersionId", "VersionStage"])
def test_keys_of_sources_of_another_type(key: str) -> None:
    """The keys of a source are strings too."""
    source = {"SecretArn": ARN, key: 5}
    assert refusal(Certificate=source) == f"{key} must be a string, not int."


@pytest.mark.parametrize("source", [{"Text": "very secret"}, {"BucketName": "b", "ObjectKey": "k"}])
@pytest.mark.parametrize("name", ["PrivateKey", "Passphrase"])
def test_confidential_part_where_it_does_not_belong(name: str, source: dict[str, str]) -> None:
    """A private key or a passphrase as text or in an object is refused, and not repeated."""
    message = refusal(**{name: source})
    assert message.startswith(
        f"{name} must reference a secret (SecretArn) or a parameter (ParameterName)"
    )
    assert "very secret" not in message


@pytest.mark.parametrize("source", [{"Text": "very secret"}, {"ParameterName": "p"}])
def test_bundle_where_it_does_not_belong(source: dict[str, str]) -> None:
    """A bundle holds the private key, and comes from a secret or an object."""
    message = refusal(Certificate=None, PrivateKey=None, Bundle=source)
    assert message.startswith("Bundle must reference a secret (SecretArn) or an S3 object")
    assert "very secret" not in message


def test_object_without_a_key() -> None:
    """A bucket alone is not a source."""
    message = "Certificate specifies the bucket 'b', but no object. Provide ObjectKey."
    assert refusal(Certificate={"BucketName": "b"}) == message


def test_parameters_and_objects() -> None:
    """Parts come from Systems Manager and S3 as well, each in a version of its own."""
    parts = parse_properties(
        {
            "Certificate": {"BucketName": "b", "ObjectKey": "k", "ObjectVersion": "v"},
            "CertificateChain": {"BucketName": "b", "ObjectKey": "chain"},
            "PrivateKey": {"ParameterName": "/key", "JsonField": "f", "ParameterVersion": "3"},
        }
    ).parts
    assert parts == Parts(
        certificate=StoredObject(bucket="b", key="k", version="v"),
        chain=StoredObject(bucket="b", key="chain"),
        private_key=Parameter(name="/key", json_field="f", version="3", is_confidential=True),
    )


@pytest.mark.parametrize(
    ("bundle", "read"),
    [
        ({"SecretArn": ARN}, Secret(arn=ARN)),
        ({"BucketName": "b", "ObjectKey": "k"}, StoredObject(bucket="b", key="k")),
    ],
)
def test_bundle(bundle: dict[str, str], read: Secret | StoredObject) -> None:
    """A bundle replaces the certificate and the key; a chain can be given as well."""
    chain = {"Text": "PEM"}
    passphrase = {"SecretArn": ARN, "JsonField": "passphrase"}
    properties = {"Bundle": bundle, "Passphrase": passphrase, "CertificateChain": chain}
    assert parse_properties(properties).parts == Parts(
        bundle=read,
        passphrase=Secret(arn=ARN, json_field="passphrase"),
        chain=Text("PEM"),
    )


def test_bundle_and_certificate() -> None:
    """A bundle and a certificate are refused, because it isn't clear which one applies."""
    message = "Bundle and Certificate specify the same part twice. Provide only one of them."
    assert refusal(Bundle={"SecretArn": ARN}) == message


@pytest.mark.parametrize(
    "changes",
    [
        {"ServerCertificateName": KEY},
        {"NamePrefix": KEY},
        {"Path": KEY},
        {"PropagationSeconds": KEY},
        {"DeletionSeconds": KEY},
        {"Retain": KEY},
        {"Tags": [{"Key": KEY, "Value": "a"}, {"Key": KEY, "Value": "b"}]},
        {"PrivateKey": {"SecretArn": KEY}},
        {"PrivateKey": {"SecretArn": ARN, "JsonField": KEY}},
        {"PrivateKey": {"SecretArn": ARN, "VersionId": KEY}},
        {"PrivateKey": {"SecretArn": ARN, "VersionStage": KEY}},
        {"PrivateKey": {"ParameterName": KEY}},
        {"Certificate": {"BucketName": KEY}},
        {"Certificate": {"BucketName": "b", "ObjectKey": KEY}},
        {"Certificate": {"BucketName": "b", "ObjectKey": "k", "ObjectVersion": KEY}},
    ],
)
def test_key_in_place_of_a_name_is_not_repeated(changes: dict[str, object]) -> None:
    """A private key where a name belongs is refused, and nothing of it is quoted."""
    message = refusal(**changes)
    assert "private key" in message
    assert "very" not in message


def test_passphrase_of_a_key() -> None:
    """A passphrase opens an encrypted private key as well as a bundle."""
    parsed = parse_properties(MINIMAL | {"Passphrase": {"SecretArn": ARN}})
    assert parsed.parts.passphrase == Secret(arn=ARN)


def test_key_of_a_bundle() -> None:
    """A bundle without a key can be combined with a separate key."""
    parts = parse_properties(
        {"Bundle": {"SecretArn": ARN}, "PrivateKey": {"SecretArn": ARN, "JsonField": "key"}}
    ).parts
    assert parts.bundle == Secret(arn=ARN)
    assert parts.private_key == Secret(arn=ARN, json_field="key")


@pytest.mark.parametrize("value", [REFERENCE, f" {REFERENCE}", f"web-{REFERENCE}"])
@pytest.mark.parametrize(
    "make",
    [
        lambda value: {"ServerCertificateName": value},
        lambda value: {"Path": value},
        lambda value: {"Certificate": {"Text": value}},
        lambda value: {"CertificateChain": {"Text": value}},
        lambda value: {"PrivateKey": {"Text": value}},
        lambda value: {"PrivateKey": {"SecretArn": value}},
        lambda value: {"PrivateKey": {"SecretArn": ARN, "JsonField": value}},
    ],
)
def test_dynamic_references(make: Any, value: str) -> None:  # noqa: ANN401 (seven small functions)
    """A reference that reaches the function was not resolved, and never will be."""
    assert "contains an unresolved dynamic reference" in refusal(**make(value))


@pytest.mark.parametrize(
    ("tags", "message"),
    [
        ("Name=web", "Tags must be a list, not str."),
        ({"Name": "web"}, "Tags must be a list, not dict."),
        (1, "Tags must be a list, not int."),
        (["Name"], "Tags[0] must be an object with Key and Value."),
        ([{"Key": "a"}, {"Value": "b"}], "Tags[1] must have strings as Key and Value."),
        ([{"Key": 1, "Value": "b"}], "Tags[0] must have strings as Key and Value."),
        ([{"Key": "a", "Value": 1}], "Tags[0] must have strings as Key and Value."),
        ([{"Key": "a", "Value": None}], "Tags[0] must have strings as Key and Value."),
        (
            [{"Key": "a", "Value": "1"}, {"Key": "a", "Value": "2"}],
            "Tags contains the key 'a' twice.",
        ),
    ],
)
def test_tags_in_another_form(tags: object, message: str) -> None:
    """Tags are a list of objects with string values, and each key occurs only once."""
    assert refusal(Tags=tags) == message


def test_a_tag_without_a_value() -> None:
    """No value is an empty value."""
    assert parse_properties({**MINIMAL, "Tags": [{"Key": "a"}]}).tags == {"a": ""}


@pytest.mark.parametrize(("value", "seconds"), [("0", 0), ("030", 30), ("600", 600), (45, 45)])
def test_propagation_seconds(value: object, seconds: int) -> None:
    """Whole seconds, as a string as CloudFormation sends them, or as a number."""
    assert parse_properties({**MINIMAL, "PropagationSeconds": value}).propagation_seconds == seconds


@pytest.mark.parametrize(("value", "seconds"), [(None, None), ("0", 0), ("840", 840), (45, 45)])
def test_deletion_seconds(value: object, seconds: int | None) -> None:
    """Whole seconds; deployed stacks without them, and those that declare none, wait as before."""
    assert deletion_seconds({**MINIMAL, "DeletionSeconds": value}) == seconds
    assert deletion_seconds(MINIMAL) is None


@pytest.mark.parametrize(
    ("key", "maximum"), [("PropagationSeconds", 600), ("DeletionSeconds", 840)]
)
@pytest.mark.parametrize(
    "value", ["-1", "", "1.5", " 5", "5\n", "12345", "\u0663", True, 1.5, [], {"a": 1}]
)
def test_seconds_out_of_range(key: str, maximum: int, value: object) -> None:
    """Anything else is refused with the value and what is allowed."""
    for each in (value, str(maximum + 1)):
        assert refusal(**{key: each}) == (
            f"{key} is {each!r}. It must be a whole number of seconds from 0 to {maximum}."
        )
