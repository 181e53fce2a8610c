"""No private key, bundle or passphrase reaches a template by any road: the synthesis stops first."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import (
    App,
    Aspects,
    CfnMapping,
    CfnParameter,
    CfnResource,
    Environment,
    Fn,
    IAspect,
    NestedStack,
    SecretValue,
    Stack,
    Stage,
    custom_resources,
)
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_s3_assets as assets
from aws_cdk import aws_s3_deployment as deployment
from aws_cdk import aws_secretsmanager as secretsmanager
from aws_cdk import aws_ssm as ssm
from jsii import implements

from cdk_iam_server_certificate import (
    BundleSource,
    CertificateMaterial,
    CertificateSource,
    PassphraseSource,
    PrivateKeySource,
    ServerCertificate,
)
from dev.certificates.authority import self_signed

if TYPE_CHECKING:
    from collections.abc import Callable

    from constructs import IConstruct

    Road = Callable[[Stack, str], CertificateMaterial]

ISSUED = self_signed()
KEY = ISSUED.key_pem()
PFX = base64.b64encode(ISSUED.key_pem().encode()[::-1]).decode()
PASSPHRASE = "correct horse battery"  # noqa: S105 (searched for in the templates)
SECRETS = (KEY.splitlines()[1], json.dumps(KEY)[1:-1], PFX, PASSPHRASE)
ENVIRONMENT = Environment(account="111122223333", region="eu-central-1")
Secret = secretsmanager.Secret


def plain(value: str) -> SecretValue:
    """Return a value that the CDK writes to the template."""
    return SecretValue.unsafe_plain_text(value)


def key_from(source: PrivateKeySource) -> CertificateMaterial:
    """Return material with a source of the private key."""
    return CertificateMaterial.from_parts(
        certificate=CertificateSource.from_text(ISSUED.pem), private_key=source
    )


def key(secret: secretsmanager.ISecret, **fields: str) -> CertificateMaterial:
    """Return material with a private key from a secret."""
    return key_from(PrivateKeySource.from_secret(secret, **fields))


def bundle(secret: secretsmanager.ISecret) -> CertificateMaterial:
    """Return material with a bundle from a secret."""
    return CertificateMaterial.from_bundle(BundleSource.from_secret(secret))


def passphrase(stack: Stack, secret: secretsmanager.ISecret, **fields: str) -> CertificateMaterial:
    """Return material with a passphrase from a secret."""
    stored = Secret.from_secret_name_v2(stack, f"{secret.node.id}Stored", "stored")
    return CertificateMaterial.from_bundle(
        BundleSource.from_secret(stored),
        passphrase=PassphraseSource.from_secret(secret, **fields),
    )


def overridden(stack: Stack, name: str, path: str, value: object) -> secretsmanager.Secret:
    """Return a generated secret with an override."""
    secret = Secret(stack, name)
    inner = secret.node.default_child
    assert isinstance(inner, CfnResource)
    inner.add_override(path, value)
    return secret


def changed_by_an_aspect(stack: Stack, name: str) -> CertificateMaterial:
    """Return material from a secret whose value an aspect sets."""

    @implements(IAspect)
    class _Sets:
        def visit(self, node: IConstruct) -> None:
            if isinstance(node, secretsmanager.CfnSecret):
                node.generate_secret_string = None
                node.secret_string = KEY

    secret = Secret(stack, name)
    Aspects.of(secret).add(_Sets())
    return key(secret)


def from_the_parent(stack: Stack, name: str) -> CertificateMaterial:
    """Return material from a secret of a nested stack, whose value is a parameter of the parent stack."""
    nested = NestedStack(stack, name, parameters={"Key": KEY})
    value = CfnParameter(nested, "Key", no_echo=True)
    return key(Secret(nested, "Secret", secret_string_value=SecretValue.cfn_parameter(value)))


def attached(stack: Stack, name: str) -> CertificateMaterial:
    """Return material from an attachment, which has the ARN of its secret."""
    secret = Secret(stack, name, secret_string_value=plain(KEY))
    attachment = secretsmanager.CfnSecretTargetAttachment(
        stack,
        f"{name}Attachment",
        secret_id=secret.secret_arn,
        target_id="database",
        target_type="AWS::RDS::DBInstance",
    )
    return key(Secret.from_secret_complete_arn(stack, f"{name}Import", attachment.ref))


def mapped(stack: Stack, name: str) -> CertificateMaterial:
    """Return material from a secret whose value is in a mapping."""
    mapping = CfnMapping(stack, f"{name}Map", mapping={"a": {"b": PASSPHRASE}})
    value = plain(Fn.find_in_map(mapping.logical_id, "a", "b"))
    return passphrase(stack, Secret(stack, name, secret_string_value=value))


def with_a_default(stack: Stack, name: str) -> CertificateMaterial:
    """Return material from a secret whose value is a parameter's default."""
    value = CfnParameter(stack, f"{name}Value", no_echo=True, default=PASSPHRASE)
    return passphrase(
        stack, Secret(stack, name, secret_string_value=SecretValue.cfn_parameter(value))
    )


