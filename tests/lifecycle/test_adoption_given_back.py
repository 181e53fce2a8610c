"""What was adopted goes back as it was when the operation comes to nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from dev.simulator.stack import Stack
from server_certificate_handler.adoption import Adoption
from support.adopting import EDGE, roll_creation_back, store, tags_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from dev.certificates.authority import Authority
    from dev.simulator.account import Account

    Properties = Callable[..., dict[str, Any]]


def test_rollback_of_the_creation_gives_it_back(
    account: Account, authority: Authority, properties: Properties
) -> None:
    """Its path, its tags in their spelling, and nothing of ours; and again it deletes nothing."""
    leaf = authority.leaf()
    theirs = store(account, leaf)
    stack = Stack(account)
    declared = properties(leaf, **EDGE)
    stack.create(declared)
    for _ in range(2):
        roll_creation_back(stack, declared, theirs.certificate_id)
        assert account.certificates.get("www") == theirs


def test_deletion_of_the_stack_leaves_what_was_given_back(
    account: Account, authority: Authority, properties: Properties
) -> None:
    """A rollback may fail for another reason, and the stack is deleted with what it still lists."""
    leaf = authority.leaf()
    theirs = store(account, leaf)
    stack = Stack(account)
    declared = properties(leaf, **EDGE)
    stack.create(declared)
    roll_creation_back(stack, declared, theirs.certificate_id)
    assert stack.delete()["Status"] == "SUCCESS"
    assert account.certificates.get("www") == theirs


def test_rollback_does_not_depend_on_the_properties_of_the_delete(
    account: Account, authority: Authority, properties: Properties
) -> None:
    """The certificate itself says that it was there before, and that it is nobody's again."""
    leaf = authority.leaf()
    theirs = store(account, leaf)
    stack = Stack(account)
    stack.create(properties(leaf, **EDGE))
    for _ in range(2):
        roll_creation_back(stack, {}, theirs.certificate_id)
        assert account.certificates.get("www") == theirs


@pytest.mark.parametrize("retain", ["true", "false"])
@pytest.mark.parametrize("physical_id", ["not-created-", "web-Certificate-1ABCDEFGHIJK2"])
def test_function_that_died_before_its_answer(
    account: Account, authority: Authority, properties: Properties, physical_id: str, retain: str
) -> None:
    """A Delete by an id that CloudFormation invented, or of a failed Create, gives back, too."""
    leaf = authority.leaf()
    theirs = store(account, leaf)
    stack = Stack(account)
    declared = properties(leaf, **EDGE, Retain=retain)
    stack.send("Create", ResourceProperties=declared)
    if physical_id == "not-created-":
        physical_id += stack.events[0]["RequestId"]
    stack.state = (physical_id, "CREATE_FAILED")
    roll_creation_back(stack, declared, physical_id)
    assert account.certificates.get("www") == theirs


@pytest.mark.parametrize("action", ["TagServerCertificate", "UpdateServerCertificate"])
def test_failed_creation(
    account: Account, authority: Authority, properties: Properties, action: str
) -> None:
    """What the function has done before a call fails is given back by the Delete that follows."""
    leaf = authority.leaf()
    theirs = store(account, leaf)
    refused = (409, "LimitExceeded", "no more")
    account.refuse[action] = [refused]
    assert Stack(account).create(properties(leaf, **EDGE))["Status"] == "FAILED"
    assert account.certificates.get("www") == theirs


def test_rollback_of_the_update_gives_it_back(
    account: Account, authority: Authority, properties: Properties
) -> None:
    """The one from before holds again, and theirs is as it was."""
    stack = Stack(account)
    before = stack.create(properties(authority.leaf()))
    leaf = authority.leaf()
    theirs = store(account, leaf)
    stack.update(properties(leaf, **EDGE), neighbour_fails=True)
    assert stack.physical_id == before["PhysicalResourceId"]
    assert account.certificates.get("www") == theirs
    assert len(account.names()) == 2


def test_update_that_died_is_given_back_by_the_rollback(
    account: Account, authority: Authority, properties: Properties
) -> None:
    """CloudFormation was told of nothing, so the Update of the rollback looks for it."""
    stack = Stack(account)
    held = properties(authority.leaf())
    stack.create(held)
    leaf = authority.leaf()
    theirs = store(account, leaf)
    declared = properties(leaf, **EDGE)
    stack.status = "UPDATE_IN_PROGRESS"
    stack.send_update(declared)
    stack.status = "UPDATE_ROLLBACK_IN_PROGRESS"
    back = stack.send(
        "Update",
        PhysicalResourceId=stack.physical_id,
        ResourceProperties=held,
        OldResourceProperties=declared,
    )
    assert back["PhysicalResourceId"] == stack.physical_id
    assert account.certificates.get("www") == theirs


