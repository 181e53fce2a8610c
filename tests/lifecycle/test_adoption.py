"""Adoption: what is there already becomes the stack's own, and goes back when that comes to nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives import hashes

from dev.simulator.stack import Stack
from local_cloud.iam.tags import Tag
from server_certificate import pem
from server_certificate.contract.ownership import (
    OWNERSHIP_PREFIX,
    REQUEST_ID_TAG,
    STACK_ID_TAG,
    Provenance,
)
from server_certificate.material import PrivateKey, PublicMaterial
from server_certificate.rules.tags import MAX_TAGS
from server_certificate_handler.adoption import Adoption
from server_certificate_handler.deadline import Deadline
from server_certificate_handler.errors import IamRefusedError
from server_certificate_handler.iam_store import IamStore
from server_certificate_handler.journal import Journal
from server_certificate_handler.lifecycle import Retag

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from dev.certificates.authority import Authority, Issued
    from dev.simulator.account import Account
    from local_cloud.iam.store import ServerCertificate

    Properties = Callable[..., dict[str, Any]]

THEIRS = (Tag("Team", "them"), Tag("cost-centre", "42"))
OURS = [{"Key": "team", "Value": "edge"}, {"Key": "tier", "Value": "1"}]
EDGE = {"ServerCertificateName": "www", "Path": "/edge/", "Tags": OURS, "Adopt": "true"}
NO_TAGS = (400, "UnsupportedOperation", "Tags are not supported")
LOST = (500, "ServiceFailure", "The request processing has failed")


def store(account: Account, issued: Issued, *, tags: Iterable[Tag] = THEIRS) -> ServerCertificate:
    """Store a certificate as somebody does who knows nothing of any stack."""
    return account.certificates.upload(
        "www",
        path="/theirs/",
        body=issued.pem,
        chain=issued.chain_pem(),
        private_key=issued.key_pem(),
        tags=tuple(tags),
    )


def tags_of(account: Account, name: str = "www") -> dict[str, str]:
    """Return all tags of a certificate."""
    return {tag.key: tag.value for tag in account.certificates.get(name).tags}


def users_tags(account: Account, name: str = "www") -> dict[str, str]:
    """Return its tags that are not the construct's own."""
    tags = tags_of(account, name)
    return {key: value for key, value in tags.items() if not key.startswith(OWNERSHIP_PREFIX)}


def roll_creation_back(stack: Stack, properties: dict[str, Any], physical_id: str) -> None:
    """Send the Delete of a creation that is rolled back."""
    stack.status = "ROLLBACK_IN_PROGRESS"
    answer = stack.send("Delete", PhysicalResourceId=physical_id, ResourceProperties=properties)
    assert answer["Status"] == "SUCCESS", answer


def test_keeps_the_id_and_reads_no_key(
    account: Account, authority: Authority, properties: Properties
) -> None:
    """What is there answers with its id under the declared path and tags; its own tags stay beside."""
    leaf = authority.leaf()
    theirs = store(account, leaf)
    stack = Stack(account)
    answer = stack.create(properties(leaf, **EDGE))
    assert answer["PhysicalResourceId"] == theirs.certificate_id
    assert answer["Data"]["Arn"].endswith(":server-certificate/edge/www")
    assert users_tags(account) == {"team": "edge", "tier": "1", "cost-centre": "42"}
    assert tags_of(account)[STACK_ID_TAG] == stack.stack_id
    assert not {"GetSecretValue", "UploadServerCertificate"} & set(account.calls)


def test_encoding_is_no_content(
    account: Account, authority: Authority, properties: Properties
) -> None:
    """Line ends and text around the blocks don't keep a certificate from being adopted."""
    leaf = authority.leaf()
    theirs = store(account, leaf)
    text = "subject=www\r\n" + leaf.pem.replace("\n", "\r\n")
    answer = Stack(account).create(properties(leaf, **EDGE, Certificate={"Text": text}))
    assert answer["PhysicalResourceId"] == theirs.certificate_id


def test_expired_certificate_is_adopted(
    account: Account, authority: Authority, properties: Properties
) -> None:
    """Validity is judged for an upload only: what is there can be managed, and renewed."""
    leaf = authority.leaf()
    theirs = store(account, leaf)
    stack = Stack(account, now=leaf.certificate.not_valid_after_utc.replace(year=2090))
    assert stack.create(properties(leaf, **EDGE))["PhysicalResourceId"] == theirs.certificate_id


