"""What became of a renewal, from the events of the stack."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server_certificate_handler.renewal.attempts import last_attempt, request_token
from server_certificate_handler.renewal.facts import StackEvent
from support.renewal_account import CANCELED, NEW, NOW, OLD

TOKEN = request_token(NEW, NOW)
LATER = request_token(NEW, NOW + timedelta(hours=1))


def event(
    status: str, minute: int = 0, *, request: str = TOKEN, resource: str = "", reason: str = ""
) -> StackEvent:
    """Return an event of the stack, or of a resource."""
    return StackEvent(
        time=NOW + timedelta(minutes=minute),
        request=request,
        resource=resource or "Web",
        is_of_stack=not resource,
        status=status,
        reason=reason,
    )


ROLLED_BACK = [
    event("UPDATE_IN_PROGRESS", reason="User Initiated"),
    event("UPDATE_IN_PROGRESS", 1, resource="Certificate"),
    event("UPDATE_FAILED", 2, resource="Other", reason=CANCELED),
    event("UPDATE_FAILED", 3, resource="Certificate", reason="Expired."),
    event("UPDATE_FAILED", 4, resource="Listener", reason="No."),
    event("UPDATE_ROLLBACK_IN_PROGRESS", 5, reason="The following failed: [Certificate]"),
    event("UPDATE_ROLLBACK_COMPLETE", 6),
]


@given(st.permutations(ROLLED_BACK))
def test_reason_is_that_of_the_first_failure(events: list[StackEvent]) -> None:
    """In whatever order the events come, the first resource that really failed is named."""
    attempt = last_attempt(events, NEW)
    assert attempt is not None
    assert (attempt.began, attempt.status) == (NOW, "UPDATE_ROLLBACK_COMPLETE")
    assert attempt.is_over
    assert attempt.has_failed
    assert attempt.explanation == "Reason: Certificate: Expired."


def test_reason_of_the_stack_counts_if_no_resource_names_one() -> None:
    """A stack policy or hook fails the stack, for example."""
    events = [ROLLED_BACK[0], ROLLED_BACK[2], *ROLLED_BACK[5:]]
    attempt = last_attempt(events, NEW)
    assert attempt is not None
    assert attempt.explanation == "Reason: The following failed: [Certificate]"


def test_missing_reason() -> None:
    """Without any reason, the events of the stack are mentioned."""
    attempt = last_attempt([ROLLED_BACK[0], ROLLED_BACK[-1]], NEW)
    assert attempt is not None
    assert attempt.explanation == "See the events of the stack."


@pytest.mark.parametrize(
    ("status", "is_over", "has_failed"),
    [
        ("UPDATE_IN_PROGRESS", False, False),
        ("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", False, False),
        ("UPDATE_COMPLETE", True, False),
        ("UPDATE_ROLLBACK_COMPLETE", True, True),
        ("UPDATE_ROLLBACK_FAILED", True, True),
    ],
)
def test_status_of_an_attempt(status: str, is_over: bool, has_failed: bool) -> None:  # noqa: FBT001 (a table)
    """An attempt is over when the stack is at rest, and successful in one status only."""
    attempt = last_attempt([event("UPDATE_IN_PROGRESS"), event(status, 1)], NEW)
    assert attempt is not None
    assert (attempt.is_over, attempt.has_failed) == (is_over, has_failed)


def test_last_attempt_counts() -> None:
    """Of two attempts with a version, the later one counts."""
    later = event("UPDATE_COMPLETE", 60, request=LATER)
    attempt = last_attempt([later, *ROLLED_BACK], NEW)
    assert attempt is not None
    assert (attempt.status, attempt.reason) == ("UPDATE_COMPLETE", "")


@pytest.mark.parametrize("request_", ["", "renewal-", request_token(OLD, NOW), NEW])
def test_other_operations_are_no_attempts(request_: str) -> None:
    """Neither a deployment nor a renewal with another version is an attempt with this one."""
    assert last_attempt([event("UPDATE_ROLLBACK_COMPLETE", request=request_)], NEW) is None


def test_attempt_without_an_event_of_the_stack() -> None:
    """A resource's event may be visible first."""
    attempt = last_attempt([event("UPDATE_IN_PROGRESS", resource="Certificate")], NEW)
    assert attempt is not None
    assert not attempt.is_over
