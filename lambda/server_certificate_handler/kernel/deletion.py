"""What a Delete does with its certificate, and what else it takes along."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server_certificate_handler.kernel.books import Phase
from server_certificate_handler.kernel.leftovers import hand_over, next_leftover, release
from server_certificate_handler.kernel.standing import (
    LATE_PAUSES_SECONDS,
    is_late,
    own_resource,
)
from server_certificate_handler.kernel.steps import Delete, Done, Move, Pause

if TYPE_CHECKING:
    from server_certificate_handler.kernel.books import Stack
    from server_certificate_handler.kernel.desired import Desired
    from server_certificate_handler.kernel.observed import Observed
    from server_certificate_handler.kernel.steps import Step
    from server_certificate_handler.kernel.stored import StoredCertificate


def remove(seen: Observed, want: Desired) -> Step | Done:
    """Decide what to do next about a Delete."""
    stack = seen.stack()
    if is_late(stack, want):
        if seen.pauses < len(LATE_PAUSES_SECONDS):
            return Pause(LATE_PAUSES_SECONDS[seen.pauses])
        return Done()
    stored = seen.with_id(want.certificate_id)
    if stored is not None and (step := _let_go(seen, want, stored, stack)):
        return step
    step = next_leftover(seen, want, keep={want.certificate_id})
    if isinstance(step, Delete):
        return _give_name_back(seen, want, step.stored, stack) or step
    return step or Done()


def _let_go(seen: Observed, want: Desired, stored: StoredCertificate, stack: Stack) -> Step | None:
    """Delete a certificate, or leave it to whom it belongs; None when nothing is to be done with it."""
    if seen.is_held(stored, but=want.owner.logical_id):
        return hand_over(stored, want, stack)
    resource = own_resource(stack, want)
    is_current = resource is not None and resource.physical_id == stored.certificate_id
    if not want.is_tagged(stored) and not (is_current and want.is_neighbour(stored)):
        return None
    if stored.is_adopted:
        successor = _held_instead(seen, want, stored, stack)
        is_replaced = (
            stack.phase is Phase.CLEAN_UP
            and successor is not None
            and successor.provenance.replaces == stored.certificate_id
        )
        if want.adopts and not is_replaced:
            return release(seen, want, stored)
    elif step := _give_name_back(seen, want, stored, stack):
        return step
    return Delete(stored)


def _held_instead(
    seen: Observed, want: Desired, stored: StoredCertificate, stack: Stack
) -> StoredCertificate | None:
    """Return what the event's resource holds in place of a certificate; None when it holds no other."""
    resource = own_resource(stack, want)
    if resource is None or resource.physical_id == stored.certificate_id:
        return None
    return seen.with_id(resource.physical_id)


def _give_name_back(
    seen: Observed, want: Desired, stored: StoredCertificate, stack: Stack
) -> Step | None:
    """
    Give the declared name back to the predecessor: a rotation under one name is undone.

    CloudFormation may undo a replacement by deleting the new certificate alone. The name changes
    hands before that: consumers refer to it, and would block the deletion.
    """
    before = _held_instead(seen, want, stored, stack) if stack.phase.is_undoing else None
    if (
        want.name is None
        or before is None
        or before.public is None
        or stored.public is None
        or not stored.provenance.takes_name
        or not want.is_own(before)
        or before.name != want.content_name(before.public)
    ):
        return None
    holder = seen.at(want.name)
    if holder is None:
        return Move(before, want.name, before.path)
    aside = want.content_name(stored.public)
    if holder.certificate_id == stored.certificate_id and seen.at(aside) is None:
        return Move(stored, aside, stored.path)
    return None
