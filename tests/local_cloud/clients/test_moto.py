"""
What moto's tests expect (getmoto/moto 5.2.5, ``tests/test_iam/test_iam_server_certificates.py``).

Two of their expectations don't hold on AWS, as two tests here say: any text is a certificate to
moto, and an untagged certificate has no ``Tags``.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from types_boto3_iam import IAMClient

    from support.uploads import Certificates

pytestmark = pytest.mark.local_cloud


def upload(iam: IAMClient, certificates: Certificates, **changes: Any) -> None:  # noqa: ANN401 - any API parameter
    """Upload a certificate under moto's name."""
    iam.upload_server_certificate(**certificates.upload_parameters("certname", **changes))


def test_it_is_listed(iam: IAMClient, certificates: Certificates) -> None:
    """An uploaded certificate is in the list, with name and ARN."""
    upload(iam, certificates)
    (listed,) = iam.list_server_certificates()["ServerCertificateMetadataList"]
    assert listed["ServerCertificateName"] == "certname"
    assert listed["Arn"] == "arn:aws:iam::111122223333:server-certificate/certname"


@pytest.mark.parametrize("with_chain", [False, True], ids=["alone", "with chain"])
def test_it_is_read(iam: IAMClient, certificates: Certificates, *, with_chain: bool) -> None:
    """Body and metadata are read back, and the chain if there is one."""
    leaf, intermediate = certificates.leaf, certificates.intermediate
    chain = {"CertificateChain": intermediate.pem} if with_chain else {}
    upload(iam, certificates, CertificateBody=leaf.pem, PrivateKey=leaf.key_pem(), **chain)
    found = iam.get_server_certificate(ServerCertificateName="certname")["ServerCertificate"]
    assert found["CertificateBody"] == leaf.pem.strip()
    assert found.get("CertificateChain") == (intermediate.pem.strip() if with_chain else None)
    metadata = found["ServerCertificateMetadata"]
    assert metadata["Path"] == "/"
    assert metadata["ServerCertificateId"]
    assert isinstance(metadata["UploadDate"], datetime)
    assert isinstance(metadata["Expiration"], datetime)


def test_it_is_deleted(iam: IAMClient, certificates: Certificates) -> None:
    """A certificate that isn't there, or no longer, is NoSuchEntity with IAM's text."""
    message = r"\(NoSuchEntity\).*: The Server Certificate with name certname cannot be found\."
    with pytest.raises(iam.exceptions.NoSuchEntityException, match=message):
        iam.delete_server_certificate(ServerCertificateName="certname")
    upload(iam, certificates)
    iam.delete_server_certificate(ServerCertificateName="certname")
    with pytest.raises(iam.exceptions.NoSuchEntityException, match=message):
        iam.get_server_certificate(ServerCertificateName="certname")


@pytest.mark.parametrize(
    "changes",
    [
        {"CertificateBody": "certbody", "PrivateKey": "privatekey"},
        {"CertificateChain": "certchain"},
    ],
    ids=["body and key", "chain"],
)
def test_not_any_text_is_a_certificate(
    iam: IAMClient, certificates: Certificates, changes: dict[str, str]
) -> None:
    """Unlike in moto, the texts that its tests upload are malformed."""
    with pytest.raises(iam.exceptions.MalformedCertificateException):
        upload(iam, certificates, **changes)


def test_no_tags_is_an_empty_list(iam: IAMClient, certificates: Certificates) -> None:
    """Unlike in moto, Get answers with an empty list of tags, as recordings of 2026 show."""
    upload(iam, certificates)
    found = iam.get_server_certificate(ServerCertificateName="certname")["ServerCertificate"]
    assert found["Tags"] == []