def test_rollback_does_not_give_it_the_name_from_before(
    account: Account, authority: Authority, properties: Properties
) -> None:
    """Where the certificate from before is gone, its content comes anew: theirs keeps its name."""
    stack = Stack(account)
    leaf = authority.leaf()
    held = properties(leaf, ServerCertificateName="shop")
    stack.create(held)
    account.certificates.delete("shop")
    theirs = store(account, leaf)
    account.began_at[stack.stack_id] = stack.now
    stack.update(properties(leaf, **EDGE), neighbour_fails=True)
    assert account.certificates.get("www") == theirs
    assert account.names()["shop"] == stack.physical_id


def test_rollback_brings_the_name_back_that_a_person_has_changed(
    account: Account, authority: Authority, properties: Properties
) -> None:
    """What was adopted before the operation is what held before it, under whatever name it is found."""
    leaf = authority.leaf()
    theirs = store(account, leaf)
    stack = Stack(account)
    declared = properties(leaf, **EDGE)
    stack.create(declared)
    account.certificates.update("www", new_name="by-hand")
    account.secrets.clear()
    account.began_at[stack.stack_id] = stack.now.replace(year=stack.now.year + 1)
    stack.status = "UPDATE_ROLLBACK_IN_PROGRESS"
    back = stack.send(
        "Update",
        PhysicalResourceId=theirs.certificate_id,
        ResourceProperties=declared,
        OldResourceProperties=declared,
    )
    assert back["PhysicalResourceId"] == theirs.certificate_id
    assert account.names() == {"www": theirs.certificate_id}


@pytest.mark.parametrize(
    ("operations", "is_given_back"),
    [
        (["DELETE_STACK", "ROLLBACK", "CREATE_STACK"], True),
        (["CREATE_STACK", "ROLLBACK", "DELETE_STACK"], True),
        (["DELETE_STACK", "CREATE_STACK"], False),
        ([], False),
    ],
)
def test_deletion_of_a_stack_whose_rollback_had_failed(
    account: Account,
    authority: Authority,
    properties: Properties,
    operations: list[str],
    *,
    is_given_back: bool,
) -> None:
    """The stack's last operation tells whether the adoption had ever come to its end."""
    leaf = authority.leaf()
    theirs = store(account, leaf)
    stack = Stack(account)
    declared = properties(leaf, **EDGE)
    stack.create(declared)
    stack.status = "DELETE_IN_PROGRESS"
    account.last_operations[stack.stack_id] = operations
    stack.send("Delete", PhysicalResourceId=theirs.certificate_id, ResourceProperties=declared)
    assert list(account.names().values()) == ([theirs.certificate_id] if is_given_back else [])
    if is_given_back:
        assert account.certificates.get("www") == theirs


def test_deletion_of_a_stack_gives_back_what_a_rollback_had_begun_to(
    account: Account, authority: Authority, properties: Properties
) -> None:
    """That it is to go back is noted first, so that it does not depend on what CloudFormation lists."""
    leaf = authority.leaf()
    theirs = store(account, leaf)
    stack = Stack(account)
    declared = properties(leaf, **EDGE)
    stack.create(declared)
    account.refuse["UntagServerCertificate"] = [(409, "LimitExceeded", "no more")]
    stack.status = "ROLLBACK_IN_PROGRESS"
    failed = stack.send(
        "Delete", PhysicalResourceId=theirs.certificate_id, ResourceProperties=declared
    )
    assert failed["Status"] == "FAILED"
    stack.delete()
    assert account.certificates.get("www") == theirs


def test_path_that_may_not_be_restored(
    account: Account, authority: Authority, properties: Properties
) -> None:
    """It fails once, since a later try may be allowed to, and says what to do; then all else goes back."""
    leaf = authority.leaf()
    theirs = store(account, leaf)
    stack = Stack(account)
    declared = properties(leaf, **EDGE)
    stack.create(declared)
    denied = (403, "AccessDenied", "not authorized to perform: iam:UpdateServerCertificate")
    stack.status = "ROLLBACK_IN_PROGRESS"
    delete = {"PhysicalResourceId": theirs.certificate_id, "ResourceProperties": declared}
    account.refuse["UpdateServerCertificate"] = [denied] * 10
    told = stack.send("Delete", **delete)
    assert told["Status"] == "FAILED"
    assert "--server-certificate-name www --new-path /theirs/" in told["Reason"]
    assert Adoption.of(tags_of(account)) is not None
    assert stack.send("Delete", **delete)["Status"] == "SUCCESS"
    left = account.certificates.get("www")
    assert (left.path, left.tags) == ("/edge/", theirs.tags)


def test_later_operation_that_failed_says_nothing_of_the_adoption(
    account: Account, authority: Authority, properties: Properties
) -> None:
    """What was adopted before the operation that was rolled back goes with the stack."""
    leaf = authority.leaf()
    store(account, leaf)
    stack = Stack(account)
    stack.create(properties(leaf, **EDGE))
    account.began_at[stack.stack_id] = stack.now.replace(year=stack.now.year + 1)
    account.last_operations[stack.stack_id] = ["ROLLBACK", "UPDATE_STACK"]
    stack.delete()
    assert account.names() == {}
