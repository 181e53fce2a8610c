"""What CloudFormation holds of a stack."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dev.simulator.events import Properties


@dataclass
class Resource:
    """One resource."""

    properties: Properties
    physical_id: str = ""
    consumer: str | None = None
    """The ServerCertificateId that something in the stack refers to."""

    @property
    def verb(self) -> str:
        """What the current operation does to it."""
        return "UPDATE" if self.physical_id else "CREATE"


@dataclass
class Operation:
    """What a rollback needs to know."""

    is_creation: bool
    before: dict[str, Resource]
    attempted: dict[str, Properties] = field(default_factory=dict)
    """The properties of all resources that it has touched."""

    is_rolled_back: bool = False
    undone: set[str] = field(default_factory=set)
    """Logical ids that are rolled back."""


@dataclass
class StackRecord:
    """One stack."""

    name: str
    stack_id: str
    status: str = ""
    resources: dict[str, Resource] = field(default_factory=dict)
    operation: Operation | None = None
    superseded: list[tuple[str, Resource]] = field(default_factory=list)
    """Logical ids, and what a rollback has replaced and not deleted yet."""

    def all_held(self) -> Iterator[tuple[str, Resource]]:
        """Yield what its resources hold and what must still be deleted, with logical ids."""
        yield from self.resources.items()
        yield from self.superseded

    @property
    def is_rolled_back(self) -> bool:
        """Whether its last operation was rolled back."""
        return self.operation is not None and self.operation.is_rolled_back

    @property
    def exists(self) -> bool:
        """Whether it has been created and not deleted."""
        return bool(self.status) and self.status != "DELETE_COMPLETE"

    @property
    def is_stuck(self) -> bool:
        """Whether it can only be deleted."""
        return self.exists and (
            self.status.endswith("FAILED") or self.status == "ROLLBACK_COMPLETE"
        )
