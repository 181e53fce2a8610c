"""The commands of the user guide's page on server certificates."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.local_cloud.aws_cli.conftest import CommandLine
    from types_boto3_iam import IAMClient

    from support.uploads import Certificates

pytestmark = pytest.mark.local_cloud

UPLOAD = """aws iam upload-server-certificate --server-certificate-name ExampleCertificate
    --certificate-body file://Certificate.pem
    --certificate-chain file://CertificateChain.pem
    --private-key file://PrivateKey.pem
    --tags '{"Key": "ExampleKey", "Value": "ExampleValue"}'"""
GET = "aws iam get-server-certificate --server-certificate-name ExampleCertificate"
LIST = "aws iam list-server-certificates"
UPDATE = """aws iam update-server-certificate --server-certificate-name ExampleCertificate
    --new-server-certificate-name CloudFrontCertificate
    --new-path /cloudfront/"""
DELETE = "aws iam delete-server-certificate --server-certificate-name ExampleCertificate"
# The page on tagging names these commands without their options.
LIST_TAGS = "aws iam list-server-certificate-tags --server-certificate-name ExampleCertificate"
TAG = """aws iam tag-server-certificate --server-certificate-name ExampleCertificate
    --tags '{"Key": "owner", "Value": "net-eng"}' '{"Key": "CostCenter", "Value": "1234"}'"""
UNTAG = """aws iam untag-server-certificate --server-certificate-name ExampleCertificate
    --tag-keys owner"""


def test_the_commands_for_tags(
    aws: CommandLine, iam: IAMClient, certificates: Certificates
) -> None:
    """Every command of the page on tagging server certificates works."""
    iam.upload_server_certificate(**certificates.upload_parameters("ExampleCertificate"))
    assert aws.json(LIST_TAGS) == {"Tags": []}
    aws.json(TAG)
    aws.json(UNTAG)
    assert aws.json(LIST_TAGS) == {"Tags": [{"Key": "CostCenter", "Value": "1234"}]}


def test_the_commands_of_the_user_guide(aws: CommandLine, certificates: Certificates) -> None:
    """Every command of the user guide's page on server certificates works unchanged."""
    (aws.folder / "Certificate.pem").write_text(certificates.leaf.pem)
    (aws.folder / "CertificateChain.pem").write_text(certificates.intermediate.pem)
    (aws.folder / "PrivateKey.pem").write_text(certificates.leaf.key_pem())

    uploaded = aws.json(UPLOAD)
    found = aws.json(GET)["ServerCertificate"]
    listed = aws.json(LIST)["ServerCertificateMetadataList"]
    aws.json(UPDATE)
    renamed = aws.json(LIST)["ServerCertificateMetadataList"]
    again = aws.json(UPLOAD)
    aws.json(DELETE)
    left = aws.json(LIST)["ServerCertificateMetadataList"]

    tags = [{"Key": "ExampleKey", "Value": "ExampleValue"}]
    metadata = uploaded["ServerCertificateMetadata"]
    assert uploaded["Tags"] == tags
    assert re.fullmatch("ASCA[A-Z2-7]{17}", metadata["ServerCertificateId"])
    assert metadata["Arn"] == "arn:aws:iam::111122223333:server-certificate/ExampleCertificate"
    assert found == {
        "ServerCertificateMetadata": metadata,
        "CertificateBody": certificates.leaf.pem.rstrip("\n"),
        "CertificateChain": certificates.intermediate.pem.rstrip("\n"),
        "Tags": tags,
    }
    assert listed == [metadata]
    moved = metadata | {
        "ServerCertificateName": "CloudFrontCertificate",
        "Path": "/cloudfront/",
        "Arn": "arn:aws:iam::111122223333:server-certificate/cloudfront/CloudFrontCertificate",
    }
    assert renamed == left == [moved]
    assert (
        again["ServerCertificateMetadata"]["ServerCertificateId"] != metadata["ServerCertificateId"]
    )
