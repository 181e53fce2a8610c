"""Whole lives of a stack, which between them need every permission of the policy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from permissions.declaring import Declaration
    from permissions.guarded import GuardedStack


@dataclass(frozen=True)
class Life:
    """One life of a stack."""

    name: str
    live: Callable[[GuardedStack, dict[str, Declaration]], None]
    tags_at_upload: bool = True
    """Whether an upload takes tags in that cloud; where it doesn't, they follow."""


def _full(stack: GuardedStack, states: dict[str, Declaration]) -> None:
    stack.launch(states["www"], step="creation")
    stack.deploy(states["web"], step="rename and re-path")
    stack.deploy_in_vain(states["www"], step="rename and re-path that is rolled back")
    stack.deploy(states["web retagged"], step="retagging")
    stack.deploy(states["web renewed"], step="renewal under one name")
    stack.deploy_in_vain(states["web again"], step="renewal under one name, rolled back")
    stack.give_up(
        states["www renewed"],
        after="TagServerCertificate",
        step="rename and retagging that CloudFormation gives up",
    )
    stack.deploy(states["mail"], step="renewal to another name")
    stack.deploy(states["generated"], step="change to a generated name")
    stack.deploy(states["generated renewed"], step="renewal with generated names")
    stack.deploy(states["generated again"], step="renewal without clean-up", cleans_up=False)
    stack.remove(step="deletion of the stack")


def _untagged(stack: GuardedStack, states: dict[str, Declaration]) -> None:
    stack.launch(states["web"], step="creation")
    stack.untag_by_hand()
    stack.deploy(states["web retagged"], step="retagging of what was untagged by hand")
    stack.deploy(states["generated"], step="change to a generated name")
    stack.untag_by_hand()
    # Its name tells whose it is.
    stack.remove(step="deletion of what was untagged by hand")


def _tagged_later(stack: GuardedStack, states: dict[str, Declaration]) -> None:
    stack.launch(states["generated"], step="creation with tags that follow")
    stack.deploy(states["generated renewed"], step="renewal with tags that follow")
    stack.deploy(states["www"], step="renewal to a name, with tags that follow")
    stack.remove(step="deletion of what was tagged later")


def _adopted(stack: GuardedStack, states: dict[str, Declaration]) -> None:
    stack.launch(states["generated renewed"], step="creation")
    declared = states["www"].adopting
    stack.store_by_hand(declared, path="/a/", tags={"team": "a", "stage": "test"})
    # The policy is the one from before when it is released, and knows nothing of its name.
    stack.deploy_in_vain(declared, step="adoption that is rolled back")
    stack.deploy(declared, step="adoption")
    stack.deploy(states["web"], step="rename of what was adopted")
    stack.remove(step="deletion of what was adopted")


LIVES = (
    Life("from creation to deletion", _full),
    Life("with tags that somebody removes", _untagged),
    Life("with a certificate that was there before", _adopted),
    Life("where tags follow an upload", _tagged_later, tags_at_upload=False),
)
