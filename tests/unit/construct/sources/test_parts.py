"""The sources of the parts: bundles, passphrases, and the repr of a source."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import aws_s3 as s3

from cdk_iam_server_certificate import (
    BundleSource,
    CertificateMaterial,
    CertificateSource,
    PassphraseSource,
    PrivateKeySource,
)
from support.sources import key, parameter, parts_of, readable, secret, secret_arn

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_cdk import Stack

    from cdk_iam_server_certificate import ServerCertificate
    from dev.certificates.authority import Issued

    Certify = Callable[..., ServerCertificate]


def test_bundle_with_its_passphrase(stack: Stack, certify: Certify, leaf: Issued) -> None:
    """A bundle replaces the certificate and the private key, and can have a separate chain."""
    bucket = s3.Bucket.from_bucket_name(stack, "Bucket", "tls")
    material = CertificateMaterial.from_bundle(
        BundleSource.from_bucket(bucket, "www.pfx", object_version="v1"),
        passphrase=PassphraseSource.from_secret(secret(stack, "passphrase")),
        chain=CertificateSource.from_text(leaf.chain_pem()),
    )
    certify(stack, material=material)
    assert parts_of(stack) == {
        "Bundle": {"BucketName": "tls", "ObjectKey": "www.pfx", "ObjectVersion": "v1"},
        "Passphrase": {"SecretArn": secret_arn("passphrase")},
        "CertificateChain": {"Text": leaf.chain_pem()},
    }
    assert set(readable(stack)) == {"s3:GetObjectVersion", "secretsmanager:GetSecretValue"}


def test_bundle_in_a_secret(stack: Stack, certify: Certify) -> None:
    """A certificate can come from one secret, with the passphrase from a parameter."""
    certify(
        stack,
        material=CertificateMaterial.from_bundle(
            BundleSource.from_secret(secret(stack, "bundle", key=key(stack))),
            passphrase=PassphraseSource.from_parameter(parameter(stack, "/tls/passphrase")),
        ),
    )
    assert parts_of(stack) == {
        "Bundle": {"SecretArn": secret_arn("bundle")},
        "Passphrase": {"ParameterName": "/tls/passphrase"},
    }
    assert set(readable(stack)) == {
        "secretsmanager:GetSecretValue",
        "kms:Decrypt",
        "ssm:GetParameter",
    }


def test_bundle_without_its_key(stack: Stack, certify: Certify) -> None:
    """A private key that the bundle lacks can come elsewhere, and the passphrase be for either."""
    certify(
        stack,
        material=CertificateMaterial.from_bundle(
            BundleSource.from_secret(secret(stack, "bundle")),
            private_key=PrivateKeySource.from_parameter(parameter(stack, "/tls/key")),
            passphrase=PassphraseSource.from_parameter(parameter(stack, "/tls/passphrase")),
        ),
    )
    assert parts_of(stack) == {
        "Bundle": {"SecretArn": secret_arn("bundle")},
        "PrivateKey": {"ParameterName": "/tls/key"},
        "Passphrase": {"ParameterName": "/tls/passphrase"},
    }


def test_key_with_its_passphrase(stack: Stack, certify: Certify, leaf: Issued) -> None:
    """An encrypted private key can have a passphrase."""
    certify(
        stack,
        material=CertificateMaterial.from_parts(
            certificate=CertificateSource.from_text(leaf.fullchain_pem(root=True)),
            private_key=PrivateKeySource.from_secret(secret(stack, "key")),
            passphrase=PassphraseSource.from_secret(secret(stack, "passphrase")),
        ),
    )
    parts = parts_of(stack)
    assert parts["PrivateKey"] == {"SecretArn": secret_arn("key")}
    assert parts["Passphrase"] == {"SecretArn": secret_arn("passphrase")}


@pytest.mark.parametrize(
    "kind", [CertificateSource, PrivateKeySource, BundleSource, PassphraseSource]
)
def test_representation_of_a_source_is_harmless(stack: Stack, kind: Any) -> None:  # noqa: ANN401 - four classes
    """The repr of a source doesn't contain its fields."""
    assert "SecretString" not in repr(kind.from_secret(secret(stack, "any")))