def test_consumers_are_not_waited_for_when_the_arn_stays(
    account: Account, authority: Authority, properties: Properties
) -> None:
    """Nothing has to become known to them: they have it already; a new path they have not."""
    leaf = authority.leaf()
    store(account, leaf)
    stack = Stack(account)
    stack.create(properties(leaf, **EDGE | {"Path": "/theirs/"}, PropagationSeconds="25"))
    assert stack.context.slept == []
    stack.update(properties(leaf, **EDGE, PropagationSeconds="25"))
    assert stack.context.slept == [25]


def test_nothing_there_is_an_upload(
    account: Account, authority: Authority, properties: Properties
) -> None:
    """Under a name that is free a certificate is uploaded as ever, and deleted in a rollback."""
    stack = Stack(account)
    declared = properties(authority.leaf(), **EDGE)
    answer = stack.create(declared)
    assert account.names() == {"www": answer["PhysicalResourceId"]}
    assert Adoption.of(tags_of(account)) is None
    roll_creation_back(stack, declared, answer["PhysicalResourceId"])
    assert account.names() == {}


def test_without_the_property_the_way_is_told(
    account: Account, authority: Authority, properties: Properties
) -> None:
    """A name that is taken is an error as ever; that it could be adopted is said when it could."""
    leaf = authority.leaf()
    theirs = store(account, leaf)
    same = Stack(account).create(properties(leaf, ServerCertificateName="www"))
    other = Stack(account).create(properties(authority.leaf(), ServerCertificateName="www"))
    for answer in (same, other):
        assert answer["Status"] == "FAILED"
        assert f"'www' is taken by the certificate {theirs.certificate_id}" in answer["Reason"]
    assert "with adopt_existing=True it is taken over as it is" in same["Reason"]
    assert "adopt_existing" not in other["Reason"]
    assert account.certificates.get("www") == theirs


def test_other_leaf_is_told_with_both_fingerprints(
    account: Account, authority: Authority, properties: Properties
) -> None:
    """What has another content is left as it is, with what differs and the way there."""
    theirs = store(account, authority.leaf())
    leaf = authority.leaf()
    answer = Stack(account).create(properties(leaf, **EDGE))
    assert answer["Status"] == "FAILED"
    fingerprint = leaf.certificate.fingerprint(hashes.SHA256()).hex(":").upper()
    assert f"the declared one {fingerprint}" in answer["Reason"]
    assert "deploy, and give the new ones in the deployment after that" in answer["Reason"]
    assert account.certificates.get("www") == theirs


def test_other_chain_is_told_with_both_chains(
    account: Account, authority: Authority, properties: Properties
) -> None:
    """A chain with the root is another content than one without."""
    leaf = authority.leaf()
    shorter = leaf.chain_pem(root=False)
    theirs = account.certificates.upload(
        "www", body=leaf.pem, chain=shorter, private_key=leaf.key_pem()
    )
    answer = Stack(account).create(properties(leaf, **EDGE))
    assert "its leaf is the declared one, but its chain is" in answer["Reason"]
    assert account.certificates.get("www") == theirs


def test_another_stacks_certificate_is_not_adopted(
    account: Account, authority: Authority, properties: Properties
) -> None:
    """What a stack owns stays its own; what a stack that is gone has left can be freed by hand."""
    leaf = authority.leaf()
    owner = Stack(account, name="first")
    owner.create(properties(leaf, **EDGE))
    held = account.certificates.get("www")
    answer = Stack(account, name="second").create(properties(leaf, **EDGE))
    assert answer["Status"] == "FAILED"
    assert owner.stack_id in answer["Reason"]
    assert f"remove its tag '{STACK_ID_TAG}'" in answer["Reason"]
    assert account.certificates.get("www") == held
    account.certificates.untag("www", [STACK_ID_TAG])
    heir = Stack(account, name="third")
    assert heir.create(properties(leaf, **EDGE))["PhysicalResourceId"] == held.certificate_id


def test_no_room_for_tags_is_told(
    account: Account, authority: Authority, properties: Properties
) -> None:
    """No tag of theirs is given up for one of ours."""
    leaf = authority.leaf()
    theirs = store(account, leaf, tags=[Tag(f"key-{number}", "") for number in range(MAX_TAGS - 4)])
    answer = Stack(account).create(properties(leaf, **EDGE))
    assert answer["Status"] == "FAILED"
    assert "it would have 54; IAM takes 50. Remove 4 of its tags" in answer["Reason"]
    assert account.certificates.get("www") == theirs


