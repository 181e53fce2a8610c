"""
The calls of Panther's custom resource for the certificate of a load balancer.

Transcribed from panther-labs/panther, ``internal/core/custom_resources/resources/certificate.go``,
and what its pull request 857 added: it waits after an upload, and tries a deletion again.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import ClientError

from support.consumers import https_listener, load_balancer
from support.waiting import wait_for

if TYPE_CHECKING:
    from types_boto3_iam import IAMClient

    from local_cloud import LocalCloud
    from support.uploads import Certificates

pytestmark = pytest.mark.local_cloud

PATH = "/panther/eu-central-1/"
NAME = "PantherCertificate-2026-11-28T02-00-00"


def create(iam: IAMClient, certificates: Certificates) -> str:
    """Upload a certificate that signs itself; the ARN is the physical id."""
    uploaded = iam.upload_server_certificate(
        CertificateBody=certificates.self_signed.pem,
        Path=PATH,
        PrivateKey=certificates.self_signed.key_pem(),
        ServerCertificateName=NAME,
    )
    return uploaded["ServerCertificateMetadata"]["Arn"]


def delete(iam: IAMClient, physical_id: str) -> bool:
    """Delete the certificate that the physical id names; tell whether there is nothing left to do."""
    if not physical_id.startswith("arn:"):
        return True
    try:
        iam.delete_server_certificate(ServerCertificateName=physical_id.rpartition("/")[2])
    except iam.exceptions.NoSuchEntityException:
        return True
    except iam.exceptions.DeleteConflictException:
        return False
    return True


def test_the_load_balancer_finds_it_later(
    cloud: LocalCloud, iam: IAMClient, certificates: Certificates
) -> None:
    """A certificate isn't found by a listener at first, and is a moment later: hence the wait."""
    balancer = load_balancer(cloud)
    with cloud.knobs(propagation_seconds=1):
        arn = create(iam, certificates)
        assert arn == f"arn:aws:iam::111122223333:server-certificate{PATH}{NAME}"
        with pytest.raises(ClientError, match=rf"\(CertificateNotFound\).*'{arn}' not found"):
            https_listener(cloud, balancer, arn)

        def listener() -> str:
            with suppress(ClientError):
                return https_listener(cloud, balancer, arn)
            return ""

        assert wait_for(listener)


def test_deletions(cloud: LocalCloud, iam: IAMClient, certificates: Certificates) -> None:
    """A deletion is tried again until the listener is gone; one of nothing is already done."""
    arn = create(iam, certificates)
    listener = https_listener(cloud, load_balancer(cloud), arn)
    assert not delete(iam, arn)
    cloud.client("elbv2").delete_listener(ListenerArn=listener)
    assert wait_for(lambda: delete(iam, arn))
    assert delete(iam, arn)
    assert delete(iam, "stack-Certificate-1A2B3C")
    assert iam.list_server_certificates()["ServerCertificateMetadataList"] == []
