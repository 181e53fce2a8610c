"""
What to do next about an event: one pure function for Create, Update, Delete and rollback.

Nothing here calls AWS or looks at a clock. There is no plan that could be overtaken: each step is
decided anew from what is known after the one before. So whatever an earlier delivery of the event,
another event or a person has left, the steps from there lead to the same end.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from server_certificate.contract.ownership import (
    ADOPTED_TAG,
    STACK_ID_TAG,
    is_own,
)
from server_certificate_handler.errors import (
    SupersededError,
    UndoneMeanwhileError,
)
from server_certificate_handler.kernel.books import Phase
from server_certificate_handler.kernel.deletion import remove
from server_certificate_handler.kernel.desired import Request
from server_certificate_handler.kernel.leftovers import next_leftover, untag
from server_certificate_handler.kernel.observed import UnknownError, Unreadable
from server_certificate_handler.kernel.refusals import check_adoption, check_room, name_taken
from server_certificate_handler.kernel.standing import (
    LATE_PAUSES_SECONDS,
    Standing,
    own_resource,
    standing,
)
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


def decide(seen: Observed, want: Desired) -> Step | Done:
    """
    Decide what to do next about an event.

    Raises:
        HandlerError: What is wanted can't be had; says why, and what would help.
    """
    try:
        return remove(seen, want) if want.request is Request.DELETE else _bring_about(seen, want)
    except UnknownError as unknown:
        return unknown.step


def _bring_about(seen: Observed, want: Desired) -> Step | Done:
    how = standing(seen, want)
    if how is not Standing.AWAITED and not seen.is_redoing:
        return _when_not_awaited(seen, want, how)
    target = find_target(seen, want)
    if target is None:
        return _bring_in(seen, want)
    keep = {target.certificate_id, want.certificate_id}
    return (
        _put_in_place(seen, want, target)
        or _discard_uploads(seen, keep)
        or next_leftover(seen, want, keep=keep)
        or Done(target)
    )


def _when_not_awaited(seen: Observed, want: Desired, how: Standing) -> Step | Done:
    if not seen.has_acted and seen.pauses < len(LATE_PAUSES_SECONDS):
        return Pause(LATE_PAUSES_SECONDS[seen.pauses])
    stack = seen.stack()
    resource = own_resource(stack, want)
    is_replay = stack.phase.is_at_rest and not seen.has_acted
    if how is Standing.ACCEPTED and resource is not None and not is_replay:
        held = seen.with_id(resource.physical_id)
        if held is not None:
            return _discard_uploads(seen, {held.certificate_id}) or Done(held)
    raise SupersededError(
        "The event came late: CloudFormation does not wait for it any more."
        + (
            " Its changes were rolled back as far as possible."
            if seen.has_acted
            else " Nothing was changed."
        )
    )


def _bring_in(seen: Observed, want: Desired) -> Step:
    content = seen.content()
    assert not isinstance(content, Unreadable)  # noqa: S101 (there would be a target, or an error)
    name, *beside = want.names_for(content)
    if discarded := _discarded(seen, want, (name, *beside)):
        return discarded
    holder = seen.at(name)
    if holder is None:
        return _upload(seen, want, content, name)
    if takeover := _take_over(seen, want, holder, content):
        return takeover
    if beside and is_ours(seen, want, holder) and not is_to_be_released(seen, want, holder):
        # It makes way once the new one is there, and never before.
        if (occupant := seen.at(beside[0])) is not None:
            raise name_taken(occupant, want, content)
        return _upload(seen, want, content, beside[0])
    return _make_way(seen, want, holder, content)


def _discarded(seen: Observed, want: Desired, names: tuple[str, ...]) -> Delete | None:
    """
    Delete what a failed event was about to delete when it was stopped.

    Raises:
        UndoneMeanwhileError: Another delivery of this very event is about to delete it.
    """
    for name in names:
        there = seen.at(name)
        if (
            there is None
            or not there.provenance.discarded
            or not want.is_own(there)
            # Only a forged mark says so of these.
            or there.is_adopted
            or seen.is_held(there)
        ):
            continue
        if there.provenance.request_id == want.request_id:
            raise UndoneMeanwhileError(
                f"Another delivery of the event has failed, and is deleting {there.certificate_id}. Deploy again."
            )
        if there.certificate_id not in seen.spared:
            return Delete(there, is_optional=True)
    return None


def _upload(seen: Observed, want: Desired, content: PublicMaterial, name: str) -> Upload:
    if seen.tags_follow:
        # Without tags it is known as this resource's own by the name of its content.
        return Upload(want.content_name(content), want.path, {})
    return Upload(name, want.path, want.all_tags(want.provenance))


def _take_over(
    seen: Observed, want: Desired, holder: StoredCertificate, content: PublicMaterial
) -> Retag | None:
    """
    Make a certificate this resource's own that is there with the wanted content already.

    It belongs to nobody, and is adopted; or it is another resource's of this stack, and the
    construct has moved in the tree.

    Raises:
        AdoptionRefusedError: It is to be adopted, and is not what is declared.
    """
    if STACK_ID_TAG not in holder.tags and want.adopts and holder.name == want.name:
        check_adoption(holder, want, content)
        adopting = _retag(want, holder, is_new=True)
        check_room(holder, len(adopting.retagged.tags))
        return adopting
    has_moved = (
        want.request is Request.CREATE
        and want.is_neighbour(holder)
        and seen.is_held(holder)
        and holder.has_content(content)
        and holder.path == want.path
        and want.tags.items() <= holder.tags.items()
    )
    return _retag(want, holder, is_new=True) if has_moved else None


def _put_in_place(seen: Observed, want: Desired, target: StoredCertificate) -> Step | None:
    """Give the certificate its name, path and tags."""
    name = want.name or (want.content_name(target.public) if target.public else target.name)
    is_new = target.certificate_id != want.certificate_id
    is_rollback = seen.began is Phase.ROLLBACK
    retag = _retag(
        want, target, is_new=is_new and not is_rollback, is_settled=not is_new and not is_rollback
    )
    if retag.changes and (is_new or STACK_ID_TAG not in target.tags):
        # Before anything else happens it becomes this event's: another one has brought it in, or a
        # person has taken the tags off, and only its name tells whether it was there before.
        return retag
    if target.name != name and (holder := seen.at(name)) is not None:
        return _make_way(seen, want, holder, target.public)
    if (target.name, target.path) != (name, want.path):
        return Move(target, name, want.path)
    return retag if retag.changes else None


def _make_way(
    seen: Observed, want: Desired, holder: StoredCertificate, content: PublicMaterial | None
) -> Step:
    """
    Move a certificate off the wanted name, to the name of its content.

    It is one's own, or in a rollback whatever of this stack has got the name. Its own event finds it
    by its id; what CloudFormation has no id of, no event would find.

    Raises:
        NameTakenError: It may not be moved.
    """
    if is_to_be_released(seen, want, holder):
        return untag(holder)
    ours = is_ours(seen, want, holder)
    takes_back = (
        seen.began is Phase.ROLLBACK
        and holder.tags.get(STACK_ID_TAG) == want.owner.stack_id
        and (not holder.is_adopted or seen.is_held(holder))
        and not keeps_name(seen, want, holder)
    )
    if holder.public is None or not (ours or takes_back):
        raise name_taken(holder, want, content)
    if not ours and _is_unknown(seen, holder):
        return Delete(holder, is_optional=True)
    aside = want.content_name(holder.public) if ours else want.guest_name(holder, holder.public)
    occupant = seen.at(aside)
    if occupant is None:
        return Move(holder, aside, holder.path)
    if _is_duplicate(seen, want, occupant, of=holder):
        return Delete(occupant, is_optional=True)
    raise name_taken(occupant, want, content)


def _is_unknown(seen: Observed, stored: StoredCertificate) -> bool:
    """Tell whether CloudFormation was never told of an upload, or has given it up."""
    return (
        not seen.is_held(stored)
        and not stored.provenance.retain
        and stored.certificate_id not in seen.spared
    )


def _is_duplicate(
    seen: Observed, want: Desired, other: StoredCertificate, *, of: StoredCertificate
) -> bool:
    """Tell whether a certificate is a second upload of the same content that nobody was told of."""
    return (
        of.public is not None
        and other.has_content(of.public)
        and want.is_own(other)
        and not other.is_adopted
        and other.certificate_id != want.certificate_id
        and _is_unknown(seen, other)
    )


def _discard_uploads(seen: Observed, keep: set[str | None]) -> Step | None:
    """Delete what this invocation has uploaded while another delivery of the event did the same."""
    for certificate_id in sorted(seen.uploaded - keep - seen.spared):
        if (stored := seen.with_id(certificate_id)) is not None:
            return Delete(stored, is_optional=True)
    return None


def _retag(
    want: Desired, stored: StoredCertificate, *, is_new: bool, is_settled: bool = False
) -> Retag:
    """
    Give a certificate its tags.

    Args:
        want: The event.
        stored: The certificate.
        is_new: Whether this event brings it to the resource.
        is_settled: Whether the resource has held it since before this operation.
    """
    if is_new:
        made = want.provenance
    else:
        made = replace(stored.provenance, source=want.source, retain=want.retain, discarded=False)
    if is_settled:
        # What it once replaced is history: no rollback of this update goes back to it.
        made = replace(made, replaces=None, takes_name=False)
    is_nobodys = STACK_ID_TAG not in stored.tags and not want.is_tagged(stored)
    if stored.is_adopted or is_nobodys:
        # Where a person has taken the tags off, nothing says that it was not there before.
        wanted = {**want.all_tags(replace(made, retain=False)), ADOPTED_TAG: "true"}
    else:
        wanted = want.all_tags(made)
    is_own_upload = want.is_own(stored) and not stored.is_adopted
    has_former_tags = stored.certificate_id == want.certificate_id or is_own_upload
    removable = want.former.tag_keys if has_former_tags else ()
    return Retag(
        stored,
        put={key: value for key, value in wanted.items() if stored.tags.get(key) != value},
        remove=frozenset(
            key for key in stored.tags if key not in wanted and (key in removable or is_own(key))
        ),
    )
