"""Find out from the stack's events what became of a renewal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from server_certificate.contract.renewal import CHANGE_SET_PREFIX

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from server_certificate_handler.renewal.facts import StackEvent


@dataclass(frozen=True, slots=True)
class Attempt:
    """An attempt to renew with a version."""

    began: datetime

    status: str
    """The status of the stack in the last event of the attempt; empty before the first one."""

    reason: str
    """Why the first resource failed; empty if none did."""

    @property
    def is_over(self) -> bool:
        """Whether CloudFormation has finished."""
        return bool(self.status) and not self.status.endswith("_IN_PROGRESS")

    @property
    def has_failed(self) -> bool:
        """Whether it was not successful."""
        return self.is_over and self.status != "UPDATE_COMPLETE"

    @property
    def explanation(self) -> str:
        """Why it failed, as a sentence."""
        return f"Reason: {self.reason}" if self.reason else "See the events of the stack."


def request_token(version_id: str, at: datetime) -> str:
    """Return the client request token of an attempt, by which its events are recognized."""
    return f"{_prefix(version_id)}{at:%Y%m%d%H%M%S}"


def last_attempt(events: Iterable[StackEvent], version_id: str) -> Attempt | None:
    """
    Return the last attempt to renew with a version; None if the events contain none.

    Args:
        events: Events of the stack, in any order.
        version_id: The ID of the secret's version.
    """
    prefix = _prefix(version_id)
    ours = sorted(
        (event for event in events if event.request.startswith(prefix)),
        key=lambda event: event.time,
    )
    if not ours:
        return None
    events_of_last = [event for event in ours if event.request == ours[-1].request]
    statuses = [event.status for event in events_of_last if event.is_of_stack]
    failures = [
        f"{event.resource}: {event.reason}"
        for event in events_of_last
        if event.status.endswith("_FAILED")
        and event.reason
        and not event.reason.endswith(_CANCELED)
    ]
    reasons = [event.reason for event in events_of_last if event.is_of_stack and event.reason]
    return Attempt(
        began=events_of_last[0].time,
        status=statuses[-1] if statuses else "",
        reason=(failures or _of_rollback(reasons) or [""])[0],
    )


_CANCELED = ("cancelled", "cancelled.")
"""The end of the reason of a resource that stopped because another one had failed."""

_INITIATED = "User Initiated"
"""The reason of the first event of an operation, which explains nothing."""


def _of_rollback(reasons: list[str]) -> list[str]:
    return [reason for reason in reasons if reason != _INITIATED]


def _prefix(version_id: str) -> str:
    return f"{CHANGE_SET_PREFIX}{version_id}-"
