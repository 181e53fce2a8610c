"""What CloudFormation shows of its stacks."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(kw_only=True)
class Shown:
    """The answers to DescribeStacks and ListStackResources."""

    stack_status: str = "CREATE_IN_PROGRESS"
    """The status in DescribeStacks of a stack without its own; empty to deny the call."""

    stack_statuses: dict[str, str] = field(default_factory=dict)
    """The status of each stack, by stack id."""

    resources: dict[tuple[str, str], tuple[str, str]] = field(default_factory=dict)
    """ListStackResources: physical id and status by stack id and logical id."""
