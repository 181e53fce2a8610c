"""The user's ordinary AWS configuration, and clients that answer within bounds."""

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
"""Bounds of one attempt. Standard mode makes three, or as many as AWS_MAX_ATTEMPTS says."""

_IAM_REGION = "us-east-1"
"""IAM has no Regions. Without one, this says which partition is meant: the usual one."""


class Aws:
    """Makes clients for a profile and a Region. Nothing is asked of AWS before a client is used."""

    def __init__(self, *, profile: str | None, region: str | None) -> None:
        """
        Read the configuration.

        Args:
            profile: Name of a profile; None for what the environment says.
            region: The Region; None for that of the environment or the profile.

        Raises:
            CommandError: There is no such profile, or the configuration cannot be read.
        """
        with explain_configuration_errors("AWS", profile=profile):
            self._session = boto3.Session(profile_name=profile, region_name=region)
        self._profile = profile

    def iam(self) -> IAMClient:
        """Make a client for IAM, which needs no Region."""
        with explain_configuration_errors(IAM, profile=self._profile):
            return self._session.client(
                "iam", region_name=self._session.region_name or _IAM_REGION, config=_bounds()
            )

    def secrets_manager(self) -> SecretsManagerClient:
        """
        Make a client for Secrets Manager.

        Raises:
            CommandError: No Region is configured.
        """
        if not self._session.region_name:
            raise CommandError(
                "No AWS Region is configured, and a secret lies in one: name it with --region, in"
                " AWS_REGION, or in the profile."
            )
        with explain_configuration_errors(SECRETS_MANAGER, profile=self._profile):
            return self._session.client("secretsmanager", config=_bounds())


def _bounds() -> Config:
    return Config(
        connect_timeout=CONNECT_SECONDS,
        read_timeout=READ_SECONDS,
        retries={"mode": "standard"},
        # Tags of certificates are asked for by a few threads at once.
        max_pool_connections=8,
    )
