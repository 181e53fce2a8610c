"""Another certificate of the same stack that has the wanted name: whether it gives it up."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from server_certificate_handler.adoption import Adoption
from server_certificate_handler.occasion import Occasion

if TYPE_CHECKING:
    from datetime import datetime

    from server_certificate_handler.occasion import ResourceState
    from server_certificate_handler.stored_certificate import StoredCertificate


class Stance(Enum):
    """What becomes of the name."""

    MAKES_WAY = "makes way"
    """The operation that is being undone gave it the name. CloudFormation knows its id, by which its
    own rollback or Delete finds it under any other name."""

    GOES = "goes"
    """The operation that is being undone brought it in, and CloudFormation holds it no more, or was
    never told of it. Its own rollback or Delete would delete it, perhaps later."""

    KEEPS = "keeps"
    """It had the name before the operation, or is to have it after it."""

    OPEN = "open"
    """It may give the name up of itself: it is being updated, or CloudFormation has no answer yet to
    the event that uploaded it."""


def stance(
    state: ResourceState | None,
    holder: StoredCertificate,
    *,
    occasion: Occasion,
    began_at: datetime | None,
) -> Stance:
    """
    Tell whether the resource that a certificate belongs to gives its name up.

    Args:
        state: The resource; None when it cannot be read.
        holder: What has the name.
        occasion: What CloudFormation is doing with the stack.
        began_at: When it began to; None when that cannot be read.
    """
    if state is None:
        return Stance.OPEN
    has_changed = (
        began_at is not None and state.changed_at is not None and state.changed_at >= began_at
    )
    holds = state.certificate_id == holder.certificate_id
    if occasion is not Occasion.ROLLBACK:
        is_done = holds and has_changed and state.status.endswith("_COMPLETE")
        return Stance.KEEPS if is_done else Stance.OPEN
    if Adoption.of(holder.tags):
        # It was there before, under this name, and is given back rather than deleted.
        return Stance.KEEPS
    if holds or holder.provenance.retain:
        return Stance.MAKES_WAY if holds and has_changed else Stance.KEEPS
    was_replaced = (
        state.certificate_id is not None and holder.provenance.replaces == state.certificate_id
    )
    is_undone = has_changed and (was_replaced or state.is_given_up)
    return Stance.GOES if is_undone else Stance.OPEN
