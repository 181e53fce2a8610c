"""Update: in place while the content is the same, a new certificate when it is not."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from dev.certificates.authority import DAY
from dev.simulator.stack import Stack
from local_cloud.iam.tags import Tag

if TYPE_CHECKING:
    from collections.abc import Callable

    from dev.certificates.authority import Authority
    from dev.simulator.account import Account
    from local_cloud.iam.store import ServerCertificate


def assert_same(after: ServerCertificate, before: ServerCertificate) -> None:
    """Compare two states of a certificate, whatever the order in which their tags were added."""
    assert sorted(after.tags, key=str) == sorted(before.tags, key=str)
    assert replace(after, tags=before.tags) == before


def tags_of(account: Account, name: str) -> dict[str, str]:
    """Return the tags that a user gave a certificate."""
    return {
        tag.key: tag.value
        for tag in account.certificates.get(name).tags
        if not tag.key.startswith("cdk-iam-server-certificate:")
    }


def test_rename_and_repath_keep_the_id(
    account: Account, authority: Authority, properties: Callable[..., dict[str, Any]]
) -> None:
    """Name and path change by one call, the id stays, the ARN follows."""
    stack = Stack(account)
    leaf = authority.leaf()
    created = stack.create(properties(leaf, ServerCertificateName="www"))
    account.calls.clear()
    answer = stack.update(properties(leaf, ServerCertificateName="shop", Path="/edge/"))
    assert answer["PhysicalResourceId"] == created["PhysicalResourceId"]
    assert answer["Data"]["Arn"].endswith(":server-certificate/edge/shop")
    assert account.names() == {"shop": created["PhysicalResourceId"]}
    stack_reads = ["ListStackResources", "DescribeStacks"]
    looks = ["GetServerCertificate", "GetServerCertificate"]
    assert account.calls == [
        *stack_reads,
        *looks,
        "UpdateServerCertificate",
        *stack_reads,
    ]


def test_generated_name_to_explicit_and_back(
    account: Account, authority: Authority, properties: Callable[..., dict[str, Any]]
) -> None:
    """A name may be given later and taken away again, always in place."""
    stack = Stack(account)
    leaf = authority.leaf()
    generated = stack.create(properties(leaf))["Data"]["ServerCertificateName"]
    stack.update(properties(leaf, ServerCertificateName="www"))
    assert account.names() == {"www": stack.physical_id}
    stack.update(properties(leaf))
    assert account.names() == {generated: stack.physical_id}


def test_tags_change_in_place_and_foreign_tags_stay(
    account: Account, authority: Authority, properties: Callable[..., dict[str, Any]]
) -> None:
    """Tags of the template follow it; a tag that somebody else set is theirs."""
    stack = Stack(account)
    leaf = authority.leaf()
    before = [{"Key": "team", "Value": "edge"}, {"Key": "stage", "Value": "test"}]
    stack.create(properties(leaf, ServerCertificateName="www", Tags=before))
    account.certificates.tag("www", [Tag("cost-centre", "42")])
    after = [{"Key": "team", "Value": "core"}, {"Key": "tier", "Value": "1"}]
    stack.update(properties(leaf, ServerCertificateName="www", Tags=after))
    assert tags_of(account, "www") == {"team": "core", "tier": "1", "cost-centre": "42"}


def test_other_encoding_is_no_change(
    account: Account, authority: Authority, properties: Callable[..., dict[str, Any]]
) -> None:
    """CRLF, text around, and a fullchain in one text are the same content."""
    stack = Stack(account)
    leaf = authority.leaf()
    created = stack.create(properties(leaf))
    account.calls.clear()
    text = "Bag Attributes\r\n" + leaf.fullchain_pem(root=True).replace("\n", "\r\n")
    answer = stack.update(properties(leaf, Certificate={"Text": text}, CertificateChain=None))
    assert answer["PhysicalResourceId"] == created["PhysicalResourceId"]
    assert "UploadServerCertificate" not in account.calls
    assert "UpdateServerCertificate" not in account.calls


def test_in_place_needs_neither_key_nor_validity(
    account: Account, authority: Authority, properties: Callable[..., dict[str, Any]]
) -> None:
    """A rename works when the secret is gone and the certificate expired: both concern uploads only."""
    stack = Stack(account)
    leaf = authority.leaf()
    stack.create(properties(leaf, ServerCertificateName="www"))
    renamed = properties(leaf, ServerCertificateName="shop")
    account.secrets.clear()
    stack.now = leaf.certificate.not_valid_after_utc + DAY
    assert stack.update(renamed)["Status"] == "SUCCESS"
    assert account.names() == {"shop": stack.physical_id}


@pytest.mark.parametrize("name", [None, "www"])
def test_other_content_is_a_new_certificate(
    account: Account,
    authority: Authority,
    properties: Callable[..., dict[str, Any]],
    name: str | None,
) -> None:
    """A renewed certificate gets a new id and the same explicit name; the old one is deleted after."""
    stack = Stack(account)
    created = stack.create(properties(authority.leaf(), ServerCertificateName=name))
    renewed = authority.leaf()
    answer = stack.update(properties(renewed, ServerCertificateName=name))
    assert answer["PhysicalResourceId"] != created["PhysicalResourceId"]
    (stored_name,) = account.names()
    assert account.names()[stored_name] == answer["PhysicalResourceId"]
    assert account.certificates.get(stored_name).material.body.strip() == renewed.pem.strip()
    assert stack.events[-1]["RequestType"] == "Delete"
    if name:
        assert stored_name == name


def test_old_certificate_is_there_until_clean_up(
    account: Account, authority: Authority, properties: Callable[..., dict[str, Any]]
) -> None:
    """Between the update and the clean-up both certificates exist: consumers move without a gap."""
    stack = Stack(account)
    before = properties(authority.leaf(), ServerCertificateName="www")
    created = stack.create(before)
    answer = stack.send(
        "Update",
        PhysicalResourceId=created["PhysicalResourceId"],
        ResourceProperties=properties(authority.leaf(), ServerCertificateName="www"),
        OldResourceProperties=before,
    )
    assert set(account.names().values()) == {
        created["PhysicalResourceId"],
        answer["PhysicalResourceId"],
    }
    assert account.names()["www"] == answer["PhysicalResourceId"]


@pytest.mark.parametrize("name", [None, "www"])
def test_rollback_brings_the_old_certificate_back(
    account: Account,
    authority: Authority,
    properties: Callable[..., dict[str, Any]],
    name: str | None,
) -> None:
    """After another resource fails, the old certificate gets its name back, without upload or key."""
    stack = Stack(account)
    created = stack.create(properties(authority.leaf(), ServerCertificateName=name))
    before = account.names()
    renewed = properties(authority.leaf(), ServerCertificateName=name)
    account.calls.clear()
    stack.update(renewed, neighbor_fails=True)
    assert stack.physical_id == created["PhysicalResourceId"]
    assert account.names() == before
    assert account.calls.count("UploadServerCertificate") == 1
    assert account.calls.count("GetSecretValue") == 1


def test_rotation_and_rename_at_once(
    account: Account, authority: Authority, properties: Callable[..., dict[str, Any]]
) -> None:
    """A new content under a new name leaves only that."""
    stack = Stack(account)
    stack.create(properties(authority.leaf(), ServerCertificateName="www"))
    stack.update(properties(authority.leaf(), ServerCertificateName="shop", Path="/edge/"))
    assert account.names() == {"shop": stack.physical_id}


def test_chain_change_is_another_content(
    account: Account, authority: Authority, properties: Callable[..., dict[str, Any]]
) -> None:
    """The chain cannot be changed in place either."""
    stack = Stack(account)
    leaf = authority.leaf()
    created = stack.create(properties(leaf))
    without_root = {"Text": leaf.chain_pem(root=False)}
    answer = stack.update(properties(leaf, CertificateChain=without_root))
    assert answer["PhysicalResourceId"] != created["PhysicalResourceId"]
    assert list(account.names().values()) == [answer["PhysicalResourceId"]]


def test_mismatched_key_changes_nothing(
    account: Account, authority: Authority, properties: Callable[..., dict[str, Any]]
) -> None:
    """A failed update answers with the old id and leaves IAM as it was."""
    stack = Stack(account)
    created = stack.create(properties(authority.leaf(), ServerCertificateName="www"))
    before = account.certificates.get("www")
    answer = stack.update(
        properties(authority.leaf().with_other_key(), ServerCertificateName="www")
    )
    assert answer["Status"] == "FAILED"
    assert answer["PhysicalResourceId"] == created["PhysicalResourceId"]
    assert account.certificates.get("www") == before
    assert len(account.names()) == 1


def turn_round(stack: Stack) -> Callable[[], None]:
    """Return what makes another resource of the stack fail at this moment."""

    def begin_rollback() -> None:
        stack.status = "UPDATE_ROLLBACK_IN_PROGRESS"

    return begin_rollback


def update_only(stack: Stack, properties: dict[str, Any]) -> dict[str, Any]:
    """Send an Update without what CloudFormation does after it."""
    return stack.send(
        "Update",
        PhysicalResourceId=stack.physical_id,
        ResourceProperties=properties,
        OldResourceProperties=stack.properties,
    )


@pytest.mark.parametrize("failing_move", [0, 1])
def test_failed_swap_is_undone(
    account: Account,
    authority: Authority,
    properties: Callable[..., dict[str, Any]],
    failing_move: int,
) -> None:
    """When a step of the swap under one name fails, the event itself leaves everything as before."""
    stack = Stack(account)
    stack.create(properties(authority.leaf(), ServerCertificateName="www"))
    before = account.certificates.get("www")
    fault = (500, "ServiceFailure", "The request processing has failed")
    account.fail_after["UpdateServerCertificate"] = (failing_move, 5, fault)
    answer = update_only(stack, properties(authority.leaf(), ServerCertificateName="www"))
    assert answer["Status"] == "FAILED"
    assert answer["PhysicalResourceId"] == stack.physical_id
    assert account.certificates.get("www") == before
    assert len(account.names()) == 1


def test_failed_change_in_place_is_undone(
    account: Account, authority: Authority, properties: Callable[..., dict[str, Any]]
) -> None:
    """When CloudFormation turns round meanwhile, name, path and tags are as before."""
    stack = Stack(account)
    leaf = authority.leaf()
    tags = [{"Key": "team", "Value": "edge"}, {"Key": "stage", "Value": "test"}]
    stack.create(properties(leaf, ServerCertificateName="www", Tags=tags))
    before = account.certificates.get("www")
    account.afterwards["TagServerCertificate"] = turn_round(stack)
    changed = [{"Key": "team", "Value": "core"}, {"Key": "tier", "Value": "1"}]
    answer = update_only(
        stack, properties(leaf, ServerCertificateName="shop", Path="/edge/", Tags=changed)
    )
    assert answer["Status"] == "FAILED"
    assert account.names() == {"www": stack.physical_id}
    assert_same(account.certificates.get("www"), before)


def test_rename_onto_a_taken_name_names_the_holder(
    account: Account, authority: Authority, properties: Callable[..., dict[str, Any]]
) -> None:
    """A rename onto somebody's name fails, and both certificates stay."""
    foreign = authority.leaf()
    account.certificates.upload("shop", body=foreign.pem, private_key=foreign.key_pem())
    stack = Stack(account)
    leaf = authority.leaf()
    stack.create(properties(leaf, ServerCertificateName="www"))
    before = account.names()
    answer = stack.update(properties(leaf, ServerCertificateName="shop"))
    assert "The name 'shop' is taken by" in answer["Reason"]
    assert account.names() == before


