"""
Clients of AWS services, made when they are needed, and the TLS context of all connections.

A deployment waits for a function that starts from cold, so nothing is made twice here. The clients
are those that `boto3.client` returns; boto3 adds resources and transfers, which nothing here uses
and which take half as long to import as botocore does.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, Final

import botocore.httpsession
import botocore.session
from botocore.config import Config

if TYPE_CHECKING:
    import ssl

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


@functools.cache
def tls_context() -> ssl.SSLContext:
    """Return the context that botocore gives its connections, which reads each bundle once."""
    context: ssl.SSLContext = _botocores_context()
    context.load_verify_locations = functools.cache(context.load_verify_locations)  # type: ignore[assignment,method-assign]
    return context


def authorities() -> str | None:
    """Return the path of the bundle of authorities that botocore trusts."""
    configured = _session().get_config_variable("ca_bundle")
    return botocore.httpsession.get_cert_path(configured or True)


@functools.cache
def _session() -> botocore.session.Session:
    session = botocore.session.get_session()
    # To know that there is such a service, botocore would look into the folders of all four hundred,
    # which takes longer than a call.
    session.get_component("data_loader").list_available_services = lambda _: _SERVICES
    return session


# Each client would read the bundle again, which takes longer than its first call. Where botocore has
# no such function any more, that is what happens.
_botocores_context = botocore.httpsession.create_urllib3_context
botocore.httpsession.create_urllib3_context = tls_context
