"""What CloudFormation shows of its stacks to whoever asks."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(kw_only=True)
class Shown:
    """The answers to DescribeStacks and ListStackResources."""

    stack_status: str = "CREATE_IN_PROGRESS"
    """What DescribeStacks says of a stack without a status of its own; empty to refuse it."""

    stack_statuses: dict[str, str] = field(default_factory=dict)
    """What it says of single stacks, by stack id."""

    resources: dict[tuple[str, str], tuple[str, str]] = field(default_factory=dict)
    """What ListStackResources says: physical id and status by stack id and logical id."""
