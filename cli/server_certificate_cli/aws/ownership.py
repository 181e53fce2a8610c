"""Decide whether a stack still manages a certificate. No call is made here."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from server_certificate_cli.aws.owner import OwningStack, is_adopted, is_retained

if TYPE_CHECKING:
    from collections.abc import Mapping


class State(StrEnum):
    """How a certificate relates to the stack that its tags name."""

    CURRENT = "current"
    """A resource of the stack has it."""

    LEFT_BEHIND = "left-behind"
    """The stack exists, no operation is in progress, and none of its resources has it."""

    STACK_GONE = "stack-gone"
    """The stack was deleted."""

    STACK_BUSY = "stack-busy"
    """An operation of the stack is in progress or has failed, and could still need it."""

    UNKNOWN = "unknown"
    """Its tags or its stack can't be read."""

    UNMANAGED = "unmanaged"
    """It has no ownership tags."""

    @property
    def text(self) -> str:
        """The state for people."""
        return "-" if self is State.UNMANAGED else self.value.replace("-", " ")


@dataclass(frozen=True, slots=True, kw_only=True)
class StackView:
    """What CloudFormation knows about a stack."""

    status: str
    """The StackStatus; ``DELETE_COMPLETE`` also if the stack no longer exists."""

    resources: Mapping[str, str] = field(default_factory=dict)
    """The physical ids by logical id, without resources that are being deleted."""

    retained: frozenset[str] = frozenset()
    """
    The physical ids of resources that CloudFormation retained instead of deleting (``DELETE_SKIPPED``).

    CloudFormation returns the resources of a deleted stack for 90 days (API, ListStackResources).
    """

    @property
    def is_gone(self) -> bool:
        """Whether it was deleted."""
        return self.status == GONE

    @property
    def is_settled(self) -> bool:
        """
        Whether its last operation has ended, and can't be continued or rolled back.

        After UPDATE_FAILED and UPDATE_ROLLBACK_FAILED, a rollback can still follow, which needs the
        previous certificate (CloudFormation user guide, stack failure options, and "Continue rolling
        back an update").
        """
        return self.status.endswith("_COMPLETE")


GONE = "DELETE_COMPLETE"


@dataclass(frozen=True, slots=True)
class UnreadableStack:
    """Stands for a stack whose state is unknown."""

    problem: str
    """The reason, as a sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ownership:
    """How a certificate relates to its stack, and why."""

    state: State
    reason: str
    """A clause without a full stop: ``its stack web was deleted``."""

    adopted: bool = False
    retained: bool = False
    """Whether it outlives its stack, or has outlived it."""

    @property
    def text(self) -> str:
        """The state for people, such as ``stack gone, retained``."""
        marks = [*(["adopted"] if self.adopted else ()), *(["retained"] if self.retained else ())]
        return ", ".join((self.state.text, *marks))


UNREADABLE = Ownership(state=State.UNKNOWN, reason="its tags can't be read")


def ownership(
    certificate_id: str, tags: Mapping[str, str], view: StackView | UnreadableStack | None
) -> Ownership:
    """
    Decide how a certificate relates to the stack that its tags name.

    Args:
        certificate_id: The ServerCertificateId.
        tags: The tags of the certificate.
        view: What CloudFormation knows about that stack; None if the tags don't name one.
    """
    owner = OwningStack.of(tags)
    if owner is None or view is None:
        state, reason = State.UNMANAGED, "its tags don't name a stack"
    else:
        state, reason = _state(certificate_id, owner, view)
    was_retained = (
        isinstance(view, StackView)
        and certificate_id in view.retained
        and state is not State.CURRENT
    )
    return Ownership(
        state=state,
        reason=reason,
        adopted=is_adopted(tags),
        retained=is_retained(tags) or was_retained,
    )


def _state(
    certificate_id: str, owner: OwningStack, view: StackView | UnreadableStack
) -> tuple[State, str]:
    stack = f"the stack {owner.stack_name}"
    if isinstance(view, UnreadableStack):
        return State.UNKNOWN, f"{stack} can't be read"
    if view.is_gone:
        return State.STACK_GONE, f"its stack {owner.stack_name} was deleted"
    for logical_id, physical_id in view.resources.items():
        if physical_id == certificate_id:
            return State.CURRENT, f"the resource {logical_id} of {stack} has it"
    if not view.is_settled:
        return State.STACK_BUSY, f"{stack} is in {view.status}, and could still need it"
    other = view.resources.get(owner.logical_id)
    if other is None:
        return State.LEFT_BEHIND, f"{stack} no longer has its resource {owner.logical_id or '?'}"
    return State.LEFT_BEHIND, f"the resource {owner.logical_id} of {stack} now has {other}"
