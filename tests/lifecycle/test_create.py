"""Create: upload once, adopt one's own work, touch nobody else's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives import hashes

from dev.certificates.authority import Fault
from dev.simulator.stack import Stack
from local_cloud.iam.tags import Tag
from server_certificate.contract.properties import source_digest

if TYPE_CHECKING:
    from collections.abc import Callable

    from dev.certificates.authority import Authority
    from dev.simulator.account import Account


def test_uploads_and_answers_with_id_and_attributes(
    account: Account, authority: Authority, properties: Callable[..., dict[str, Any]]
) -> None:
    """A Create stores the certificate and answers with its id and all attributes."""
    stack = Stack(account)
    leaf = authority.leaf("www.example.com", "example.com")
    answer = stack.create(properties(leaf, ServerCertificateName="www", Path="/edge/"))
    stored = account.certificates.get("www")
    assert answer["PhysicalResourceId"] == stored.certificate_id
    assert answer["Data"] == {
        "Arn": "arn:aws:iam::111122223333:server-certificate/edge/www",
        "ServerCertificateId": stored.certificate_id,
        "ServerCertificateName": "www",
        "Path": "/edge/",
        "Expiration": leaf.certificate.not_valid_after_utc.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "UploadDate": stored.upload_date.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "NotBefore": leaf.certificate.not_valid_before_utc.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "Fingerprint": leaf.certificate.fingerprint(hashes.SHA256()).hex(":").upper(),
        "SubjectAlternativeNames": "www.example.com,example.com",
    }
    assert stored.material.body.strip() == leaf.pem.strip()


def test_costs_one_upload_and_what_has_to_be_known(
    account: Account, authority: Authority, properties: Callable[..., dict[str, Any]]
) -> None:
    """A Create reads the key once, looks whether the name is free, and sees whether it is still wanted."""
    Stack(account).create(properties(authority.leaf()))
    stack_reads = ["ListStackResources", "DescribeStacks"]
    assert account.calls == [
        *stack_reads,
        "GetSecretValue",
        "GetServerCertificate",
        "UploadServerCertificate",
        *stack_reads,
    ]


def test_tags_with_user_tags_and_ownership(
    account: Account, authority: Authority, properties: Callable[..., dict[str, Any]]
) -> None:
    """A certificate carries the user's tags, its stack, its logical id, the request and its source."""
    stack = Stack(account)
    declared = properties(
        authority.leaf(), ServerCertificateName="www", Tags=[{"Key": "team", "Value": "edge"}]
    )
    stack.create(declared)
    assert {tag.key: tag.value for tag in account.certificates.get("www").tags} == {
        "team": "edge",
        "cdk-iam-server-certificate:stack-id": stack.stack_id,
        "cdk-iam-server-certificate:logical-id": "Certificate",
        "cdk-iam-server-certificate:request-id": stack.events[0]["RequestId"],
        "cdk-iam-server-certificate:source": source_digest(declared),
    }


def test_generated_names_tell_contents_and_stacks_apart(
    account: Account, authority: Authority, properties: Callable[..., dict[str, Any]]
) -> None:
    """The same content in two stacks, and two contents in one stack, have different names."""
    leaf = authority.leaf()
    Stack(account).create(properties(leaf))
    Stack(account, name="other").create(properties(leaf))
    third = Stack(account).create(properties(authority.leaf()))
    assert len(account.names()) == 3
    assert third["Data"]["ServerCertificateName"].startswith(
        "web-Certificate-1A2B3C4D-eu-central-1-"
    )


def test_event_delivered_twice_uploads_once(
    account: Account, authority: Authority, properties: Callable[..., dict[str, Any]]
) -> None:
    """A second delivery of a Create finds its own certificate and gives the same answer."""
    stack = Stack(account)
    first = stack.send("Create", ResourceProperties=properties(authority.leaf()))
    assert stack.deliver(stack.events[0]) == first
    assert len(account.names()) == 1


def test_name_taken_by_somebody_else_is_left_alone(
    account: Account, authority: Authority, properties: Callable[..., dict[str, Any]]
) -> None:
    """A name that is taken fails the Create, names the holder, and the holder survives the rollback."""
    foreign = authority.leaf()
    account.certificates.upload(
        "www", body=foreign.pem, private_key=foreign.key_pem(), tags=(Tag("owner", "them"),)
    )
    before = account.certificates.get("www")
    answer = Stack(account).create(properties(authority.leaf(), ServerCertificateName="www"))
    assert answer["Status"] == "FAILED"
    assert answer["PhysicalResourceId"].startswith("not-created-")
    assert f"The name 'www' is taken by the certificate {before.certificate_id}" in answer["Reason"]
    assert account.certificates.get("www") == before


