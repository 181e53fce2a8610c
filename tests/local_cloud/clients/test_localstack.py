"""
What LocalStack recorded on AWS on 2026-02-17: the same calls, the same answers.

From localstack/localstack, ``tests/aws/services/iam/test_iam_server_certificates.snapshot.json``.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from dev.certificates.keys import KeyType

if TYPE_CHECKING:
    from collections.abc import Callable

    from types_boto3_iam import IAMClient

    from support.uploads import Certificates

pytestmark = pytest.mark.local_cloud


def content(answer: Any) -> dict[str, Any]:  # noqa: ANN401 - of any action
    """Return an answer with its status, but without the headers, which the recordings omit."""
    status = answer["ResponseMetadata"]["HTTPStatusCode"]
    return {"status": status} | {key: answer[key] for key in answer if key != "ResponseMetadata"}


def failure(call: Callable[..., object], **parameters: str) -> dict[str, Any]:
    """Return the answer of a call that fails."""
    with pytest.raises(ClientError) as caught:
        call(**parameters)
    return content(caught.value.response)


def error(status: int, code: str, message: str) -> dict[str, Any]:
    """Return a recorded error."""
    return {"status": status, "Error": {"Type": "Sender", "Code": code, "Message": message}}


def metadata_of(answer: Any, path: str, name: str = "cert") -> dict[str, Any]:  # noqa: ANN401 - of Upload
    """Return what every answer says of a certificate: no other members, dates and id as uploaded."""
    uploaded = answer["ServerCertificateMetadata"]
    assert isinstance(uploaded["Expiration"], datetime)
    assert isinstance(uploaded["UploadDate"], datetime)
    return {
        "Arn": f"arn:aws:iam::111122223333:server-certificate{path}{name}",
        "Expiration": uploaded["Expiration"],
        "Path": path,
        "ServerCertificateId": uploaded["ServerCertificateId"],
        "ServerCertificateName": name,
        "UploadDate": uploaded["UploadDate"],
    }


@pytest.mark.parametrize("path", [None, "/", "/test-path/"])
def test_life_cycle(iam: IAMClient, certificates: Certificates, path: str | None) -> None:
    """Upload answers without Tags, Get with an empty list of them, and List with neither."""
    root = certificates.root
    changes = {"CertificateBody": root.pem, "PrivateKey": root.key_pem()}
    if path is not None:
        changes["Path"] = path
    uploaded = iam.upload_server_certificate(**certificates.upload_parameters("cert", **changes))
    metadata = metadata_of(uploaded, path or "/")
    assert content(uploaded) == {"status": 200, "ServerCertificateMetadata": metadata}

    listed = {"status": 200, "IsTruncated": False, "ServerCertificateMetadataList": [metadata]}
    assert content(iam.list_server_certificates()) == listed
    if path is not None:
        assert content(iam.list_server_certificates(PathPrefix=path)) == listed

    found = iam.get_server_certificate(ServerCertificateName="cert")
    assert content(found) == {
        "status": 200,
        "ServerCertificate": {
            "CertificateBody": root.pem.strip(),
            "ServerCertificateMetadata": metadata,
            "Tags": [],
        },
    }
    deleted = iam.delete_server_certificate(ServerCertificateName="cert")
    assert content(deleted) == {"status": 200}
    assert failure(iam.get_server_certificate, ServerCertificateName="cert") == error(
        404, "NoSuchEntity", "The Server Certificate with name cert cannot be found."
    )


def test_with_chain(iam: IAMClient, certificates: Certificates) -> None:
    """A certificate signed by a root takes the root alone as its chain, and Get returns it."""
    root = certificates.root
    leaf = root.leaf(key_type=KeyType.RSA)
    uploaded = iam.upload_server_certificate(
        **certificates.upload_parameters(
            "cert",
            CertificateBody=leaf.pem,
            PrivateKey=leaf.key_pem("pkcs1"),
            CertificateChain=root.pem,
        )
    )
    metadata = metadata_of(uploaded, "/")
    assert content(uploaded) == {"status": 200, "ServerCertificateMetadata": metadata}
    found = iam.get_server_certificate(ServerCertificateName="cert")
    assert content(found)["ServerCertificate"] == {
        "CertificateBody": leaf.pem.strip(),
        "CertificateChain": root.pem.strip(),
        "ServerCertificateMetadata": metadata,
        "Tags": [],
    }


def test_errors(iam: IAMClient, certificates: Certificates) -> None:
    """An unknown and a taken name have these statuses, codes and texts."""
    unknown = error(
        404, "NoSuchEntity", "The Server Certificate with name nonexistent cannot be found."
    )
    for call in (iam.get_server_certificate, iam.delete_server_certificate):
        assert failure(call, ServerCertificateName="nonexistent") == unknown
    parameters = certificates.upload_parameters("cert")
    iam.upload_server_certificate(**parameters)
    assert failure(iam.upload_server_certificate, **parameters) == error(
        409, "EntityAlreadyExists", "The Server Certificate with name cert already exists."
    )