def called(stack: Stack, name: str, call: str, parameters: dict[str, str]) -> None:
    """Make a call of an SDK when the stack is created."""
    custom_resources.AwsCustomResource(
        stack,
        name,
        on_create=custom_resources.AwsSdkCall(
            service="any",
            action=call,
            parameters=parameters,
            physical_resource_id=custom_resources.PhysicalResourceId.of(name),
        ),
        policy=custom_resources.AwsCustomResourcePolicy.from_sdk_calls(resources=["*"]),
    )


def called_for_a_secret(stack: Stack, name: str) -> CertificateMaterial:
    """Return material from a secret that a call to Secrets Manager creates."""
    called(stack, name, "createSecret", {"Name": "www/called", "SecretString": KEY})
    return key(Secret.from_secret_name_v2(stack, f"{name}Import", "www/called"))


def called_for_a_parameter(stack: Stack, name: str) -> CertificateMaterial:
    """Return material from a SecureString that a call to Systems Manager creates."""
    called(stack, name, "putParameter", {"Name": "/called", "Type": "SecureString", "Value": KEY})
    secure = ssm.StringParameter.from_secure_string_parameter_attributes(
        stack, f"{name}Import", parameter_name="/called"
    )
    return key_from(PrivateKeySource.from_parameter(secure))


def called_for_an_object(stack: Stack, name: str) -> CertificateMaterial:
    """Return material from an object that a call to S3 creates."""
    called(stack, name, "putObject", {"Bucket": "called", "Key": "www.pem", "Body": KEY})
    bucket = s3.Bucket.from_bucket_name(stack, f"{name}Import", "called")
    return CertificateMaterial.from_bundle(BundleSource.from_bucket(bucket, "www.pem"))


def by_parameter(stack: Stack, name: str) -> CertificateMaterial:
    """Return material with a private key from a parameter that the app creates."""
    made = ssm.StringParameter(stack, name, string_value=KEY)
    return key_from(PrivateKeySource.from_parameter(made))


def by_name_of_a_parameter(stack: Stack, name: str) -> CertificateMaterial:
    """Return material with a private key from a parameter of the app, imported as a SecureString."""
    ssm.CfnParameter(stack, name, name="/tls/own", type="String", value=KEY)
    secure = ssm.StringParameter.from_secure_string_parameter_attributes(
        stack, f"{name}Import", parameter_name="/tls/own"
    )
    return key_from(PrivateKeySource.from_parameter(secure))


def in_a_deployment(stack: Stack, name: str) -> CertificateMaterial:
    """Return material from an object that the app deploys, with a prefix."""
    bucket = s3.Bucket(stack, name)
    source = deployment.Source.data("www.pfx", PFX)
    deployment.BucketDeployment(
        stack,
        f"{name}Files",
        destination_bucket=bucket,
        sources=[source],
        destination_key_prefix="tls",
    )
    return CertificateMaterial.from_bundle(BundleSource.from_bucket(bucket, "tls/www.pfx"))


def in_the_bucket_of_a_deployment(stack: Stack, name: str) -> CertificateMaterial:
    """Return material from an object that the app deploys, by the deployed bucket."""
    deployed = deployment.BucketDeployment(
        stack,
        f"{name}Files",
        destination_bucket=s3.Bucket(stack, name),
        sources=[deployment.Source.data("www.pfx", PFX)],
    )
    source = BundleSource.from_bucket(deployed.deployed_bucket, "www.pfx")
    return CertificateMaterial.from_bundle(source)


def in_an_asset(stack: Stack, name: str) -> CertificateMaterial:
    """Return material from an asset."""
    path = Path(stack.node.get_context("folder")) / "www.pfx"
    path.write_text(PFX)
    asset = assets.Asset(stack, name, path=str(path))
    source = BundleSource.from_bucket(asset.bucket, asset.s3_object_key)
    return CertificateMaterial.from_bundle(source)


