"""Find the certificate that a Create or an Update requires."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server_certificate.contract.ownership import (
    STACK_ID_TAG,
)
from server_certificate_handler.errors import (
    SourceUnreadableError,
)
from server_certificate_handler.kernel.desired import Request
from server_certificate_handler.kernel.observed import Unreadable
from server_certificate_handler.kernel.stack import Phase

if TYPE_CHECKING:
    from server_certificate_handler.kernel.desired import Desired
    from server_certificate_handler.kernel.observed import Observed
    from server_certificate_handler.kernel.stored import StoredCertificate


def find_target(observed: Observed, desired: Desired) -> StoredCertificate | None:
    """Return the certificate that has, or gets, the desired state; None if there is none yet."""
    current = _current(observed, desired)
    is_rollback = observed.initial_phase is Phase.ROLLBACK
    replaced = _replaced(observed, desired, current) if is_rollback else None
    if is_rollback and (before := _recognized(desired, current, replaced)):
        return before
    content = observed.content(with_key=_is_upload_certain(observed, desired))
    if isinstance(content, Unreadable):
        return _without_content(desired, current, content, is_rollback=is_rollback)
    for stored in (current, replaced):
        if stored is not None and stored.has_content(content):
            return stored
    for name in desired.names_for(content):
        there = observed.at(name)
        if (
            there is not None
            and there.has_content(content)
            and is_ours(observed, desired, there)
            and not there.provenance.discarded
            and not is_to_be_released(observed, desired, there)
        ):
            return there
    return None


def _is_upload_certain(observed: Observed, desired: Desired) -> bool:
    is_creation = desired.request is Request.CREATE
    return is_creation and (desired.name is None or observed.at(desired.name) is None)


def is_ours(observed: Observed, desired: Desired, stored: StoredCertificate) -> bool:
    """
    Return whether a certificate is this resource's own, and no other resource has it.

    Until the clean-up, the previous owner still has a certificate that this event has taken over.
    """
    return (
        desired.is_own(stored)
        and not keeps_name(observed, desired, stored)
        and (
            stored.provenance.request_id == desired.request_id
            or not observed.is_held(stored, but=desired.owner.logical_id)
        )
    )


def keeps_name(observed: Observed, desired: Desired, stored: StoredCertificate) -> bool:
    """
    Return whether a certificate keeps its name.

    It does if the operation being rolled back adopted it.
    """
    return (
        observed.initial_phase is Phase.ROLLBACK
        and stored.is_adopted
        and stored.certificate_id == desired.certificate_id
    )


def _current(observed: Observed, desired: Desired) -> StoredCertificate | None:
    """
    Return the certificate of the resource; None if it is gone or belongs to another resource.

    In a rollback, it returns from a construct that took it over in the operation that is rolled
    back.
    """
    current = observed.with_id(desired.certificate_id, likely=(desired.previous.name, desired.name))
    if (
        current is None
        or current.tags.get(STACK_ID_TAG, desired.owner.stack_id) != desired.owner.stack_id
        or (
            observed.initial_phase is not Phase.ROLLBACK
            and observed.is_held(current, but=desired.owner.logical_id)
        )
    ):
        return None
    return current


def _replaced(
    observed: Observed, desired: Desired, current: StoredCertificate | None
) -> StoredCertificate | None:
    """
    Return the certificate that the current one has replaced; None if it doesn't belong to us.

    In the operation that is rolled back, a moved construct may have taken it over with its name.
    """
    if current is None:
        return None
    replaced = observed.with_id(current.provenance.replaces, likely=(desired.name,))
    if replaced is None:
        return None
    was_taken_over = (
        replaced.name == desired.name
        and desired.belongs_to_sibling(replaced)
        and observed.is_held(replaced)
    )
    return replaced if was_taken_over or desired.is_own(replaced) else None


def _recognized(
    desired: Desired, current: StoredCertificate | None, replaced: StoredCertificate | None
) -> StoredCertificate | None:
    """
    Find the certificate that the previous properties produced, without reading any source.

    It is the replaced certificate, if it still exists, or the current one if nothing was replaced.
    """
    if replaced is not None and replaced.provenance.source == desired.source:
        return replaced
    if current is not None and current.provenance.source == desired.source:
        return current
    return None


def _without_content(
    desired: Desired,
    current: StoredCertificate | None,
    content: Unreadable,
    *,
    is_rollback: bool,
) -> StoredCertificate:
    """
    Return the current certificate if its content has not changed.

    Outside of a rollback, this is the case if the same properties produced it. In a rollback, it is
    the case if it has replaced nothing, so that only its source has changed.
    """
    if current is not None:
        made = current.provenance
        if is_rollback and made.replaces is None:
            return current
        if made.source == desired.source and isinstance(content.error, SourceUnreadableError):
            return current
    raise content.error


def is_to_be_released(observed: Observed, desired: Desired, stored: StoredCertificate) -> bool:
    """
    Return whether a failed event's adoption of a certificate is still to be undone.

    The failed event didn't undo the adoption, and the current event doesn't adopt the certificate.
    """
    return (
        stored.is_adopted
        and desired.is_own(stored)
        and stored.certificate_id != desired.certificate_id
        and stored.provenance.request_id != desired.request_id
        and not observed.is_held(stored)
        and not (desired.adopts and stored.path == desired.path)
    )
