"""
The requests that fog tests (fog/fog-aws, ``tests/requests/iam/server_certificate_tests.rb``).

They were written against AWS around 2012. One of them no longer holds there, as a test says.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from types_boto3_iam import IAMClient

    from support.uploads import Certificates

pytestmark = pytest.mark.local_cloud


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"CertificateBody": ""}, "ValidationError"),
        ({"PrivateKey": ""}, "ValidationError"),
        ({"CertificateBody": "abcde"}, "MalformedCertificate"),
        ({"PrivateKey": "abcde"}, "MalformedCertificate"),
    ],
    ids=["empty public key", "empty private key", "invalid public key", "invalid private key"],
)
def test_refused_uploads(
    iam: IAMClient, certificates: Certificates, changes: dict[str, str], code: str
) -> None:
    """An empty text is a validation error; one that isn't PEM is malformed."""
    with pytest.raises(Exception, match=rf"\({code}\)"):
        iam.upload_server_certificate(**certificates.upload_parameters(**changes))


def test_a_mismatched_key(iam: IAMClient, certificates: Certificates) -> None:
    """The key of another certificate is refused."""
    other = certificates.leaf.key_pem()
    with pytest.raises(iam.exceptions.KeyPairMismatchException):
        iam.upload_server_certificate(**certificates.upload_parameters(PrivateKey=other))


def test_a_key_in_pkcs8(iam: IAMClient, certificates: Certificates) -> None:
    """Unlike in 2012, IAM accepts a key in PKCS #8, as recordings of 2026 show."""
    key = certificates.self_signed.key_pem("pkcs8")
    iam.upload_server_certificate(**certificates.upload_parameters(PrivateKey=key))


def test_uploads(iam: IAMClient, certificates: Certificates) -> None:
    """A certificate is uploaded alone, and as its own chain; the name is taken then."""
    alone = certificates.upload_parameters("fog-test")
    chained = certificates.upload_parameters(
        "fog-test-chained", CertificateChain=certificates.self_signed.pem
    )
    for parameters in (alone, chained):
        uploaded = iam.upload_server_certificate(**parameters)
        metadata = uploaded["ServerCertificateMetadata"]
        assert isinstance(metadata["UploadDate"], datetime)
        assert all(metadata[name] for name in ("Arn", "Path", "ServerCertificateId"))
        assert uploaded["ResponseMetadata"]["RequestId"]
    with pytest.raises(iam.exceptions.EntityAlreadyExistsException):
        iam.upload_server_certificate(**alone)


def test_updates(iam: IAMClient, certificates: Certificates) -> None:
    """A taken name and an unknown certificate are refused; an update of nothing is fine."""
    for name in ("update-key", "other-key-name"):
        iam.upload_server_certificate(**certificates.upload_parameters(name))
    with pytest.raises(iam.exceptions.EntityAlreadyExistsException):
        iam.update_server_certificate(
            ServerCertificateName="update-key", NewServerCertificateName="other-key-name"
        )
    with pytest.raises(iam.exceptions.NoSuchEntityException):
        iam.update_server_certificate(
            ServerCertificateName="unknown-key-name", NewServerCertificateName="other-keyname"
        )
    assert iam.update_server_certificate(ServerCertificateName="update-key")["ResponseMetadata"][
        "RequestId"
    ]
    iam.update_server_certificate(
        ServerCertificateName="update-key", NewServerCertificateName="successful"
    )
    found = iam.get_server_certificate(ServerCertificateName="successful")["ServerCertificate"]
    assert found["ServerCertificateMetadata"]["ServerCertificateName"] == "successful"


def test_reads_and_deletions(iam: IAMClient, certificates: Certificates) -> None:
    """A certificate is read, listed with and without a path prefix, and deleted; another isn't found."""
    iam.upload_server_certificate(**certificates.upload_parameters("fog-test"))
    with pytest.raises(iam.exceptions.NoSuchEntityException):
        iam.get_server_certificate(ServerCertificateName="fog-testfake")
    metadata = iam.get_server_certificate(ServerCertificateName="fog-test")["ServerCertificate"][
        "ServerCertificateMetadata"
    ]
    for listed in (iam.list_server_certificates(), iam.list_server_certificates(PathPrefix="/")):
        assert listed["ServerCertificateMetadataList"] == [metadata]
    with pytest.raises(iam.exceptions.NoSuchEntityException):
        iam.delete_server_certificate(ServerCertificateName="fog-testfake")
    iam.delete_server_certificate(ServerCertificateName="fog-test")
