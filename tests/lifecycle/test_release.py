"""An adopted certificate outlives the stack, as long as the template sets ``Adopt``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from dev.simulator.stack import Stack
from support.adopting import ADOPTING, RELEASED, store, tags_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from dev.certificates.authority import Authority, Issued
    from dev.simulator.account import Account
    from local_cloud.iam.store import ServerCertificate

    Properties = Callable[..., dict[str, Any]]

REFUSED = (409, "LimitExceeded", "no more")
INVENTED = "web-Certificate-1ABCDEFGHIJK2"


@pytest.fixture
def leaf(authority: Authority) -> Issued:
    """Return a certificate."""
    return authority.leaf()


@pytest.fixture
def theirs(account: Account, leaf: Issued) -> ServerCertificate:
    """Store the certificate outside of any stack."""
    return store(account, leaf)


@pytest.fixture
def stack(
    account: Account, theirs: ServerCertificate, leaf: Issued, properties: Properties
) -> Stack:
    """Return a stack that has adopted it."""
    stack = Stack(account)
    assert stack.create(properties(leaf, **ADOPTING))["PhysicalResourceId"] == theirs.certificate_id
    return stack


@pytest.fixture
def adopting_update(
    account: Account,
    authority: Authority,
    leaf: Issued,
    properties: Properties,
) -> tuple[Stack, dict[str, Any]]:
    """Return a stack that holds a certificate of its own, and properties that adopt theirs."""
    stack = Stack(account)
    stack.create(properties(authority.leaf()))
    return stack, properties(leaf, **ADOPTING)


def is_released(account: Account, theirs: ServerCertificate) -> bool:
    """Return whether it is unchanged, except for the declared tags in addition to its own."""
    left = account.certificates.get("www")
    return (left.certificate_id, left.path, tags_of(account)) == (
        theirs.certificate_id,
        theirs.path,
        RELEASED,
    )


def roll_creation_back(stack: Stack, physical_id: str) -> None:
    """Send the Delete of a creation that is rolled back."""
    stack.status = "ROLLBACK_IN_PROGRESS"
    stack.state = (physical_id, "CREATE_FAILED")
    answer = stack.send(
        "Delete",
        PhysicalResourceId=physical_id,
        ResourceProperties=stack.events[0]["ResourceProperties"],
    )
    assert answer["Status"] == "SUCCESS", answer


@pytest.mark.parametrize(
    "status",
    [
        pytest.param("CREATE_COMPLETE", id="a nested stack that is new in a failed parent"),
        pytest.param("CREATE_FAILED", id="a failed creation with rollback off, destroyed then"),
        pytest.param("CREATE_IN_PROGRESS", id="OnFailure=DELETE"),
        pytest.param("UPDATE_COMPLETE", id="a stack that has lived for years"),
        pytest.param("ROLLBACK_FAILED", id="a rollback that has failed"),
        pytest.param("UPDATE_ROLLBACK_FAILED", id="a rollback of an update that has failed"),
    ],
)
def test_deletion_of_the_stack(
    account: Account, theirs: ServerCertificate, stack: Stack, status: str
) -> None:
    """Whatever the stack came to before it is deleted."""
    stack.status = status
    assert stack.delete()["Status"] == "SUCCESS"
    assert is_released(account, theirs)


def test_rollback_of_the_creation(
    account: Account, theirs: ServerCertificate, stack: Stack
) -> None:
    """Another resource has failed; and a second Delete does nothing more."""
    for _ in range(2):
        roll_creation_back(stack, stack.physical_id)
        assert is_released(account, theirs)


@pytest.mark.parametrize("retain", ["true", "false"])
@pytest.mark.parametrize("physical_id", ["not-created-", INVENTED])
def test_creation_that_died_before_its_answer(
    account: Account,
    theirs: ServerCertificate,
    leaf: Issued,
    properties: Properties,
    physical_id: str,
    retain: str,
) -> None:
    """A Delete by an id that CloudFormation invented, or of a failed Create, releases, too."""
    stack = Stack(account)
    stack.send("Create", ResourceProperties=properties(leaf, **ADOPTING, Retain=retain))
    if physical_id == "not-created-":
        physical_id += stack.events[0]["RequestId"]
    roll_creation_back(stack, physical_id)
    assert is_released(account, theirs)


@pytest.mark.parametrize("by_deletion_alone", [False, True])
def test_rollback_of_an_adopting_update(
    account: Account,
    theirs: ServerCertificate,
    adopting_update: tuple[Stack, dict[str, Any]],
    *,
    by_deletion_alone: bool,
) -> None:
    """The one from before holds again, with or without an Update that says so."""
    stack, adopting = adopting_update
    held = stack.physical_id
    stack._cloudformation.roll_back_by_deletion = by_deletion_alone
    stack.update(adopting, neighbor_fails=True)
    assert stack.physical_id == held
    assert is_released(account, theirs)
    assert len(account.names()) == 2


def test_adopting_update_that_died(
    account: Account, theirs: ServerCertificate, adopting_update: tuple[Stack, dict[str, Any]]
) -> None:
    """CloudFormation was told of nothing, so the Update of the rollback looks for it."""
    stack, adopting = adopting_update
    stack.status = "UPDATE_IN_PROGRESS"
    stack.send_update(adopting)
    stack.status = "UPDATE_ROLLBACK_IN_PROGRESS"
    back = stack.send(
        "Update",
        PhysicalResourceId=stack.physical_id,
        ResourceProperties=stack.properties,
        OldResourceProperties=adopting,
    )
    assert back["PhysicalResourceId"] == stack.physical_id
    assert is_released(account, theirs)


def test_late_delete_of_a_failed_adoption(
    account: Account, theirs: ServerCertificate, adopting_update: tuple[Stack, dict[str, Any]]
) -> None:
    """When the stack rests, nobody waits for it, and the next one to adopt finds it as it is."""
    stack, adopting = adopting_update
    account.refuse["UntagServerCertificate"] = [REFUSED] * 3
    stack.update(adopting, neighbor_fails=True)
    assert stack.deliver(stack.events[-1])["Status"] == "SUCCESS"
    assert account.names()["www"] == theirs.certificate_id


def test_late_delete_of_a_failed_adoption_in_the_next_clean_up(
    account: Account, theirs: ServerCertificate, adopting_update: tuple[Stack, dict[str, Any]]
) -> None:
    """The update that is cleaned up then has replaced nothing that was adopted."""
    stack, adopting = adopting_update
    account.refuse["UntagServerCertificate"] = [REFUSED] * 3
    stack.update(adopting, neighbor_fails=True)
    stack.status = "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"
    assert stack.deliver(stack.events[-1])["Status"] == "SUCCESS"
    assert account.names()["www"] == theirs.certificate_id


def test_late_delete_when_it_was_adopted_anew(
    account: Account, stack: Stack, leaf: Issued, properties: Properties
) -> None:
    """Neither the same resource nor another stack loses what it has adopted since."""
    roll_creation_back(stack, stack.physical_id)
    late = stack.events[-1]
    for heir in (stack, Stack(account, name="second")):
        account.certificates.untag("www", list(tags_of(account)))
        heir.create(properties(leaf, **ADOPTING))
        held = account.certificates.get("www")
        for status in ("UPDATE_ROLLBACK_IN_PROGRESS", "DELETE_COMPLETE"):
            stack.status = status
            assert stack.deliver(late)["Status"] == "SUCCESS"
            assert account.certificates.get("www") == held


@pytest.mark.parametrize("before", ["first", "last"])
def test_release_that_fails_is_repeated(
    account: Account, theirs: ServerCertificate, stack: Stack, before: str
) -> None:
    """The Delete fails, and the next one takes our tags off; nothing depends on the first."""
    account.refuse["UntagServerCertificate"] = [REFUSED]
    if before == "last":
        account.lose_answer["UntagServerCertificate"] = REFUSED
        account.refuse.clear()
    assert stack.delete()["Status"] == "FAILED"
    assert stack.delete()["Status"] == "SUCCESS"
    assert is_released(account, theirs)


def test_removal_of_the_resource(account: Account, theirs: ServerCertificate, stack: Stack) -> None:
    """It goes out of the template, Adopt and all: the Delete has the properties from before."""
    stack.status = "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"
    stack.send("Delete", PhysicalResourceId=stack.physical_id, ResourceProperties=stack.properties)
    assert is_released(account, theirs)


def test_without_adopt_in_the_template_it_is_the_stacks_own(
    account: Account, stack: Stack, leaf: Issued, properties: Properties
) -> None:
    """Taken out in a deployment of its own, and then deleted with the stack."""
    answer = stack.update(properties(leaf, **ADOPTING | {"Adopt": None}))
    assert answer["Status"] == "SUCCESS"
    stack.delete()
    assert account.names() == {}


def test_taking_adopt_out_is_rolled_back(
    account: Account,
    theirs: ServerCertificate,
    stack: Stack,
    leaf: Issued,
    properties: Properties,
) -> None:
    """The template from before holds, and with it that it was there before."""
    stack.update(properties(leaf, **ADOPTING | {"Adopt": None}), neighbor_fails=True)
    stack.delete()
    assert is_released(account, theirs)


def test_rotation_deletes_it(
    account: Account, stack: Stack, authority: Authority, properties: Properties
) -> None:
    """What new content has replaced in an update that succeeds goes with its clean-up."""
    stack.update(properties(authority.leaf(), **ADOPTING))
    assert account.names() == {"www": stack.physical_id}
    stack.delete()
    assert account.names() == {}


@pytest.mark.parametrize("by_deletion_alone", [False, True])
def test_rotation_that_is_rolled_back_keeps_it(
    account: Account,
    theirs: ServerCertificate,
    stack: Stack,
    authority: Authority,
    properties: Properties,
    *,
    by_deletion_alone: bool,
) -> None:
    """It has its name again, and goes as it came."""
    stack._cloudformation.roll_back_by_deletion = by_deletion_alone
    stack.update(properties(authority.leaf(), **ADOPTING), neighbor_fails=True)
    assert account.names() == {"www": theirs.certificate_id}
    stack.delete()
    assert is_released(account, theirs)


def test_rename_keeps_it(
    account: Account, theirs: ServerCertificate, stack: Stack, leaf: Issued, properties: Properties
) -> None:
    """It stays under the name that the stack has given it last."""
    stack.update(properties(leaf, **ADOPTING | {"ServerCertificateName": "shop"}))
    stack.delete()
    assert account.names() == {"shop": theirs.certificate_id}
    assert tags_of(account, "shop") == RELEASED


def test_adoption_that_nobody_has_released(
    account: Account,
    theirs: ServerCertificate,
    stack: Stack,
    authority: Authority,
    properties: Properties,
) -> None:
    """A leftover of an event that failed is nobody's: the name is taken, and nothing is moved."""
    stack.state = (INVENTED, "DELETE_COMPLETE")
    answer = stack.create(properties(authority.leaf(), **ADOPTING | {"Adopt": None}))
    assert answer["Status"] == "FAILED"
    assert "its tags don't name a stack as its owner" in answer["Reason"]
    assert is_released(account, theirs)


@pytest.mark.parametrize("status", ["DELETE_IN_PROGRESS", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"])
def test_sweep_releases_a_leftover(
    account: Account,
    theirs: ServerCertificate,
    stack: Stack,
    authority: Authority,
    properties: Properties,
    status: str,
) -> None:
    """The Delete of another certificate of the resource finds it, and deletes it not."""
    second = stack.send("Create", ResourceProperties=properties(authority.leaf()))
    stack.status = status
    stack.state = (INVENTED, "UPDATE_COMPLETE")
    named = properties(authority.leaf(), **ADOPTING)
    stack.send("Delete", PhysicalResourceId=second["PhysicalResourceId"], ResourceProperties=named)
    assert is_released(account, theirs)
    assert len(account.names()) == 1


def test_nothing_but_the_template_is_asked(account: Account, stack: Stack) -> None:
    """Neither a clock nor the list of operations decides: only these calls are made."""
    account.calls.clear()
    stack.delete()
    assert set(account.calls) == {
        "DescribeStacks",
        "ListStackResources",
        "ListServerCertificates",
        "GetServerCertificate",
        "UntagServerCertificate",
    }
