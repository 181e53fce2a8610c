"""
Decide the next step of an event: one pure function for Create, Update, Delete and rollback.

Nothing here calls AWS or reads a clock. There is no plan that could become outdated: each step is
decided from the state after the previous one. So the steps lead to the same result from any state
that an earlier delivery of the event, another event or a person has left behind.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from server_certificate.contract.ownership import (
    ADOPTED_TAG,
    STACK_ID_TAG,
    is_own,
)
from server_certificate.rules.renewal import check_hosts
from server_certificate_handler.errors import (
    MaterialRejectedError,
    SupersededError,
    UndoneMeanwhileError,
)
from server_certificate_handler.kernel.deletion import remove
from server_certificate_handler.kernel.desired import Request
from server_certificate_handler.kernel.event_status import (
    LATE_PAUSES_SECONDS,
    EventStatus,
    event_status,
    own_resource,
)
from server_certificate_handler.kernel.leftovers import next_leftover, untag
from server_certificate_handler.kernel.observed import UnknownError, Unreadable
from server_certificate_handler.kernel.refusals import check_adoption, check_room, name_taken
from server_certificate_handler.kernel.stack import Phase
from server_certificate_handler.kernel.steps import Delete, Done, Move, Pause, Retag, Upload
from server_certificate_handler.kernel.target import (
    find_target,
    is_ours,
    is_to_be_released,
    keeps_name,
)

if TYPE_CHECKING:
    from server_certificate.material import PublicMaterial
    from server_certificate_handler.kernel.desired import Desired
    from server_certificate_handler.kernel.observed import Observed
    from server_certificate_handler.kernel.steps import Step
    from server_certificate_handler.kernel.stored import StoredCertificate


def decide(observed: Observed, desired: Desired) -> Step | Done:
    """
    Decide the next step of an event.

    Raises:
        HandlerError: The desired state can't be reached. The message says why, and how to fix it.
    """
    try:
        return (
            remove(observed, desired)
            if desired.request is Request.DELETE
            else _create_or_update(observed, desired)
        )
    except UnknownError as unknown:
        return unknown.step


def _create_or_update(observed: Observed, desired: Desired) -> Step | Done:
    status = event_status(observed, desired)
    if status is not EventStatus.PENDING and not observed.is_redoing:
        return _when_not_pending(observed, desired, status)
    target = find_target(observed, desired)
    if target is None:
        return _obtain(observed, desired)
    keep = {target.certificate_id, desired.certificate_id}
    return (
        _reconcile(observed, desired, target)
        or _discard_uploads(observed, keep)
        or next_leftover(observed, desired, keep=keep)
        or Done(target)
    )


def _when_not_pending(observed: Observed, desired: Desired, status: EventStatus) -> Step | Done:
    if not observed.has_acted and observed.pauses < len(LATE_PAUSES_SECONDS):
        return Pause(LATE_PAUSES_SECONDS[observed.pauses])
    stack = observed.stack()
    resource = own_resource(stack, desired)
    is_replay = stack.phase.is_at_rest and not observed.has_acted
    if status is EventStatus.ANSWERED and resource is not None and not is_replay:
        held = observed.with_id(resource.physical_id)
        if held is not None:
            return _discard_uploads(observed, {held.certificate_id}) or Done(held)
    raise SupersededError(
        "The event is late: CloudFormation no longer waits for it."
        + (
            " Its changes were rolled back as far as possible."
            if observed.has_acted
            else " Nothing was changed."
        )
    )


def _obtain(observed: Observed, desired: Desired) -> Step:
    content = observed.content()
    assert not isinstance(content, Unreadable)  # noqa: S101 (find_target handles unreadable content)
    name, *temporary = desired.names_for(content)
    if discarded := _discarded(observed, desired, (name, *temporary)):
        return discarded
    _check_hosts(observed, desired, content)
    holder = observed.at(name)
    if holder is None:
        return _upload(observed, desired, content, name)
    if takeover := _take_over(observed, desired, holder, content):
        return takeover
    if (
        temporary
        and is_ours(observed, desired, holder)
        and not is_to_be_released(observed, desired, holder)
    ):
        # Move it away only after the new certificate exists.
        if (occupant := observed.at(temporary[0])) is not None:
            raise name_taken(occupant, desired, content)
        return _upload(observed, desired, content, temporary[0])
    return _move_away(observed, desired, holder, content)


def _check_hosts(observed: Observed, desired: Desired, content: PublicMaterial) -> None:
    """
    Check that the certificate of an automatic renewal covers the hosts of its predecessor.

    Raises:
        MaterialRejectedError: It doesn't.
    """
    if not desired.keeps_hosts or observed.initial_phase is Phase.ROLLBACK:
        return
    predecessor = observed.with_id(desired.certificate_id)
    if predecessor is None or predecessor.public is None:
        return
    finding = check_hosts(content.certificate, predecessor.public.certificate)
    if finding is not None:
        raise MaterialRejectedError([finding])


def _discarded(observed: Observed, desired: Desired, names: tuple[str, ...]) -> Delete | None:
    """
    Delete a certificate that a failed event was about to delete when it was interrupted.

    Raises:
        UndoneMeanwhileError: Another delivery of the same event is about to delete it.
    """
    for name in names:
        there = observed.at(name)
        if (
            there is None
            or not there.provenance.discarded
            or not desired.is_own(there)
            # On these, the mark must be forged.
            or there.is_adopted
            or observed.is_held(there)
        ):
            continue
        if there.provenance.request_id == desired.request_id:
            raise UndoneMeanwhileError(
                f"Another delivery of the event has failed and is deleting {there.certificate_id}."
                " Deploy again."
            )
        if there.certificate_id not in observed.skipped:
            return Delete(there, is_optional=True)
    return None


def _upload(observed: Observed, desired: Desired, content: PublicMaterial, name: str) -> Upload:
    if observed.tags_follow:
        # Without tags, the generated name identifies it as this resource's own.
        return Upload(desired.content_name(content), desired.path, {})
    made = replace(desired.provenance, secret_version=observed.secret_version)
    return Upload(name, desired.path, desired.all_tags(made))


def _take_over(
    observed: Observed, desired: Desired, holder: StoredCertificate, content: PublicMaterial
) -> Retag | None:
    """
    Take over an existing certificate that has the desired content.

    Either it has no owner and gets adopted, or it belongs to another resource of this stack because
    the construct has moved in the tree.

    Raises:
        AdoptionRefusedError: It should be adopted, but doesn't match the declaration.
    """
    if STACK_ID_TAG not in holder.tags and desired.adopts and holder.name == desired.name:
        check_adoption(holder, desired, content)
        adopting = _retag(observed, desired, holder, is_new=True)
        check_room(holder, len(adopting.retagged.tags))
        return adopting
    has_moved = (
        desired.request is Request.CREATE
        and desired.belongs_to_sibling(holder)
        and observed.is_held(holder)
        and holder.has_content(content)
        and holder.path == desired.path
        and desired.tags.items() <= holder.tags.items()
    )
    return _retag(observed, desired, holder, is_new=True) if has_moved else None


def _reconcile(observed: Observed, desired: Desired, target: StoredCertificate) -> Step | None:
    """Give the certificate its name, path and tags."""
    name = desired.name or (desired.content_name(target.public) if target.public else target.name)
    is_new = target.certificate_id != desired.certificate_id
    is_rollback = observed.initial_phase is Phase.ROLLBACK
    retag = _retag(
        observed,
        desired,
        target,
        is_new=is_new and not is_rollback,
        is_settled=not is_new and not is_rollback,
    )
    if retag.changes and (is_new or STACK_ID_TAG not in target.tags):
        # First, mark it as this event's own: another event has uploaded it, or somebody has removed
        # its tags, and only its name shows whether it existed before.
        return retag
    if target.name != name and (holder := observed.at(name)) is not None:
        return _move_away(observed, desired, holder, target.public)
    if (target.name, target.path) != (name, desired.path):
        return Move(target, name, desired.path)
    return retag if retag.changes else None


def _move_away(
    observed: Observed, desired: Desired, holder: StoredCertificate, content: PublicMaterial | None
) -> Step:
    """
    Move another certificate from the desired name to the generated name of its content.

    It must belong to this resource, or in a rollback to this stack. Its own event finds it by its
    ID. An upload that CloudFormation doesn't know would never be found, so it is deleted.

    Raises:
        NameTakenError: It must not be moved.
    """
    if is_to_be_released(observed, desired, holder):
        return untag(holder)
    ours = is_ours(observed, desired, holder)
    takes_back = (
        observed.initial_phase is Phase.ROLLBACK
        and holder.tags.get(STACK_ID_TAG) == desired.owner.stack_id
        and (not holder.is_adopted or observed.is_held(holder))
        and not keeps_name(observed, desired, holder)
    )
    if holder.public is None or not (ours or takes_back):
        raise name_taken(holder, desired, content)
    if not ours and _is_unknown_to_stack(observed, holder):
        return Delete(holder, is_optional=True)
    aside = (
        desired.content_name(holder.public)
        if ours
        else desired.displaced_name(holder, holder.public)
    )
    occupant = observed.at(aside)
    if occupant is None:
        return Move(holder, aside, holder.path)
    if _is_duplicate(observed, desired, occupant, of=holder):
        return Delete(occupant, is_optional=True)
    raise name_taken(occupant, desired, content)


def _is_unknown_to_stack(observed: Observed, stored: StoredCertificate) -> bool:
    """Return whether CloudFormation doesn't know an upload, or has discarded it."""
    return (
        not observed.is_held(stored)
        and not stored.provenance.retain
        and stored.certificate_id not in observed.skipped
    )


