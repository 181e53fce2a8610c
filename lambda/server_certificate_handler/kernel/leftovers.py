"""What a resource has left in IAM that no resource of the stack holds any more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server_certificate.contract.ownership import LOGICAL_ID_TAG, STACK_ID_TAG, is_own
from server_certificate.naming import MAX_NAME_PREFIX_LENGTH
from server_certificate_handler.kernel.books import Phase
from server_certificate_handler.kernel.desired import Request
from server_certificate_handler.kernel.standing import own_resource
from server_certificate_handler.kernel.steps import Delete, Move, Retag

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from server_certificate_handler.kernel.books import Stack
    from server_certificate_handler.kernel.desired import Desired
    from server_certificate_handler.kernel.observed import Observed
    from server_certificate_handler.kernel.stored import StoredCertificate


def next_leftover(
    seen: Observed, want: Desired, *, keep: Collection[str | None]
) -> Move | Retag | Delete | None:
    """
    Return what lets go of the next certificate that is left over; None when there is none.

    Args:
        seen: What is known.
        want: The event.
        keep: Ids that the event itself still needs.
    """
    stack = seen.stack()
    if not _may_sweep(stack, want):
        return None
    for name in _candidates(seen, want):
        stored = seen.at(name)
        if (
            stored is None
            or stored.certificate_id in {*keep, *seen.spared}
            or not want.is_own(stored)
        ):
            continue
        if stack.holder(stored.certificate_id) is not None:
            if handing_over := hand_over(stored, want, stack):
                return handing_over
        elif not _is_kept(stored, want):
            is_optional = stack.phase is not Phase.DELETION
            step = (
                release(seen, want, stored, is_optional=is_optional)
                if stored.is_adopted
                else Delete(stored, is_optional=is_optional)
            )
            if step is not None:
                return step
    return None


def hand_over(stored: StoredCertificate, want: Desired, stack: Stack) -> Retag | None:
    """
    Return what notes to whom a certificate belongs that another resource of the stack holds.

    Its construct has moved in the tree, or the move has been undone.
    """
    holder = stack.holder(stored.certificate_id, but=want.owner.logical_id)
    is_ours = stored.tags.get(STACK_ID_TAG) == want.owner.stack_id
    if not holder or not is_ours or stored.tags.get(LOGICAL_ID_TAG) == holder:
        return None
    return Retag(stored, put={LOGICAL_ID_TAG: holder})


def release(
    seen: Observed, want: Desired, stored: StoredCertificate, *, is_optional: bool = False
) -> Move | Retag | None:
    """
    Return what makes an adopted certificate nobody's again: under its own name, without our tags.

    Where it has made way for new content, and its name is not free, nothing is done: without tags it
    could not be told from an upload.
    """
    if want.name is not None and stored.name != want.name and want.has_content_name(stored):
        if seen.at(want.name) is not None:
            return None
        return Move(stored, want.name, stored.path, is_optional=is_optional)
    return untag(stored, is_optional=is_optional)


def untag(stored: StoredCertificate, *, is_optional: bool = False) -> Retag:
    """Return what takes the construct's tags off a certificate."""
    own = frozenset(filter(is_own, stored.tags))
    return Retag(stored, put={}, remove=own, is_optional=is_optional)


def _may_sweep(stack: Stack, want: Desired) -> bool:
    """
    Tell whether nothing of what no resource holds can be wanted any more.

    Going forward it can: a late delivery of an Update from before would take what the Update that
    goes on has uploaded for left over.
    """
    if want.request is not Request.DELETE:
        return stack.phase is Phase.ROLLBACK
    resource = own_resource(stack, want)
    return stack.phase in _SWEPT or (resource is not None and resource.is_being_deleted)


_SWEPT = {Phase.CLEAN_UP, Phase.ROLLBACK_CLEAN_UP, Phase.DELETION}


def _candidates(seen: Observed, want: Desired) -> Iterator[str]:
    """
    Yield the names under which something can be left over.

    They begin like those that this resource generates, are declared, or belong to what a
    certificate of this resource was uploaded to replace. Each costs a call, which an account of
    1,000 certificates does not allow for all of them.
    """
    names = seen.listed()
    prefix = f"{want.name_prefix[:MAX_NAME_PREFIX_LENGTH]}-"
    declared = {want.name, want.former.name}
    yield from (name for name in names.values() if name.startswith(prefix) or name in declared)
    for stored in tuple(seen.by_name.values()):
        if stored is not None and want.is_tagged(stored):
            replaced = names.get(stored.provenance.replaces or "")
            if replaced is not None:
                yield replaced


def _is_kept(stored: StoredCertificate, want: Desired) -> bool:
    """Tell whether somebody still counts on it: whoever asked to retain it, or another delivery."""
    made = stored.provenance
    is_of_this_event = want.request is not Request.DELETE and made.request_id == want.request_id
    return made.retain or is_of_this_event
