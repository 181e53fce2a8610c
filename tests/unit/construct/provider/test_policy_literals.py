"""Values in policies are escaped, and are never patterns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App, CfnParameter, CfnResource, Environment, Fn, NestedStack, Stack
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_secretsmanager as secretsmanager
from aws_cdk import aws_ssm as ssm

from cdk_iam_server_certificate import CertificateMaterial, CertificateSource, PrivateKeySource
from cdk_iam_server_certificate.policy_literals import literal
from support.sources import KMS_ARN, parts_of
from support.stacks import private_key, report_of, statements_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from cdk_iam_server_certificate import ServerCertificate
    from dev.certificates.authority import Issued

    Certify = Callable[..., ServerCertificate]
    Make = Callable[[Stack], Any]

VALUES = [
    ("plain/key.pem", "plain/key.pem"),
    ("a*b", "a${*}b"),
    ("a?b", "a${?}b"),
    ("a$b", "a${$}b"),
    ("${aws:username}/*", "${$}{aws:username}/${*}"),
    ("${*}", "${$}{${*}}"),
    ("*?$", "${*}${?}${$}"),
    ("", ""),
]


def deployed(value: Any, parameters: dict[str, str]) -> Any:  # noqa: ANN401 - JSON
    """Resolve a value like CloudFormation, with the given values of references."""
    match value:
        case {"Ref": name}:
            resolved: Any = parameters[name]
        case {"Fn::Split": [delimiter, text]}:
            resolved = deployed(text, parameters).split(delimiter)
        case {"Fn::Join": [delimiter, items]}:
            resolved = delimiter.join(deployed(items, parameters))
        case {"Fn::Sub": ["${Literal}", {"Literal": text}]}:
            resolved = deployed(text, parameters)
        case list():
            resolved = [deployed(each, parameters) for each in value]
        case _:
            resolved = value
    return resolved


@pytest.mark.parametrize(("value", "written"), VALUES)
def test_literals(value: str, written: str) -> None:
    """Each special character is replaced with IAM's variable for it, and the rest is unchanged."""
    assert literal(value) == written


@pytest.mark.parametrize(
    ("value", "written"),
    [
        *VALUES,
        ("{{resolve:ssm:/x}}", "{ { resolve:ssm:/x}}"),
        ("{{{resolve:ssm:/x}}", "{ { {resolve:ssm:/x}}"),
        ("{{{{resolve:ssm:/*}}", "{ { { { resolve:ssm:/${*}}}"),
    ],
)
def test_values_of_parameters(stack: Stack, value: str, written: str) -> None:
    """CloudFormation escapes a value that is only known at deploy time, and resolves nothing in it."""
    parameter = CfnParameter(stack, "Given")
    resolved = stack.resolve(f"arn:x/{literal(parameter.value_as_string)}-*")
    assert deployed(resolved, {"Given": value}) == f"arn:x/{written}-*"


def test_the_same_value_is_written_once(stack: Stack) -> None:
    """Certificates that read the same secret share one permission."""
    parameter = CfnParameter(stack, "Given")
    assert literal(parameter.value_as_string) == literal(parameter.value_as_string)


@pytest.mark.parametrize(
    "make",
    [
        lambda stack: (
            f"arn:{stack.partition}:s3:::{stack.account}-{stack.region}-{stack.url_suffix}"
        ),
        lambda stack: s3.Bucket(stack, "Of").bucket_arn,
        lambda stack: s3.Bucket(stack, "Of").bucket_name,
        lambda stack: secretsmanager.Secret(stack, "Of").secret_arn,
        lambda stack: ssm.StringParameter(stack, "Of", string_value="x").parameter_arn,
        lambda stack: kms.Key(stack, "Of").key_arn,
        lambda stack: secretsmanager.Secret(NestedStack(stack, "N"), "Of").secret_arn,
    ],
)
def test_identifiers_from_aws_stay_readable(make: Make) -> None:
    """References to these resources are not escaped, because their names have no special characters."""
    name = make(Stack(App(), "Web"))
    assert literal(name) == name


