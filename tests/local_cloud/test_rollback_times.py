"""The knob that decides whether a rollback counts as an update of its stack."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from support.inline_functions import Stack

if TYPE_CHECKING:
    from local_cloud import LocalCloud

pytestmark = pytest.mark.local_cloud

FAILS = {
    "Resources": {
        "R": {
            "Type": "Custom::Missing",
            "Properties": {
                "ServiceToken": "arn:aws:lambda:eu-central-1:111122223333:function:missing"
            },
        }
    }
}


@pytest.mark.parametrize("moves", [False, True])
def test_the_rollback_of_a_creation(cloud: LocalCloud, *, moves: bool) -> None:
    """It sets the time if the knob says so, as the rollback of an update does."""
    stack = Stack(cloud)
    with cloud.knobs(rollback_moves_last_updated_time=moves):
        assert stack.create(FAILS) == "ROLLBACK_COMPLETE"
    assert ("LastUpdatedTime" in stack.described()) is moves