def test_without_tags_nothing_is_adopted(
    account: Account, authority: Authority, properties: Properties
) -> None:
    """Where nothing could tell that it was there before, it stays somebody else's."""
    leaf = authority.leaf()
    theirs = store(account, leaf, tags=())
    account.refuse["TagServerCertificate"] = [NO_TAGS]
    answer = Stack(account).create(properties(leaf, **EDGE))
    assert answer["Status"] == "FAILED"
    assert "IAM takes no tags here" in answer["Reason"]
    assert account.certificates.get("www") == theirs


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


def test_creation_that_was_cancelled_meanwhile_is_undone(
    account: Account, authority: Authority, properties: Properties
) -> None:
    """A Delete that came before the first tag found nothing to give back; the Create does it."""
    leaf = authority.leaf()
    theirs = store(account, leaf)
    stack = Stack(account)

    def cancel() -> None:
        stack.state = ("web-Certificate-1ABCDEFGHIJK2", "DELETE_COMPLETE")

    account.afterwards["TagServerCertificate"] = cancel
    answer = stack.send("Create", ResourceProperties=properties(leaf, **EDGE))
    assert answer["Status"] == "FAILED"
    assert account.certificates.get("www") == theirs


def test_adoption_whose_answer_was_lost(
    account: Account, authority: Authority, properties: Properties
) -> None:
    """When the first tag took effect without an answer, the same event knows its own work."""
    leaf = authority.leaf()
    theirs = store(account, leaf)
    account.fail_after["UpdateServerCertificate"] = (0, 1, LOST)
    stack = Stack(account)
    declared = properties(leaf, **EDGE)
    assert stack.create(declared)["PhysicalResourceId"] == theirs.certificate_id
    again = stack.deliver(stack.events[0])
    assert again["PhysicalResourceId"] == theirs.certificate_id
    roll_creation_back(stack, declared, theirs.certificate_id)
    assert account.certificates.get("www") == theirs


def test_update_adopts_in_place_of_an_upload(
    account: Account, authority: Authority, properties: Properties
) -> None:
    """The certificate that the resource held goes with the clean-up."""
    stack = Stack(account)
    before = stack.create(properties(authority.leaf()))
    leaf = authority.leaf()
    theirs = store(account, leaf)
    answer = stack.update(properties(leaf, **EDGE))
    assert answer["PhysicalResourceId"] == theirs.certificate_id != before["PhysicalResourceId"]
    assert account.names() == {"www": theirs.certificate_id}


def test_update_delivered_again_takes_no_tag_of_theirs(
    account: Account, authority: Authority, properties: Properties
) -> None:
    """Tags of the template before were on another certificate: theirs of the same key stays."""
    stack = Stack(account)
    stack.create(properties(authority.leaf(), Tags=[{"Key": "cost-centre", "Value": "7"}]))
    leaf = authority.leaf()
    theirs = store(account, leaf)
    declared = properties(leaf, **EDGE)
    stack.status = "UPDATE_IN_PROGRESS"
    stack.send_update(declared)
    stack.deliver(stack.events[-1])
    assert users_tags(account)["cost-centre"] == "42"
    stack.status = "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS"
    stack.state = (str(stack.physical_id), "UPDATE_COMPLETE")
    stack.send("Delete", PhysicalResourceId=theirs.certificate_id, ResourceProperties=declared)
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


def test_update_that_is_overtaken_tags_nothing(
    account: Account, authority: Authority, properties: Properties
) -> None:
    """Whether it is still wanted is asked before: the rollback could adopt the same certificate."""
    stack = Stack(account)
    stack.create(properties(authority.leaf()))
    leaf = authority.leaf()
    theirs = store(account, leaf)

    def begin_rollback() -> None:
        stack.status = "UPDATE_ROLLBACK_IN_PROGRESS"

    stack.status = "UPDATE_IN_PROGRESS"
    account.afterwards["GetServerCertificate"] = begin_rollback
    account.calls.clear()
    assert stack.send_update(properties(leaf, **EDGE))["Status"] == "FAILED"
    assert "TagServerCertificate" not in account.calls
    assert account.certificates.get("www") == theirs


def test_update_that_comes_late_gives_nothing_back(
    account: Account, authority: Authority, properties: Properties
) -> None:
    """What another event has adopted, and CloudFormation holds, is not adopted in vain."""
    stack = Stack(account)
    stack.create(properties(authority.leaf()))
    leaf = authority.leaf()
    store(account, leaf)
    stack.status = "UPDATE_IN_PROGRESS"
    stack.send_update(properties(leaf, **EDGE))
    held = account.certificates.get("www")
    late = stack.deliver(stack.events[-1] | {"RequestId": "another"})
    assert late["Status"] == "FAILED"
    assert "which another event has adopted for this resource since" in late["Reason"]
    assert account.certificates.get("www") == held


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


