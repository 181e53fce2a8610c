"""Read the versions of a secret from Secrets Manager, but never its value."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from server_certificate.contract.renewal import CURRENT_LABEL
from server_certificate_handler.renewal.facts import SecretFacts
from server_certificate_handler.renewal.failures import CallError

if TYPE_CHECKING:
    from datetime import datetime

    from types_boto3_secretsmanager.client import SecretsManagerClient
    from types_boto3_secretsmanager.type_defs import (
        DescribeSecretResponseTypeDef,
        ListSecretVersionIdsRequestTypeDef,
    )

    from server_certificate_handler.renewal.calls import Calls

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SecretReader:
    """Reads the current version of a secret."""

    client: SecretsManagerClient
    calls: Calls
    arn: str

    def read(self) -> SecretFacts:
        """
        Return the secret.

        Raises:
            CallError: It can't be read. If only the time of its version can't be read, that is
                logged, because a renewal doesn't need it.
        """
        answer = self._described()
        stages = answer.get("VersionIdsToStages", {})
        current = next((id_ for id_, labels in stages.items() if CURRENT_LABEL in labels), None)
        is_deleted = answer.get("DeletedDate") is not None
        created = None if current is None else self._created(current)
        return SecretFacts(arn=self.arn, current=current, created=created, is_deleted=is_deleted)

    def _described(self) -> DescribeSecretResponseTypeDef:
        try:
            return self.calls.call(
                "secretsmanager:DescribeSecret",
                self.arn,
                lambda: self.client.describe_secret(SecretId=self.arn),
            )
        except CallError as err:
            if not _may_be_gone(err):
                raise
            raise CallError(
                f"{err} {_GONE}", code=err.code, text=err.text, is_passing=False
            ) from err

    def _created(self, version_id: str) -> datetime | None:
        request: ListSecretVersionIdsRequestTypeDef = {"SecretId": self.arn}
        try:
            while True:
                page = self.calls.call(
                    "secretsmanager:ListSecretVersionIds",
                    self.arn,
                    lambda: self.client.list_secret_version_ids(**request),
                )
                for version in page["Versions"]:
                    if version.get("VersionId") == version_id:
                        return version.get("CreatedDate")
                if "NextToken" not in page:
                    return None
                request["NextToken"] = page["NextToken"]
        except CallError as err:
            log.error({"decision": "no lag", "reason": str(err)})  # noqa: TRY400 (the message explains it)
            return None


_GONE = (
    "If the secret was deleted, create it again under the same name, and store the certificate. If"
    " the app contains its complete ARN, which is a new one then, deploy the app with that."
)

_EXPLICIT = "explicit deny"
"""A part of the message about a policy that denies a call on a secret that exists."""


def _may_be_gone(err: CallError) -> bool:
    """
    Return whether the error can be due to a secret that doesn't exist.

    Without the secret, Secrets Manager doesn't know the end of an ARN that was given without its
    random suffix, and the policy of the role, which expects one, doesn't allow the call.
    """
    if err.code == "AccessDeniedException":
        return _EXPLICIT not in err.text
    return err.code == "ResourceNotFoundException"
