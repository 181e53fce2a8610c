"""Conversion of material to the form that IAM accepts, and the findings about it."""

from __future__ import annotations

import itertools

import pytest

from dev.certificates.authority import NOW, SECOND, Authority, Fault, self_signed, to_pem
from dev.certificates.keys import KeyType
from server_certificate import pem
from server_certificate.assessment import Assessment, Criteria, Given, Input, assess
from server_certificate.findings import Severity, errors
from server_certificate.rules.registry import RULES
from support.certificates import public_of
from support.findings import codes, only, places

ROOT = Authority.root("Root")
ISSUER = ROOT.intermediate("Issuer")
LEAF = ISSUER.leaf()
STRANGER = Authority.root("Stranger")


def assess_now(certificate: str, chain: str | None = None, key: str | None = None) -> Assessment:
    """Assess material now."""
    return assess(
        Given(
            certificate=Input.of_text(certificate),
            chain=None if chain is None else Input.of_text(chain),
            private_key=None if key is None else Input.of_text(key),
        ),
        Criteria(at=NOW),
    )


def test_clean_material_is_not_changed() -> None:
    """A leaf, chain and key in IAM's form have no findings and are not changed."""
    result = assess_now(LEAF.pem, LEAF.chain_pem(), LEAF.key_pem())
    assert result.findings == ()
    assert result.accepted
    assert result.public == public_of(LEAF)
    assert result.public.certificate_pem == LEAF.pem
    assert result.public.chain_pem == LEAF.chain_pem()
    assert result.private_key is not None
    assert result.private_key.pem == LEAF.key_pem()


def test_root_may_be_left_out() -> None:
    """A chain without the root is as good."""
    result = assess_now(LEAF.pem, LEAF.chain_pem(root=False))
    assert result.findings == ()
    assert result.public == public_of(LEAF, root=False)


def test_chain_of_the_root_only() -> None:
    """A leaf that the root itself issued has a chain of one."""
    assert assess_now(ROOT.leaf().pem, ROOT.pem).findings == ()


def test_self_signed_leaf_needs_no_chain() -> None:
    """A self-signed certificate comes without a chain."""
    leaf = self_signed()
    result = assess_now(leaf.pem, None, leaf.key_pem())
    assert result.findings == ()
    assert result.public is not None
    assert result.public.chain_pem is None


def test_self_signed_leaf_with_itself_as_chain() -> None:
    """A self-signed certificate that is its own chain loses it."""
    leaf = self_signed()
    result = assess_now(leaf.pem, leaf.pem)
    assert result.accepted
    assert places(result.findings) == [("chain-repeats", "chain")]
    assert result.public == public_of(leaf)


def test_full_chain_in_the_body_is_split() -> None:
    """An ACME client's full chain is split into leaf and chain."""
    result = assess_now(LEAF.fullchain_pem())
    assert result.accepted
    assert places(result.findings) == [("certificate-holds-chain", "certificate")]
    assert only(result.findings).severity is Severity.FIXABLE
    assert result.public == public_of(LEAF, root=False)


def test_full_chain_and_chain() -> None:
    """With ``fullchain.pem`` and ``chain.pem``, the certificates given twice are named."""
    result = assess_now(LEAF.fullchain_pem(root=True), LEAF.chain_pem())
    assert places(result.findings) == [
        ("certificate-holds-chain", "certificate"),
        ("chain-repeats", "chain[0]"),
        ("chain-repeats", "chain[1]"),
    ]
    assert result.findings[1].message == "'CN=Issuer' is a duplicate of certificate[1]."
    assert result.public == public_of(LEAF)


def test_leaf_repeated_in_the_chain() -> None:
    """The leaf at the head of the chain is left out."""
    result = assess_now(LEAF.pem, LEAF.fullchain_pem(root=True))
    assert places(result.findings) == [("chain-repeats", "chain[0]")]
    assert result.public == public_of(LEAF)


def test_chain_in_another_order() -> None:
    """A chain with the root first is sorted, and the finding names the correct order."""
    result = assess_now(LEAF.pem, to_pem(ROOT, ISSUER))
    assert places(result.findings) == [("chain-order", "chain")]
    assert "'CN=Issuer', 'CN=Root'" in only(result.findings).message
    assert result.public == public_of(LEAF)


def test_every_order_of_one_text_gives_the_same() -> None:
    """Leaf and chain in one text are recognized in any order, even if the leaf isn't first."""
    for certificates in itertools.permutations((LEAF, ISSUER, ROOT)):
        result = assess_now(to_pem(*certificates))
        assert result.public == public_of(LEAF)
        assert result.accepted
        message = next(f.message for f in result.findings if f.code == "certificate-holds-chain")
        assert ("is not the first" in message) == (certificates[0] is not LEAF)


