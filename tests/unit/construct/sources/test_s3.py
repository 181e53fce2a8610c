"""Parts from S3 objects: the properties in the template, and the function's permissions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import Environment, Stack
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3

from cdk_iam_server_certificate import CertificateMaterial, CertificateSource
from support.sources import KMS_ARN, key, parts_of, readable, secret_arn
from support.stacks import private_key, statements_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_cdk import App

    from cdk_iam_server_certificate import ServerCertificate
    from dev.certificates.authority import Issued

    Certify = Callable[..., ServerCertificate]


def test_parts_from_objects(stack: Stack, certify: Certify) -> None:
    """The template contains keys and versions, and the function can read exactly these objects."""
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
        "PrivateKey": {"SecretArn": secret_arn("key")},
    }
    granted = readable(stack)
    assert str(granted["s3:GetObjectVersion"]).endswith(":s3:::tls/www/leaf.pem']]}]")
    assert str(granted["s3:GetObject"]).endswith(":s3:::tls/www/chain.pem']]}]")
    assert granted["kms:Decrypt"][0] == KMS_ARN
    assert "s3.eu-central-1.amazonaws.com" in str(granted["kms:Decrypt"][1])


def test_object_in_another_region_is_decrypted_there(
    app: App, stack: Stack, certify: Certify, leaf: Issued
) -> None:
    """S3 decrypts in the bucket's Region, so each Region has its own statement."""
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
        each["Sid"]: each["Condition"]["StringEquals"]["kms:ViaService"]
        for each in statements_of(stack)
        if each["Action"] == "kms:Decrypt"
    }
    assert decrypting == {
        "DecryptForS3": "s3.eu-central-1.amazonaws.com",
        "DecryptForS3No2": "s3.us-east-1.amazonaws.com",
        "DecryptForS3No3": "s3.us-west-2.amazonaws.com",
    }
