"""What the tags and CloudFormation say about a certificate, as a table."""

from __future__ import annotations

import pytest

from server_certificate.contract.ownership import (
    ADOPTED_TAG,
    LOGICAL_ID_TAG,
    OWNERSHIP_PREFIX,
    RETAIN_TAG,
    STACK_ID_TAG,
)
from server_certificate_cli.aws.owner import OwningStack, other_manager
from server_certificate_cli.aws.ownership import (
    GONE,
    Ownership,
    StackView,
    State,
    UnreadableStack,
    ownership,
)

OURS = "ASCA" + "A" * 17
OTHER = "ASCA" + "B" * 17
STACK = "arn:aws:cloudformation:eu-central-1:111122223333:stack/web/0a1b2c3d"
ARN = "arn:aws:iam::111122223333:server-certificate/www"
TAGS = {STACK_ID_TAG: STACK, LOGICAL_ID_TAG: "Certificate"}
DONE = "UPDATE_COMPLETE"
HELD, ELSEWHERE, REPLACED = {"Certificate": OURS}, {"Moved": OURS}, {"Certificate": OTHER}


@pytest.mark.parametrize(
    ("status", "resources", "state"),
    [
        (DONE, HELD, State.CURRENT),
        (DONE, ELSEWHERE, State.CURRENT),
        ("UPDATE_IN_PROGRESS", HELD, State.CURRENT),
        ("UPDATE_ROLLBACK_FAILED", HELD, State.CURRENT),
        (DONE, REPLACED, State.LEFT_BEHIND),
        (DONE, {}, State.LEFT_BEHIND),
        ("ROLLBACK_COMPLETE", {}, State.LEFT_BEHIND),
        ("UPDATE_ROLLBACK_COMPLETE", REPLACED, State.LEFT_BEHIND),
        ("UPDATE_IN_PROGRESS", REPLACED, State.STACK_BUSY),
        ("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", REPLACED, State.STACK_BUSY),
        ("REVIEW_IN_PROGRESS", {}, State.STACK_BUSY),
        ("UPDATE_FAILED", REPLACED, State.STACK_BUSY),
        ("UPDATE_ROLLBACK_FAILED", REPLACED, State.STACK_BUSY),
        ("DELETE_FAILED", {}, State.STACK_BUSY),
        (GONE, {}, State.STACK_GONE),
        (GONE, HELD, State.STACK_GONE),
    ],
)
def test_states(status: str, resources: dict[str, str], state: State) -> None:
    """Only a stack at rest, whose last operation can't be continued, can have left something behind."""
    found = ownership(OURS, TAGS, StackView(status=status, resources=resources))
    assert found.state is state
    assert "web" in found.reason


def test_unreadable_stack() -> None:
    """A stack that can't be read makes the state unknown, with the reason."""
    found = ownership(OURS, TAGS, UnreadableStack("AWS denied it."))
    assert found == Ownership(state=State.UNKNOWN, reason="the stack web can't be read")


@pytest.mark.parametrize("tags", [{}, {"team": "edge"}, {LOGICAL_ID_TAG: "Certificate"}])
def test_without_an_owner(tags: dict[str, str]) -> None:
    """Tags that don't name a stack make it unmanaged."""
    assert ownership(OURS, tags, None).state is State.UNMANAGED


@pytest.mark.parametrize(
    ("tag", "value", "text"),
    [
        (RETAIN_TAG, "true", "stack gone, retained"),
        (RETAIN_TAG, "false", "stack gone"),
        (ADOPTED_TAG, "true", "stack gone, adopted"),
        (ADOPTED_TAG, "", "stack gone, adopted"),
    ],
)
def test_marks(tag: str, value: str, text: str) -> None:
    """The state for people has the marks of the tags."""
    assert ownership(OURS, {**TAGS, tag: value}, StackView(status=GONE)).text == text


@pytest.mark.parametrize(
    ("retained", "text"), [(OURS, "stack gone, retained"), ("x", "stack gone")]
)
def test_retained_by_cloudformation(retained: str, text: str) -> None:
    """What CloudFormation retained when it deleted the stack counts as retained, without a tag."""
    view = StackView(status=GONE, retained=frozenset({retained}))
    assert ownership(OURS, TAGS, view).text == text


def test_left_and_taken_again() -> None:
    """What a resource of the stack has is current, whatever another one did before."""
    view = StackView(
        status="UPDATE_COMPLETE", resources={"Certificate": OURS}, retained=frozenset({OURS})
    )
    assert ownership(OURS, TAGS, view).text == "current"


@pytest.mark.parametrize(
    ("stack_id", "region"),
    [
        (STACK, "eu-central-1"),
        (STACK.replace("eu-central-1", "us-gov-west-1"), "us-gov-west-1"),
        (STACK.replace("arn:aws:", "arn:aws-cn:"), None),
        (STACK.replace("111122223333", "444455556666"), None),
        ("web", None),
        (ARN, None),
        (f"{STACK}/x", None),
        (STACK.replace("eu-central-1", "evil.example.com"), None),
    ],
)
def test_region_of_a_stack(stack_id: str, region: str | None) -> None:
    """Only a stack in the certificate's partition and account can be asked for."""
    owner = OwningStack(stack_id=stack_id, logical_id="Certificate")
    assert owner.region_in_account_of(ARN) == region


@pytest.mark.parametrize(
    ("tags", "manager"),
    [
        ({"team": "edge", OWNERSHIP_PREFIX + "x": ""}, None),
        ({"aws:cloudformation:stack-name": "native"}, "the stack native"),
        ({"aws:something": "else"}, "an AWS service"),
    ],
)
def test_other_managers(tags: dict[str, str], manager: str | None) -> None:
    """Tags that only AWS can write show that something else manages a certificate."""
    assert other_manager(tags) == manager
