"""A call that is repeated because its answer was lost: its certificate has left the name meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from local_cloud import Fault

if TYPE_CHECKING:
    from collections.abc import Callable

    from local_cloud import LocalCloud
    from permissions.declaring import Declaration
    from permissions.guarded import GuardedStack

pytestmark = [pytest.mark.local_cloud, pytest.mark.xdist_group("permissions")]


@pytest.mark.parametrize(
    ("action", "before", "after"),
    [
        ("UpdateServerCertificate", "www", "web"),
        ("DeleteServerCertificate", "web", "www renewed"),
    ],
)
def test_repeated_call_that_looks_denied_is_understood(
    action: str,
    before: str,
    after: str,
    cloud: LocalCloud,
    new_stack: Callable[..., GuardedStack],
    states: dict[str, Declaration],
) -> None:
    """IAM refuses what concerns a name that none has and no statement covers: the work was done."""
    stack = new_stack()
    stack.launch(states[before], step="creation")
    with cloud.knobs(faults=[Fault(action, "lose-answer", nth=1, callers="all")]):
        stack.deploy(states[after], step=f"change with a lost answer to {action}")
    stack.remove(step="deletion of the stack")


def test_rollback_whose_move_back_lost_its_answer(
    cloud: LocalCloud,
    new_stack: Callable[..., GuardedStack],
    states: dict[str, Declaration],
) -> None:
    """The old policy is in force again, and knows nothing of the name that is left."""
    stack = new_stack()
    stack.launch(states["www"], step="creation")
    with cloud.knobs(
        faults=[Fault("UpdateServerCertificate", "lose-answer", nth=2, callers="all")]
    ):
        stack.deploy_in_vain(states["web"], step="rename that is rolled back")
    stack.remove(step="deletion of the stack")


def test_release_that_lost_its_answer(
    cloud: LocalCloud,
    new_stack: Callable[..., GuardedStack],
    states: dict[str, Declaration],
) -> None:
    """The old policy is in force, and what gave the right to the certificate were its tags."""
    stack = new_stack()
    declared = states["www"].adopting
    stack.launch(states["generated renewed"], step="creation")
    stack.store_by_hand(declared, path="/a/", tags={"team": "a", "stage": "test"})
    with cloud.knobs(faults=[Fault("UntagServerCertificate", "lose-answer", nth=1, callers="all")]):
        stack.deploy_in_vain(declared, step="adoption that is rolled back")
