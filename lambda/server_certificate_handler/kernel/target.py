"""Which certificate is what a Create or an Update wants, and which are the resource's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server_certificate.contract.ownership import (
    STACK_ID_TAG,
)
from server_certificate_handler.errors import (
    SourceUnreadableError,
)
from server_certificate_handler.kernel.books import Phase
from server_certificate_handler.kernel.desired import Request
from server_certificate_handler.kernel.observed import Unreadable

if TYPE_CHECKING:
    from server_certificate_handler.kernel.desired import Desired
    from server_certificate_handler.kernel.observed import Observed
    from server_certificate_handler.kernel.stored import StoredCertificate


def find_target(seen: Observed, want: Desired) -> StoredCertificate | None:
    """Return the certificate that is, or becomes, what is wanted; None when there is none yet."""
    current = _current(seen, want)
    is_rollback = seen.began is Phase.ROLLBACK
    replaced = _replaced(seen, want, current) if is_rollback else None
    if is_rollback and (before := _recognised(want, current, replaced)):
        return before
    content = seen.content(with_key=_is_upload_certain(seen, want))
    if isinstance(content, Unreadable):
        return _without_content(want, current, content, is_rollback=is_rollback)
    for stored in (current, replaced):
        if stored is not None and stored.has_content(content):
            return stored
    for name in want.names_for(content):
        there = seen.at(name)
        if (
            there is not None
            and there.has_content(content)
            and is_ours(seen, want, there)
            and not there.provenance.discarded
            and not is_to_be_released(seen, want, there)
        ):
            return there
    return None


def _is_upload_certain(seen: Observed, want: Desired) -> bool:
    is_creation = want.request is Request.CREATE
    return is_creation and (want.name is None or seen.at(want.name) is None)


def is_ours(seen: Observed, want: Desired, stored: StoredCertificate) -> bool:
    """
    Tell whether a certificate is this resource's own, and no other resource of the stack holds it.

    What this event has taken over is held until the clean-up by the resource that it came from.
    """
    return (
        want.is_own(stored)
        and not keeps_name(seen, want, stored)
        and (
            stored.provenance.request_id == want.request_id
            or not seen.is_held(stored, but=want.owner.logical_id)
        )
    )


def keeps_name(seen: Observed, want: Desired, stored: StoredCertificate) -> bool:
    """Tell whether this resource has adopted it in the operation that is undone, under a name that is its own."""
    return (
        seen.began is Phase.ROLLBACK
        and stored.is_adopted
        and stored.certificate_id == want.certificate_id
    )


def _current(seen: Observed, want: Desired) -> StoredCertificate | None:
    """
    Return what the resource holds; None when it is gone, or has become another's.

    In a rollback it comes back from a construct that has taken it over in the operation that is undone.
    """
    current = seen.with_id(want.certificate_id, likely=(want.former.name, want.name))
    if (
        current is None
        or current.tags.get(STACK_ID_TAG, want.owner.stack_id) != want.owner.stack_id
        or (seen.began is not Phase.ROLLBACK and seen.is_held(current, but=want.owner.logical_id))
    ):
        return None
    return current


def _replaced(
    seen: Observed, want: Desired, current: StoredCertificate | None
) -> StoredCertificate | None:
    """
    Return what the current certificate says that it has replaced; None when that isn't our own.

    In the operation that is undone, a construct that has moved may have taken it over with its name.
    """
    if current is None:
        return None
    replaced = seen.with_id(current.provenance.replaces, likely=(want.name,))
    if replaced is None:
        return None
    was_taken_over = (
        replaced.name == want.name and want.is_neighbour(replaced) and seen.is_held(replaced)
    )
    return replaced if was_taken_over or want.is_own(replaced) else None


def _recognised(
    want: Desired, current: StoredCertificate | None, replaced: StoredCertificate | None
) -> StoredCertificate | None:
    """
    Recognise what the properties from before had produced, without reading any source.

    That is what was replaced, as long as it is there, or the current one where nothing was.
    """
    if replaced is not None and replaced.provenance.source == want.source:
        return replaced
    if current is not None and current.provenance.source == want.source:
        return current
    return None


def _without_content(
    want: Desired,
    current: StoredCertificate | None,
    content: Unreadable,
    *,
    is_rollback: bool,
) -> StoredCertificate:
    """
    Return the current certificate where its content is what it was before.

    Going forward, the same properties have produced it. In a rollback it has replaced nothing, so
    nothing but its source has changed.
    """
    if current is not None:
        made = current.provenance
        if is_rollback and made.replaces is None:
            return current
        if made.source == want.source and isinstance(content.error, SourceUnreadableError):
            return current
    raise content.error


def is_to_be_released(seen: Observed, want: Desired, stored: StoredCertificate) -> bool:
    """Tell whether an event has adopted it that failed and was not undone, and this one doesn't adopt it."""
    return (
        stored.is_adopted
        and want.is_own(stored)
        and stored.certificate_id != want.certificate_id
        and stored.provenance.request_id != want.request_id
        and not seen.is_held(stored)
        and not (want.adopts and stored.path == want.path)
    )
