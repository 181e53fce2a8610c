"""Clean up certificates that a resource has left in IAM and that the stack no longer uses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server_certificate.contract.ownership import LOGICAL_ID_TAG, STACK_ID_TAG, is_own
from server_certificate_handler.kernel.desired import Request
from server_certificate_handler.kernel.event_status import own_resource
from server_certificate_handler.kernel.stack import Phase
from server_certificate_handler.kernel.steps import Delete, Move, Retag

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from server_certificate_handler.kernel.desired import Desired
    from server_certificate_handler.kernel.observed import Observed
    from server_certificate_handler.kernel.stack import Stack
    from server_certificate_handler.kernel.stored import StoredCertificate


def next_leftover(
    observed: Observed, desired: Desired, *, keep: Collection[str | None]
) -> Move | Retag | Delete | None:
    """
    Return the step that cleans up the next leftover certificate; None if there is none.

    Args:
        observed: The observed state.
        desired: The desired state.
        keep: The IDs that the event still needs.
    """
    stack = observed.stack()
    if not _may_clean_up(stack, desired):
        return None
    for name in _candidates(observed, desired):
        stored = observed.at(name)
        if (
            stored is None
            or stored.certificate_id in {*keep, *observed.skipped}
            or not desired.is_own(stored)
        ):
            continue
        if stack.holder(stored.certificate_id) is not None:
            if handing_over := hand_over(stored, desired, stack):
                return handing_over
        elif not _is_kept(stored, desired):
            is_optional = stack.phase is not Phase.DELETION
            step = (
                release(observed, desired, stored, is_optional=is_optional)
                if stored.is_adopted
                else Delete(stored, is_optional=is_optional)
            )
            if step is not None:
                return step
    return None


def hand_over(stored: StoredCertificate, desired: Desired, stack: Stack) -> Retag | None:
    """
    Return the step that records the new owner of a certificate that another resource has.

    The construct has moved in the tree, or the move has been rolled back.
    """
    holder = stack.holder(stored.certificate_id, but=desired.owner.logical_id)
    is_ours = stored.tags.get(STACK_ID_TAG) == desired.owner.stack_id
    if not holder or not is_ours or stored.tags.get(LOGICAL_ID_TAG) == holder:
        return None
    return Retag(stored, put={LOGICAL_ID_TAG: holder})


def release(
    observed: Observed, desired: Desired, stored: StoredCertificate, *, is_optional: bool = False
) -> Move | Retag | None:
    """
    Return the step that releases an adopted certificate under its own name without our tags.

    If it was moved away for new content and its name is taken, nothing is done: without tags, it
    would look like an upload.
    """
    if (
        desired.name is not None
        and stored.name != desired.name
        and desired.has_content_name(stored)
    ):
        if observed.at(desired.name) is not None:
            return None
        return Move(stored, desired.name, stored.path, is_optional=is_optional)
    return untag(stored, is_optional=is_optional)


def untag(stored: StoredCertificate, *, is_optional: bool = False) -> Retag:
    """Return the step that removes the construct's tags from a certificate."""
    own = frozenset(filter(is_own, stored.tags))
    return Retag(stored, put={}, remove=own, is_optional=is_optional)


def _may_clean_up(stack: Stack, desired: Desired) -> bool:
    """
    Return whether certificates that no resource has can be deleted.

    While an update goes forward, an Update can't do this safely: a late delivery of an earlier
    Update would delete what the current Update has uploaded.
    """
    if desired.request is not Request.DELETE:
        return stack.phase is Phase.ROLLBACK
    resource = own_resource(stack, desired)
    return stack.phase in _CLEAN_UP_PHASES or (resource is not None and resource.is_being_deleted)


_CLEAN_UP_PHASES = {Phase.CLEAN_UP, Phase.ROLLBACK_CLEAN_UP, Phase.DELETION}


def _candidates(observed: Observed, desired: Desired) -> Iterator[str]:
    """
    Yield the names that leftover certificates can have: those that this resource can own.

    Each name costs a call, which is too slow for all names in an account with 1,000 certificates, or
    for all names with one prefix.
    """
    declared = {desired.name, desired.previous.name}
    for name in observed.listed().values():
        if desired.may_have_generated(name) or name in declared:
            yield name


def _is_kept(stored: StoredCertificate, desired: Desired) -> bool:
    """Return whether a certificate is retained or may be used by another delivery of the event."""
    made = stored.provenance
    is_of_this_event = (
        desired.request is not Request.DELETE and made.request_id == desired.request_id
    )
    return made.retain or is_of_this_event