def test_certificate_deleted_behind_our_back_is_uploaded_anew(
    account: Account, authority: Authority, properties: Callable[..., dict[str, Any]]
) -> None:
    """An update of a certificate that somebody deleted makes it again."""
    stack = Stack(account)
    leaf = authority.leaf()
    stack.create(properties(leaf, ServerCertificateName="www"))
    account.certificates.delete("www")
    answer = stack.update(properties(leaf, ServerCertificateName="www", Path="/edge/"))
    assert answer["Status"] == "SUCCESS"
    assert account.names() == {"www": answer["PhysicalResourceId"]}


def test_certificate_renamed_behind_our_back_is_found_by_id(
    account: Account, authority: Authority, properties: Callable[..., dict[str, Any]]
) -> None:
    """A certificate that somebody renamed is found by its id and gets its name back."""
    stack = Stack(account)
    leaf = authority.leaf()
    stack.create(properties(leaf, ServerCertificateName="www"))
    account.certificates.update("www", new_name="moved-by-hand")
    stack.update(properties(leaf, ServerCertificateName="www", Path="/edge/"))
    assert account.names() == {"www": stack.physical_id}


def test_rename_waits_for_propagation(
    account: Account, authority: Authority, properties: Callable[..., dict[str, Any]]
) -> None:
    """Consumers must learn a new name as well as a new certificate; tags they need not."""
    stack = Stack(account)
    leaf = authority.leaf()
    stack.create(properties(leaf, ServerCertificateName="www"))
    renamed = properties(leaf, ServerCertificateName="shop", PropagationSeconds="25")
    stack.update(renamed)
    assert stack.context.slept == [25]
    stack.update({**renamed, "Tags": [{"Key": "team", "Value": "edge"}]})
    assert stack.context.slept == [25]


