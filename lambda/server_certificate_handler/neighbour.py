"""Another certificate of the same stack that has the wanted name: whether it gives it up."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from server_certificate_handler.stack_state import Occasion

if TYPE_CHECKING:
    from datetime import datetime

    from server_certificate_handler.stack_state import ResourceState


class Stance(Enum):
    """What becomes of the name."""

    MAKES_WAY = "makes way"
    """The operation that is being undone gave it the name. CloudFormation knows its id, by which its
    own rollback or Delete finds it under any other name."""

    KEEPS = "keeps"
    """It had the name before the operation, or is to have it after it."""

    OPEN = "open"
    """It may give the name up of itself: it is being updated, or what holds the name was uploaded by
    an event that CloudFormation has no answer to yet, or does not wait for any more."""


def stance(
    state: ResourceState | None,
    *,
    certificate_id: str,
    occasion: Occasion,
    began_at: datetime | None,
) -> Stance:
    """
    Tell whether the resource that a certificate belongs to gives its name up.

    Args:
        state: The resource; None when it cannot be read.
        certificate_id: ServerCertificateId of what has the name.
        occasion: What CloudFormation is doing with the stack.
        began_at: When it began to; None when that cannot be read.
    """
    if state is None or state.certificate_id != certificate_id:
        return Stance.OPEN
    has_changed = (
        began_at is not None and state.changed_at is not None and state.changed_at >= began_at
    )
    if occasion is Occasion.ROLLBACK:
        return Stance.MAKES_WAY if has_changed else Stance.KEEPS
    is_done = has_changed and state.status.endswith("_COMPLETE")
    return Stance.KEEPS if is_done else Stance.OPEN
