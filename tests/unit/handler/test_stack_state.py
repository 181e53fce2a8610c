"""What a stack's status means for an event, and which ids stand for certificates."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from dev.certificates.authority import NOW
from dev.simulator.account import Account
from server_certificate_handler.deadline import Deadline
from server_certificate_handler.identifiers import failed_request, is_certificate_id
from server_certificate_handler.occasion import Occasion, ResourceState
from server_certificate_handler.stack_state import StackState


@pytest.mark.parametrize(
    ("status", "occasion"),
    [
        ("CREATE_IN_PROGRESS", Occasion.FORWARD),
        ("REVIEW_IN_PROGRESS", Occasion.FORWARD),
        ("UPDATE_IN_PROGRESS", Occasion.FORWARD),
        ("IMPORT_IN_PROGRESS", Occasion.FORWARD),
        ("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", Occasion.CLEAN_UP),
        ("ROLLBACK_IN_PROGRESS", Occasion.ROLLBACK),
        ("UPDATE_ROLLBACK_IN_PROGRESS", Occasion.ROLLBACK),
        ("UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS", Occasion.ROLLBACK),
        ("IMPORT_ROLLBACK_IN_PROGRESS", Occasion.ROLLBACK),
        ("DELETE_IN_PROGRESS", Occasion.DELETION),
        ("DELETE_COMPLETE", Occasion.DELETION),
        ("DELETE_FAILED", Occasion.DELETION),
        ("CREATE_COMPLETE", Occasion.DONE),
        ("UPDATE_COMPLETE", Occasion.DONE),
        ("IMPORT_COMPLETE", Occasion.DONE),
        ("CREATE_FAILED", Occasion.UNDONE),
        ("UPDATE_FAILED", Occasion.UNDONE),
        ("ROLLBACK_COMPLETE", Occasion.UNDONE),
        ("ROLLBACK_FAILED", Occasion.UNDONE),
        ("UPDATE_ROLLBACK_COMPLETE", Occasion.UNDONE),
        ("UPDATE_ROLLBACK_FAILED", Occasion.UNDONE),
        ("SOMETHING_NEW", Occasion.UNKNOWN),
    ],
)
def test_every_status_has_a_meaning(status: str, occasion: Occasion) -> None:
    """All statuses of the API reference are read, and an unknown one stops nothing."""
    assert Occasion.of(status) is occasion


def test_what_is_over_is_waited_for_by_nobody() -> None:
    """An event that comes when a stack rests or is gone came late; all others are carried out."""
    assert {each for each in Occasion if each.is_over} == {
        Occasion.DONE,
        Occasion.UNDONE,
        Occasion.DELETION,
    }
    assert not Occasion.UNKNOWN.undoes
    assert Occasion.ROLLBACK.undoes


@pytest.mark.parametrize(
    ("physical_id", "is_one"),
    [
        ("ASCAQXRQ45OGOXN4H7UIZ", True),
        ("ASCAI44QH8DHBEXAMPLE2", True),
        ("ASCA", False),
        ("AIDAQXRQ45OGOXN4H7UIZ", False),
        ("not-created-1a2b", False),
        ("web-Certificate-1ABCDEFGHIJK2", False),
        ("ASCA-stack-Certificate-1ABCDEFGHIJK2", False),
        ("", False),
    ],
)
def test_ids_of_certificates(physical_id: str, *, is_one: bool) -> None:
    """A physical id that CloudFormation invented is no ServerCertificateId, whatever the stack's name."""
    assert is_certificate_id(physical_id) is is_one


def test_id_of_a_failed_create_tells_its_request() -> None:
    """Only our own answer names a request."""
    assert failed_request("not-created-1a2b") == "1a2b"
    assert failed_request("web-Certificate-1ABCDEFGHIJK2") is None


@pytest.mark.parametrize(
    ("state", "given_up"),
    [
        (ResourceState("", "CREATE_IN_PROGRESS"), False),
        (ResourceState("web-C-1", "CREATE_FAILED"), True),
        (ResourceState("web-C-1", "DELETE_IN_PROGRESS"), True),
        (ResourceState("web-C-1", "DELETE_COMPLETE"), True),
        (ResourceState("ASCAQXRQ45OGOXN4H7UIZ", "UPDATE_COMPLETE"), False),
    ],
)
def test_creation_that_is_given_up(state: ResourceState, *, given_up: bool) -> None:
    """A resource that failed or is being deleted is not waited for."""
    assert state.is_given_up is given_up


@pytest.mark.parametrize(
    ("operations", "is_undone"),
    [
        (["DELETE_STACK", "ROLLBACK", "UPDATE_STACK"], True),
        (["DELETE_STACK", "CONTINUE_ROLLBACK", "ROLLBACK", "UPDATE_STACK"], True),
        (["UPDATE_STACK", "ROLLBACK", "DELETE_STACK"], True),
        (["DELETE_STACK", "DELETE_STACK", "CREATE_CHANGESET", "ROLLBACK"], True),
        (["DELETE_STACK", "UPDATE_STACK", "ROLLBACK", "UPDATE_STACK"], False),
        (["UPDATE_STACK", "ROLLBACK", "CREATE_STACK", "UPDATE_STACK", "DELETE_STACK"], False),
        (["DELETE_STACK", "CREATE_STACK"], False),
        (["DELETE_STACK", "SOMETHING_NEW"], False),
        ([], False),
    ],
)
def test_last_operation_of_a_stack_that_is_deleted(
    operations: list[str], *, is_undone: bool
) -> None:
    """What was undone shows in the order of the operations, whichever end is the newest."""
    account = Account()
    account.last_operations["web"] = operations
    assert state_of(account).has_undone(NOW) is is_undone


@pytest.mark.parametrize(("before", "is_undone"), [(0, True), (1, False)])
def test_what_happened_before_the_last_operation_is_not_undone(
    before: int, *, is_undone: bool
) -> None:
    """The instant tells whether the operation that was rolled back is the one it was of."""
    account = Account(began_at={"web": NOW})
    account.last_operations["web"] = ["DELETE_STACK", "ROLLBACK", "UPDATE_STACK"]
    assert state_of(account).has_undone(NOW - timedelta(seconds=before)) is is_undone
    assert state_of(account).has_undone(None)


def test_what_cannot_be_read_may_be_undone() -> None:
    """The cautious reading keeps what may be somebody else's."""
    assert state_of(Account(stack_status="")).has_undone(NOW)


def test_what_an_old_botocore_does_not_read_may_be_undone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the runtime's drops the operations from the answer, their absence proves nothing."""
    account = Account(began_at={"web": NOW})
    account.last_operations["web"] = ["DELETE_STACK", "UPDATE_STACK"]
    state = state_of(account)
    shapes: Any = state.cloudformation.meta.service_model
    members = shapes._shape_resolver._shape_map["Stack"]["members"]
    monkeypatch.delitem(members, "LastOperations", raising=False)
    assert state.has_undone(NOW)
    assert not state.has_undone(NOW - timedelta(seconds=1))


def state_of(account: Account) -> StackState:
    """Return the state of a resource as an account tells it."""
    client: Any = account.client("cloudformation")
    return StackState(client, Deadline(lambda: 900_000, lambda _: None), "web", "Certificate")
