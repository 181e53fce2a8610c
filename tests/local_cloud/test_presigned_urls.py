"""Presigned URLs, which are given away: each is good for the call that was signed, and no other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from support.raw_requests import FORM, send

if TYPE_CHECKING:
    from collections.abc import Mapping

    from local_cloud import LocalCloud
    from support.raw_requests import Reply

pytestmark = pytest.mark.local_cloud

CREATE_USER = b"Action=CreateUser&UserName=u&Version=2010-05-08"
IN_CHUNKS = b"%x\r\n%b\r\n0\r\n\r\n" % (len(CREATE_USER), CREATE_USER)


@pytest.fixture
def s3(cloud: LocalCloud) -> Any:  # noqa: ANN401 - boto3 makes its clients at run time
    """Return a client of S3, whose bucket has one object."""
    client = cloud.client("s3")
    location = {"LocationConstraint": cloud.region}
    client.create_bucket(Bucket="bucket", CreateBucketConfiguration=location)
    client.put_object(Bucket="bucket", Key="hidden", Body=b"hidden")
    return client


def use(
    cloud: LocalCloud,
    url: str,
    method: str,
    headers: Mapping[str, str] | None = None,
    body: bytes = b"",
) -> Reply:
    """Send a request to a presigned URL."""
    path = url.removeprefix(cloud.endpoint_url)
    return send(cloud, method, path, headers=headers, body=body)


def test_an_upload_cant_become_a_copy(cloud: LocalCloud, s3: Any) -> None:  # noqa: ANN401 - boto3's
    """A header that S3 obeys must have been signed, as on AWS; others need not."""
    url = s3.generate_presigned_url("put_object", Params={"Bucket": "bucket", "Key": "k"})
    copied = use(cloud, url, "PUT", {"X-Amz-Copy-Source": "/bucket/hidden"})
    assert copied.status == 403
    assert "which were not signed: x-amz-copy-source" in copied.text
    assert use(cloud, url, "PUT", {"Content-Type": "text/plain"}, b"x").status == 200


def test_a_signed_header_is_accepted(cloud: LocalCloud, s3: Any) -> None:  # noqa: ANN401 - boto3's
    """What the signer adds, such as metadata, is part of the signature."""
    parameters = {"Bucket": "bucket", "Key": "k", "ACL": "private", "Metadata": {"a": "b"}}
    url = s3.generate_presigned_url("put_object", Params=parameters)
    headers = {"X-Amz-Acl": "private", "X-Amz-Meta-A": "b"}
    assert use(cloud, url, "PUT", headers, b"x").status == 200
    assert s3.head_object(Bucket="bucket", Key="k")["Metadata"] == {"a": "b"}


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        (FORM, CREATE_USER),
        (FORM | {"Content-Encoding": "aws-chunked"}, IN_CHUNKS),
    ],
)
def test_a_body_cant_name_another_service(
    cloud: LocalCloud,
    s3: Any,  # noqa: ANN401 - boto3's
    headers: dict[str, str],
    body: bytes,
) -> None:
    """A URL of S3 doesn't sign its body, and the emulator finds services in forms."""
    parameters = {"Bucket": "bucket", "Key": "k"}
    url = s3.generate_presigned_url("create_multipart_upload", Params=parameters)
    refused = use(cloud, url, "POST", headers, body)
    assert refused.status == 403
    assert FORM["Content-Type"] in refused.text
    assert cloud.client("iam").list_users()["Users"] == []
    assert "UploadId" in use(cloud, url, "POST").text


@pytest.mark.parametrize("target", ["AmazonSSM.DescribeParameters", "secretsmanager.ListSecrets"])
def test_a_header_cant_name_another_service(cloud: LocalCloud, target: str) -> None:
    """What proves an identity to a Kubernetes cluster doesn't open anything else."""
    url = cloud.client("sts").generate_presigned_url("get_caller_identity", HttpMethod="GET")
    assert use(cloud, url, "GET").status == 200
    refused = use(cloud, url, "GET", {"X-Amz-Target": target})
    assert refused.status == 403
    assert "which were not signed: x-amz-target" in refused.text
