"""Change server certificates in IAM: delete one, or take its ownership tags off."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from server_certificate_cli.aws.certificates import MISSING
from server_certificate_cli.aws.errors import AwsRefusedError, explain_errors
from server_certificate_cli.aws.session import IAM

if TYPE_CHECKING:
    from collections.abc import Sequence

    from types_boto3_iam.client import IAMClient

_IN_USE = "DeleteConflict"
_CONSUMER = re.compile(r"in use by (?P<arn>arn:[^\s]+?)[.]?(?:\s|\)|$)")
_CLOUDFRONT = "CloudFront"


class InUseError(Exception):
    """IAM doesn't delete the certificate, because something uses it."""

    def __init__(self, consumer: str) -> None:
        self.consumer = consumer
        """What uses it, according to IAM: an ARN, or a description."""
        super().__init__(consumer)


class Changes:
    """Changes server certificates."""

    def __init__(self, client: IAMClient, *, profile: str | None) -> None:
        """
        Create a writer.

        Args:
            client: The client for IAM.
            profile: The profile from the command line, for messages.
        """
        self._client = client
        self._profile = profile

    def delete(self, name: str) -> None:
        """
        Delete a certificate. One that doesn't exist is deleted already.

        Raises:
            InUseError: It is in use.
            AwsRefusedError: The request failed.
        """
        try:
            with explain_errors(IAM, profile=self._profile):
                self._client.delete_server_certificate(ServerCertificateName=name)
        except AwsRefusedError as err:
            if err.code == MISSING:
                return
            if err.code == _IN_USE:
                raise InUseError(_consumer(err.message)) from None
            raise

    def untag(self, name: str, keys: Sequence[str]) -> None:
        """
        Take tags off a certificate.

        Raises:
            AwsRefusedError: The request failed.
        """
        with explain_errors(IAM, profile=self._profile):
            self._client.untag_server_certificate(ServerCertificateName=name, TagKeys=list(keys))


def _consumer(message: str) -> str:
    """Return what uses a certificate, from IAM's message, which isn't documented."""
    if found := _CONSUMER.search(message):
        return found["arn"]
    if _CLOUDFRONT in message:
        return "a CloudFront distribution"
    return f"something that IAM doesn't name ({message.rstrip('.')})"
