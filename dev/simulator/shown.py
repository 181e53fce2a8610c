"""What CloudFormation shows of its stacks to whoever asks."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(kw_only=True)
class Shown:
    """The answers to DescribeStacks and DescribeStackResource."""

    stack_status: str = "CREATE_IN_PROGRESS"
    """What DescribeStacks says of a stack without a status of its own; empty to refuse it."""

    stack_statuses: dict[str, str] = field(default_factory=dict)
    """What it says of single stacks, by stack id."""

    began_at: dict[str, datetime] = field(default_factory=dict)
    """When it says that a stack was last updated; never unless told."""

    last_operations: dict[str, list[str]] = field(default_factory=dict)
    """Types of the operations that it lists of a stack, the newest first; none unless told."""

    resources: dict[tuple[str, str], tuple[str, str]] = field(default_factory=dict)
    """What DescribeStackResource says: physical id and status by stack id and logical id."""

    changed_at: dict[tuple[str, str], datetime] = field(default_factory=dict)
    """When it says that the status was last updated; ``NOW`` unless told."""
