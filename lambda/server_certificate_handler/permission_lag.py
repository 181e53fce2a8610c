"""Retry calls while a permission that was just granted takes effect."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    from server_certificate_handler.deadline import Deadline

log = logging.getLogger(__name__)

PAUSES_SECONDS = (2.0, 4.0, 8.0, 16.0)
"""
A deployment invokes the function right after it changes the role's policy, and IAM is eventually
consistent (IAM user guide, Troubleshoot IAM)."""

Result = TypeVar("Result")


def retry_until_permitted(
    call: Callable[[], Result], *, is_denied: Callable[[Exception], bool], deadline: Deadline
) -> Result:
    """
    Make a call, and retry it as long as it is denied and there is time left.

    Args:
        call: The call.
        is_denied: Returns whether an exception means that a permission is missing.
        deadline: Limits the pauses.

    Raises:
        Exception: The last exception of the call.
    """
    for pause in PAUSES_SECONDS:
        try:
            return call()
        except Exception as err:
            if not is_denied(err) or not deadline.wait(pause):
                raise
            log.info({"decision": "wait for a permission", "seconds": pause})
    return call()
