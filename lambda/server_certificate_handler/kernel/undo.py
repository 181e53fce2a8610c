"""How an act is undone: only where its effect still shows, so that nothing of another's is touched."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from server_certificate_handler.kernel.steps import Delete, Move, Retag, Upload

if TYPE_CHECKING:
    from server_certificate_handler.kernel.desired import Desired
    from server_certificate_handler.kernel.observed import Observed
    from server_certificate_handler.kernel.steps import Act


def undoing(act: Act, seen: Observed, want: Desired) -> Act | None:
    """
    Return what undoes an act; None when there is nothing to undo.

    Raises:
        UnknownError: Something has to be looked at first.
    """
    match act:
        case Upload():
            return _discarding(act, seen, want)
        case Move(stored, name, path):
            there = seen.at(name)
            is_there = there is not None and there.certificate_id == stored.certificate_id
            if there is None or not is_there or there.path != path:
                return None
            return Move(there, stored.name, stored.path)
        case Retag(stored, put, remove):
            there = seen.at(stored.name)
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


def _discarding(act: Upload, seen: Observed, want: Desired) -> Act | None:
    """
    Delete an upload, unless another delivery of the event has answered with it.

    It is marked first: whoever looks at it from then on does not use it. Whoever has used it before
    has answered by then, which the stack's books show, or will fail.
    """
    there = seen.at(act.name)
    if there is None or there.is_adopted:
        return None
    made = there.provenance
    is_it = there.certificate_id in seen.uploaded or (
        want.is_own(there) and made.request_id == want.request_id
    )
    if not is_it:
        return None
    is_held = seen.is_held(there)
    if is_held and not made.discarded:
        return None
    if made.discarded and not is_held:
        return Delete(there, is_optional=True)
    return Retag(there, put=replace(made, request_id=want.request_id, discarded=not is_held).tags())
