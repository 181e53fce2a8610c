"""Properties of the custom resource as CloudFormation sends them."""

from __future__ import annotations

import re
from typing import Any

import pytest

from server_certificate.resource_contract import (
    DEFAULT_PROPAGATION_SECONDS,
    MAX_PROPAGATION_SECONDS,
    RESOURCE_TYPE,
    Attribute,
    Property,
    PropertyError,
    ResourceProperties,
    Secret,
    Source,
    Text,
    parse_properties,
    source_digest,
)

ARN = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:tls-a1b2c3"
MINIMAL: dict[str, Any] = {"Certificate": {"Text": "PEM"}, "PrivateKey": {"SecretArn": ARN}}
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
        "Tags",
        "PropagationSeconds",
        "Acknowledge",
        "Retain",
    }
    assert {*Source} == {"Text", "SecretArn", "JsonField", "VersionId", "VersionStage"}
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
    }
    assert parse_properties(properties) == ResourceProperties(
        name="web",
        name_prefix="stack-web",
        path="/cloudfront/",
        certificate=Text("PEM"),
        chain=Secret(arn=ARN, json_field="chain"),
        private_key=Secret(arn=ARN, version_id="v", version_stage="AWSCURRENT"),
        tags={"Name": "web", "empty": ""},
        propagation_seconds=45,
        acknowledged=frozenset({"chain-missing"}),
        retain=True,
        source_digest=source_digest(properties),
    )


def test_defaults() -> None:
    """Certificate and private key are all that must be given."""
    assert parse_properties(MINIMAL) == ResourceProperties(
        name=None,
        name_prefix="certificate",
        path="/",
        certificate=Text("PEM"),
        chain=None,
        private_key=Secret(arn=ARN),
        tags={},
        propagation_seconds=DEFAULT_PROPAGATION_SECONDS,
        acknowledged=frozenset(),
        retain=False,
        source_digest=source_digest(MINIMAL),
    )


def test_digest_tells_sources_apart_and_nothing_else() -> None:
    """Where the material comes from counts; name, path, tags and the order of keys do not."""
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
        source_digest({}),
    ]
    assert len({base, *others}) == 5


@pytest.mark.parametrize("value", ["yes", "1", ["true"], {}])
def test_flag_that_is_none(value: object) -> None:
    """A flag is true or false."""
    with pytest.raises(PropertyError, match=r"Retain is .*'true' and 'false' are allowed"):
        parse_properties({**MINIMAL, "Retain": value})


@pytest.mark.parametrize("name", ["ServerCertificateName", "NamePrefix", "Path"])
def test_empty_texts_are_defaults(name: str) -> None:
    """An empty text is what CloudFormation makes of no value."""
    assert parse_properties({**MINIMAL, name: ""}) == parse_properties(MINIMAL)


@pytest.mark.parametrize("name", ["ServiceToken", "ServiceTimeout", "Unknown", "text"])
def test_unknown_properties_are_left_alone(name: str) -> None:
    """CloudFormation adds some, and later versions may."""
    assert parse_properties({**MINIMAL, name: ["?"]}) == parse_properties(MINIMAL)


@pytest.mark.parametrize("name", ["Certificate", "PrivateKey"])
def test_required_properties(name: str) -> None:
    """What must be given is named."""
    assert refusal(**{name: None}) == f"{name} is missing."
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
    """A part that is no object is refused, and its value, which may be a key, is not repeated."""
    message = refusal(**{name: value})
    assert message.startswith(f'{name} must be an object such as {{"Text": …}}')
    assert message.endswith(f"not {type(value).__name__}.")


@pytest.mark.parametrize("source", [{}, {"Other": "x"}, {"SecretArn": ""}, {"JsonField": "key"}])
@pytest.mark.parametrize("name", ["Certificate", "CertificateChain", "PrivateKey"])
def test_sources_that_name_nothing(name: str, source: dict[str, str]) -> None:
    """A part must say where its text lies."""
    assert refusal(**{name: source}) == f"{name} names no source: give Text or SecretArn."


@pytest.mark.parametrize("name", ["Certificate", "CertificateChain"])
def test_sources_that_name_two(name: str) -> None:
    """Which of two sources is meant, nobody can tell."""
    message = f"{name} names two sources: give either Text or SecretArn."
    assert refusal(**{name: {"Text": "PEM", "SecretArn": ARN}}) == message


@pytest.mark.parametrize("key", ["Text", "SecretArn", "JsonField", "VersionId", "VersionStage"])
def test_keys_of_sources_of_another_type(key: str) -> None:
    """The keys of a source are strings too."""
    source = {"SecretArn": ARN, key: 5}
    assert refusal(Certificate=source) == f"{key} must be a string, not int."


def test_private_key_in_the_template() -> None:
    """A private key as text is refused, and not repeated."""
    message = refusal(PrivateKey={"Text": "very secret"})
    assert message.startswith("PrivateKey must name a secret (SecretArn)")
    assert "very secret" not in message


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
    assert "holds an unresolved dynamic reference" in refusal(**make(value))


@pytest.mark.parametrize(
    ("tags", "message"),
    [
        ("Name=web", "Tags must be a list, not str."),
        ({"Name": "web"}, "Tags must be a list, not dict."),
        (1, "Tags must be a list, not int."),
        (["Name"], "Tags[0] must be an object of Key and Value."),
        ([{"Key": "a"}, {"Value": "b"}], "Tags[1] must have strings as Key and Value."),
        ([{"Key": 1, "Value": "b"}], "Tags[0] must have strings as Key and Value."),
        ([{"Key": "a", "Value": 1}], "Tags[0] must have strings as Key and Value."),
        ([{"Key": "a", "Value": None}], "Tags[0] must have strings as Key and Value."),
        ([{"Key": "a", "Value": "1"}, {"Key": "a", "Value": "2"}], "Tags has the key 'a' twice."),
    ],
)
def test_tags_in_another_form(tags: object, message: str) -> None:
    """Tags are a list of objects with strings, and no key stands there twice."""
    assert refusal(Tags=tags) == message


def test_a_tag_without_a_value() -> None:
    """No value is an empty value."""
    assert parse_properties({**MINIMAL, "Tags": [{"Key": "a"}]}).tags == {"a": ""}


@pytest.mark.parametrize(("value", "seconds"), [("0", 0), ("030", 30), ("600", 600), (45, 45)])
def test_propagation_seconds(value: object, seconds: int) -> None:
    """Whole seconds, as a string as CloudFormation sends them, or as a number."""
    assert parse_properties({**MINIMAL, "PropagationSeconds": value}).propagation_seconds == seconds


@pytest.mark.parametrize(
    "value", ["601", "-1", "", "1.5", " 5", "5\n", "12345", "\u0663", True, 1.5, [], {"a": 1}]
)
def test_propagation_seconds_out_of_range(value: object) -> None:
    """Anything else is refused with the value and what is allowed."""
    message = refusal(PropagationSeconds=value)
    assert message == (f"PropagationSeconds is {value!r}; whole seconds from 0 to 600 are allowed.")
    assert re.search(rf"\b{MAX_PROPAGATION_SECONDS}\b", message)
