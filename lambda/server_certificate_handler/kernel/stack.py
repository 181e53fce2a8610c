"""The state of a stack and its resources in CloudFormation, as plain values."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping


class Phase(Enum):
    """What CloudFormation is doing with the stack."""

    FORWARD = "forward"
    """It is being created or updated."""

    CLEAN_UP = "clean-up"
    """An update has succeeded, and what it replaced or removed is being deleted."""

    ROLLBACK = "rollback"
    """An update is being rolled back."""

    ROLLBACK_CLEAN_UP = "clean-up of a rollback"
    """An update has been rolled back, and what it created is being deleted."""

    DELETION = "deletion"
    """The whole stack is being deleted, or its creation is being rolled back."""

    DONE = "done"
    """No operation is in progress, and the last one was not rolled back."""

    UNDONE = "undone"
    """No operation is in progress, and the last one was rolled back, or its rollback failed."""

    @classmethod
    def of(cls, status: str) -> Phase:
        """Return the phase for a StackStatus (CloudFormation API reference, Stack)."""
        if not status.endswith("_IN_PROGRESS"):
            return cls.UNDONE if "ROLLBACK" in status else cls.DONE
        for begin, phase in (
            ("DELETE_", cls.DELETION),
            ("ROLLBACK_", cls.DELETION),
            ("UPDATE_COMPLETE_CLEANUP_", cls.CLEAN_UP),
            ("UPDATE_ROLLBACK_COMPLETE_CLEANUP_", cls.ROLLBACK_CLEAN_UP),
            ("UPDATE_ROLLBACK_", cls.ROLLBACK),
            ("IMPORT_ROLLBACK_", cls.ROLLBACK),
        ):
            if status.startswith(begin):
                return phase
        return cls.FORWARD

    @property
    def is_at_rest(self) -> bool:
        """Whether no operation is in progress."""
        return self in {Phase.DONE, Phase.UNDONE}

    @property
    def is_undoing(self) -> bool:
        """Whether changes are being rolled back, or were rolled back."""
        return self in {Phase.ROLLBACK, Phase.ROLLBACK_CLEAN_UP, Phase.UNDONE, Phase.DELETION}


@dataclass(frozen=True, slots=True)
class ResourceState:
    """The state of a resource (CloudFormation API reference, StackResourceSummary)."""

    physical_id: str
    status: str

    @property
    def is_being_deleted(self) -> bool:
        """Whether it is deleted, or its deletion has begun."""
        return self.status in _DELETING


_DELETING: Final = {"DELETE_IN_PROGRESS", "DELETE_FAILED", "DELETE_COMPLETE"}


@dataclass(frozen=True, slots=True)
class Stack:
    """The state of a stack."""

    phase: Phase
    resources: Mapping[str, ResourceState]
    """Its resources by logical ID."""

    def holder(self, certificate_id: str, *, but: str | None = None) -> str | None:
        """
        Return the logical ID of the resource that has a certificate; None if there is none.

        Args:
            certificate_id: The ServerCertificateId.
            but: A logical ID to ignore.
        """
        for logical_id, resource in self.resources.items():
            if (
                resource.physical_id == certificate_id
                and logical_id != but
                and not resource.is_being_deleted
            ):
                return logical_id
        return None
