"""The sentences of refusals: who is in the way, and what would help."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from server_certificate.fingerprint import sha256_fingerprint
from server_certificate.rules.tags import MAX_TAGS
from server_certificate_handler.errors import AdoptionRefusedError
from server_certificate_handler.kernel.refusals import check_adoption, check_room, name_taken
from support.kernel import (
    ADOPT,
    CREATE,
    NEIGHBOR,
    NEW,
    OLD,
    OLD_WITHOUT_ROOT,
    STRANGER,
    THEIRS,
    certificate,
    rule,
)

if TYPE_CHECKING:
    from server_certificate.material import PublicMaterial
    from server_certificate_handler.kernel.desired import Desired
    from server_certificate_handler.kernel.stored import StoredCertificate

ADOPTING = "To adopt it and keep its ID, set adopt_existing=True"
DELETING = "so it can't adopt another one"
MOVING = "deploy the move on its own first"
PASSING = "A name can't be transferred within one deployment"
FREEING = (
    "release the certificate: server-certificate release www (or: aws iam untag-server-certificate"
)


@pytest.mark.parametrize(
    ("holder", "desired", "content", "way"),
    [
        rule("nobodys with the same content", THEIRS, CREATE, OLD, ADOPTING),
        rule("nobodys with the same content for whom adopts", THEIRS, ADOPT, OLD, DELETING),
        rule("nobodys with another content", THEIRS, CREATE, NEW, None),
        rule("nobodys and a content that is unknown", THEIRS, CREATE, None, None),
        rule("a neighbor with the same content", certificate(owner=NEIGHBOR), CREATE, OLD, MOVING),
        rule("a neighbor with other content", certificate(owner=NEIGHBOR), CREATE, NEW, PASSING),
        rule("a neighbor with unknown content", certificate(owner=NEIGHBOR), CREATE, None, PASSING),
        rule("another stacks", certificate(owner=STRANGER), CREATE, OLD, FREEING),
    ],
)  # fmt: skip
def test_ways_out(
    holder: StoredCertificate, desired: Desired, content: PublicMaterial | None, way: str | None
) -> None:
    """Each sentence names the holder, and the way that there is, and no other."""
    text = str(name_taken(holder, desired, content))
    assert (
        f"The name 'www' is taken by the certificate {holder.certificate_id} ({holder.arn})" in text
    )
    assert "It was not changed." in text
    assert [each for each in (ADOPTING, DELETING, MOVING, PASSING, FREEING) if each in text] == (
        [way] if way else []
    )


def test_what_a_sibling_retained_can_be_released() -> None:
    """A certificate whose resource is gone from this stack needs the command, too."""
    text = str(name_taken(certificate(owner=NEIGHBOR), CREATE, NEW))
    assert "release its certificate: server-certificate release www. Then deploy again" in text


@pytest.mark.parametrize(
    ("desired", "then"),
    [(ADOPT, "Then deploy again to adopt it."), (CREATE, "Then set adopt_existing=True to adopt")],
    ids=["adopting", "not adopting"],
)
def test_what_comes_after_the_release(desired: Desired, then: str) -> None:
    """Only a certificate that isn't adopted yet is told to set adopt_existing."""
    assert then in str(name_taken(certificate(owner=STRANGER), desired, OLD))


def test_what_is_declared_can_be_adopted() -> None:
    """The check of an adoption that matches the declaration passes."""
    check_adoption(THEIRS, ADOPT, OLD)


def test_another_leaf() -> None:
    """The error has both fingerprints, and the command that shows what IAM holds."""
    with pytest.raises(AdoptionRefusedError) as refused:
        check_adoption(THEIRS, ADOPT, NEW)
    text = str(refused.value)
    assert f"fingerprint of its leaf is {sha256_fingerprint(OLD.certificate)}, but" in text
    assert f"that of the declared one is {sha256_fingerprint(NEW.certificate)}" in text
    assert "server-certificate show www" in text


def test_another_chain() -> None:
    """The error lists the subjects of both chains."""
    with pytest.raises(AdoptionRefusedError) as refused:
        check_adoption(replace(THEIRS, public=OLD_WITHOUT_ROOT), ADOPT, OLD)
    held, declared = str(refused.value).split("and the declared chain")
    assert "'CN=Example Intermediate' (" in held
    assert "CN=Example Root" not in held
    assert ", then 'CN=Example Root' (" in declared
    with pytest.raises(AdoptionRefusedError, match="its chain is empty"):
        check_adoption(replace(THEIRS, public=replace(OLD, chain=())), ADOPT, OLD)


def test_another_path() -> None:
    """The error has both paths, and the command that changes the path in IAM."""
    with pytest.raises(AdoptionRefusedError) as refused:
        check_adoption(THEIRS.moved("www", "/theirs/"), replace(ADOPT, path="/edge/"), OLD)
    text = str(refused.value)
    assert "its path is '/theirs/', but the declared path is '/edge/'" in text
    assert "--server-certificate-name www --new-path /edge/" in text


def test_room_for_tags() -> None:
    """No tag of theirs is given up for one of ours."""
    check_room(THEIRS, MAX_TAGS)
    with pytest.raises(AdoptionRefusedError, match=r"has 1 tag, .* would have 52, .* Remove 2 of"):
        check_room(THEIRS, MAX_TAGS + 2)