ROADS: dict[str, Road] = {
    "Plain": lambda stack, name: key(Secret(stack, name, secret_string_value=plain(KEY))),
    "PlainBundle": lambda stack, name: bundle(Secret(stack, name, secret_string_value=plain(PFX))),
    "PlainPassphrase": lambda stack, name: passphrase(
        stack, Secret(stack, name, secret_string_value=plain(PASSPHRASE))
    ),
    "Object": lambda stack, name: key(
        Secret(stack, name, secret_object_value={"key": plain(KEY)}), json_field="key"
    ),
    "ObjectBundle": lambda stack, name: bundle(
        Secret(
            stack,
            name,
            secret_object_value={"certificate": plain(ISSUED.pem), "privateKey": plain(KEY)},
        )
    ),
    "L1": lambda stack, name: key(
        Secret.from_secret_complete_arn(
            stack, f"{name}Import", secretsmanager.CfnSecret(stack, name, secret_string=KEY).ref
        )
    ),
    "Generic": lambda stack, name: key(
        Secret.from_secret_complete_arn(
            stack,
            f"{name}Import",
            CfnResource(
                stack,
                name,
                type="AWS::SecretsManager::Secret",
                properties={"SecretString": Fn.base64(KEY)},
            ).ref,
        )
    ),
    "Template": lambda stack, name: passphrase(
        stack,
        Secret(
            stack,
            name,
            generate_secret_string=secretsmanager.SecretStringGenerator(
                secret_string_template=json.dumps({"pass": PASSPHRASE}), generate_string_key="x"
            ),
        ),
        json_field="pass",
    ),
    "Override": lambda stack, name: key(overridden(stack, name, "Properties.SecretString", KEY)),
    "OverrideOfAll": lambda stack, name: key(
        overridden(stack, name, "Properties", {"SecretString": KEY})
    ),
    "OverrideOfTemplate": lambda stack, name: key(
        overridden(stack, name, "Properties.GenerateSecretString.SecretStringTemplate", KEY)
    ),
    "Aspect": changed_by_an_aspect,
    "Default": with_a_default,
    "Mapping": mapped,
    "Parent": from_the_parent,
    "Attachment": attached,
    "Name": lambda stack, name: key(
        Secret.from_secret_name_v2(
            stack,
            f"{name}Import",
            Secret(stack, name, secret_string_value=plain(KEY)).secret_name,
        )
    ),
    "LiteralName": lambda stack, name: (
        Secret(stack, name, secret_name="www/own", secret_string_value=plain(KEY))  # noqa: S106 (a name)
        and key(Secret.from_secret_name_v2(stack, f"{name}Import", "www/own"))
    ),
    "OtherStack": lambda stack, name: key(
        Secret(
            Stack(stack.node.scope, f"{name}Far", env=ENVIRONMENT),
            name,
            secret_string_value=plain(KEY),
        )
    ),
    "Parameter": by_parameter,
    "NameOfParameter": by_name_of_a_parameter,
    "Deployment": in_a_deployment,
    "DeployedBucket": in_the_bucket_of_a_deployment,
    "Asset": in_an_asset,
    "CallForSecret": called_for_a_secret,
    "CallForParameter": called_for_a_parameter,
    "CallForObject": called_for_an_object,
}


def generated_passphrase(stack: Stack, name: str) -> CertificateMaterial:
    """Return material with a generated passphrase, next to a literal user name."""
    generator = secretsmanager.SecretStringGenerator(
        secret_string_template=json.dumps({"user": "www"}), generate_string_key="pass"
    )
    return passphrase(
        stack, Secret(stack, name, generate_secret_string=generator), json_field="pass"
    )


def from_a_parameter(stack: Stack, name: str) -> CertificateMaterial:
    """Return a bundle whose certificate is literal, and whose key CloudFormation gets as a parameter."""
    value = SecretValue.cfn_parameter(CfnParameter(stack, f"{name}Value", no_echo=True))
    fields = {"certificate": plain(ISSUED.pem), "privateKey": value}
    return bundle(Secret(stack, name, secret_object_value=fields))


def next_to_a_deployment(stack: Stack, name: str) -> CertificateMaterial:
    """Return material from an object next to those that the app deploys."""
    bucket = s3.Bucket(stack, name)
    deployment.BucketDeployment(
        stack,
        f"{name}Files",
        destination_bucket=bucket,
        sources=[deployment.Source.data("index.html", "text")],
        prune=False,
    )
    return CertificateMaterial.from_bundle(BundleSource.from_bucket(bucket, "www.pfx"))


