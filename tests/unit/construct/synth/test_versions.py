"""A source without a version is reported once, with the argument that gives it one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import Annotations as AppAnnotations
from aws_cdk import CfnParameter, Stack
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_secretsmanager as secretsmanager
from aws_cdk import aws_ssm as ssm
from aws_cdk.assertions import Annotations, Match

from cdk_iam_server_certificate import (
    BundleSource,
    CertificateMaterial,
    CertificateSource,
    PassphraseSource,
    PrivateKeySource,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from cdk_iam_server_certificate import ServerCertificate

    Certify = Callable[..., ServerCertificate]

CODE = "source-without-version"


def infos(stack: Stack) -> list[tuple[str, str]]:
    """Return the notes about versions: the construct, and the beginning of the text."""
    found = Annotations.from_stack(stack).find_info("*", Match.string_like_regexp(f":{CODE}]"))
    return [(each.id.removeprefix("/Web/"), str(each.entry.data)) for each in found]


def test_each_source_once(stack: Stack, certify: Certify) -> None:
    """Bundles, certificates and chains are read by each update; a separate key isn't, and a version is fixed."""
    secret = secretsmanager.Secret.from_secret_name_v2(stack, "Secret", "www")
    other = secretsmanager.Secret.from_secret_name_v2(stack, "Other", "other")
    bucket = s3.Bucket.from_bucket_name(stack, "Bucket", "certificates")
    parameter = ssm.StringParameter.from_string_parameter_name(stack, "Parameter", "/www/chain")
    key = PrivateKeySource.from_secret(other)
    bundle = CertificateMaterial.from_bundle(
        BundleSource.from_secret(secret), passphrase=PassphraseSource.from_secret(other)
    )
    certify(stack, "Bundle", material=bundle)
    certify(stack, "Again", material=bundle)
    certify(
        stack,
        "Fields",
        material=CertificateMaterial.from_parts(
            certificate=CertificateSource.from_secret(secret, json_field="certificate"),
            chain=CertificateSource.from_parameter(parameter),
            private_key=key,
        ),
    )
    for name, object_key in (("Object", "www.pem"), ("Another", "api.pem")):
        source = CertificateSource.from_bucket(bucket, object_key)
        material = CertificateMaterial.from_parts(certificate=source, private_key=key)
        certify(stack, name, material=material)
    version = CfnParameter(stack, "Version").value_as_string
    certify(
        stack,
        "Versions",
        material=CertificateMaterial.from_parts(
            certificate=CertificateSource.from_bucket(bucket, "a.pem", object_version="1"),
            chain=CertificateSource.from_parameter(parameter, version=1),
            private_key=key,
        ),
    )
    pinned = CertificateMaterial.from_bundle(BundleSource.from_secret(other, version_id=version))
    certify(stack, "Token", material=pinned)
    certify(stack, "Literal")
    told = infos(stack)
    assert [(name, text.partition(", and")[0]) for name, text in told] == [
        ("Bundle", "bundle: a deployment doesn't notice a new value of the secret"),
        ("Fields", "chain: a deployment doesn't notice a new value of the parameter"),
        ("Object", "certificate: a deployment doesn't notice a new value of the S3 object"),
        ("Another", "certificate: a deployment doesn't notice a new value of the S3 object"),
    ]
    assert (
        "pass version_id= and change it with each renewal. [ack: cdk-iam-server-certificate:"
        in told[0][1]
    )


def test_acknowledged(stack: Stack, certify: Certify) -> None:
    """The note is acknowledged by its code, in the construct or in the CDK."""
    secret = secretsmanager.Secret.from_secret_name_v2(stack, "Secret", "www")
    stage = BundleSource.from_secret(secret, version_stage="AWSPREVIOUS")
    certify(stack, "Accepted", material=CertificateMaterial.from_bundle(stage), acknowledge=[CODE])
    assert not infos(stack)


def test_acknowledged_as_an_annotation(stack: Stack, certify: Certify) -> None:
    """The CDK's own acknowledgment removes the note, too."""
    secret = secretsmanager.Secret.from_secret_name_v2(stack, "Secret", "www")
    certify(stack, material=CertificateMaterial.from_bundle(BundleSource.from_secret(secret)))
    AppAnnotations.of(stack).acknowledge_info(f"cdk-iam-server-certificate:{CODE}")
    assert not infos(stack)
