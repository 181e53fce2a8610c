"""What CloudFormation is doing with a stack, and what it holds of a resource: plain values."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from server_certificate_handler.identifiers import is_certificate_id

if TYPE_CHECKING:
    from datetime import datetime


class Occasion(Enum):
    """What CloudFormation is doing with the stack."""

    FORWARD = "forward"
    """It is being created or updated."""

    ROLLBACK = "rollback"
    """An update or a creation is being undone, or was."""

    DELETION = "deletion"
    """The whole stack goes, or is gone."""

    CLEAN_UP = "clean-up"
    """An update has succeeded, and what it replaced or removed goes."""

    DONE = "done"
    """Nothing: the last operation has succeeded."""

    UNDONE = "undone"
    """Nothing: the last operation has failed, and was undone if that could be."""

    UNKNOWN = "unknown"
    """The status cannot be read, or is another: the cautious reading applies."""

    @classmethod
    def of(cls, status: str) -> Occasion:
        """Read a StackStatus (CloudFormation API reference, Stack)."""
        for part, meaning in (
            ("DELETE_", cls.DELETION),
            ("ROLLBACK_COMPLETE_CLEANUP", cls.ROLLBACK),
            ("ROLLBACK_IN_PROGRESS", cls.ROLLBACK),
            ("CLEANUP", cls.CLEAN_UP),
            ("_IN_PROGRESS", cls.FORWARD),
            ("ROLLBACK", cls.UNDONE),
            ("_FAILED", cls.UNDONE),
            ("_COMPLETE", cls.DONE),
        ):
            if part in status:
                return meaning
        return cls.UNKNOWN

    @property
    def is_over(self) -> bool:
        """Whether no Create or Update can be waited for."""
        return self in {Occasion.DONE, Occasion.UNDONE, Occasion.DELETION}

    @property
    def undoes(self) -> bool:
        """Whether an update that began before is being undone, or was."""
        return self in {Occasion.ROLLBACK, Occasion.UNDONE, Occasion.DELETION}


@dataclass(frozen=True, slots=True)
class ResourceState:
    """What CloudFormation holds of the resource."""

    physical_id: str
    status: str
    changed_at: datetime | None = None
    """When the status was last updated (CloudFormation API reference, StackResourceDetail)."""

    @property
    def certificate_id(self) -> str | None:
        """ServerCertificateId that the resource holds; None while it has none."""
        return self.physical_id if is_certificate_id(self.physical_id) else None

    @property
    def is_given_up(self) -> bool:
        """Whether the creation of the resource has failed, was cancelled, or is being undone."""
        return self.status == "CREATE_FAILED" or self.status.startswith("DELETE_")
