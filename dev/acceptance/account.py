"""The account that is asked, as boto3's configuration describes it."""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

if TYPE_CHECKING:
    from collections.abc import Mapping

_PROFILE_VARIABLES: Final = frozenset({"AWS_PROFILE", "AWS_DEFAULT_PROFILE"})
_RETRIES: Final = {"mode": "standard", "total_max_attempts": 10}
"""Questions that are asked side by side can be throttled."""

_TIMEOUTS: Final = {"connect_timeout": 10, "read_timeout": 60}


class NoAccountError(Exception):
    """The account can't be called; the message says what to set."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Who calls."""

    account_id: str
    partition: str
    arn: str


class Account:
    """
    The account of the configured credentials, in the configured Region.

    Raises:
        NoAccountError: There is no Region or there are no credentials, or STS can't be called.
    """

    def __init__(self) -> None:
        # boto3 itself reads AWS_DEFAULT_REGION only.
        self._session: Any = boto3.Session(region_name=os.environ.get("AWS_REGION") or None)
        self._lock = threading.Lock()
        if self._session.region_name is None:
            raise NoAccountError("No Region is configured: set AWS_REGION.")
        try:
            self._identity = self._who()
        except (BotoCoreError, ClientError) as error:
            raise NoAccountError(
                f"The credentials can't be used: {error} Set AWS_PROFILE, or another source of"
                " credentials that boto3 knows."
            ) from error

    @property
    def account_id(self) -> str:
        """The account's id."""
        return self._identity.account_id

    @property
    def caller_arn(self) -> str:
        """The ARN of who calls, which can contain a person's name."""
        return self._identity.arn

    @property
    def partition(self) -> str:
        """The partition, such as ``aws``."""
        return self._identity.partition

    @property
    def region(self) -> str:
        """The Region."""
        return str(self._session.region_name)

    @property
    def endpoint(self) -> str | None:
        """The host that answers instead of AWS; None for AWS itself."""
        host = urlsplit(str(self.client("iam").meta.endpoint_url)).hostname or ""
        is_aws = host.endswith((".amazonaws.com", ".amazonaws.com.cn", ".api.aws", ".amazonaws.eu"))
        return None if is_aws else host

    def client(
        self,
        service_name: str,
        *,
        credentials: Mapping[str, Any] | None = None,
        **configuration: Any,  # noqa: ANN401 - botocore's options are of many types
    ) -> Any:  # noqa: ANN401 - boto3 makes its clients at run time
        """
        Make a boto3 client.

        Args:
            service_name: The service, as boto3 names it.
            credentials: The credentials, as AssumeRole returns them; default: the configured ones.
            **configuration: Arguments for ``botocore.config.Config``.
        """
        keys = {}
        if credentials is not None:
            keys = {
                "aws_access_key_id": credentials["AccessKeyId"],
                "aws_secret_access_key": credentials["SecretAccessKey"],
                "aws_session_token": credentials["SessionToken"],
            }
        config = Config(**{"retries": _RETRIES, **_TIMEOUTS, **configuration})
        # Sessions aren't safe to use in several threads; clients are.
        with self._lock:
            return self._session.client(service_name, config=config, **keys)

    def environment(self) -> dict[str, str]:
        """Return this process's environment with the credentials, whatever home the child has."""
        frozen = self._session.get_credentials().get_frozen_credentials()
        kept = {key: value for key, value in os.environ.items() if key not in _PROFILE_VARIABLES}
        kept.pop("AWS_SESSION_TOKEN", None)
        return kept | {
            "AWS_ACCESS_KEY_ID": frozen.access_key,
            "AWS_SECRET_ACCESS_KEY": frozen.secret_key,
            **({"AWS_SESSION_TOKEN": frozen.token} if frozen.token else {}),
            "AWS_REGION": self.region,
            "AWS_DEFAULT_REGION": self.region,
            "CDK_DEFAULT_ACCOUNT": self.account_id,
            "CDK_DEFAULT_REGION": self.region,
        }

    def _who(self) -> Identity:
        caller = self.client("sts").get_caller_identity()
        arn = str(caller["Arn"])
        return Identity(str(caller["Account"]), arn.split(":")[1], arn)
