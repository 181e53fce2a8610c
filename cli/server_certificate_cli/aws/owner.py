"""The stack that owns a certificate, according to its tags."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from server_certificate.contract.ownership import (
    ADOPTED_TAG,
    LOGICAL_ID_TAG,
    RETAIN_TAG,
    STACK_ID_TAG,
    is_own,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

_STACK_ID = re.compile(
    r"arn:(?P<partition>[a-z0-9-]+):cloudformation:(?P<region>[a-z0-9-]+):(?P<account>\d{12})"
    r":stack/(?P<name>[A-Za-z0-9-]{1,128})/[A-Za-z0-9-]{1,64}",
    flags=re.ASCII,
)
"""The ARN of a stack: CloudFormation API reference, Stack, StackId and StackName."""

_NAME_IN_STACK_ID = 1
"""The position of the name in ``arn:aws:cloudformation:REGION:ACCOUNT:stack/NAME/UUID``."""

_SYSTEM_PREFIX = "aws:"
_NATIVE_STACK_TAG = "aws:cloudformation:stack-name"


@dataclass(frozen=True, slots=True, kw_only=True)
class OwningStack:
    """The stack and the resource that own a certificate."""

    stack_id: str
    """The ARN of the stack."""

    logical_id: str
    """The logical id of the resource; empty if the tag is missing."""

    @classmethod
    def of(cls, tags: Mapping[str, str]) -> OwningStack | None:
        """Read the owner from the tags; None if they name no owner."""
        stack_id = tags.get(STACK_ID_TAG)
        if not stack_id:
            return None
        return cls(stack_id=stack_id, logical_id=tags.get(LOGICAL_ID_TAG, ""))

    @property
    def stack_name(self) -> str:
        """The stack's name; its complete id if that isn't the ARN of a stack."""
        parts = self.stack_id.split("/")
        is_arn = self.stack_id.startswith("arn:") and len(parts) > _NAME_IN_STACK_ID
        return parts[_NAME_IN_STACK_ID] if is_arn else self.stack_id

    def region_in_account_of(self, certificate_arn: str) -> str | None:
        """
        Return the Region in which CloudFormation knows the stack.

        A stack owns certificates of its own account only. A tag that names another account was
        forged or copied, and these credentials can't find out whether that stack exists.

        Args:
            certificate_arn: The ARN of the certificate.

        Returns:
            The Region; None if the tag isn't the ARN of a stack in the certificate's account.
        """
        found = _STACK_ID.fullmatch(self.stack_id)
        _, partition, _, _, account, *_ = (*certificate_arn.split(":"), *[""] * 5)
        if found is None or (found["partition"], found["account"]) != (partition, account):
            return None
        return found["region"]

    def __str__(self) -> str:
        """Return ``STACK/LOGICAL_ID``."""
        return f"{self.stack_name}/{self.logical_id}" if self.logical_id else self.stack_name

    def as_json(self) -> dict[str, str]:
        """Return the owner as JSON."""
        return {
            "stack_id": self.stack_id,
            "stack_name": self.stack_name,
            "logical_id": self.logical_id,
        }


def own_tags(tags: Mapping[str, str]) -> tuple[str, ...]:
    """Return the keys of the construct's own tags, sorted."""
    return tuple(sorted(key for key in tags if is_own(key)))


def is_adopted(tags: Mapping[str, str]) -> bool:
    """Return whether a stack has adopted the certificate, which existed before."""
    return ADOPTED_TAG in tags


def is_retained(tags: Mapping[str, str]) -> bool:
    """Return whether the certificate is to outlive its stack (the removal policy RETAIN)."""
    return tags.get(RETAIN_TAG) == "true"


def other_manager(tags: Mapping[str, str]) -> str | None:
    """
    Return what else manages a certificate, according to the tags that only AWS can write.

    CloudFormation tags an ``AWS::IAM::ServerCertificate`` with ``aws:cloudformation:stack-name``.
    """
    if not any(key.startswith(_SYSTEM_PREFIX) for key in tags):
        return None
    name = tags.get(_NATIVE_STACK_TAG)
    return f"the stack {name}" if name else "an AWS service"
