"""Decide the next step of a Delete."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server_certificate_handler.kernel.event_status import (
    LATE_PAUSES_SECONDS,
    is_late,
    own_resource,
)
from server_certificate_handler.kernel.leftovers import hand_over, next_leftover, release
from server_certificate_handler.kernel.stack import Phase
from server_certificate_handler.kernel.steps import Delete, Done, Move, Pause

if TYPE_CHECKING:
    from server_certificate_handler.kernel.desired import Desired
    from server_certificate_handler.kernel.observed import Observed
    from server_certificate_handler.kernel.stack import Stack
    from server_certificate_handler.kernel.steps import Step
    from server_certificate_handler.kernel.stored import StoredCertificate


def remove(observed: Observed, desired: Desired) -> Step | Done:
    """Decide the next step of a Delete."""
    stack = observed.stack()
    if is_late(stack, desired):
        if observed.pauses < len(LATE_PAUSES_SECONDS):
            return Pause(LATE_PAUSES_SECONDS[observed.pauses])
        return Done()
    stored = observed.with_id(desired.certificate_id)
    if stored is not None and (step := _delete_or_release(observed, desired, stored, stack)):
        return step
    step = next_leftover(observed, desired, keep={desired.certificate_id})
    if isinstance(step, Delete):
        return _restore_name(observed, desired, step.stored, stack) or step
    return step or Done()


def _delete_or_release(
    observed: Observed, desired: Desired, stored: StoredCertificate, stack: Stack
) -> Step | None:
    """Delete a certificate, or leave it to its owner; None if there is nothing to do."""
    if observed.is_held(stored, but=desired.owner.logical_id):
        return hand_over(stored, desired, stack)
    resource = own_resource(stack, desired)
    is_current = resource is not None and resource.physical_id == stored.certificate_id
    if not desired.is_tagged(stored) and not (is_current and desired.belongs_to_sibling(stored)):
        return None
    if stored.is_adopted:
        successor = _current_certificate(observed, desired, stored, stack)
        is_replaced = (
            stack.phase is Phase.CLEAN_UP
            and successor is not None
            and successor.provenance.replaces == stored.certificate_id
        )
        if desired.adopts and not is_replaced:
            return release(observed, desired, stored)
    elif step := _restore_name(observed, desired, stored, stack):
        return step
    return Delete(stored)


def _current_certificate(
    observed: Observed, desired: Desired, stored: StoredCertificate, stack: Stack
) -> StoredCertificate | None:
    """Return the certificate that the event's resource has instead of another; None if there is none."""
    resource = own_resource(stack, desired)
    if resource is None or resource.physical_id == stored.certificate_id:
        return None
    return observed.with_id(resource.physical_id)


def _restore_name(
    observed: Observed, desired: Desired, stored: StoredCertificate, stack: Stack
) -> Step | None:
    """
    Restore the name of the previous certificate in the rollback of a renewal under one name.

    CloudFormation can roll back a replacement by only deleting the new certificate. The name must
    be restored first, because consumers refer to it and would block the deletion.
    """
    before = (
        _current_certificate(observed, desired, stored, stack) if stack.phase.is_undoing else None
    )
    if (
        desired.name is None
        or before is None
        or before.public is None
        or stored.public is None
        or not stored.provenance.takes_name
        or not desired.is_own(before)
        or before.name != desired.content_name(before.public)
    ):
        return None
    holder = observed.at(desired.name)
    if holder is None:
        return Move(before, desired.name, before.path)
    aside = desired.content_name(stored.public)
    if holder.certificate_id == stored.certificate_id and observed.at(aside) is None:
        return Move(stored, aside, stored.path)
    return None