def test_same_content_already_held_is_no_adoption(
    account: Account, authority: Authority, properties: Properties
) -> None:
    """Where nothing would be uploaded there is nothing to adopt, and the error says what to do."""
    stack = Stack(account)
    leaf = authority.leaf()
    stack.create(properties(leaf))
    theirs = store(account, leaf)
    answer = stack.update(properties(leaf, **EDGE))
    assert answer["Status"] == "FAILED"
    assert "declare it as a new ServerCertificate" in answer["Reason"]
    assert account.certificates.get("www") == theirs


def test_after_the_operation_it_is_deleted_with_the_stack(
    account: Account, authority: Authority, properties: Properties
) -> None:
    """Once its operation has succeeded it is the stack's own like any other."""
    leaf = authority.leaf()
    store(account, leaf)
    stack = Stack(account)
    stack.create(properties(leaf, **EDGE))
    assert stack.delete()["Status"] == "SUCCESS"
    assert account.names() == {}


def test_after_the_operation_it_is_removed_by_an_update(
    account: Account, authority: Authority, properties: Properties
) -> None:
    """The clean-up of an update that has succeeded deletes what it removes."""
    leaf = authority.leaf()
    store(account, leaf)
    stack = Stack(account)
    stack.create(properties(leaf, **EDGE))
    stack.status = "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"
    stack.send("Delete", PhysicalResourceId=stack.physical_id, ResourceProperties=stack.properties)
    assert account.names() == {}


def test_next_update_settles_it(
    account: Account, authority: Authority, properties: Properties
) -> None:
    """From then on nothing tells what it was before, a rollback leaves it to the stack."""
    leaf = authority.leaf()
    theirs = store(account, leaf)
    stack = Stack(account)
    stack.create(properties(leaf, **EDGE))
    assert Adoption.of(tags_of(account)) is not None
    renamed = properties(leaf, **EDGE | {"ServerCertificateName": "shop"})
    stack.update(renamed, neighbour_fails=True)
    assert stack.physical_id == theirs.certificate_id
    assert Adoption.of(tags_of(account)) is None
    stack.update(renamed)
    assert account.names() == {"shop": theirs.certificate_id}
    assert users_tags(account, "shop") == {"team": "edge", "tier": "1", "cost-centre": "42"}


@pytest.mark.parametrize("neighbour_fails", [False, True])
def test_rotation_after_adoption(
    account: Account, authority: Authority, properties: Properties, *, neighbour_fails: bool
) -> None:
    """Under one name the adopted certificate moves aside, and is deleted or comes back."""
    leaf = authority.leaf()
    theirs = store(account, leaf)
    stack = Stack(account)
    stack.create(properties(leaf, **EDGE))
    stack.update(properties(authority.leaf(), **EDGE), neighbour_fails=neighbour_fails)
    assert list(account.names()) == ["www"]
    assert (account.names()["www"] == theirs.certificate_id) is neighbour_fails


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


def test_delete_of_a_rollback_that_comes_late(
    account: Account, authority: Authority, properties: Properties
) -> None:
    """What was adopted anew since is not given back by the Delete of the time before."""
    leaf = authority.leaf()
    store(account, leaf)
    stack = Stack(account)
    declared = properties(leaf, **EDGE)
    stack.create(declared)
    roll_creation_back(stack, declared, str(stack.physical_id))
    late = stack.events[-1]
    stack.create(declared)
    held = account.certificates.get("www")
    stack.status = "UPDATE_ROLLBACK_IN_PROGRESS"
    assert stack.deliver(late)["Status"] == "SUCCESS"
    assert account.certificates.get("www") == held


@pytest.mark.parametrize(
    ("status", "changes"),
    [
        ("DELETE_COMPLETE", {}),
        ("UPDATE_ROLLBACK_IN_PROGRESS", {}),
        ("", {"ResourceProperties": {}}),
    ],
)
def test_delete_of_a_stack_before_that_comes_late(
    account: Account,
    authority: Authority,
    properties: Properties,
    status: str,
    changes: dict[str, Any],
) -> None:
    """What another stack has adopted since keeps its id, and is no more of the one that gave it back."""
    leaf = authority.leaf()
    store(account, leaf)
    first, second = Stack(account), Stack(account, name="second")
    declared = properties(leaf, **EDGE)
    first.create(declared)
    roll_creation_back(first, declared, str(first.physical_id))
    second.create(declared)
    held = account.certificates.get("www")
    first.status = status
    assert first.deliver(first.events[-1] | changes)["Status"] == "SUCCESS"
    assert account.certificates.get("www") == held


