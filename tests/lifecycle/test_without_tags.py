"""Partitions that take no tags at an upload: they follow it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from dev.simulator.stack import Stack
from server_certificate.contract.ownership import STACK_ID_TAG

if TYPE_CHECKING:
    from collections.abc import Callable

    from dev.certificates.authority import Authority
    from dev.simulator.account import Account

UNSUPPORTED = (400, "UnsupportedOperation", "Tagging at creation is not supported.")
NO_TAGS = (400, "InvalidAction", "Could not find operation TagServerCertificate")


def keys(account: Account, name: str) -> set[str]:
    """Return the keys of a certificate's tags."""
    return {tag.key for tag in account.certificates.get(name).tags}


@pytest.mark.parametrize("name", [None, "www"])
def test_tags_follow_the_upload(
    account: Account,
    authority: Authority,
    properties: Callable[..., dict[str, Any]],
    name: str | None,
) -> None:
    """Where an upload takes no tags, the certificate is tagged after it, and then gets its name."""
    account.refuse["UploadServerCertificate"] = [UNSUPPORTED]
    stack = Stack(account)
    answer = stack.create(properties(authority.leaf(), ServerCertificateName=name))
    assert answer["Status"] == "SUCCESS"
    (stored,) = account.names()
    assert STACK_ID_TAG in keys(account, stored)
    assert name is None or stored == name
    assert stack.delete()["Status"] == "SUCCESS"
    assert account.names() == {}


@pytest.mark.parametrize("name", [None, "www"])
def test_rotation_where_tags_follow(
    account: Account,
    authority: Authority,
    properties: Callable[..., dict[str, Any]],
    name: str | None,
) -> None:
    """A renewal, its rollback and the one after that work as elsewhere."""
    stack = Stack(account)
    stack.create(properties(authority.leaf(), ServerCertificateName=name))
    before = account.names()
    for neighbor_fails in (True, False):
        account.refuse["UploadServerCertificate"] = [UNSUPPORTED]
        renewed = properties(authority.leaf(), ServerCertificateName=name)
        stack.update(renewed, neighbor_fails=neighbor_fails)
        assert (account.names() == before) is neighbor_fails
    assert list(account.names().values()) == [stack.physical_id]


def test_upload_without_tags_that_was_not_tagged_is_found_again(
    account: Account, authority: Authority, properties: Callable[..., dict[str, Any]]
) -> None:
    """After a crash between upload and tags, the name that depends on the stack tells whose it is."""
    stack = Stack(account)
    declared = properties(authority.leaf(), ServerCertificateName="www")
    first = stack.create(declared)
    name = "web-Certificate-1A2B3C4D-eu-central-1-"
    account.certificates.untag("www", list(keys(account, "www")))
    stack.update(properties(authority.leaf(), ServerCertificateName="www"), neighbor_fails=True)
    # Moved aside without tags, and back again.
    assert account.names() == {"www": first["PhysicalResourceId"]}
    assert not any(each.startswith(name) for each in account.names())


def test_where_tags_are_impossible_nothing_is_managed(
    account: Account, authority: Authority, properties: Callable[..., dict[str, Any]]
) -> None:
    """Without tags nobody knows whose a certificate is: the creation fails, and leaves nothing."""
    account.refuse["UploadServerCertificate"] = [UNSUPPORTED]
    account.refuse["TagServerCertificate"] = [NO_TAGS] * 9
    answer = Stack(account).create(properties(authority.leaf(), ServerCertificateName="www"))
    assert answer["Status"] == "FAILED"
    assert "TagServerCertificate" in answer["Reason"]
    assert account.names() == {}


@pytest.mark.parametrize(("partition", "status"), [("aws", "FAILED"), ("aws-iso", "SUCCESS")])
def test_codes_that_mean_something_else_here(
    account: Account,
    authority: Authority,
    properties: Callable[..., dict[str, Any]],
    partition: str,
    status: str,
) -> None:
    """A ValidationError is what it says, but for the partitions that are said to answer so."""
    account.refuse["UploadServerCertificate"] = [(400, "ValidationError", "Tags")]
    stack = Stack(account)
    stack.stack_id = stack.stack_id.replace("arn:aws:", f"arn:{partition}:")
    assert stack.create(properties(authority.leaf()))["Status"] == status


def test_real_denial_is_one_everywhere(
    account: Account, authority: Authority, properties: Callable[..., dict[str, Any]]
) -> None:
    """AccessDenied that names the permission is not taken for a missing feature."""
    message = "User: x is not authorized to perform: iam:UploadServerCertificate"
    account.refuse["UploadServerCertificate"] = [(403, "AccessDenied", message)] * 5
    stack = Stack(account)
    stack.stack_id = stack.stack_id.replace("arn:aws:", "arn:aws-iso-b:")
    answer = stack.create(properties(authority.leaf()))
    assert answer["Status"] == "FAILED"
    assert "iam:UploadServerCertificate" in answer["Reason"]
