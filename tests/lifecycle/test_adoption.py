"""Adoption: what is there already becomes the stack's own, and is from then on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives import hashes

from dev.simulator.stack import Stack
from local_cloud.iam.tags import Tag
from server_certificate.contract.ownership import STACK_ID_TAG
from server_certificate.rules.tags import MAX_TAGS
from server_certificate_handler.adoption import Adoption
from support.adopting import EDGE, roll_creation_back, store, tags_of, users_tags

if TYPE_CHECKING:
    from collections.abc import Callable

    from dev.certificates.authority import Authority
    from dev.simulator.account import Account

    Properties = Callable[..., dict[str, Any]]

NO_TAGS = (400, "UnsupportedOperation", "Tags are not supported")


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


def test_adoption_needs_a_name(
    account: Account, authority: Authority, properties: Properties
) -> None:
    """Which certificate is meant must be said."""
    answer = Stack(account).create(properties(authority.leaf(), Adopt="true"))
    assert "give the name of the certificate that is to be adopted" in answer["Reason"]
