"""Send the response to CloudFormation."""

from __future__ import annotations

import http

import urllib3

from server_certificate_handler.connections import authorities
from server_certificate_handler.sdk_quirks import tls_context

_RETRY = urllib3.Retry(
    total=5,
    backoff_factor=0.5,
    status_forcelist=range(500, 600),
    allowed_methods=None,
    raise_on_status=False,
    # The server must not decide how long the function waits.
    respect_retry_after_header=False,
)


class DeliveryError(Exception):
    """
    The response did not reach CloudFormation.

    The function raises this error so that Lambda retries.
    """


def put(url: str, body: bytes) -> None:
    """
    PUT a response to a presigned URL, with retries on connection errors and 5xx.

    It is sent over HTTPS only, and only to the host of the URL: redirects are not followed.

    Raises:
        DeliveryError: It did not arrive. The message doesn't contain the URL.
    """
    if not url.lower().startswith("https://"):
        raise DeliveryError(
            "The response can't be sent: the event has no ResponseURL that begins with https://."
        )
    pool = urllib3.PoolManager(
        timeout=urllib3.Timeout(connect=5, read=10),
        ssl_context=tls_context(),
        cert_reqs="CERT_REQUIRED",
        ca_certs=authorities(),
    )
    try:
        response = pool.request(
            "PUT", url, body=body, headers={"Content-Type": ""}, retries=_RETRY, redirect=False
        )
    except (urllib3.exceptions.HTTPError, ValueError) as err:
        raise DeliveryError(
            f"The response could not be sent to CloudFormation ({type(err).__name__}). If the"
            " function runs in a VPC, it needs a route to S3."
        ) from None
    if response.status >= http.HTTPStatus.MULTIPLE_CHOICES:
        raise DeliveryError(
            f"CloudFormation's bucket rejected the response with HTTP status {response.status}."
        )
