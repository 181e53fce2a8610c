"""
Clients of AWS services, made when they are needed, and whom all connections trust.

A deployment waits for a function that starts from cold, so nothing is made twice here. The clients
are those that `boto3.client` returns; boto3 adds resources and transfers, which nothing here uses
and which take half as long to import as botocore does.
"""

from __future__ import annotations

import functools
from typing import Any, Final

import botocore.session
from botocore.config import Config

from server_certificate_handler import sdk_quirks

_SERVICES: Final = ["cloudformation", "iam", "s3", "secretsmanager", "ssm"]
"""All that the function calls."""


@functools.cache
def client(service: str) -> Any:  # noqa: ANN401 - botocore makes its clients at run time
    """Make the client of a service, once for the life of the function's sandbox."""
    config = Config(
        # A call that begins just before the time for work is over must end before the answer.
        retries={"mode": "standard", "total_max_attempts": 8},
        connect_timeout=3,
        read_timeout=10,
    )
    return _session().create_client(service, config=config)


def authorities() -> str | None:
    """Return the path of the bundle of authorities that botocore trusts; None for the system's own."""
    return sdk_quirks.authorities(_session().get_config_variable("ca_bundle"))


@functools.cache
def _session() -> botocore.session.Session:
    session = botocore.session.get_session()
    sdk_quirks.list_only(session, _SERVICES)
    return session


sdk_quirks.share_tls_context()
