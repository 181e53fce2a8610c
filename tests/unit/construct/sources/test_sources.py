"""Where parts come from: what reaches the template, and what the function may read."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App, CfnParameter, Environment, Stack
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
)
from dev.certificates.authority import Authority
from support.stacks import certificates_of, private_key, statements_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from cdk_iam_server_certificate import ServerCertificate
    from dev.certificates.authority import Issued

    Certify = Callable[..., ServerCertificate]

KMS_ARN = "arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
ARN = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:{}-AbCdEf"
PARAMETER_ARN = "arn:aws:ssm:eu-central-1:111122223333:parameter{}"


def secret(stack: Stack, name: str, *, key: kms.IKey | None = None) -> secretsmanager.ISecret:
    """Import a secret."""
    return secretsmanager.Secret.from_secret_attributes(
        stack, f"Secret-{name}", secret_complete_arn=ARN.format(name), encryption_key=key
    )


def parameter(stack: Stack, name: str) -> ssm.IStringParameter:
    """Import a SecureString parameter."""
    return ssm.StringParameter.from_secure_string_parameter_attributes(
        stack, f"Parameter{name.replace('/', '-')}", parameter_name=name
    )


def key(stack: Stack) -> kms.IKey:
    """Import a customer-managed key."""
    return kms.Key.from_key_arn(stack, "Kms", KMS_ARN)


def parts_of(stack: Stack) -> dict[str, Any]:
    """Return where the parts of the only certificate come from, as CloudFormation sees it."""
    (resource,) = certificates_of(stack).values()
    names = ("Certificate", "CertificateChain", "PrivateKey", "Bundle", "Passphrase")
    return {name: part for name in names if (part := resource["Properties"].get(name))}


def readable(stack: Stack) -> dict[str, Any]:
    """Return what the function may read of sources, by action."""
    services = ("secretsmanager:", "ssm:", "s3:", "kms:")
    return {
        statement["Action"]: [statement["Resource"], *statement.get("Condition", {}).values()]
        for statement in statements_of(stack)
        if str(statement["Action"]).startswith(services)
    }


def test_parts_from_secrets(stack: Stack, certify: Certify) -> None:
    """Fields and versions of secrets reach the template; exactly these secrets may be read."""
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
        "Certificate": {"SecretArn": ARN.format("material"), "JsonField": "certificate"},
        "CertificateChain": {"SecretArn": ARN.format("chain"), "VersionStage": "AWSPREVIOUS"},
        "PrivateKey": {
            "SecretArn": ARN.format("material"),
            "JsonField": "privateKey",
            "VersionId": "v" * 32,
        },
    }
    assert readable(stack) == {
        "secretsmanager:GetSecretValue": [[ARN.format("material"), ARN.format("chain")]]
    }


def test_secret_by_name(stack: Stack, certify: Certify, leaf: Issued) -> None:
    """Of a secret that is imported by its name, the six characters of its ARN are not known."""
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


def test_parts_from_parameters(stack: Stack, certify: Certify) -> None:
    """Names, fields and versions of parameters reach the template; exactly these may be read."""
    parts = CertificateMaterial.from_parts(
        certificate=CertificateSource.from_parameter(
            ssm.StringParameter.from_string_parameter_name(stack, "Leaf", "/tls/leaf"),
            json_field="pem",
        ),
        private_key=PrivateKeySource.from_parameter(
            parameter(stack, "/tls/key"), version=3, encryption_key=key(stack)
        ),
    )
    certify(stack, material=parts)
    assert parts_of(stack) == {
        "Certificate": {"ParameterName": "/tls/leaf", "JsonField": "pem"},
        "PrivateKey": {"ParameterName": "/tls/key", "ParameterVersion": "3"},
    }
    read, decrypt = readable(stack).values()
    assert [str(each).count(":parameter/tls/") for each in read[0]] == [1, 1]
    assert decrypt == [
        KMS_ARN,
        {
            "kms:ViaService": {
                "Fn::Join": ["", ["ssm.eu-central-1.", {"Ref": "AWS::URLSuffix"}]],
            }
        },
    ]


def test_parts_from_objects(stack: Stack, certify: Certify) -> None:
    """Keys and versions of objects reach the template; exactly these objects may be read."""
    bucket = s3.Bucket.from_bucket_attributes(
        stack, "Bucket", bucket_name="tls", encryption_key=key(stack)
    )
    parts = CertificateMaterial.from_parts(
        certificate=CertificateSource.from_bucket(bucket, "www/leaf.pem", object_version="v7"),
        chain=CertificateSource.from_bucket(bucket, "www/chain.pem"),
        private_key=private_key(stack, "Good"),
    )
    certify(stack, material=parts)
    assert parts_of(stack) == {
        "Certificate": {"BucketName": "tls", "ObjectKey": "www/leaf.pem", "ObjectVersion": "v7"},
        "CertificateChain": {"BucketName": "tls", "ObjectKey": "www/chain.pem"},
        "PrivateKey": {"SecretArn": ARN.format("key")},
    }
    granted = readable(stack)
    assert str(granted["s3:GetObjectVersion"]).endswith(":s3:::tls/www/leaf.pem']]}]")
    assert str(granted["s3:GetObject"]).endswith(":s3:::tls/www/chain.pem']]}]")
    assert granted["kms:Decrypt"][0] == KMS_ARN
    assert "s3.eu-central-1." in str(granted["kms:Decrypt"][1])


def test_object_in_another_region_is_decrypted_there(
    app: App, stack: Stack, certify: Certify, leaf: Issued
) -> None:
    """S3 decrypts in the Region of the bucket; each Region has a statement of its own."""
    far = Stack(app, "Far", env=Environment(account="111122223333", region="us-east-1"))
    buckets = {
        "near": s3.Bucket.from_bucket_attributes(
            stack, "Near", bucket_name="near", encryption_key=key(stack)
        ),
        "far": s3.Bucket.from_bucket_attributes(
            far, "Far", bucket_name="far", encryption_key=key(far)
        ),
        "named": s3.Bucket.from_bucket_attributes(
            stack,
            "Named",
            bucket_name="named",
            region="us-west-2",
            encryption_key=kms.Key.from_key_arn(stack, "Kms2", KMS_ARN),
        ),
    }
    for name, bucket in buckets.items():
        source = CertificateSource.from_bucket(bucket, "leaf.pem")
        parts = CertificateMaterial.from_parts(
            certificate=source,
            chain=CertificateSource.from_text(leaf.chain_pem()),
            private_key=private_key(stack, f"{name}Own"),
        )
        certify(stack, name, material=parts)
    decrypting = {
        each["Sid"]: each["Condition"]["StringEquals"]["kms:ViaService"]["Fn::Join"][1][0]
        for each in statements_of(stack)
        if each["Action"] == "kms:Decrypt"
    }
    assert decrypting == {
        "DecryptForS3": "s3.eu-central-1.",
        "DecryptForS3No2": "s3.us-east-1.",
        "DecryptForS3No3": "s3.us-west-2.",
    }


def test_bundle_with_its_passphrase(stack: Stack, certify: Certify, leaf: Issued) -> None:
    """A bundle takes the place of certificate and key; a chain may stand beside it."""
    bucket = s3.Bucket.from_bucket_name(stack, "Bucket", "tls")
    material = CertificateMaterial.from_bundle(
        BundleSource.from_bucket(bucket, "www.pfx", object_version="v1"),
        passphrase=PassphraseSource.from_secret(secret(stack, "passphrase")),
        chain=CertificateSource.from_text(leaf.chain_pem()),
    )
    certify(stack, material=material)
    assert parts_of(stack) == {
        "Bundle": {"BucketName": "tls", "ObjectKey": "www.pfx", "ObjectVersion": "v1"},
        "Passphrase": {"SecretArn": ARN.format("passphrase")},
        "CertificateChain": {"Text": leaf.chain_pem()},
    }
    assert set(readable(stack)) == {"s3:GetObjectVersion", "secretsmanager:GetSecretValue"}


def test_bundle_in_a_secret(stack: Stack, certify: Certify) -> None:
    """One secret is all that a certificate needs; a passphrase may come from a parameter."""
    certify(
        stack,
        material=CertificateMaterial.from_bundle(
            BundleSource.from_secret(secret(stack, "bundle", key=key(stack))),
            passphrase=PassphraseSource.from_parameter(parameter(stack, "/tls/passphrase")),
        ),
    )
    assert parts_of(stack) == {
        "Bundle": {"SecretArn": ARN.format("bundle")},
        "Passphrase": {"ParameterName": "/tls/passphrase"},
    }
    assert set(readable(stack)) == {
        "secretsmanager:GetSecretValue",
        "kms:Decrypt",
        "ssm:GetParameter",
    }


def test_secret_of_the_same_stack(stack: Stack, certify: Certify) -> None:
    """A secret that the stack makes is referred to, and its own KMS key may be used."""
    own = secretsmanager.Secret(stack, "Own", encryption_key=kms.Key(stack, "OwnKey"))
    certify(stack, material=CertificateMaterial.from_bundle(BundleSource.from_secret(own)))
    (logical_id,) = (
        name for name in _resources(stack) if name.startswith("Own") and "Key" not in name
    )
    assert parts_of(stack) == {"Bundle": {"SecretArn": {"Ref": logical_id}}}
    assert readable(stack)["secretsmanager:GetSecretValue"] == [{"Ref": logical_id}]
    assert "Fn::GetAtt" in readable(stack)["kms:Decrypt"][0]


def test_version_as_a_token(stack: Stack, certify: Certify) -> None:
    """The version may be a parameter of the stack: a new value is an update."""
    version = CfnParameter(stack, "Version").value_as_string
    source = BundleSource.from_secret(secret(stack, "bundle"), version_id=version)
    certify(stack, material=CertificateMaterial.from_bundle(source))
    assert parts_of(stack)["Bundle"]["VersionId"] == {"Ref": "Version"}


def _long_chain() -> Issued:
    authority = Authority.root(at=datetime.now(UTC))
    for number in range(32):
        authority = authority.intermediate(f"Example Intermediate {number}")
    return authority.leaf("www.example.com")


def test_long_chain_goes_as_an_asset(app: App, stack: Stack, certify: Certify) -> None:
    """A chain that would fill the template is an asset, which the function may read."""
    issued = _long_chain()
    assert len(issued.chain_pem()) > 16_384
    certify(stack, issued=issued)
    source = parts_of(stack)["CertificateChain"]
    assert set(source) == {"BucketName", "ObjectKey"}
    assert readable(stack).keys() == {"secretsmanager:GetSecretValue", "s3:GetObject"}
    assert source["ObjectKey"] in str(readable(stack)["s3:GetObject"])
    directory = Path(app.synth().directory)
    digest = source["ObjectKey"].removesuffix(".pem")
    staged = directory / f"asset.{digest}.pem"
    assert staged.read_text(encoding="ascii") == issued.chain_pem()


def test_chain_of_ordinary_length_stays_in_the_template(
    stack: Stack, certify: Certify, leaf: Issued
) -> None:
    """A chain of a few certificates needs no bucket."""
    certify(stack)
    assert parts_of(stack)["CertificateChain"] == {"Text": leaf.chain_pem()}


@pytest.mark.parametrize(
    "kind", [CertificateSource, PrivateKeySource, BundleSource, PassphraseSource]
)
def test_representation_of_a_source_is_harmless(stack: Stack, kind: Any) -> None:  # noqa: ANN401 - four classes
    """A source shows where it reads, and nothing of what it reads."""
    assert "SecretString" not in repr(kind.from_secret(secret(stack, "any")))


def _resources(stack: Stack) -> dict[str, Any]:
    resources: dict[str, Any] = (
        App.of(stack).synth().get_stack_by_name(stack.stack_name).template["Resources"]
    )  # type: ignore[union-attr]
    return resources
