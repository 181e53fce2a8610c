"""The policy of the function's role, really evaluated: it suffices, and nothing of it is needless."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from permissions.declaring import permissions_of
from permissions.guarded import StepFailedError
from permissions.lives import LIVES

if TYPE_CHECKING:
    from collections.abc import Callable

    from local_cloud import LocalCloud
    from permissions.declaring import Declaration, Permission
    from permissions.guarded import GuardedStack
    from permissions.lives import Life

pytestmark = [pytest.mark.local_cloud, pytest.mark.xdist_group("permissions")]

NEEDED_BY_OTHERS = {
    "logs:CreateLogStream": "Lambda itself writes the function's log, with the role's rights",
    "logs:PutLogEvents": "Lambda itself writes the function's log, with the role's rights",
    "iam:ListServerCertificateTags": "IAM's user guide asks for it wherever tags are set",
}
"""Actions that the function does without, and who wants them."""

QUIET = {"cloudformation:DescribeStacks"}
"""Actions without which the function goes on, cautiously, so that no message tells of them."""


@pytest.mark.parametrize("life", LIVES, ids=lambda life: life.name)
def test_the_policy_suffices(
    life: Life,
    cloud: LocalCloud,
    new_stack: Callable[..., GuardedStack],
    states: dict[str, Declaration],
) -> None:
    """Every step of a life succeeds, and not one call is denied on the way."""
    stack = new_stack()
    with cloud.knobs(tag_on_create=life.tags_at_upload):
        life.live(stack, states)
    assert stack.guarded.denied == []


def test_nothing_of_the_policy_is_needless(
    subtests: pytest.Subtests,
    cloud: LocalCloud,
    new_stack: Callable[..., GuardedStack],
    states: dict[str, Declaration],
) -> None:
    """Without any statement, action or resource some step fails, and says which action is missing."""

    def lives_without(permission: Permission) -> GuardedStack | None:
        """Return the stack whose life has failed without a permission."""
        for life in LIVES:
            stack = new_stack(missing=permission)
            try:
                with cloud.knobs(tag_on_create=life.tags_at_upload):
                    life.live(stack, states)
            except StepFailedError:
                return stack
        return None

    for permission in permissions_of(states.values()):
        if NEEDED_BY_OTHERS.keys() >= set(permission.actions):
            continue
        with subtests.test(msg=str(permission)):
            assert not any("*" in action for action in permission.actions)
            stack = lives_without(permission)
            assert stack is not None, "no step of any life needs it"
            told = stack.complaints
            if permission.action in QUIET:
                told = "\n".join(stack.guarded.denied)
            assert any(action in told for action in permission.actions)


def test_what_others_need_is_in_the_policy(states: dict[str, Declaration]) -> None:
    """No exception outlives what it was made for."""
    granted = {
        action for permission in permissions_of(states.values()) for action in permission.actions
    }
    assert granted >= NEEDED_BY_OTHERS.keys() | QUIET