def test_same_content_of_another_stack_is_not_adopted(
    account: Account, authority: Authority, properties: Callable[..., dict[str, Any]]
) -> None:
    """A certificate that another stack owns is not adopted, even if name and content are equal."""
    leaf = authority.leaf()
    owner = Stack(account, name="first")
    owner.create(properties(leaf, ServerCertificateName="www"))
    answer = Stack(account, name="second").create(properties(leaf, ServerCertificateName="www"))
    assert answer["Status"] == "FAILED"
    assert owner.stack_id in answer["Reason"]
    assert account.names() == {"www": owner.physical_id}


def test_all_mistakes_are_reported_at_once(
    account: Account, authority: Authority, properties: Callable[..., dict[str, Any]]
) -> None:
    """An expired leaf with another's key is told both, and nothing is uploaded."""
    leaf = authority.leaf(fault=Fault.EXPIRED).with_other_key()
    answer = Stack(account).create(properties(leaf))
    assert answer["Status"] == "FAILED"
    assert "expired on" in answer["Reason"]
    assert "public keys differ" in answer["Reason"]
    assert "UploadServerCertificate" not in account.calls


def test_waits_for_propagation_before_the_answer(
    account: Account, authority: Authority, properties: Callable[..., dict[str, Any]]
) -> None:
    """The answer is held back for as long as the property says."""
    stack = Stack(account)
    stack.create(properties(authority.leaf(), PropagationSeconds="25"))
    assert stack.context.slept == [25]


def test_upload_whose_answer_was_lost_is_found(
    account: Account, authority: Authority, properties: Callable[..., dict[str, Any]]
) -> None:
    """When an upload took effect and its answer did not arrive, the same event finds it."""
    stack = Stack(account)
    lost = (500, "ServiceFailure", "The request processing has failed")
    account.lose_answer["UploadServerCertificate"] = lost
    answer = stack.send("Create", ResourceProperties=properties(authority.leaf()))
    assert answer["Status"] == "SUCCESS"
    assert list(account.names().values()) == [answer["PhysicalResourceId"]]


def test_permission_that_takes_seconds_is_waited_for(
    account: Account, authority: Authority, properties: Callable[..., dict[str, Any]]
) -> None:
    """A policy that IAM knows a moment later does not fail the deployment that changed it."""
    denied = (403, "AccessDenied", "not authorized to perform: iam:UploadServerCertificate")
    account.refuse["UploadServerCertificate"] = [denied] * 3
    stack = Stack(account)
    assert stack.create(properties(authority.leaf()))["Status"] == "SUCCESS"
    assert stack.context.slept == [2, 4, 8]


def test_adopted_certificate_belongs_to_the_request_that_adopted_it(
    account: Account, authority: Authority, properties: Callable[..., dict[str, Any]]
) -> None:
    """The clean-up of a Create that was given up does not delete what a later one has adopted."""
    stack = Stack(account)
    declared = properties(authority.leaf())
    stack.send("Create", ResourceProperties=declared)
    given_up = f"not-created-{stack.events[0]['RequestId']}"
    adopted = stack.send("Create", ResourceProperties=declared)
    stack.send("Delete", PhysicalResourceId=given_up, ResourceProperties=declared)
    assert list(account.names().values()) == [adopted["PhysicalResourceId"]]


@pytest.mark.parametrize("action", ["DescribeStacks", "ListStackResources"])
def test_a_stack_state_that_can_not_be_read_stops_the_first_creation(
    account: Account, authority: Authority, properties: Callable[..., dict[str, Any]], action: str
) -> None:
    """A missing permission is told before anything is uploaded, not when something has to be undone."""
    denied = (403, "AccessDenied", f"not authorized to perform: cloudformation:{action}")
    account.refuse[action] = [denied] * 10
    answer = Stack(account).send("Create", ResourceProperties=properties(authority.leaf()))
    assert answer["Status"] == "FAILED"
    assert (
        "Allow cloudformation:DescribeStacks and cloudformation:ListStackResources"
        in answer["Reason"]
    )
    assert account.names() == {}


