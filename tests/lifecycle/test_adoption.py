"""Adoption: a certificate that is there already, and is what is declared, becomes the stack's."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives import hashes

from dev.simulator.stack import Stack
from local_cloud.iam.tags import Tag
from server_certificate.contract.ownership import ADOPTED_TAG, OWNERSHIP_PREFIX, STACK_ID_TAG
from server_certificate.rules.tags import MAX_TAGS
from server_certificate_cli.aws.session import Aws
from support.adopting import ADOPTING, RELEASED, store, tags_of, users_tags
from support.command import run

if TYPE_CHECKING:
    from collections.abc import Callable

    from dev.certificates.authority import Authority
    from dev.simulator.account import Account

    Properties = Callable[..., dict[str, Any]]

FORMER_TAG = f"{OWNERSHIP_PREFIX}former"
NO_TAGS = (400, "UnsupportedOperation", "Tags are not supported")
LOST = (500, "ServiceFailure", "The request processing has failed")
REFUSED = (409, "LimitExceeded", "no more")


def test_costs_one_call_that_changes_something(
    account: Account, authority: Authority, properties: Properties
) -> None:
    """It answers with the id that is there; its own tags stay, and no key is read."""
    leaf = authority.leaf()
    theirs = store(account, leaf)
    stack = Stack(account)
    answer = stack.create(properties(leaf, **ADOPTING))
    assert answer["PhysicalResourceId"] == theirs.certificate_id
    assert answer["Data"]["Arn"].endswith(":server-certificate/edge/www")
    assert users_tags(account) == RELEASED
    assert tags_of(account)[STACK_ID_TAG] == stack.stack_id
    assert ADOPTED_TAG in tags_of(account)
    reads = ("Get", "List", "Describe")
    assert [call for call in account.calls if not call.startswith(reads)] == [
        "TagServerCertificate"
    ]
    assert "GetSecretValue" not in account.calls


def test_nothing_of_the_time_before_is_written_down(
    account: Account, authority: Authority, properties: Properties
) -> None:
    """What an older version has written goes with the next update."""
    leaf = authority.leaf()
    store(account, leaf)
    stack = Stack(account)
    stack.create(properties(leaf, **ADOPTING))
    assert not any(key.startswith(FORMER_TAG) for key in tags_of(account))
    account.certificates.tag("www", [Tag(FORMER_TAG, "e30="), Tag(f"{FORMER_TAG}-2", "x")])
    stack.update(properties(leaf, **ADOPTING | {"Path": "/shop/"}))
    assert not any(key.startswith(FORMER_TAG) for key in tags_of(account))
    assert ADOPTED_TAG in tags_of(account)


def test_encoding_is_no_content(
    account: Account, authority: Authority, properties: Properties
) -> None:
    """Line ends and text around the blocks don't keep a certificate from being adopted."""
    leaf = authority.leaf()
    theirs = store(account, leaf)
    text = "subject=www\r\n" + leaf.pem.replace("\n", "\r\n")
    answer = Stack(account).create(properties(leaf, **ADOPTING, Certificate={"Text": text}))
    assert answer["PhysicalResourceId"] == theirs.certificate_id


def test_expired_certificate_is_adopted(
    account: Account, authority: Authority, properties: Properties
) -> None:
    """An existing certificate can be managed and renewed: validity is checked for uploads only."""
    leaf = authority.leaf()
    theirs = store(account, leaf)
    stack = Stack(account, now=leaf.certificate.not_valid_after_utc.replace(year=2090))
    assert stack.create(properties(leaf, **ADOPTING))["PhysicalResourceId"] == theirs.certificate_id


def test_consumers_are_not_waited_for(
    account: Account, authority: Authority, properties: Properties
) -> None:
    """Propagation is waited for only after a change of the path: consumers already have the certificate."""
    leaf = authority.leaf()
    store(account, leaf)
    stack = Stack(account)
    stack.create(properties(leaf, **ADOPTING, PropagationSeconds="25"))
    assert stack.context.slept == []
    stack.update(properties(leaf, **ADOPTING | {"Path": "/shop/"}, PropagationSeconds="25"))
    assert stack.context.slept == [25]


def test_nothing_there_is_an_upload(
    account: Account, authority: Authority, properties: Properties
) -> None:
    """If the name is free, the certificate is uploaded as usual, and deleted with the stack."""
    stack = Stack(account)
    answer = stack.create(properties(authority.leaf(), **ADOPTING))
    assert account.names() == {"www": answer["PhysicalResourceId"]}
    assert ADOPTED_TAG not in tags_of(account)
    stack.delete()
    assert account.names() == {}