def _is_duplicate(
    observed: Observed, desired: Desired, other: StoredCertificate, *, of: StoredCertificate
) -> bool:
    """Return whether a certificate is a second upload of the same content, unknown to CloudFormation."""
    return (
        of.public is not None
        and other.has_content(of.public)
        and desired.is_own(other)
        and not other.is_adopted
        and other.certificate_id != desired.certificate_id
        and _is_unknown_to_stack(observed, other)
    )


def _discard_uploads(observed: Observed, keep: set[str | None]) -> Step | None:
    """Delete uploads of this invocation that another delivery of the event also made."""
    for certificate_id in sorted(observed.uploaded - keep - observed.skipped):
        if (stored := observed.with_id(certificate_id)) is not None:
            return Delete(stored, is_optional=True)
    return None


def _retag(
    observed: Observed,
    desired: Desired,
    stored: StoredCertificate,
    *,
    is_new: bool,
    is_settled: bool = False,
) -> Retag:
    """
    Give a certificate its tags.

    Args:
        observed: The observed state.
        desired: The desired state.
        stored: The certificate.
        is_new: Whether this event uploads it or takes it over.
        is_settled: Whether the resource has had it since before this operation.
    """
    if is_new:
        made = desired.provenance
    else:
        made = replace(
            stored.provenance, source=desired.source, retain=desired.retain, discarded=False
        )
    if is_settled:
        # Forget what it replaced, because a rollback of this update doesn't restore that.
        made = replace(made, replaces=None, takes_name=False)
    if observed.is_content_known:
        made = replace(made, secret_version=observed.secret_version)
    is_nobodys = STACK_ID_TAG not in stored.tags and not desired.is_tagged(stored)
    if stored.is_adopted or is_nobodys:
        # If somebody has removed the tags, it may have existed before.
        wanted = {**desired.all_tags(replace(made, retain=False)), ADOPTED_TAG: "true"}
    else:
        wanted = desired.all_tags(made)
    is_own_upload = desired.is_own(stored) and not stored.is_adopted
    has_former_tags = stored.certificate_id == desired.certificate_id or is_own_upload
    removable = desired.previous.tag_keys if has_former_tags else ()
    return Retag(
        stored,
        put={key: value for key, value in wanted.items() if stored.tags.get(key) != value},
        remove=frozenset(
            key for key in stored.tags if key not in wanted and (key in removable or is_own(key))
        ),
    )
