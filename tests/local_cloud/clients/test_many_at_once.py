"""Many clients at once: no call is lost, and none sees half of another."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from local_cloud import LocalCloud
    from support.uploads import Certificates

pytestmark = pytest.mark.local_cloud

CLIENTS = 200


@pytest.fixture
def many(cloud: LocalCloud) -> Any:  # noqa: ANN401 - boto3's
    """Return an IAM client with a connection for each thread."""
    return cloud.client("iam", max_pool_connections=CLIENTS, retries={"total_max_attempts": 1})


def at_once(call: Callable[[int], None], number: int) -> Sequence[str]:
    """Call from as many threads, which start together; return the code of each call's error, or ""."""
    barrier = threading.Barrier(number)

    def run(index: int) -> str:
        barrier.wait()
        try:
            call(index)
        except ClientError as error:
            code: str = error.response["Error"]["Code"]
            return code
        return ""

    with ThreadPoolExecutor(number) as threads:
        return list(threads.map(run, range(number)))


def names(iam: Any) -> set[str]:  # noqa: ANN401 - boto3's
    """Return the names of all certificates."""
    pages = iam.get_paginator("list_server_certificates").paginate()
    return {
        each["ServerCertificateName"]
        for page in pages
        for each in page["ServerCertificateMetadataList"]
    }


def test_uploads(cloud: LocalCloud, many: Any, certificates: Certificates) -> None:  # noqa: ANN401 - boto3's
    """Two hundred uploads at once are two hundred certificates."""
    uploads = [certificates.upload_parameters(f"www-{index}") for index in range(CLIENTS)]
    with cloud.knobs(quota=CLIENTS):
        codes = at_once(lambda index: many.upload_server_certificate(**uploads[index]), CLIENTS)
    assert codes == [""] * CLIENTS
    assert names(many) == {each["ServerCertificateName"] for each in uploads}
    assert cloud.calls()["UploadServerCertificate"] == CLIENTS


def test_one_name_and_one_place(many: Any, certificates: Certificates) -> None:  # noqa: ANN401 - boto3's
    """Of many uploads under one name, one succeeds; the quota holds against many at once."""
    parameters = certificates.upload_parameters()
    codes = at_once(lambda _: many.upload_server_certificate(**parameters), 20)
    assert sorted(codes) == ["", *["EntityAlreadyExists"] * 19]
    uploads = [certificates.upload_parameters(f"www-{index}") for index in range(30)]
    codes = at_once(lambda index: many.upload_server_certificate(**uploads[index]), 30)
    assert sorted(codes) == [*[""] * 19, *["LimitExceeded"] * 11]


def test_tags(many: Any, certificates: Certificates) -> None:  # noqa: ANN401 - boto3's
    """Of many tags that are set at once, none is lost."""
    many.upload_server_certificate(**certificates.upload_parameters())
    tags = [{"Key": f"key-{index}", "Value": str(index)} for index in range(20)]
    codes = at_once(
        lambda index: many.tag_server_certificate(ServerCertificateName="www", Tags=[tags[index]]),
        len(tags),
    )
    assert codes == [""] * len(tags)
    found = many.get_server_certificate(ServerCertificateName="www")["ServerCertificate"]["Tags"]
    assert sorted(found, key=lambda tag: int(tag["Value"])) == tags