def test_key_among_certificates_is_refused_in_place_too(
    account: Account, authority: Authority, properties: Callable[..., dict[str, Any]]
) -> None:
    """Time makes no update fail, but a mistake in the text does."""
    stack = Stack(account)
    leaf = authority.leaf()
    stack.create(properties(leaf, ServerCertificateName="www"))
    with_key = {"Text": leaf.pem + leaf.key_pem()}
    answer = update_only(stack, properties(leaf, Certificate=with_key))
    assert answer["Status"] == "FAILED"
    assert "it is a private key" in answer["Reason"]


def test_failed_change_of_a_tags_case_is_undone(
    account: Account, authority: Authority, properties: Callable[..., dict[str, Any]]
) -> None:
    """'Team' and 'team' are two keys: the one goes, the other comes, and both are undone."""
    stack = Stack(account)
    leaf = authority.leaf()
    stack.create(
        properties(leaf, ServerCertificateName="www", Tags=[{"Key": "Team", "Value": "edge"}])
    )
    before = account.certificates.get("www")
    account.afterwards["TagServerCertificate"] = turn_round(stack)
    changed = [{"Key": "team", "Value": "core"}]
    answer = update_only(stack, properties(leaf, ServerCertificateName="www", Tags=changed))
    assert answer["Status"] == "FAILED"
    assert_same(account.certificates.get("www"), before)
