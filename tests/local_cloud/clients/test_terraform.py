"""
The calls of Terraform's ``aws_iam_server_certificate``, resource and data source.

Transcribed from the provider's source and its acceptance tests, which run on AWS
(hashicorp/terraform-provider-aws, ``internal/service/iam/server_certificate*.go``).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from support.consumers import https_listener, load_balancer

if TYPE_CHECKING:
    from types_boto3_iam import IAMClient

    from local_cloud import LocalCloud
    from support.uploads import Certificates

pytestmark = pytest.mark.local_cloud

PREFIX = "example-cert"


def unique(number: int) -> str:
    """Return a name as Terraform makes it from a name_prefix: a time and a counter."""
    return f"{PREFIX}20261128020000{number:012}"


def create(iam: IAMClient, name: str, certificates: Certificates, **changes: Any) -> dict[str, Any]:  # noqa: ANN401 - any API parameter
    """Upload, and read by name; white space around the texts is left out first."""
    leaf = certificates.leaf
    parameters = {
        "CertificateBody": leaf.pem.strip(),
        "CertificateChain": certificates.intermediate.pem.strip(),
        "PrivateKey": leaf.key_pem().strip(),
        "ServerCertificateName": name,
        "Path": "/",
    }
    uploaded = iam.upload_server_certificate(**(parameters | changes))
    found = read(iam, name)
    metadata = found["ServerCertificateMetadata"]
    assert metadata == uploaded["ServerCertificateMetadata"]
    return found


def read(iam: IAMClient, name: str) -> dict[str, Any]:
    """Read the state of a certificate, whose id in Terraform is its ServerCertificateId."""
    found: dict[str, Any] = dict(
        iam.get_server_certificate(ServerCertificateName=name)["ServerCertificate"]
    )
    return found


def certificate_id(found: dict[str, Any]) -> str:
    """Return the id in a state."""
    identifier: str = found["ServerCertificateMetadata"]["ServerCertificateId"]
    return identifier


def test_a_second_plan_is_empty(iam: IAMClient, certificates: Certificates) -> None:
    """What is read equals what was configured, but for white space at the ends."""
    tags = [{"Key": "Name", "Value": "example"}]
    found = create(iam, unique(1), certificates, Path="/test/", Tags=tags)
    assert found["CertificateBody"] == certificates.leaf.pem.strip()
    assert found["CertificateChain"] == certificates.intermediate.pem.strip()
    assert found["Tags"] == tags
    metadata = found["ServerCertificateMetadata"]
    assert metadata["Path"] == "/test/"
    assert metadata["Arn"].endswith(f":server-certificate/test/{unique(1)}")


def test_windows_line_ends(iam: IAMClient, certificates: Certificates) -> None:
    """A certificate of a Windows file is stored with Unix line ends."""
    windows = certificates.self_signed.pem.replace("\n", "\r\n")
    iam.upload_server_certificate(**certificates.upload_parameters(CertificateBody=windows))
    assert read(iam, "www")["CertificateBody"] == certificates.self_signed.pem.strip()


def test_changes_in_place(iam: IAMClient, certificates: Certificates) -> None:
    """Name, path, or both change without a new certificate, from a prefix and back to one too."""
    first = create(iam, unique(1), certificates, Path="/test/")
    changes = (
        (unique(1), unique(2), "/test/"),
        (unique(2), unique(2), "/test/updated/"),
        (unique(2), "name", "/test/"),
        ("name", unique(3), "/"),
    )
    for name, new_name, new_path in changes:
        iam.update_server_certificate(
            ServerCertificateName=name, NewServerCertificateName=new_name, NewPath=new_path
        )
        found = read(iam, new_name)
        assert certificate_id(found) == certificate_id(first)
        assert found["ServerCertificateMetadata"]["Path"] == new_path


def test_changed_tags(iam: IAMClient, certificates: Certificates) -> None:
    """Removed keys are untagged first; then new and changed tags are set."""
    before = [{"Key": key, "Value": "1"} for key in ("kept", "changed", "removed")]
    create(iam, "www", certificates, Tags=before)
    iam.untag_server_certificate(ServerCertificateName="www", TagKeys=["removed"])
    iam.tag_server_certificate(
        ServerCertificateName="www",
        Tags=[{"Key": "changed", "Value": "2"}, {"Key": "new", "Value": ""}],
    )
    after = {tag["Key"]: tag["Value"] for tag in read(iam, "www")["Tags"]}
    assert after == {"kept": "1", "changed": "2", "new": ""}


def test_without_tags_on_upload(
    cloud: LocalCloud, iam: IAMClient, certificates: Certificates
) -> None:
    """Where an upload can't have tags, it is repeated without them, and they are set after it."""
    tags = [{"Key": "Name", "Value": "example"}]
    with cloud.knobs(tag_on_create=False):
        with pytest.raises(Exception, match="UnsupportedOperation"):
            create(iam, "www", certificates, Tags=tags)
        create(iam, "www", certificates)
        iam.tag_server_certificate(ServerCertificateName="www", Tags=tags)
        assert read(iam, "www")["Tags"] == tags


