"""Wait out the seconds in which a permission that was just granted is not known everywhere yet."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    from server_certificate_handler.deadline import Deadline

log = logging.getLogger(__name__)

PAUSES_SECONDS = (2.0, 4.0, 8.0, 16.0)
"""A deployment changes the role's policy and calls the function at once; IAM is eventually
consistent (IAM user guide, Troubleshoot IAM)."""

Result = TypeVar("Result")


def retry_until_permitted(
    call: Callable[[], Result], *, is_denied: Callable[[Exception], bool], deadline: Deadline
) -> Result:
    """
    Make a call, and repeat it after a pause for as long as it is denied and time is left.

    Args:
        call: The call.
        is_denied: Whether an exception of the call says that a permission is missing.
        deadline: Where the pauses are taken from.

    Raises:
        Exception: Whatever the call raised last.
    """
    for pause in PAUSES_SECONDS:
        try:
            return call()
        except Exception as err:
            if not is_denied(err) or not deadline.wait(pause):
                raise
            log.info({"decision": "wait for a permission", "seconds": pause})
    return call()
