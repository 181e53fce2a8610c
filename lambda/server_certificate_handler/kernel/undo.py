"""Undo actions, but only while their effect is visible, so that no other changes are affected."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from server_certificate_handler.kernel.steps import Delete, Move, Retag, Upload

if TYPE_CHECKING:
    from server_certificate_handler.kernel.desired import Desired
    from server_certificate_handler.kernel.observed import Observed
    from server_certificate_handler.kernel.steps import Act


def undo_of(act: Act, observed: Observed, desired: Desired) -> Act | None:
    """
    Return the action that undoes another; None if there is nothing to undo.

    Raises:
        UnknownError: Something needs to be observed first.
    """
    match act:
        case Upload():
            return _discard_upload(act, observed, desired)
        case Move(stored, name, path):
            there = observed.at(name)
            is_there = there is not None and there.certificate_id == stored.certificate_id
            if there is None or not is_there or there.path != path:
                return None
            return Move(there, stored.name, stored.path)
        case Retag(stored, put, remove):
            there = observed.at(stored.name)
            if (
                there is None
                or there.certificate_id != stored.certificate_id
                or not put.items() <= there.tags.items()
                or there.tags.keys() & set(remove)
            ):
                return None
            changed = {*put, *remove}
            return Retag(
                there,
                put={key: value for key, value in stored.tags.items() if key in changed},
                remove=frozenset(put) - stored.tags.keys(),
            )
        case _:
            return None


def _discard_upload(act: Upload, observed: Observed, desired: Desired) -> Act | None:
    """
    Delete an upload, unless another delivery of the event has responded with it.

    Mark it first, so that no other delivery uses it from then on. A delivery that has already used
    it either has responded, which the state of the stack shows, or will fail.
    """
    there = observed.at(act.name)
    if there is None or there.is_adopted:
        return None
    made = there.provenance
    is_it = there.certificate_id in observed.uploaded or (
        desired.is_own(there) and made.request_id == desired.request_id
    )
    if not is_it:
        return None
    is_held = observed.is_held(there)
    if is_held and not made.discarded:
        return None
    if made.discarded and not is_held:
        return Delete(there, is_optional=True)
    return Retag(
        there, put=replace(made, request_id=desired.request_id, discarded=not is_held).tags()
    )