def test_create_before_destroy(
    cloud: LocalCloud, iam: IAMClient, certificates: Certificates
) -> None:
    """A new certificate takes over the listener; the old one is refused until then, and deleted."""
    old = create(iam, unique(1), certificates)["ServerCertificateMetadata"]
    balancer = load_balancer(cloud)
    listener = https_listener(cloud, balancer, old["Arn"])
    with pytest.raises(iam.exceptions.DeleteConflictException) as caught:
        iam.delete_server_certificate(ServerCertificateName=unique(1))
    # Terraform waits only if the text has these words.
    assert "currently in use by arn" in caught.value.response["Error"]["Message"]
    # Its older versions look for the load balancer's name with this pattern.
    assert re.search(
        r"currently in use by ([a-z0-9:-]+)/", caught.value.response["Error"]["Message"]
    )

    new = create(iam, unique(2), certificates)["ServerCertificateMetadata"]
    cloud.client("elbv2").modify_listener(
        ListenerArn=listener, Certificates=[{"CertificateArn": new["Arn"]}]
    )
    iam.delete_server_certificate(ServerCertificateName=unique(1))
    with pytest.raises(iam.exceptions.NoSuchEntityException):
        iam.delete_server_certificate(ServerCertificateName=unique(1))


def test_a_certificate_that_disappears(iam: IAMClient, certificates: Certificates) -> None:
    """A certificate deleted by others is NoSuchEntity, and the next apply can use its name again."""
    first = create(iam, "www", certificates)
    iam.delete_server_certificate(ServerCertificateName="www")
    with pytest.raises(iam.exceptions.NoSuchEntityException):
        read(iam, "www")
    assert certificate_id(create(iam, "www", certificates)) != certificate_id(first)


def test_import(iam: IAMClient, certificates: Certificates) -> None:
    """Everything but the key is read by the name."""
    created = create(iam, "www", certificates)
    imported = read(iam, "www")
    assert imported == created
    assert "PrivateKey" not in imported


def test_the_data_source(iam: IAMClient, certificates: Certificates) -> None:
    """The latest of several with a prefix is found on all pages below a path, and then read."""
    for number in range(3):
        create(iam, unique(number), certificates, Path="/shop/")
    create(iam, f"{PREFIX}-elsewhere", certificates)
    pages = iam.get_paginator("list_server_certificates").paginate(
        PathPrefix="/shop/", PaginationConfig={"PageSize": 1}
    )
    listed = [each for page in pages for each in page["ServerCertificateMetadataList"]]
    assert {each["ServerCertificateName"] for each in listed} == {unique(n) for n in range(3)}
    latest = max(listed, key=lambda each: each["Expiration"])
    assert read(iam, latest["ServerCertificateName"])["ServerCertificateMetadata"] == latest
