"""Apps that use the construct in each way that makes another template."""

from __future__ import annotations

import functools
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from aws_cdk import (
    App,
    CfnParameter,
    Duration,
    Environment,
    NestedStack,
    RemovalPolicy,
    Stack,
    Stage,
    Tags,
)
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_secretsmanager as secretsmanager
from aws_cdk import aws_ssm as ssm

from cdk_iam_server_certificate import (
    BundleSource,
    CertificateMaterial,
    CertificateSource,
    PassphraseSource,
    PrivateKeySource,
    ServerCertificate,
)
from dev.certificates.authority import Authority

if TYPE_CHECKING:
    from collections.abc import Callable

    from constructs import Construct

    from dev.certificates.authority import Issued

ACCOUNT = "111122223333"
REGION = "eu-central-1"
MANY = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnApp:
    """An app that is made here, and what is set for it from outside."""

    build: Callable[[App], None]
    context: dict[str, Any] = field(default_factory=dict)


@functools.cache
def leaf() -> Issued:
    """Return a certificate that is valid now, for the domain names of the examples, because synth checks both."""
    authority = Authority.root(at=datetime.now(UTC)).intermediate()
    return authority.leaf("www.example.com", "www.example.com.cn")


def stack_in(
    scope: Construct, *, region: str | None = REGION, account: str | None = ACCOUNT
) -> Stack:
    """Declare the stack of an app."""
    return Stack(scope, "Web", env=Environment(account=account, region=region))


def secret_in(scope: Construct, name: str) -> secretsmanager.ISecret:
    """Import a secret by its complete ARN."""
    stack = Stack.of(scope)
    arn = (
        f"arn:{stack.partition}:secretsmanager:{stack.region}:{stack.account}:secret:{name}-AbCdEf"
    )
    return secretsmanager.Secret.from_secret_complete_arn(scope, f"{name}Secret", arn)


def certify(scope: Construct, construct_id: str = "Certificate", **arguments: Any) -> None:  # noqa: ANN401 - whatever the construct takes
    """Declare a certificate whose key is in a secret of its own."""
    material = CertificateMaterial.from_parts(
        certificate=CertificateSource.from_text(leaf().pem),
        chain=CertificateSource.from_text(leaf().chain_pem()),
        private_key=PrivateKeySource.from_secret(secret_in(scope, construct_id)),
    )
    ServerCertificate(scope, construct_id, **{"material": material, **arguments})


def of_region(region: str | None, account: str | None = ACCOUNT) -> OwnApp:
    """Return an app with one certificate with default settings in a Region."""
    return OwnApp(build=lambda app: certify(stack_in(app, region=region, account=account)))


def with_everything(app: App) -> None:
    """Set all there is to set, on a key that only a key of the account decrypts."""
    stack = stack_in(app)
    Tags.of(stack).add("team", "edge")
    key = kms.Key.from_key_arn(stack, "Kms", f"arn:aws:kms:{REGION}:{ACCOUNT}:key/{'1' * 8}")
    secret = secretsmanager.Secret.from_secret_attributes(
        stack,
        "Secret",
        secret_complete_arn=f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:www-AbCdEf",
        encryption_key=key,
    )
    certificate = ServerCertificate(
        stack,
        "Certificate",
        material=CertificateMaterial.from_parts(
            certificate=CertificateSource.from_text(leaf().pem),
            private_key=PrivateKeySource.from_secret(secret, json_field="privateKey"),
        ),
        server_certificate_name="www",
        path="/cloudfront/www/",
        propagation_time=Duration.minutes(2),
        acknowledge=["chain-missing"],
    )
    certificate.apply_removal_policy(RemovalPolicy.RETAIN)


def with_every_source(app: App) -> None:
    """Read material from wherever it can be read."""
    stack = stack_in(app)
    bucket = s3.Bucket.from_bucket_name(stack, "Bucket", "certificates-of-example")
    parameter = ssm.StringParameter.from_secure_string_parameter_attributes(
        stack, "Parameter", parameter_name="/www/private-key"
    )
    certify(
        stack,
        "Parameter-",
        material=CertificateMaterial.from_parts(
            certificate=CertificateSource.from_bucket(bucket, "www.pem"),
            chain=CertificateSource.from_secret(secret_in(stack, "chain"), json_field="chain"),
            private_key=PrivateKeySource.from_parameter(parameter),
        ),
    )
    certify(
        stack,
        "Bundle",
        material=CertificateMaterial.from_bundle(
            BundleSource.from_bucket(bucket, "www.pfx"),
            passphrase=PassphraseSource.from_secret(secret_in(stack, "passphrase")),
        ),
    )


def with_names_like_patterns(app: App) -> None:
    """Take names from parameters of the template, and a key of an object that looks like a pattern."""
    stack = stack_in(app)
    names = {name: CfnParameter(stack, name).value_as_string for name in ("Name", "Key", "Secret")}
    bucket = s3.Bucket.from_bucket_name(stack, "Bucket", "certificates-of-example")
    secret = secretsmanager.Secret.from_secret_name_v2(stack, "Given", names["Secret"])
    certify(
        stack,
        material=CertificateMaterial.from_parts(
            certificate=CertificateSource.from_bucket(bucket, "a*b/${c}?*.pem"),
            chain=CertificateSource.from_bucket(bucket, names["Key"]),
            private_key=PrivateKeySource.from_secret(secret),
        ),
        server_certificate_name=names["Name"],
    )


def in_nested_stack(app: App) -> None:
    """Declare a certificate, and a nested stack with another one."""
    stack = stack_in(app)
    certify(stack)
    certify(NestedStack(stack, "Nested"))


def with_renewal(app: App) -> None:
    """Let certificates renew in a stack and in a nested one, and watch a third that doesn't."""
    stack = stack_in(app)
    nested = NestedStack(stack, "Nested")
    for scope in (stack, nested):
        bundle = BundleSource.from_secret(secret_in(scope, "www"))
        ServerCertificate(
            scope,
            "Renewed",
            material=CertificateMaterial.from_bundle(bundle),
            renew_automatically=True,
        )
    certify(stack, "Watched", expiration_notice=Duration.days(30))


def certificates(count: int) -> OwnApp:
    """Return an app with a stack of some certificates."""

    def build(app: App) -> None:
        stack = stack_in(app)
        for number in range(count):
            certify(stack, f"Certificate{number}")

    return OwnApp(build=build)


OWN_APPS = {
    "default": of_region(REGION),
    "agnostic": of_region(None, None),
    "everything": OwnApp(build=with_everything),
    "names-like-patterns": OwnApp(build=with_names_like_patterns),
    "every-source": OwnApp(build=with_every_source),
    "arm64": OwnApp(
        build=lambda app: certify(stack_in(app)),
        context={"cdk-iam-server-certificate:architecture": "arm64"},
    ),
    "china": of_region("cn-north-1"),
    "us-gov": of_region("us-gov-west-1"),
    "iso": of_region("us-iso-east-1"),
    "nested": OwnApp(build=in_nested_stack),
    "renewal": OwnApp(build=with_renewal),
    "stage": OwnApp(
        build=lambda app: certify(
            stack_in(Stage(app, "Production", env=Environment(account=ACCOUNT, region=REGION)))
        )
    ),
    "three": certificates(3),
    "many": certificates(MANY),
}