def test_the_first_of_two_leaves_is_the_leaf() -> None:
    """If several certificates could be the leaf, the first one is, as for IAM."""
    other = ISSUER.leaf("other.example.com")
    result = assess_now(to_pem(LEAF, other), LEAF.chain_pem())
    assert result.public == public_of(LEAF)
    assert ("chain-unrelated", "certificate[1]") in places(result.findings)


def test_missing_chain() -> None:
    """A leaf that is not self-signed needs a chain, and the finding names its issuer."""
    result = assess_now(LEAF.pem)
    assert not result.accepted
    assert places(result.findings) == [("chain-missing", "chain")]
    assert "'CN=Issuer'" in only(result.findings).fix


def test_missing_link_is_named() -> None:
    """One finding says where the chain ends, what is missing, and what comes after the gap."""
    result = assess_now(LEAF.pem, to_pem(ROOT, STRANGER))
    assert places(result.findings) == [("chain-gap", "chain")]
    assert str(only(result.findings)) == (
        "chain: it ends at 'CN=www.example.com': the certificate of its issuer, 'CN=Issuer', is"
        " missing, so there is no path to 'CN=Root' (chain[0]), 'CN=Stranger' (chain[1]). Add the"
        " certificate of 'CN=Issuer', or remove the certificates that don't belong to the chain."
    )


def test_unrelated_element_is_named() -> None:
    """An unrelated certificate in a complete chain is an error, because it may be needed."""
    result = assess_now(LEAF.pem, to_pem(ISSUER, STRANGER, ROOT))
    assert not result.accepted
    assert places(result.findings) == [("chain-unrelated", "chain[1]")]
    assert only(result.findings).message == (
        "'CN=Stranger' issued none of the certificates in the chain, which is complete without it"
        " and ends at the self-signed 'CN=Root'."
    )
    assert only(result.findings).fix == "Remove it."


def test_sibling_is_reported() -> None:
    """Another leaf of the same issuer is reported, but not as a missing link."""
    result = assess_now(LEAF.pem, to_pem(ISSUER, ISSUER.leaf("other.example.com")))
    assert places(result.findings) == [("chain-unrelated", "chain[1]")]
    assert "its issuer, 'CN=Issuer', is in the chain" in only(result.findings).message


def test_forged_link_is_reported() -> None:
    """Another CA with the issuer's name is not reported as a missing issuer."""
    result = assess_now(LEAF.pem, to_pem(ISSUER.namesake(), ROOT))
    assert places(result.findings) == [("chain-signature", "chain[0]")]
    assert "a different key signed" in only(result.findings).message


def test_two_paths_make_a_fork() -> None:
    """Of two certificates of one authority, the one with the longer path is kept."""
    old = Authority.root("Old Root")
    crossed = old.cross_sign(ROOT)
    result = assess_now(LEAF.pem, to_pem(ISSUER, ROOT, crossed, old))
    assert result.accepted
    assert not result.accepted_as_is
    found = only(result.findings)
    assert (found.code, found.subject) == ("chain-forks", "chain[1]")
    assert found.message == (
        "'CN=Root' and chain[2] both issued 'CN=Issuer'; the path through chain[2] is kept."
    )
    assert found.fix == "Conversion removes chain[1]; to keep it, remove chain[2]."


def test_swapped_parts_are_reported() -> None:
    """A leaf and chain that were swapped are reported as swapped."""
    result = assess_now(ISSUER.pem, LEAF.pem)
    assert places(result.findings) == [("certificate-is-issuer", "certificate")]
    result = assess_now(ISSUER.pem, to_pem(LEAF, ROOT))
    assert places(result.findings) == [("certificate-is-issuer", "certificate")]
    assert "'CN=Issuer' issued 'CN=www.example.com' (chain[0])" in result.findings[0].message


def test_an_unreadable_element_explains_the_gap() -> None:
    """If a block can't be read, nothing is reported as missing or unrelated."""
    broken = ISSUER.pem.replace("M", "!", 1)
    assert codes(assess_now(LEAF.pem, broken + ROOT.pem).findings) == ["unreadable"]
    assert codes(assess_now(LEAF.pem + broken).findings) == ["unreadable"]
    assert codes(assess_now(LEAF.pem, "chain.pem").findings) == ["wrong-kind"]


def test_an_unreadable_key_explains_no_gap() -> None:
    """Trouble with the key does not hide trouble with the chain."""
    result = assess_now(LEAF.pem, None, LEAF.key_pem(password="correct horse"))  # noqa: S106 (no secret)
    assert codes(result.findings) == ["passphrase-missing", "chain-missing"]


def test_an_unreadable_leaf_explains_the_key() -> None:
    """If the unreadable block may be the leaf, the key isn't compared with anything."""
    broken = LEAF.pem.replace("M", "!", 1)
    result = assess_now(broken + ISSUER.pem, None, LEAF.key_pem())
    assert codes(result.findings) == ["unreadable"]


