"""What CloudFormation's books say of a stack and its resources: plain values."""

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
    """An update has succeeded, and what it replaced or removed goes."""

    ROLLBACK = "rollback"
    """An update is being undone."""

    ROLLBACK_CLEAN_UP = "clean-up of a rollback"
    """An update has been undone, and what it created goes."""

    DELETION = "deletion"
    """All of the stack goes: it is being deleted, or its creation is being undone."""

    DONE = "done"
    """Nothing: the last operation was not rolled back."""

    UNDONE = "undone"
    """Nothing: the last operation was rolled back, or its rollback has failed."""

    @classmethod
    def of(cls, status: str) -> Phase:
        """Read a StackStatus (CloudFormation API reference, Stack)."""
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
        """Whether nothing is going on."""
        return self in {Phase.DONE, Phase.UNDONE}

    @property
    def is_undoing(self) -> bool:
        """Whether what was done going forward is being undone, or was."""
        return self in {Phase.ROLLBACK, Phase.ROLLBACK_CLEAN_UP, Phase.UNDONE, Phase.DELETION}


@dataclass(frozen=True, slots=True)
class ResourceState:
    """What CloudFormation's books say of a resource (API reference, StackResourceSummary)."""

    physical_id: str
    status: str

    @property
    def is_being_deleted(self) -> bool:
        """Whether it is deleted, or its deletion has begun."""
        return self.status in _GOING


_GOING: Final = {"DELETE_IN_PROGRESS", "DELETE_FAILED", "DELETE_COMPLETE"}


@dataclass(frozen=True, slots=True)
class Stack:
    """The stack, by CloudFormation's own books."""

    phase: Phase
    resources: Mapping[str, ResourceState]
    """By logical id."""

    def holder(self, certificate_id: str, *, but: str | None = None) -> str | None:
        """
        Return the logical id of the resource that holds a certificate; None when none does.

        Args:
            certificate_id: ServerCertificateId.
            but: A logical id that does not count.
        """
        for logical_id, resource in self.resources.items():
            if (
                resource.physical_id == certificate_id
                and logical_id != but
                and not resource.is_being_deleted
            ):
                return logical_id
        return None
