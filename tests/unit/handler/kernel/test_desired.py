"""The desired state of an event, and which certificates belong to its resource."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from server_certificate.contract.ownership import Provenance
from server_certificate.naming import MAX_NAME_LENGTH
from server_certificate_handler.kernel.desired import Previous
from support.kernel import (
    CREATE,
    HELD,
    NEIGHBOR,
    NEW,
    NEW_NAME,
    NOW,
    OLD,
    OLD_NAME,
    PREFIX,
    STRANGER,
    THEIRS,
    UPDATE,
    certificate,
    rule,
)

if TYPE_CHECKING:
    from server_certificate_handler.kernel.desired import Desired
    from server_certificate_handler.kernel.stored import StoredCertificate

RENAMED = replace(UPDATE, name="shop", previous=Previous(name="www"))


@pytest.mark.parametrize(
    ("stored", "whose"),
    [
        rule("the declared name", certificate("shop"), "own"),
        rule("the name declared before", certificate("www"), "own"),
        rule("the name of its content", certificate(OLD_NAME), "own"),
        rule(
            "that name with another prefix",
            certificate(OLD_NAME.replace(PREFIX, "former")),
            "own",
        ),
        rule("the name of another content", certificate(NEW_NAME), "tagged"),
        rule("any other name", certificate("else"), "tagged"),
        rule(
            "what can not be read has no name of its content",
            certificate(OLD_NAME, content=None),
            "tagged",
        ),
        rule(
            "what can not be read under the declared name",
            certificate("shop", content=None),
            "own",
        ),
        rule(
            "no tags and the name of its content",
            certificate(OLD_NAME, owner=None),
            "own",
        ),
        rule(
            "no tags and the name of another content",
            certificate(NEW_NAME, owner=None),
            "nobody",
        ),
        rule(
            "no tags and nothing that can be read",
            certificate(OLD_NAME, content=None, owner=None),
            "nobody",
        ),
        rule("no tags and the declared name", THEIRS.moved("shop", "/"), "nobody"),
        rule("the certificate of a neighbor", certificate("shop", owner=NEIGHBOR), "neighbor"),
        rule("another stacks", certificate("shop", owner=STRANGER), "nobody"),
    ],
)
def test_whose_it_is(stored: StoredCertificate, whose: str) -> None:
    """Tags say it, and a name that can't be forged."""
    assert RENAMED.is_tagged(stored) is (whose in {"own", "tagged"})
    assert RENAMED.is_own(stored) is (whose == "own")
    assert RENAMED.belongs_to_sibling(stored) is (whose == "neighbor")


def test_where_a_certificate_has_made_way_for_a_neighbor() -> None:
    """It is still its resource's own there, and no other one's."""
    neighbor = replace(UPDATE, owner=NEIGHBOR, name_prefix="web-Neighbor")
    stored = certificate()
    guest = replace(stored, name=neighbor.displaced_name(stored, OLD))
    assert RENAMED.is_own(guest)
    assert not neighbor.is_own(guest)


def test_a_generated_name_is_no_declared_one() -> None:
    """Where none is declared, none but those of contents are its own."""
    generated = replace(UPDATE, name=None, previous=Previous())
    assert not generated.is_own(certificate("www"))
    assert generated.is_own(certificate(OLD_NAME))


def test_names_of_contents() -> None:
    """They tell stacks, resources and contents apart, and have room for the fingerprint."""
    others = [replace(CREATE, owner=owner) for owner in (STRANGER, NEIGHBOR)]
    names = [each.content_name(content) for each in (CREATE, *others) for content in (OLD, NEW)]
    assert names[:2] == [OLD_NAME, NEW_NAME]
    assert len(set(names)) == 6
    assert all(re.fullmatch(f"{PREFIX}-[0-9a-f]{{16}}", name) for name in names)
    assert len(replace(CREATE, name_prefix="p" * 128).content_name(OLD)) == MAX_NAME_LENGTH


def test_names_that_may_be_generated() -> None:
    """A resource recognizes its generated names, whatever their prefix is, and not those of others."""
    renamed = replace(CREATE, name_prefix="shop")
    names = (OLD_NAME, NEW_NAME, renamed.content_name(OLD))
    assert all(CREATE.may_have_generated(name) for name in names)
    for owner in (STRANGER, NEIGHBOR):
        assert not replace(CREATE, owner=owner).may_have_generated(OLD_NAME)
    digits = OLD_NAME.rpartition("-")[2]
    assert not CREATE.may_have_generated(digits[:-1])
    assert not CREATE.may_have_generated(f"{OLD_NAME}0")
    assert not CREATE.may_have_generated("www")


def test_a_neighbors_generated_name_is_not_its_own() -> None:
    """Tags alone don't make a certificate its own, even if both resources have the same prefix."""
    name = replace(CREATE, owner=NEIGHBOR).content_name(OLD)
    assert not CREATE.is_own(certificate(name))


def test_names_under_which_a_content_can_be() -> None:
    """The final one first."""
    assert CREATE.names_for(OLD) == ("www", OLD_NAME)
    assert replace(CREATE, name=None).names_for(OLD) == (OLD_NAME,)
    assert replace(CREATE, name=OLD_NAME).names_for(OLD) == (OLD_NAME,)


@pytest.mark.parametrize(
    ("desired", "takes_name"),
    [
        (CREATE, False),
        (UPDATE, True),
        (RENAMED, False),
        (replace(UPDATE, name=None, previous=Previous()), False),
    ],
)
def test_how_it_came_into_being(desired: Desired, *, takes_name: bool) -> None:
    """The event, the source, what it replaces, and whether it takes its name over."""
    assert replace(desired, retain=True).provenance == Provenance(
        request_id=NOW,
        source="wanted",
        replaces=desired.certificate_id,
        takes_name=takes_name,
        retain=True,
    )
    assert desired.certificate_id in {None, HELD}


def test_all_tags() -> None:
    """A user's tag can't say whose it is."""
    forged = {"team": "edge", "cdk-iam-server-certificate:logical-id": "D"}
    desired = replace(CREATE, tags=forged)
    assert (
        desired.all_tags(desired.provenance)
        == certificate(tags={"team": "edge"}, request_id=NOW).tags
    )
