"""
Create clients of AWS services on demand, with shared TLS settings.

A deployment waits for the function's cold start, so nothing is created twice. The clients are the
same as those of ``boto3.client``. boto3 would add resources and transfers, which are not used here,
and half of botocore's import time again.
"""

from __future__ import annotations

import functools
from typing import Any, Final

import botocore.session
from botocore.config import Config

from server_certificate_handler import sdk_quirks

_SERVICES: Final = [
    "cloudformation",
    "cloudwatch",
    "events",
    "iam",
    "s3",
    "secretsmanager",
    "ssm",
]
"""The services that the functions call."""


@functools.cache
def client(service: str, region: str | None = None) -> Any:  # noqa: ANN401 - botocore creates its clients at run time
    """Create the client of a service, by default in the function's Region, once per sandbox."""
    config = Config(
        # A call that begins just before the deadline must end before the response.
        retries={"mode": "standard", "total_max_attempts": 8},
        connect_timeout=3,
        read_timeout=10,
    )
    return _session().create_client(service, region_name=region, config=config)


def authorities() -> str | None:
    """Return the path of the CA bundle that botocore uses; None for the system's own."""
    return sdk_quirks.authorities(_session().get_config_variable("ca_bundle"))


@functools.cache
def _session() -> botocore.session.Session:
    session = botocore.session.get_session()
    sdk_quirks.list_only(session, _SERVICES)
    return session


sdk_quirks.share_tls_context()