ALLOWED: dict[str, Road] = {
    "Empty": lambda stack, name: key(Secret(stack, name)),
    "Generated": generated_passphrase,
    "FromParameter": from_a_parameter,
    "Dynamic": lambda stack, name: key(
        Secret(stack, name, secret_string_value=SecretValue.ssm_secure("/tls/key", "1"))
    ),
    "NextToDeployment": next_to_a_deployment,
    "OtherAccount": lambda stack, name: (
        Secret(
            Stack(stack.node.scope, f"{name}Far", env=Environment(account="444455556666")),
            name,
            secret_name="www/far",  # noqa: S106 (a name)
            secret_string_value=plain("any"),
        )
        and key(Secret.from_secret_name_v2(stack, f"{name}Import", "www/far"))
    ),
    "PublicCertificate": lambda stack, name: CertificateMaterial.from_parts(
        certificate=CertificateSource.from_parameter(
            ssm.StringParameter(stack, name, string_value=ISSUED.pem)
        ),
        private_key=PrivateKeySource.from_secret(
            Secret.from_secret_name_v2(stack, f"{name}Key", "key")
        ),
    ),
}


@pytest.fixture(scope="module")
def synthesis(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """Return what stops the synthesis of an app with all roads, and the app's output."""
    folder = tmp_path_factory.mktemp("roads")
    context: dict[str, Any] = {"aws:cdk:bundling-stacks": [], "folder": str(folder)}
    app = App(outdir=str(folder / "cdk.out"), context=context)
    stack = Stack(app, "Web", env=ENVIRONMENT)
    for name, road in {**ROADS, **ALLOWED}.items():
        ServerCertificate(stack, f"Certificate{name}", material=road(stack, name))
    with pytest.raises(RuntimeError, match="Validation failed") as caught:
        app.synth()
    return str(caught.value), folder / "cdk.out"


STORED = (
    "FILE",
    "FILE --passphrase-file FILE",
    "FILE --private-key FILE",
    "FILE --private-key FILE --passphrase-file FILE",
)
"""What the command that replaces the road is given: all parts of the certificate."""


@pytest.mark.parametrize("road", ROADS)
def test_road_is_closed(synthesis: tuple[str, Path], road: str) -> None:
    """A literal private key, bundle or passphrase stops the synthesis, and the construct is named."""
    report, _ = synthesis
    (line,) = [each for each in report.splitlines() if f"[Web/Certificate{road}] " in each]
    assert f"Web/{road}" in line.replace(f"[Web/Certificate{road}]", "") or "Far" in line
    assert any(f"'server-certificate store --secret NAME {each}'" in line for each in STORED)


@pytest.mark.parametrize("road", ALLOWED)
def test_other_values_are_allowed(synthesis: tuple[str, Path], road: str) -> None:
    """Generated values, parameters without a default and public certificates are allowed."""
    report, _ = synthesis
    assert f"[Web/Certificate{road}] " not in report


def test_nothing_is_written(synthesis: tuple[str, Path]) -> None:
    """Neither the report nor the output contains a secret, except for the staged copies of local files."""
    report, output = synthesis
    assert not [each for each in SECRETS if each in report]
    holders = {
        path.relative_to(output).parts[0]
        for path in output.rglob("*")
        if path.is_file() and any(each.encode() in path.read_bytes() for each in SECRETS)
    }
    assert all(name.startswith("asset.") for name in holders)
    assert not list(output.glob("*.template.json"))


def test_each_synthesis_checks_each_stage_again() -> None:
    """A value that the app adds between two syntheses is found, in its own stage alone."""
    app = App(context={"aws:cdk:bundling-stacks": []})
    beta, prod = Stage(app, "Beta"), Stage(app, "Prod")
    stacks = [Stack(stage, "Web", env=ENVIRONMENT) for stage in (beta, prod)]
    for stack in stacks:
        imported = Secret.from_secret_name_v2(stack, "Secret", "www/key")
        ServerCertificate(stack, "Certificate", material=key(imported))
    empty = secretsmanager.CfnSecret(stacks[1], "Empty", name="www/key")
    app.synth()
    empty.secret_string = KEY
    with pytest.raises(RuntimeError, match="Validation failed") as caught:
        prod.synth(force=True)
    assert "[Prod/Web/Certificate] private-key: the app sets" in str(caught.value)
    beta.synth(force=True)