def test_the_rest_is_checked_if_the_leaf_is_unreadable() -> None:
    """All findings are reported at once, never just the first."""
    result = assess_now("leaf.pem", "chain.pem", "key.pem")
    assert result.public is None
    assert result.private_key is None
    assert places(result.findings) == [
        ("wrong-kind", "certificate"),
        ("wrong-kind", "chain"),
        ("wrong-kind", "private-key"),
    ]


def test_what_weighs_most_comes_first() -> None:
    """Errors come before what is fixable, and that before warnings."""
    expired = Authority.root(fault=Fault.EXPIRED)
    leaf = expired.leaf(fault=Fault.EXPIRED)
    result = assess_now(leaf.pem, "text around\n" + expired.pem)
    assert codes(result.findings) == [
        "certificate-expired",
        "text-around",
        "root-not-valid",
    ]


def test_key_of_another_certificate() -> None:
    """A key that belongs to none of the certificates is an error that names the leaf."""
    result = assess_now(LEAF.pem, LEAF.chain_pem(), LEAF.with_other_key().key_pem())
    assert places(result.findings) == [("private-key-mismatch", "private-key")]
    assert "'CN=www.example.com'" in only(result.findings).message


def test_key_of_another_kind() -> None:
    """A key of another algorithm cannot belong to the leaf either."""
    other = self_signed(key_type=KeyType.RSA)
    assert codes(assess_now(LEAF.pem, LEAF.chain_pem(), other.key_pem()).findings) == [
        "private-key-mismatch"
    ]


def test_key_of_the_issuer() -> None:
    """A key that belongs to another of the certificates says to which."""
    result = assess_now(LEAF.pem, LEAF.chain_pem(), ISSUER.key_pem())
    assert only(result.findings).fix.startswith("It belongs to 'CN=Issuer' (chain[0])")


def test_a_missing_key_is_not_reported() -> None:
    """A missing key isn't reported, because there is none at synth."""
    assert assess_now(LEAF.pem, LEAF.chain_pem()).private_key is None


def test_elements_are_named_by_their_place_in_the_text() -> None:
    """A finding about a chain element points at the block in the user's own order."""
    expired = ROOT.intermediate("Expired", not_after=NOW - SECOND)
    leaf = expired.leaf()
    result = assess_now(leaf.pem, to_pem(ROOT, expired))
    assert ("chain-element-not-valid", "chain[1]") in places(result.findings)
    result = assess_now(to_pem(leaf, expired), ROOT.pem)
    assert ("chain-element-not-valid", "certificate[1]") in places(result.findings)


REQUEST = pem.encode("CERTIFICATE REQUEST", b"\x30\x00")
JUNK = pem.encode("JUNK", b"1")


def test_an_unknown_block_hides_nothing() -> None:
    """An unknown block next to the leaf disables no other rule, acknowledged or not."""
    given = Given(
        certificate=Input.of_text(LEAF.pem + JUNK),
        private_key=Input.of_text(STRANGER.key_pem()),
    )
    wanted = {"wrong-block", "private-key-mismatch", "chain-missing"}
    for acknowledged in (frozenset[str](), frozenset({"wrong-block"})):
        result = assess(given, Criteria(at=NOW, acknowledged=acknowledged))
        assert {finding.code for finding in errors(result.findings)} == wanted


def test_nothing_is_not_accepted() -> None:
    """Material without a leaf is never accepted, whatever was acknowledged."""
    every = frozenset(RULES)
    for given in (
        Given(bundle=Input.of_text(REQUEST + LEAF.key_pem())),
        Given(bundle=Input.of_text(LEAF.key_pem())),
        Given(certificate=Input.of_text("")),
    ):
        assert not assess(given, Criteria(at=NOW, acknowledged=every)).accepted


def test_two_keys_are_reported_with_other_errors() -> None:
    """An error elsewhere in a bundle does not hide that there are two keys."""
    bundle = LEAF.fullchain_pem() + LEAF.key_pem() + STRANGER.key_pem() + JUNK
    result = assess(Given(bundle=Input.of_text(bundle)), Criteria(at=NOW))
    assert {"several-private-keys", "wrong-block"} <= set(codes(result.findings))
    assert result.private_key is None


def test_acknowledging_converts_nothing() -> None:
    """A DER file needs conversion even if its finding is acknowledged."""
    given = Given(certificate=Input(LEAF.der), chain=Input.of_text(LEAF.chain_pem()))
    result = assess(given, Criteria(at=NOW, acknowledged=frozenset({"der"})))
    assert result.accepted
    assert not result.accepted_as_is


@pytest.mark.parametrize("chain", [to_pem(STRANGER), to_pem(ISSUER, STRANGER), LEAF.pem])
def test_what_would_be_left_out_cannot_be_acknowledged(chain: str) -> None:
    """A certificate that was given and has no place is an error, always."""
    body = ISSUER.pem if chain == LEAF.pem else LEAF.pem
    given = Given(certificate=Input.of_text(body), chain=Input.of_text(chain))
    assert not assess(given, Criteria(at=NOW, acknowledged=frozenset(RULES))).accepted