@pytest.mark.parametrize(
    "make",
    [
        lambda stack: CfnParameter(stack, "Of").value_as_string,
        lambda _: Fn.import_value("of-another-stack"),
        lambda stack: CfnResource(stack, "Of", type="Custom::Any").get_att("Key").to_string(),
        lambda stack: ssm.StringParameter(stack, "Of", string_value="x").string_value,
        lambda stack: ssm.StringParameter.value_for_string_parameter(stack, "/x"),
        lambda stack: Fn.select(0, Fn.split(",", CfnParameter(stack, "Of").value_as_string)),
    ],
)
def test_what_others_determine_is_escaped(make: Make) -> None:
    """Parameters, exports, custom resources and contents are escaped, because they can be any text."""
    stack = Stack(App(), "Web")
    assert "Fn::Split" in str(stack.resolve(literal(make(stack))))


@pytest.fixture
def declare(stack: Stack, certify: Certify, leaf: Issued) -> Callable[..., None]:
    """Return a function that declares a certificate from given sources."""

    def build(**parts: Any) -> None:  # noqa: ANN401 - sources
        given = {
            "certificate": CertificateSource.from_text(leaf.pem),
            "chain": CertificateSource.from_text(leaf.chain_pem()),
            **parts,
        }
        if "private_key" not in given:
            given["private_key"] = private_key(stack, "Good")
        certify(stack, material=CertificateMaterial.from_parts(**given))

    return build


def granted(stack: Stack, action: str, parameters: dict[str, str]) -> Any:  # noqa: ANN401 - JSON
    """Return the resource on which an action is allowed after the deployment."""
    (statement,) = [each for each in statements_of(stack) if action in each["Action"]]
    return deployed(statement["Resource"], parameters)


def test_keys_of_objects(stack: Stack, declare: Callable[..., None]) -> None:
    """The key 'a*b' grants access to the object 'a*b', and the function gets the unescaped key."""
    bucket = s3.Bucket.from_bucket_name(stack, "Bucket", "tls")
    declare(certificate=CertificateSource.from_bucket(bucket, "a*b/${c}?"))
    arn = granted(stack, "s3:GetObject", {"AWS::Partition": "aws"})
    assert arn == "arn:aws:s3:::tls/a${*}b/${$}{c}${?}"
    assert parts_of(stack)["Certificate"]["ObjectKey"] == "a*b/${c}?"


def test_names_from_parameters(
    stack: Stack, declare: Callable[..., None], certify: Certify
) -> None:
    """A name from a parameter grants permissions for that name only."""
    names = {name: CfnParameter(stack, name).value_as_string for name in ("Name", "Key", "Secret")}
    bucket = s3.Bucket.from_bucket_name(stack, "Bucket", "tls")
    secret = secretsmanager.Secret.from_secret_name_v2(stack, "Given", names["Secret"])
    declare(
        chain=CertificateSource.from_bucket(bucket, names["Key"]),
        private_key=PrivateKeySource.from_secret(secret),
    )
    certify(stack, "Named", server_certificate_name=names["Name"])
    given = {"AWS::Partition": "aws", "Name": "*", "Key": "*", "Secret": "*"}
    uploads = granted(stack, "iam:UploadServerCertificate", given)
    assert "arn:aws:iam::111122223333:server-certificate/${*}" in uploads
    assert "arn:aws:iam::111122223333:server-certificate/*/${*}" in uploads
    assert granted(stack, "s3:GetObject", given) == "arn:aws:s3:::tls/${*}"
    assert "arn:aws:secretsmanager:eu-central-1:111122223333:secret:${*}-??????" in granted(
        stack, "secretsmanager:GetSecretValue", given
    )


