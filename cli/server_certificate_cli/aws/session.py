"""Create AWS clients from the user's configuration, with short timeouts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config

from server_certificate_cli.aws.errors import explain_configuration_errors
from server_certificate_cli.errors import CommandError

if TYPE_CHECKING:
    from types_boto3_cloudformation.client import CloudFormationClient
    from types_boto3_cloudfront.client import CloudFrontClient
    from types_boto3_elbv2.client import ElasticLoadBalancingv2Client
    from types_boto3_iam.client import IAMClient
    from types_boto3_secretsmanager.client import SecretsManagerClient

IAM = "IAM"
SECRETS_MANAGER = "Secrets Manager"
CLOUDFORMATION = "CloudFormation"
CLOUDFRONT = "CloudFront"
LOAD_BALANCING = "Elastic Load Balancing"

CONNECT_SECONDS = 5
READ_SECONDS = 10
"""The timeouts of an attempt. There are three attempts, unless AWS_MAX_ATTEMPTS is set."""

HASTY_SECONDS = 2
"""The timeouts of the only attempt when a shell waits for completions."""

_IAM_REGION = "us-east-1"
"""The Region for IAM if none is configured. It selects the partition, because IAM is global."""


class Aws:
    """Creates clients for a profile and a Region, without sending a request."""

    def __init__(self, *, profile: str | None, region: str | None, is_hasty: bool = False) -> None:
        """
        Read the configuration.

        Args:
            profile: The name of a profile; None for the default.
            region: The Region; None for the default.
            is_hasty: Whether to give up after one short attempt, because a shell is waiting.

        Raises:
            CommandError: The profile does not exist, or the configuration is invalid.
        """
        with explain_configuration_errors("AWS", profile=profile):
            self._session = boto3.Session(profile_name=profile, region_name=region)
        self._profile = profile
        self._config = _hasty_bounds() if is_hasty else _bounds()

    def iam(self) -> IAMClient:
        """Create a client for IAM, which doesn't need a Region."""
        with explain_configuration_errors(IAM, profile=self._profile):
            return self._session.client(
                "iam", region_name=self._session.region_name or _IAM_REGION, config=self._config
            )

    @property
    def region(self) -> str | None:
        """The Region from the command line or the configuration; None if there is none."""
        return self._session.region_name

    def cloudformation(self, region: str) -> CloudFormationClient:
        """Create a client for CloudFormation in a Region."""
        with explain_configuration_errors(CLOUDFORMATION, profile=self._profile):
            return self._session.client("cloudformation", region_name=region, config=self._config)

    def load_balancing(self, region: str) -> ElasticLoadBalancingv2Client:
        """Create a client for Application and Network Load Balancers in a Region."""
        with explain_configuration_errors(LOAD_BALANCING, profile=self._profile):
            return self._session.client("elbv2", region_name=region, config=self._config)

    def classic_load_balancing(self, region: str) -> Any:  # noqa: ANN401 - has no published types here
        """Create a client for Classic Load Balancers in a Region."""
        client: Any = self._session.client
        with explain_configuration_errors(LOAD_BALANCING, profile=self._profile):
            return client("elb", region_name=region, config=self._config)

    def cloudfront(self) -> CloudFrontClient:
        """Create a client for CloudFront, which doesn't need a Region."""
        with explain_configuration_errors(CLOUDFRONT, profile=self._profile):
            return self._session.client(
                "cloudfront",
                region_name=self._session.region_name or _IAM_REGION,
                config=self._config,
            )

    def secrets_manager(self, region: str | None = None) -> SecretsManagerClient:
        """
        Create a client for Secrets Manager.

        Args:
            region: The Region. Default: the configured one.

        Raises:
            CommandError: No Region is configured.
        """
        if not (region or self._session.region_name):
            raise CommandError(
                "No AWS Region is configured, but Secrets Manager requires one. Set it with --region,"
                " AWS_REGION or in the profile."
            )
        with explain_configuration_errors(SECRETS_MANAGER, profile=self._profile):
            return self._session.client("secretsmanager", region_name=region, config=self._config)


def _bounds() -> Config:
    return Config(
        connect_timeout=CONNECT_SECONDS,
        read_timeout=READ_SECONDS,
        retries={"mode": "standard"},
        # Several threads read tags concurrently.
        max_pool_connections=8,
    )


def _hasty_bounds() -> Config:
    return Config(
        connect_timeout=HASTY_SECONDS,
        read_timeout=HASTY_SECONDS,
        retries={"mode": "standard", "total_max_attempts": 1},
    )
