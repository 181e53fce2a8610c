"""Parts from secrets: the properties in the template, and the function's permissions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aws_cdk import App, CfnParameter
from aws_cdk import aws_kms as kms
from aws_cdk import aws_secretsmanager as secretsmanager

from cdk_iam_server_certificate import (
    BundleSource,
    CertificateMaterial,
    CertificateSource,
    PrivateKeySource,
)
from support.sources import key, parts_of, readable, secret, secret_arn

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_cdk import Stack

    from cdk_iam_server_certificate import ServerCertificate
    from dev.certificates.authority import Issued

    Certify = Callable[..., ServerCertificate]


def test_parts_from_secrets(stack: Stack, certify: Certify) -> None:
    """The template contains fields and versions, and the function can read exactly these secrets."""
    material = secret(stack, "material")
    parts = CertificateMaterial.from_parts(
        certificate=CertificateSource.from_secret(material, json_field="certificate"),
        chain=CertificateSource.from_secret(secret(stack, "chain"), version_stage="AWSPREVIOUS"),
        private_key=PrivateKeySource.from_secret(
            material, json_field="privateKey", version_id="v" * 32
        ),
    )
    certify(stack, material=parts)
    assert parts_of(stack) == {
        "Certificate": {"SecretArn": secret_arn("material"), "JsonField": "certificate"},
        "CertificateChain": {"SecretArn": secret_arn("chain"), "VersionStage": "AWSPREVIOUS"},
        "PrivateKey": {
            "SecretArn": secret_arn("material"),
            "JsonField": "privateKey",
            "VersionId": "v" * 32,
        },
    }
    assert readable(stack) == {
        "secretsmanager:GetSecretValue": [[secret_arn("material"), secret_arn("chain")]]
    }


def test_secret_by_name(stack: Stack, certify: Certify, leaf: Issued) -> None:
    """The permission for a secret imported by name has wildcards for the random end of its ARN."""
    named = secretsmanager.Secret.from_secret_name_v2(stack, "Named", "www/key")
    parts = CertificateMaterial.from_parts(
        certificate=CertificateSource.from_text(leaf.fullchain_pem(root=True)),
        private_key=PrivateKeySource.from_secret(named),
    )
    certify(stack, material=parts)
    ((resource,),) = readable(stack).values()
    assert str(resource).endswith(
        ":secretsmanager:eu-central-1:111122223333:secret:www/key-??????']]}"
    )


def test_secret_of_the_same_stack(stack: Stack, certify: Certify) -> None:
    """A secret of the stack is referred to, and the function can decrypt with its KMS key."""
    own = secretsmanager.Secret(stack, "Own", encryption_key=kms.Key(stack, "OwnKey"))
    certify(stack, material=CertificateMaterial.from_bundle(BundleSource.from_secret(own)))
    (logical_id,) = (
        name for name in _resources(stack) if name.startswith("Own") and "Key" not in name
    )
    assert parts_of(stack) == {"Bundle": {"SecretArn": {"Ref": logical_id}}}
    assert readable(stack)["secretsmanager:GetSecretValue"] == [{"Ref": logical_id}]
    assert "Fn::GetAtt" in readable(stack)["kms:Decrypt"][0]


def test_secret_of_another_region(stack: Stack, certify: Certify) -> None:
    """The KMS key of a secret in another Region is used through Secrets Manager of that Region."""
    arn = secret_arn("far").replace("eu-central-1", "us-east-1")
    far = secretsmanager.Secret.from_secret_attributes(
        stack, "Far", secret_complete_arn=arn, encryption_key=key(stack)
    )
    certify(stack, material=CertificateMaterial.from_bundle(BundleSource.from_secret(far)))
    granted = readable(stack)
    assert granted["secretsmanager:GetSecretValue"] == [arn]
    assert "secretsmanager.us-east-1.amazonaws.com" in str(granted["kms:Decrypt"])


def test_version_as_a_token(stack: Stack, certify: Certify) -> None:
    """The version can be a stack parameter, whose new value causes an update."""
    version = CfnParameter(stack, "Version").value_as_string
    source = BundleSource.from_secret(secret(stack, "bundle"), version_id=version)
    certify(stack, material=CertificateMaterial.from_bundle(source))
    assert parts_of(stack)["Bundle"]["VersionId"] == {"Ref": "Version"}


def _resources(stack: Stack) -> dict[str, Any]:
    resources: dict[str, Any] = (
        App.of(stack).synth().get_stack_by_name(stack.stack_name).template["Resources"]
    )  # type: ignore[union-attr]
    return resources
