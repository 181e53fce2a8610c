"""What is known of stacks, read once: each attribute is a call to the CDK's process."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from aws_cdk import Stack


class Root(NamedTuple):
    """A stack that isn't nested."""

    stack: Stack
    path: str
    stack_id: str
    partition: str
    region: str
    account: str


@functools.cache
def stack_id_of(stack: Stack) -> str:
    """Return the ID of a stack."""
    return stack.stack_id


@functools.cache
def root_of(stack: Stack) -> Root:
    """Return what is known of a stack that isn't nested."""
    return Root(
        stack=stack,
        path=stack.node.path,
        stack_id=stack_id_of(stack),
        partition=stack.partition,
        region=stack.region,
        account=stack.account,
    )