@pytest.mark.parametrize("adopt", ["true", "false"])
def test_leftover_of_an_adoption_goes_back_first(
    account: Account, authority: Authority, properties: Properties, adopt: str
) -> None:
    """What nobody gave back is no certificate of one's own: it is adopted anew, or left alone."""
    leaf = authority.leaf()
    theirs = store(account, leaf)
    stack = Stack(account)
    stack.create(properties(leaf, **EDGE))
    stack.state = ("web-Certificate-1ABCDEFGHIJK2", "DELETE_COMPLETE")
    answer = stack.create(properties(leaf, **EDGE | {"Adopt": adopt}))
    if adopt == "true":
        assert answer["PhysicalResourceId"] == theirs.certificate_id
        created = Adoption.of(tags_of(account))
        assert created is not None
        assert created.path == "/theirs/"
    else:
        assert "is taken by the certificate" in answer["Reason"]
        assert account.certificates.get("www") == theirs


@pytest.mark.parametrize("status", ["DELETE_IN_PROGRESS", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"])
def test_sweep_gives_a_leftover_back(
    account: Account, authority: Authority, properties: Properties, status: str
) -> None:
    """A Delete of another certificate of the resource finds it, and deletes it not."""
    leaf = authority.leaf()
    theirs = store(account, leaf)
    stack = Stack(account)
    stack.create(properties(leaf, **EDGE))
    second = stack.send("Create", ResourceProperties=properties(authority.leaf()))
    third = stack.send("Create", ResourceProperties=properties(authority.leaf()))
    held = third["PhysicalResourceId"]
    stack.state = (held, "UPDATE_COMPLETE")
    stack.status = status
    named = properties(authority.leaf(), ServerCertificateName="www")
    stack.send("Delete", PhysicalResourceId=second["PhysicalResourceId"], ResourceProperties=named)
    assert account.certificates.get("www") == theirs


def new_journal(account: Account, *held: str) -> Journal:
    """Begin an event, in an account where CloudFormation holds some certificates."""
    client: Any = account.client("iam")
    deadline = Deadline(lambda: 900_000, lambda _: None)
    return Journal(IamStore(client, deadline), "request", held.__contains__)


@pytest.mark.parametrize("what", ["is ours", "is held", "is another event's", "is nobody's"])
def test_undoing_looks_whose_it_is_by_then(
    account: Account, authority: Authority, what: str
) -> None:
    """Two events may adopt one certificate at the same moment, and only one of them is undone."""
    theirs = store(account, authority.leaf())
    journal = new_journal(account, *([theirs.certificate_id] if what == "is held" else []))
    before = journal.store.get("www")
    assert before is not None
    journal.adopt(Retag(before, Provenance(request_id="request").tags(), frozenset()))
    if what == "is another event's":
        account.certificates.tag("www", [Tag(REQUEST_ID_TAG, "another")])
    if what == "is nobody's":
        account.certificates.untag("www", [REQUEST_ID_TAG])
    left = account.certificates.get("www")
    journal.undo()
    assert account.certificates.get("www") == (theirs if what == "is ours" else left)


def test_what_was_found_there_is_no_upload_of_unknown_outcome(
    account: Account, authority: Authority
) -> None:
    """Another delivery of the event may have adopted it: undoing the upload does not delete it."""
    leaf = authority.leaf()
    public, key = PublicMaterial(leaf.certificate, leaf.chain()), leaf.key_pem()
    journal = new_journal(account)
    account.refuse["UploadServerCertificate"] = [LOST]
    (block,) = pem.parse(key).blocks
    with pytest.raises(IamRefusedError):
        journal.upload(
            name="www",
            path="/",
            public=public,
            private_key=PrivateKey(leaf.private_key, block),
            tags={},
        )
    marks = Provenance(request_id="request").tags() | Adoption(at=None).tags()
    store(account, leaf, tags=[Tag(key, value) for key, value in marks.items()])
    journal.undo()
    assert list(account.names()) == ["www"]


def test_adoption_needs_a_name(
    account: Account, authority: Authority, properties: Properties
) -> None:
    """Which certificate is meant must be said."""
    answer = Stack(account).create(properties(authority.leaf(), Adopt="true"))
    assert "give the name of the certificate that is to be adopted" in answer["Reason"]
