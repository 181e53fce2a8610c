"""
The calls with which certbot-s3front renews the certificate of a distribution.

Transcribed from dlapiduz/certbot-s3front: version 0.4.2, and the one before, which kept one name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from support.consumers import distribution_config

if TYPE_CHECKING:
    from types_boto3_iam import IAMClient

    from local_cloud import LocalCloud
    from support.uploads import Certificates

pytestmark = pytest.mark.local_cloud

PATH = "/cloudfront/letsencrypt/"
DOMAIN = "www.example.com"


@pytest.fixture
def distribution(cloud: LocalCloud) -> str:
    """Create a distribution with the default certificate, and return its id."""
    created = cloud.client("cloudfront").create_distribution(
        DistributionConfig=distribution_config({"CloudFrontDefaultCertificate": True})
    )
    identifier: str = created["Distribution"]["Id"]
    return identifier


def upload(iam: IAMClient, certificates: Certificates, name: str) -> str:
    """Upload a certificate with its chain, and return its id."""
    uploaded = iam.upload_server_certificate(
        ServerCertificateName=name,
        Path=PATH,
        CertificateBody=certificates.leaf.pem,
        PrivateKey=certificates.leaf.key_pem(),
        CertificateChain=certificates.intermediate.pem,
    )
    return uploaded["ServerCertificateMetadata"]["ServerCertificateId"]


def viewer_certificate(cloud: LocalCloud, distribution: str) -> dict[str, Any]:
    """Return what the distribution uses now."""
    found = cloud.client("cloudfront").get_distribution_config(Id=distribution)
    used: dict[str, Any] = found["DistributionConfig"]["ViewerCertificate"]
    return used


def install(cloud: LocalCloud, distribution: str, certificate_id: str) -> None:
    """Change the configuration that CloudFront returns, and send it back."""
    cloudfront = cloud.client("cloudfront")
    found = cloudfront.get_distribution_config(Id=distribution)
    changed = found["DistributionConfig"]["ViewerCertificate"]
    changed["IAMCertificateId"] = certificate_id
    changed["Certificate"] = certificate_id
    changed["CertificateSource"] = "iam"
    if "SSLSupportMethod" not in changed:
        changed["SSLSupportMethod"] = "sni-only"
        changed["MinimumProtocolVersion"] = "TLSv1.2_2018"
    changed.pop("CloudFrontDefaultCertificate", None)
    changed.pop("ACMCertificateArn", None)
    cloudfront.update_distribution(
        DistributionConfig=found["DistributionConfig"], Id=distribution, IfMatch=found["ETag"]
    )


def test_renewals_with_a_time_in_the_name(
    cloud: LocalCloud, iam: IAMClient, certificates: Certificates, distribution: str
) -> None:
    """Each renewal uploads under a new name, and deletes every older certificate of the domain."""
    upload(iam, certificates, "le-other.example.com-1790000000")
    for time in (1795820400, 1795906800):
        certificate_id = upload(iam, certificates, f"le-{DOMAIN}-{time}")
        assert viewer_certificate(cloud, distribution).get("IAMCertificateId") != certificate_id
        install(cloud, distribution, certificate_id)
        assert viewer_certificate(cloud, distribution)["IAMCertificateId"] == certificate_id
        with pytest.raises(iam.exceptions.DeleteConflictException, match=certificate_id):
            iam.delete_server_certificate(ServerCertificateName=f"le-{DOMAIN}-{time}")
        listed = iam.list_server_certificates(PathPrefix=PATH)["ServerCertificateMetadataList"]
        for each in listed:
            name = each["ServerCertificateName"]
            if DOMAIN in name and each["ServerCertificateId"] != certificate_id:
                iam.delete_server_certificate(ServerCertificateName=name)
    left = iam.list_server_certificates(PathPrefix=PATH)["ServerCertificateMetadataList"]
    assert {each["ServerCertificateName"] for each in left} == {
        f"le-{DOMAIN}-1795906800",
        "le-other.example.com-1790000000",
    }


def test_renewals_under_one_name(
    cloud: LocalCloud, iam: IAMClient, certificates: Certificates, distribution: str
) -> None:
    """The old certificate is deleted, and the new one gets its name while the distribution uses it."""
    name = f"le-{DOMAIN}"
    for is_first in (True, False):
        certificate_id = upload(iam, certificates, f"{name}-new")
        install(cloud, distribution, certificate_id)
        if is_first:
            with pytest.raises(iam.exceptions.NoSuchEntityException):
                iam.delete_server_certificate(ServerCertificateName=name)
        else:
            iam.delete_server_certificate(ServerCertificateName=name)
        iam.update_server_certificate(
            ServerCertificateName=f"{name}-new", NewServerCertificateName=name
        )
        (left,) = iam.list_server_certificates()["ServerCertificateMetadataList"]
        assert left["ServerCertificateName"] == name
        assert left["ServerCertificateId"] == certificate_id
        assert viewer_certificate(cloud, distribution)["IAMCertificateId"] == certificate_id
