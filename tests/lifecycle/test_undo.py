"""What undoing a failed event leaves alone, and what it does not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dev.simulator.stack import Stack
from server_certificate.contract.ownership import Provenance

if TYPE_CHECKING:
    from collections.abc import Callable

    from dev.certificates.authority import Authority
    from dev.simulator.account import Account

UNKNOWN_OUTCOME = (500, "ServiceFailure", "The request processing has failed")


def provenance(account: Account, name: str) -> Provenance:
    """Read the provenance of a certificate from its tags."""
    return Provenance.of({tag.key: tag.value for tag in account.certificates.get(name).tags})


def test_upload_of_unknown_outcome_under_a_foreign_name(
    account: Account, authority: Authority, properties: Callable[..., dict[str, Any]]
) -> None:
    """What has the name then may be somebody else's, who was there before."""
    foreign = authority.leaf()
    account.certificates.upload("www", body=foreign.pem, private_key=foreign.key_pem())
    before = account.names()
    account.refuse["UploadServerCertificate"] = [UNKNOWN_OUTCOME]
    stack = Stack(account)
    answer = stack.create(properties(authority.leaf(), ServerCertificateName="www"))
    assert "is taken by the certificate" in answer["Reason"]
    assert account.names() == before


def test_upload_of_unknown_outcome_that_took_effect(
    account: Account, authority: Authority, properties: Callable[..., dict[str, Any]]
) -> None:
    """An upload is noted before it is made: without an answer it is found, and deleted."""
    stack = Stack(account)
    stack.create(properties(authority.leaf(), ServerCertificateName="www"))
    before = account.names()

    def begin_rollback() -> None:
        stack.status = "UPDATE_ROLLBACK_IN_PROGRESS"

    stack.status = "UPDATE_IN_PROGRESS"
    account.afterwards["UploadServerCertificate"] = begin_rollback
    account.lose_answer["UploadServerCertificate"] = UNKNOWN_OUTCOME
    answer = stack.send_update(properties(authority.leaf(), ServerCertificateName="www"))
    assert answer["Status"] == "FAILED"
    assert account.names() == before


def cancel(stack: Stack) -> None:
    """Have CloudFormation give the creation up, with an id of its own."""
    stack.state = ("web-Certificate-1A2B3C", "CREATE_FAILED")


def test_upload_is_marked_before_it_is_deleted(
    account: Account, authority: Authority, properties: Callable[..., dict[str, Any]]
) -> None:
    """Another delivery of the event that looks meanwhile must not adopt what is about to go."""
    stack = Stack(account)
    marks = []
    account.afterwards["UploadServerCertificate"] = lambda: cancel(stack)
    account.afterwards["TagServerCertificate"] = lambda: marks.append(
        provenance(account, "www").discarded
    )
    answer = stack.send(
        "Create", ResourceProperties=properties(authority.leaf(), ServerCertificateName="www")
    )
    assert answer["Status"] == "FAILED"
    assert marks == [True]
    assert account.names() == {}


def test_upload_that_cloudformation_holds_by_then_stays(
    account: Account, authority: Authority, properties: Callable[..., dict[str, Any]]
) -> None:
    """Another delivery may have answered with it before it was marked."""
    stack = Stack(account)

    def accept() -> None:
        stack.state = (account.names()["www"], "CREATE_COMPLETE")

    account.afterwards["UploadServerCertificate"] = lambda: cancel(stack)
    account.afterwards["TagServerCertificate"] = accept
    stack.send(
        "Create", ResourceProperties=properties(authority.leaf(), ServerCertificateName="www")
    )
    assert list(account.names()) == ["www"]
    assert not provenance(account, "www").discarded


def test_move_is_taken_back_from_the_certificate_that_was_moved_only(
    account: Account, authority: Authority, properties: Callable[..., dict[str, Any]]
) -> None:
    """What has the new name by then may be somebody else's; the rollback finds the certificate itself."""
    stack = Stack(account)
    leaf, foreign = authority.leaf(), authority.leaf()
    stack.create(properties(leaf, ServerCertificateName="www"))

    def take_over() -> None:
        stack.status = "UPDATE_ROLLBACK_IN_PROGRESS"
        account.certificates.update("shop", new_name="by-hand")
        account.certificates.upload("shop", body=foreign.pem, private_key=foreign.key_pem())

    stack.status = "UPDATE_IN_PROGRESS"
    account.afterwards["UpdateServerCertificate"] = take_over
    renamed = properties(leaf, ServerCertificateName="shop")
    assert stack.send_update(renamed)["Status"] == "FAILED"
    assert account.names()["by-hand"] == stack.physical_id
    stack.send(
        "Update",
        PhysicalResourceId=stack.physical_id,
        ResourceProperties=stack.properties,
        OldResourceProperties=renamed,
    )
    assert account.names()["www"] == stack.physical_id
    assert account.certificates.get("shop").material.body.strip() == foreign.pem.strip()
