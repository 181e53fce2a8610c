"""Which stack a certificate belongs to, as its tags say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from server_certificate.contract.ownership import LOGICAL_ID_TAG, STACK_ID_TAG

if TYPE_CHECKING:
    from collections.abc import Mapping

_NAME_IN_STACK_ID = 1
"""``arn:aws:cloudformation:REGION:ACCOUNT:stack/NAME/UUID``: where the name stands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwningStack:
    """The resource of a stack that a certificate belongs to."""

    stack_id: str
    """ARN of the stack."""

    logical_id: str
    """Logical id of the resource in it; empty if the tag is gone."""

    @classmethod
    def of(cls, tags: Mapping[str, str]) -> OwningStack | None:
        """Read the ownership tags; None if there are none."""
        stack_id = tags.get(STACK_ID_TAG)
        if not stack_id:
            return None
        return cls(stack_id=stack_id, logical_id=tags.get(LOGICAL_ID_TAG, ""))

    @property
    def stack_name(self) -> str:
        """The stack's name; its whole id if that is no ARN of a stack."""
        parts = self.stack_id.split("/")
        is_arn = self.stack_id.startswith("arn:") and len(parts) > _NAME_IN_STACK_ID
        return parts[_NAME_IN_STACK_ID] if is_arn else self.stack_id

    def __str__(self) -> str:
        """Return ``STACK/LOGICAL_ID``."""
        return f"{self.stack_name}/{self.logical_id}" if self.logical_id else self.stack_name

    def as_json(self) -> dict[str, str]:
        """Return it for machines."""
        return {
            "stack_id": self.stack_id,
            "stack_name": self.stack_name,
            "logical_id": self.logical_id,
        }