def test_without_the_property_the_way_is_told(
    account: Account, authority: Authority, properties: Properties
) -> None:
    """A taken name is still an error, which suggests adopting the certificate if that is possible."""
    leaf = authority.leaf()
    theirs = store(account, leaf)
    same = Stack(account).create(properties(leaf, ServerCertificateName="www"))
    other = Stack(account).create(properties(authority.leaf(), ServerCertificateName="www"))
    for answer in (same, other):
        assert answer["Status"] == "FAILED"
        assert f"'www' is taken by the certificate {theirs.certificate_id}" in answer["Reason"]
    assert "To adopt it and keep its ID, set adopt_existing=True" in same["Reason"]
    assert "adopt_existing" not in other["Reason"]
    assert account.certificates.get("www") == theirs


def test_other_leaf_is_refused(
    account: Account, authority: Authority, properties: Properties
) -> None:
    """A certificate with other content is left unchanged; the error explains the difference and the fix."""
    theirs = store(account, authority.leaf())
    leaf = authority.leaf()
    answer = Stack(account).create(properties(leaf, **ADOPTING))
    assert answer["Status"] == "FAILED"
    fingerprint = leaf.certificate.fingerprint(hashes.SHA256()).hex(":").upper()
    assert f"that of the declared one is {fingerprint}" in answer["Reason"]
    assert "deploy, and declare the new ones in the next deployment" in answer["Reason"]
    assert account.certificates.get("www") == theirs


def test_other_chain_is_refused(
    account: Account, authority: Authority, properties: Properties
) -> None:
    """A chain with the root is another content than one without."""
    leaf = authority.leaf()
    shorter = leaf.chain_pem(root=False)
    theirs = account.certificates.upload(
        "www", path="/edge/", body=leaf.pem, chain=shorter, private_key=leaf.key_pem()
    )
    answer = Stack(account).create(properties(leaf, **ADOPTING))
    assert "its leaf is the declared one, but its chain is" in answer["Reason"]
    assert account.certificates.get("www") == theirs


def test_other_path_is_refused(
    account: Account, authority: Authority, properties: Properties
) -> None:
    """Its consumers may depend on it: a person moves it, or declares what it is."""
    leaf = authority.leaf()
    theirs = store(account, leaf, path="/theirs/")
    answer = Stack(account).create(properties(leaf, **ADOPTING))
    assert answer["Status"] == "FAILED"
    assert "Declare path='/theirs/'" in answer["Reason"]
    assert "--server-certificate-name www --new-path /edge/" in answer["Reason"]
    assert account.certificates.get("www") == theirs


def test_another_stacks_certificate_is_refused(
    account: Account, authority: Authority, properties: Properties
) -> None:
    """What a stack owns stays its own, and the error has the commands that release what one left."""
    leaf = authority.leaf()
    owner = Stack(account, name="first")
    owner.create(properties(leaf, **ADOPTING))
    held = account.certificates.get("www")
    answer = Stack(account, name="second").create(properties(leaf, **ADOPTING))
    assert answer["Status"] == "FAILED"
    assert owner.stack_id in answer["Reason"]
    assert "server-certificate release www (or: aws iam untag" in answer["Reason"]
    assert account.certificates.get("www") == held


@pytest.mark.parametrize("program", ["server-certificate", "aws"])
def test_what_a_deleted_stack_retained_is_adopted_after_the_printed_command(
    program: str,
    monkeypatch: pytest.MonkeyPatch,
    account: Account,
    authority: Authority,
    properties: Properties,
) -> None:
    """Retain, delete the stack, deploy another one, copy one command from the error, deploy again."""
    leaf = authority.leaf()
    declared = properties(leaf, ServerCertificateName="www", Path="/edge/", Retain="true")
    former = Stack(account, name="first")
    kept = former.create(declared)["PhysicalResourceId"]
    # CloudFormation sends no Delete for a resource with the deletion policy Retain.
    account.stack_statuses[former.stack_id] = "DELETE_COMPLETE"
    account.resources.pop((former.stack_id, former.logical_id))

    heir = Stack(account, name="second")
    refused = heir.create(properties(leaf, **ADOPTING))
    (command,) = re.findall(rf"(?<=[ (])({program} [^()]*?)(?: \(|\)\.)", refused["Reason"])
    carry_out(command, account, monkeypatch)

    assert refused["Status"] == "FAILED"
    assert heir.create(properties(leaf, **ADOPTING))["PhysicalResourceId"] == kept
    assert tags_of(account)[STACK_ID_TAG] == heir.stack_id


