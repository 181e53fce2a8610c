"""Requests to a local cloud that no SDK would make, and the signatures that it makes."""

from __future__ import annotations

import http.client
import json
import ssl
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from local_cloud import LocalCloud

LIST = b"Action=ListServerCertificates&Version=2010-05-08"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@dataclass(frozen=True)
class Reply:
    """An answer."""

    status: int
    text: str

    @property
    def message(self) -> str:
        """The message of the local cloud's own answers."""
        told: dict[str, str] = json.loads(self.text)
        return told["message"]


def connect(cloud: LocalCloud) -> http.client.HTTPSConnection:
    """Return a connection with TLS."""
    address = urlsplit(cloud.endpoint_url)
    trusted = ssl.create_default_context(cafile=str(cloud.ca_bundle))
    return http.client.HTTPSConnection(address.netloc, context=trusted, timeout=120)


def send(
    cloud: LocalCloud,
    method: str,
    path: str,
    *,
    body: bytes | Iterable[bytes] = b"",
    headers: Mapping[str, str] | None = None,
) -> Reply:
    """Send a request as it is given; an iterable body is sent in chunks."""
    connection = connect(cloud)
    try:
        connection.request(method, path, body=body, headers=dict(headers or {}))
        with connection.getresponse() as answer:
            return Reply(answer.status, answer.read().decode())
    finally:
        connection.close()


def secret_of(cloud: LocalCloud) -> str:
    """Return the secret of this start."""
    return cloud.environment()["AWS_SECRET_ACCESS_KEY"]


def signed(
    cloud: LocalCloud,
    service: str,
    method: str,
    path: str,
    *,
    body: bytes = b"",
    headers: Mapping[str, str] | None = None,
    secret: str | None = None,
) -> dict[str, str]:
    """Return the headers of a signed request, those given included."""
    request = AWSRequest(method, cloud.endpoint_url + path, dict(headers or {}), body)
    credentials = Credentials(cloud.account_id, secret or secret_of(cloud))
    signer: Any = S3SigV4Auth if service == "s3" else SigV4Auth
    signer(credentials, service, cloud.region).add_auth(request)
    return dict(request.headers.items())


def bearer(cloud: LocalCloud) -> dict[str, str]:
    """Return the header for the local cloud's own paths."""
    return {"Authorization": f"Bearer {secret_of(cloud)}"}
