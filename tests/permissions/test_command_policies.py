"""The policies on the page about the command, really evaluated: each suffices, and needs each action."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from botocore.loaders import Loader

from permissions.command_uses import CASES, SPARED, USES
from permissions.declaring import actions_of
from permissions.operators import Operator

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from dev.certificates.authority import Issued
    from local_cloud import LocalCloud
    from permissions.command_uses import Missing
    from support.command import Ended

pytestmark = [pytest.mark.local_cloud, pytest.mark.xdist_group("permissions")]


@pytest.fixture(scope="module")
def account(cloud: LocalCloud, issue: Callable[[], Issued]) -> Iterator[Operator]:
    """Return the person whose account all tests share; the descriptions of services are read once."""
    loader = Loader()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("botocore.session.create_loader", lambda _: loader)
        yield Operator(cloud, issue)


@pytest.fixture
def operator(account: Operator, tmp_path: Path) -> Iterator[Operator]:
    """Return the person, who has a new certificate that a stack has left behind."""
    account.begin(tmp_path / "www")
    return account


def told_of(ended: Ended) -> str:
    """Return the output, without what the local cloud doesn't support."""
    lines = (*ended.out.splitlines(), *ended.err.splitlines())
    return "\n".join(line for line in lines if "The local cloud doesn't support" not in line)


@pytest.mark.parametrize("policy", USES)
def test_a_policy_suffices(operator: Operator, policy: str) -> None:
    """Every command that a policy is for works with it, and nothing is unknown or denied."""
    operator.may(policy)
    for command in USES[policy]:
        ended = operator.run(command)
        told = told_of(ended)
        assert ended.code == 0, told
        for word in ("denied", "can't be read", "unknown"):
            assert word not in told, command


@pytest.mark.parametrize("case", CASES, ids=lambda each: f"{each.policy}-{each.action}")
def test_an_action_is_needed(operator: Operator, case: Missing) -> None:
    """Without an action, the command fails with it, or reports what it can't read."""
    operator.may(case.policy, case.action)
    ended = operator.run(case.command)
    told = told_of(ended)
    assert ended.code == case.code, told
    assert (case.told or f"AWS denied {case.action}") in told
    assert not case.untold or case.untold not in told


@pytest.mark.parametrize(("policy", "missing", "command", "told"), SPARED)
def test_what_the_page_spares(
    operator: Operator, policy: str, missing: set[str], command: str, told: str
) -> None:
    """What the page says can be left out isn't needed for what it names."""
    operator.may(policy, *missing)
    ended = operator.run(command)
    assert ended.code == 0, told_of(ended)
    assert told in ended.out
    assert "AWS denied" not in told_of(ended)


def test_every_action_is_tried(account: Operator) -> None:
    """Each action of each policy has a case, and the policy for --consumers adds to the one of list."""
    granted = {
        (policy, action)
        for policy, statements in account.policies.items()
        for statement in statements
        for action in actions_of(statement)
    }
    of_list = {("list --consumers", action) for policy, action in granted if policy == "list"}
    assert account.policies.keys() == USES.keys()
    assert granted - of_list == {(case.policy, case.action) for case in CASES}
