"""Create AWS clients from the user's configuration, with short timeouts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

from server_certificate_cli.aws.errors import explain_configuration_errors
from server_certificate_cli.errors import CommandError

if TYPE_CHECKING:
    from types_boto3_iam.client import IAMClient
    from types_boto3_secretsmanager.client import SecretsManagerClient

IAM = "IAM"
SECRETS_MANAGER = "Secrets Manager"

CONNECT_SECONDS = 5
READ_SECONDS = 10
"""The timeouts of an attempt. There are three attempts, unless AWS_MAX_ATTEMPTS is set."""

_IAM_REGION = "us-east-1"
"""The Region for IAM if none is configured. It selects the partition, because IAM is global."""


class Aws:
    """Creates clients for a profile and a Region, without sending a request."""

    def __init__(self, *, profile: str | None, region: str | None) -> None:
        """
        Read the configuration.

        Args:
            profile: The name of a profile; None for the default.
            region: The Region; None for the default.

        Raises:
            CommandError: The profile does not exist, or the configuration is invalid.
        """
        with explain_configuration_errors("AWS", profile=profile):
            self._session = boto3.Session(profile_name=profile, region_name=region)
        self._profile = profile

    def iam(self) -> IAMClient:
        """Create a client for IAM, which doesn't need a Region."""
        with explain_configuration_errors(IAM, profile=self._profile):
            return self._session.client(
                "iam", region_name=self._session.region_name or _IAM_REGION, config=_bounds()
            )

    def secrets_manager(self) -> SecretsManagerClient:
        """
        Create a client for Secrets Manager.

        Raises:
            CommandError: No Region is configured.
        """
        if not self._session.region_name:
            raise CommandError(
                "No AWS Region is configured, but Secrets Manager requires one. Set it with --region,"
                " AWS_REGION or in the profile."
            )
        with explain_configuration_errors(SECRETS_MANAGER, profile=self._profile):
            return self._session.client("secretsmanager", config=_bounds())


def _bounds() -> Config:
    return Config(
        connect_timeout=CONNECT_SECONDS,
        read_timeout=READ_SECONDS,
        retries={"mode": "standard"},
        # Several threads read tags concurrently.
        max_pool_connections=8,
    )