@pytest.mark.parametrize(
    ("subject", "part", "make", "problem"),
    [
        (
            "private-key",
            "private_key",
            lambda stack: PrivateKeySource.from_secret(
                secretsmanager.Secret.from_secret_name_v2(stack, "S", "tls/*")
            ),
            "the name of the secret 'arn:…:secretsmanager:eu-central-1:111122223333:secret:tls/*' contains '*',",
        ),
        (
            "private-key",
            "private_key",
            lambda stack: PrivateKeySource.from_parameter(
                ssm.StringParameter.from_secure_string_parameter_attributes(
                    stack, "P", parameter_name="/tls/${aws:username}?"
                )
            ),
            "the name of the parameter '/tls/${aws:username}?' contains '$', '?',",
        ),
        (
            "chain",
            "chain",
            lambda stack: CertificateSource.from_bucket(
                s3.Bucket.from_bucket_attributes(
                    stack,
                    "B",
                    bucket_name="tls",
                    encryption_key=kms.Key.from_key_arn(stack, "K", KMS_ARN[:-36] + "*"),
                ),
                "chain.pem",
            ),
            "the name of the KMS key 'arn:aws:kms:eu-central-1:111122223333:key/*' contains '*',",
        ),
    ],
)
def test_patterns_are_refused(
    app: App,
    stack: Stack,
    declare: Callable[..., None],
    subject: str,
    part: str,
    make: Make,
    problem: str,
) -> None:
    """A pattern instead of the name of a secret, parameter or key is an error."""
    declare(**{part: make(stack)})
    report = report_of(app)
    assert (
        f"[Web/Certificate] {subject}: {problem} but can only contain letters, digits and" in report
    )
    assert "; patterns are not supported." in report


@pytest.mark.parametrize(
    "make",
    [
        lambda _: "{{resolve:ssm:/tls/key}}",
        lambda stack: Fn.join("", ["a/{{resolve:ssm:", CfnParameter(stack, "Of").value_as_string]),
    ],
)
def test_dynamic_references_are_refused(
    app: App, stack: Stack, declare: Callable[..., None], make: Make
) -> None:
    """Dynamic references are an error: CloudFormation resolves them after it escapes values."""
    bucket = s3.Bucket.from_bucket_name(stack, "Bucket", "tls")
    declare(chain=CertificateSource.from_bucket(bucket, make(stack)))
    report = report_of(app)
    assert "[Web/Certificate] chain: it is named by a dynamic reference" in report
    assert "StringParameter.value_for_string_parameter" in report


def test_dynamic_reference_as_a_name(app: App, stack: Stack, certify: Certify) -> None:
    """A name that contains a dynamic reference is an error."""
    name = Fn.join("", ["{{resolve:ssm:", CfnParameter(stack, "Of").value_as_string, "}}"])
    certify(stack, server_certificate_name=name)
    assert "[Web/Certificate] name: it is named by a dynamic reference" in report_of(app)


@pytest.mark.parametrize(
    ("region", "endings"),
    [
        ("eu-central-1", ["eu-central-1.amazonaws.com"]),
        ("us-gov-west-1", ["us-gov-west-1.amazonaws.com"]),
        ("cn-north-1", ["cn-north-1.amazonaws.com", "cn-north-1.amazonaws.com.cn"]),
        (None, ["here-1.amazonaws.com", "here-1.suffix"]),
    ],
)
def test_services_that_keys_decrypt_for(
    app: App, certify: Certify, leaf: Issued, region: str | None, endings: list[str]
) -> None:
    """If KMS doesn't document a service's name, all possible names are allowed."""
    stack = Stack(app, "Web", env=Environment(account="111122223333", region=region))
    secret = secretsmanager.Secret.from_secret_attributes(
        stack,
        "Secret",
        secret_partial_arn=f"arn:{stack.partition}:secretsmanager:{stack.region}:111122223333:secret:a",
        encryption_key=kms.Key(stack, "Key"),
    )
    parts = CertificateMaterial.from_parts(
        certificate=CertificateSource.from_text(leaf.pem),
        chain=CertificateSource.from_text(leaf.chain_pem()),
        private_key=PrivateKeySource.from_secret(secret),
    )
    certify(stack, material=parts)
    (decrypt,) = [each for each in statements_of(stack) if each["Action"] == "kms:Decrypt"]
    via = deployed(
        decrypt["Condition"]["StringEquals"]["kms:ViaService"],
        {"AWS::Region": "here-1", "AWS::URLSuffix": "suffix"},
    )
    named = [f"secretsmanager.{ending}" for ending in endings]
    assert via == (named[0] if len(named) == 1 else named)
