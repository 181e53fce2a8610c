"""Adoptions that the function itself undoes: in the same event, or as a leftover of another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from dev.simulator.stack import Stack
from local_cloud.iam.tags import Tag
from server_certificate import pem
from server_certificate.contract.ownership import REQUEST_ID_TAG, Provenance
from server_certificate.material import PrivateKey
from server_certificate_handler.adoption import Adoption
from server_certificate_handler.deadline import Deadline
from server_certificate_handler.errors import IamRefusedError
from server_certificate_handler.iam_store import IamStore
from server_certificate_handler.journal import Journal
from server_certificate_handler.lifecycle import Retag
from support.adopting import EDGE, store, tags_of
from support.elements import public_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from dev.certificates.authority import Authority
    from dev.simulator.account import Account

    Properties = Callable[..., dict[str, Any]]

LOST = (500, "ServiceFailure", "The request processing has failed")


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
    public, key = public_of(leaf), leaf.key_pem()
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
