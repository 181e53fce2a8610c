"""What a certificate says of the time before it was adopted, within the limits of tags."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dev.certificates.authority import NOW, Authority
from server_certificate.contract.ownership import ADOPTED_TAG, FORMER_TAG, OWNERSHIP_PREFIX, Owner
from server_certificate.rules.tags import MAX_TAGS, MAX_VALUE_LENGTH, check_tags
from server_certificate_handler.adoption import (
    Adoption,
    differences,
    leftover_keys,
    taken_over,
)
from server_certificate_handler.errors import AdoptionRefusedError
from server_certificate_handler.stored_certificate import StoredCertificate
from support.elements import public_of

OWN = Owner(stack_id="arn:aws:cloudformation:eu-central-1:111122223333:stack/web/1", logical_id="C")
AUTHORITY = Authority.root().intermediate()
LEAF = AUTHORITY.leaf()
PUBLIC = public_of(LEAF)
FULL = Adoption(
    at=NOW,
    path="/a!#$%&'()*,;<>?[]^`{|}~/",
    added=("team", "größe"),
    replaced={"Cost Centre": "42", "empty": ""},
)


def stored(tags: dict[str, str], path: str = "/theirs/") -> StoredCertificate:
    """Write a certificate that no stack owns."""
    return StoredCertificate(
        certificate_id="ASCATHEIRS",
        name="www",
        path=path,
        arn=f"arn:aws:iam::111122223333:server-certificate{path}www",
        public=PUBLIC,
        tags=tags,
        upload_date=None,
    )


@pytest.mark.parametrize(
    "adoption",
    [
        FULL,
        replace(FULL, is_undone=True),
        Adoption(at=NOW),
        Adoption(at=None, path="/"),
        replace(FULL, path=f"/{'~' * 510}/", added=tuple(f"key-{n}" for n in range(44))),
    ],
)
def test_is_read_as_it_was_written(adoption: Adoption) -> None:
    """Whatever characters path and tags have, they come back from tags that IAM takes."""
    tags = adoption.tags()
    assert Adoption.of(tags) == adoption
    assert all(len(value) <= MAX_VALUE_LENGTH for value in tags.values())
    shown = {key.removeprefix(OWNERSHIP_PREFIX): value for key, value in tags.items()}
    assert check_tags(shown) == ()


@pytest.mark.parametrize("damage", ["", "!", "Ww==", "bm90IEpTT04=", "W10=", "eyJwYXRoIjo3fQ=="])
def test_damaged_former_state_is_unknown(damage: str) -> None:
    """What somebody has changed in it is not guessed; that it was adopted stays known."""
    tags = FULL.tags() | {FORMER_TAG: damage}
    assert Adoption.of(tags) == Adoption(at=NOW)


@pytest.mark.parametrize("mark", ["", "yesterday", "2030-06-15T12:00:00"])
def test_damaged_instant_is_unknown(mark: str) -> None:
    """Without a time zone, too, it tells nothing."""
    assert Adoption.of({ADOPTED_TAG: mark}) == Adoption(at=None)


def test_what_was_not_adopted_says_nothing() -> None:
    """A stray part of the former state makes no adoption."""
    assert Adoption.of({FORMER_TAG: FULL.tags()[FORMER_TAG], "team": "edge"}) is None


def test_remembers_what_it_replaces_and_what_it_adds() -> None:
    """Keys by their spelling, values that stay left out."""
    theirs = stored({"Team": "them", "tier": "1", "cost-centre": "42"})
    wanted = {"team": "edge", "tier": "1", "stage": "live", **OWN.tags()}
    tags = taken_over(theirs, wanted=wanted, at=NOW)
    assert {key: tags[key] for key in wanted} == wanted
    assert Adoption.of(tags) == Adoption(
        at=NOW, path="/theirs/", added=("stage",), replaced={"Team": "them"}
    )


@pytest.mark.parametrize(("number", "fits"), [(MAX_TAGS - 5, True), (MAX_TAGS - 4, False)])
def test_there_must_be_room(number: int, *, fits: bool) -> None:
    """Two tags say whose it is, two what it was, one is the user's."""
    theirs = stored({f"key-{each}": "" for each in range(number)})
    wanted = {"team": "edge", **OWN.tags()}
    if fits:
        assert len(taken_over(theirs, wanted=wanted, at=NOW)) == 5
    else:
        with pytest.raises(AdoptionRefusedError, match="Remove 1 of its tags"):
            taken_over(theirs, wanted=wanted, at=NOW)


def test_keys_of_ones_own_are_told_without_regard_to_case() -> None:
    """A stray one, in whatever case, makes room for those that are set."""
    tags = {f"{OWNERSHIP_PREFIX}Source": "x", ADOPTED_TAG: "y", "team": "edge"}
    assert leftover_keys(tags, but=()) == {f"{OWNERSHIP_PREFIX}Source", ADOPTED_TAG}
    assert leftover_keys(tags, but=(f"{OWNERSHIP_PREFIX}source",)) == {ADOPTED_TAG}


def test_differences() -> None:
    """The leaf is told first, then the chain, then that there is no certificate at all."""
    leaf = public_of(AUTHORITY.leaf())
    bare = replace(PUBLIC, chain=())
    assert "SHA-256 fingerprint" in differences(leaf, PUBLIC)
    assert differences(bare, PUBLIC).startswith(
        "its leaf is the declared one, but its chain is empty, and the declared one 'CN="
    )
    assert differences(None, PUBLIC) == "IAM holds something there that is no X.509 certificate"
