"""The environment variables of the server and of its clients."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

DEFAULT_REGION = "eu-central-1"
# The account id that AWS's own documentation uses in examples.
DEFAULT_ACCOUNT_ID = "111122223333"

_BUNDLE_VARIABLES = (
    "AWS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
    "NODE_EXTRA_CA_CERTS",
    "REQUESTS_CA_BUNDLE",
    "SSL_CERT_FILE",
)
_PROXY_VARIABLES = frozenset({"all_proxy", "http_proxy", "https_proxy", "no_proxy"})
# Other variables could change the emulator's behavior or reach the code of Lambda functions.
_SERVER_KEEPS = frozenset(
    {"HOME", "LANG", "LC_ALL", "LC_CTYPE", "LOGNAME", "PATH", "SYSTEMROOT", "TZ", "USER"}
)


@dataclass(frozen=True, slots=True)
class Connection:
    """
    What a client needs to know about a running local cloud.

    Attributes:
        port: The port on 127.0.0.1.
        directory: Where its files are.
        secret_access_key: The secret of this start, which every request must prove.
        account_id: The account.
        region: The Region.
    """

    port: int
    directory: Path
    secret_access_key: str = field(repr=False)
    account_id: str = DEFAULT_ACCOUNT_ID
    region: str = DEFAULT_REGION

    @property
    def endpoint_url(self) -> str:
        """The endpoint of every service."""
        # The address, not a name: S3 clients would put the bucket in front of a name.
        return f"https://127.0.0.1:{self.port}"

    @property
    def ca_bundle(self) -> Path:
        """The certificates to trust, as PEM: the server's authority and the machine's authorities."""
        return self.directory / "ca-bundle.pem"

    @property
    def log_file(self) -> Path:
        """The emulator's log."""
        return self.directory / "local-cloud.log"

    @property
    def temporary_directory(self) -> Path:
        """Where the emulator and its Lambda functions keep temporary files."""
        return self.directory / "tmp"

    @property
    def tls_directory(self) -> Path:
        """Where the server's TLS certificate is, and until it is loaded, its key."""
        return self.directory / "tls"


def exported_bundles(base: Mapping[str, str]) -> tuple[Path, ...]:
    """Return the CA bundles that an environment names, each once."""
    named = (base[variable] for variable in _BUNDLE_VARIABLES if base.get(variable))
    return tuple(dict.fromkeys(Path(name) for name in named))


def settings(connection: Connection) -> dict[str, str]:
    """Return the variables that point the AWS CLI, the CDK CLI and SDKs at the local cloud."""
    bundle = str(connection.ca_bundle)
    return {
        "AWS_ENDPOINT_URL": connection.endpoint_url,
        # The emulator takes a 12-digit access key for the account id.
        "AWS_ACCESS_KEY_ID": connection.account_id,
        "AWS_SECRET_ACCESS_KEY": connection.secret_access_key,
        "AWS_REGION": connection.region,
        "AWS_DEFAULT_REGION": connection.region,
        **dict.fromkeys(_BUNDLE_VARIABLES, bundle),
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_PAGER": "",
        "CDK_DEFAULT_ACCOUNT": connection.account_id,
        "CDK_DEFAULT_REGION": connection.region,
        "NO_PROXY": "127.0.0.1,localhost",
    }


def client_environment(base: Mapping[str, str], connection: Connection) -> dict[str, str]:
    """
    Return an environment for child processes that use the local cloud.

    Args:
        base: The environment to start from, without its AWS and proxy variables, and with its
            profiles and configuration files hidden.
        connection: The local cloud.
    """
    kept = {
        name: value
        for name, value in base.items()
        if not name.startswith("AWS_") and name.lower() not in _PROXY_VARIABLES
    }
    return kept | settings(connection) | _hidden_files(connection)


def export_lines(base: Mapping[str, str], connection: Connection) -> tuple[str, ...]:
    """
    Return shell commands that point a terminal at the local cloud.

    Args:
        base: The terminal's environment; conflicting AWS variables in it are unset.
        connection: The local cloud.
    """
    exported = settings(connection)
    conflicting = {
        name
        for name in base
        if (name.startswith("AWS_") or name.lower() in _PROXY_VARIABLES) and name not in exported
    }
    conflicting |= {"AWS_PROFILE", "AWS_SESSION_TOKEN"}
    return (
        f"unset {' '.join(sorted(conflicting))}",
        *(f"export {name}={shlex.quote(value)}" for name, value in exported.items()),
    )


def server_environment(
    base: Mapping[str, str], connection: Connection, *, auth: bool = False
) -> dict[str, str]:
    """
    Return the environment of the server itself, which its Lambda functions inherit.

    Args:
        base: The environment to start from; few variables are kept.
        connection: The local cloud that will run.
        auth: Whether IAM policies are enforced; default: they aren't.
    """
    temporary = str(connection.temporary_directory)
    kept = {name: value for name, value in base.items() if name in _SERVER_KEEPS}
    return (
        kept
        | settings(connection)
        | _hidden_files(connection)
        | {
            "BIND_HOST": "127.0.0.1",
            "GATEWAY_PORT": str(connection.port),
            "MINISTACK_HOST": "localhost",
            "MINISTACK_REGION": connection.region,
            "MINISTACK_ACCOUNT_ID": connection.account_id,
            "USE_SSL": "1",
            "AUTH": "true" if auth else "false",
            "MINISTACK_SSL_CERT": str(connection.tls_directory / "server.crt"),
            # The emulator wants a file. The key's is gone, and nothing reads it here.
            "MINISTACK_SSL_KEY": str(connection.tls_directory / "server.crt"),
            # No second listener and no Docker: at start, the emulator would remove containers
            # that another emulator on this machine may have started.
            "IOT_MTLS_ENABLED": "0",
            "SFTP_ENABLED": "0",
            "DOCKER_HOST": f"unix://{temporary}/no-docker.sock",
            "LAMBDA_EXECUTOR": "local",
            "STATE_DIR": temporary,
            "S3_DATA_DIR": f"{temporary}/s3",
            "TMPDIR": temporary,
        }
    )


def _hidden_files(connection: Connection) -> dict[str, str]:
    """Point the AWS configuration files to paths that don't exist."""
    return {
        "AWS_CONFIG_FILE": str(connection.directory / "no-aws-config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(connection.directory / "no-aws-credentials"),
    }