def carry_out(command: str, account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run a command of an error message against the account."""
    program, *words = shlex.split(command)
    if program == "aws":
        *_, name, option, key = words
        assert option == "--tag-keys"
        account.certificates.untag(name, [key])
        return
    monkeypatch.setattr(Aws, "iam", lambda _: account.client("iam"))
    monkeypatch.setattr(Aws, "cloudformation", lambda *_: account.client("cloudformation"))
    ended = run(*words, "--yes")
    assert ended.code == 0, ended.err


def test_no_room_for_tags_is_refused(
    account: Account, authority: Authority, properties: Properties
) -> None:
    """No tag of theirs is given up for one of ours."""
    leaf = authority.leaf()
    theirs = store(account, leaf, tags=[Tag(f"key-{number}", "") for number in range(MAX_TAGS - 4)])
    answer = Stack(account).create(properties(leaf, **ADOPTING))
    assert answer["Status"] == "FAILED"
    assert "it would have 53, but IAM accepts 50. Remove 3 of its tags" in answer["Reason"]
    assert account.certificates.get("www") == theirs


@pytest.mark.parametrize("fault", [NO_TAGS, REFUSED])
def test_where_it_can_not_be_tagged(
    account: Account, authority: Authority, properties: Properties, fault: tuple[int, str, str]
) -> None:
    """Where nothing could tell that it was there before, it stays somebody else's."""
    leaf = authority.leaf()
    theirs = store(account, leaf)
    account.refuse["TagServerCertificate"] = [fault]
    answer = Stack(account).create(properties(leaf, **ADOPTING))
    assert answer["Status"] == "FAILED"
    assert fault[2] in answer["Reason"]
    assert account.certificates.get("www") == theirs


def test_adoption_needs_a_name(
    account: Account, authority: Authority, properties: Properties
) -> None:
    """An adoption without the name of the certificate fails."""
    answer = Stack(account).create(properties(authority.leaf(), Adopt="true"))
    assert "Provide the name of the certificate to adopt" in answer["Reason"]


def test_update_adopts_in_place_of_an_upload(
    account: Account, authority: Authority, properties: Properties
) -> None:
    """The certificate that the resource held goes with the clean-up."""
    stack = Stack(account)
    before = stack.create(properties(authority.leaf()))
    leaf = authority.leaf()
    theirs = store(account, leaf)
    answer = stack.update(properties(leaf, **ADOPTING))
    assert answer["PhysicalResourceId"] == theirs.certificate_id != before["PhysicalResourceId"]
    assert account.names() == {"www": theirs.certificate_id}


def test_same_content_already_held_is_no_adoption(
    account: Account, authority: Authority, properties: Properties
) -> None:
    """Where nothing would be uploaded there is nothing to adopt."""
    stack = Stack(account)
    leaf = authority.leaf()
    stack.create(properties(leaf))
    theirs = store(account, leaf)
    answer = stack.update(properties(leaf, **ADOPTING))
    assert answer["Status"] == "FAILED"
    assert "is taken by the certificate" in answer["Reason"]
    assert account.certificates.get("www") == theirs


def test_a_tag_of_the_template_before_is_no_tag_of_theirs(
    account: Account, authority: Authority, properties: Properties
) -> None:
    """It was on another certificate: theirs of the same key stays, also when the event comes twice."""
    stack = Stack(account)
    stack.create(properties(authority.leaf(), Tags=[{"Key": "cost-centre", "Value": "7"}]))
    leaf = authority.leaf()
    store(account, leaf)
    stack.status = "UPDATE_IN_PROGRESS"
    stack.send_update(properties(leaf, **ADOPTING))
    stack.deliver(stack.events[-1])
    assert users_tags(account)["cost-centre"] == "42"


def test_adoption_whose_answer_was_lost(
    account: Account, authority: Authority, properties: Properties
) -> None:
    """When the tags were set without an answer, the same event knows its own work."""
    leaf = authority.leaf()
    theirs = store(account, leaf)
    account.lose_answer["TagServerCertificate"] = LOST
    stack = Stack(account)
    declared = properties(leaf, **ADOPTING)
    first = stack.send("Create", ResourceProperties=declared)
    assert first["PhysicalResourceId"] == theirs.certificate_id
    assert stack.deliver(stack.events[0]) == first


def test_creation_that_was_cancelled_meanwhile_is_undone(
    account: Account, authority: Authority, properties: Properties
) -> None:
    """A Delete that came before the tags found nothing to release; the Create takes them off."""
    leaf = authority.leaf()
    theirs = store(account, leaf)
    stack = Stack(account)

    def cancel() -> None:
        stack.state = ("web-Certificate-1ABCDEFGHIJK2", "DELETE_COMPLETE")

    account.afterwards["TagServerCertificate"] = cancel
    answer = stack.send("Create", ResourceProperties=properties(leaf, **ADOPTING))
    assert answer["Status"] == "FAILED"
    assert account.certificates.get("www") == theirs


def test_update_that_is_overtaken_tags_nothing(
    account: Account, authority: Authority, properties: Properties
) -> None:
    """What it has tagged in the moment in which CloudFormation turns round is as it was."""
    stack = Stack(account)
    stack.create(properties(authority.leaf()))
    leaf = authority.leaf()
    theirs = store(account, leaf)

    def begin_rollback() -> None:
        stack.status = "UPDATE_ROLLBACK_IN_PROGRESS"

    stack.status = "UPDATE_IN_PROGRESS"
    account.afterwards["TagServerCertificate"] = begin_rollback
    assert stack.send_update(properties(leaf, **ADOPTING))["Status"] == "FAILED"
    assert account.certificates.get("www") == theirs