def test_full_quota_says_how_to_raise_it(
    authority: Authority, properties: Callable[..., dict[str, Any]], account: Account
) -> None:
    """The 21st certificate is refused with the quota and the way to raise it."""
    for index in range(20):
        leaf = authority.leaf()
        account.certificates.upload(f"n{index}", body=leaf.pem, private_key=leaf.key_pem())
    answer = Stack(account).create(properties(authority.leaf()))
    assert "Cannot exceed quota for ServerCertificatesPerAccount: 20" in answer["Reason"]
    assert "Service Quotas" in answer["Reason"]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"ServerCertificateName": "a b"}, "name:"),
        ({"Path": "edge"}, "Use '/edge/'."),
        ({"Certificate": {"Text": "certificate.pem"}}, "certificate: it is a path"),
        ({"Certificate": None}, "Certificate is missing."),
        ({"PrivateKey": {"Text": "x"}}, "PrivateKey must reference a secret"),
        ({"PrivateKey": {"SecretArn": "arn:gone"}}, "The secret 'arn:gone' doesn't exist"),
        ({"PropagationSeconds": "soon"}, "PropagationSeconds is 'soon'"),
        ({"Path": "{{resolve:ssm-secure:p}}"}, "unresolved dynamic reference"),
    ],
)
def test_bad_property_gives_a_sentence(
    account: Account,
    authority: Authority,
    properties: Callable[..., dict[str, Any]],
    changes: dict[str, object],
    reason: str,
) -> None:
    """A property that cannot be used fails the Create with a sentence that names it."""
    answer = Stack(account).create(properties(authority.leaf(), **changes))
    assert answer["Status"] == "FAILED"
    assert reason in answer["Reason"]
    assert account.names() == {}


def test_late_create_changes_nothing(
    account: Account, authority: Authority, properties: Callable[..., dict[str, Any]]
) -> None:
    """A Create that arrives again after the resource was renamed and retagged leaves it as it is."""
    stack = Stack(account)
    leaf = authority.leaf()
    stack.create(properties(leaf, ServerCertificateName="www"))
    late = stack.events[0]
    stack.update(properties(leaf, ServerCertificateName="shop", Path="/edge/"))
    before = account.certificates.get("shop")
    assert stack.deliver(late)["Status"] == "FAILED"
    stack.update(properties(leaf, ServerCertificateName="www", Path="/edge/"))
    stack.deliver(late)
    assert account.names() == {"www": stack.physical_id}
    assert account.certificates.get("www").path == before.path


def test_leftover_of_an_earlier_creation_makes_way(
    account: Account, authority: Authority, properties: Callable[..., dict[str, Any]]
) -> None:
    """One's own certificate that nobody deleted does not block the declared name for ever."""
    stack = Stack(account)
    stack.create(properties(authority.leaf(), ServerCertificateName="www"))
    left = stack.physical_id
    answer = stack.create(properties(authority.leaf(), ServerCertificateName="www"))
    assert answer["Status"] == "SUCCESS"
    assert account.names()["www"] == answer["PhysicalResourceId"]
    assert left in account.names().values()
    stack.delete()
    assert account.names() == {}


def test_adopted_certificate_gets_the_wanted_path_and_tags(
    account: Account, authority: Authority, properties: Callable[..., dict[str, Any]]
) -> None:
    """What an earlier try left under the content's name is brought to the present declaration."""
    stack = Stack(account)
    leaf = authority.leaf()
    first = stack.create(properties(leaf))
    declared = properties(leaf, Path="/edge/", Tags=[{"Key": "team", "Value": "edge"}])
    answer = stack.send("Create", ResourceProperties=declared)
    assert answer["PhysicalResourceId"] == first["PhysicalResourceId"]
    assert answer["Data"]["Path"] == "/edge/"
    stored = account.certificates.get(answer["Data"]["ServerCertificateName"])
    assert Tag("team", "edge") in stored.tags


def test_creation_that_was_cancelled_meanwhile_is_undone(
    account: Account, authority: Authority, properties: Callable[..., dict[str, Any]]
) -> None:
    """A Delete that came before the upload found nothing; the Create sees that, and leaves nothing."""
    stack = Stack(account)

    def cancel() -> None:
        stack.state = ("web-Certificate-1ABCDEFGHIJK2", "DELETE_COMPLETE")

    account.afterwards["UploadServerCertificate"] = cancel
    answer = stack.send("Create", ResourceProperties=properties(authority.leaf()))
    assert answer["Status"] == "FAILED"
    assert "Its changes were rolled back as far as possible" in answer["Reason"]
    assert account.names() == {}
