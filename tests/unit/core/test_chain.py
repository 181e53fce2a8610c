"""Ordering chains by signatures that are really verified."""

from __future__ import annotations

import itertools

import pytest
from cryptography import x509

from dev.certificates.authority import Authority, Fault, self_signed
from dev.certificates.keys import KeyType
from server_certificate.chain import OrderedChain, certifies, is_self_signed, order
from support.openssl import needs_openssl, openssl


@pytest.mark.parametrize("key_type", KeyType)
def test_signatures_of_every_kind_are_verified(key_type: KeyType) -> None:
    """An issuer certifies what it signed, and nothing that another of its name signed."""
    root = Authority.root(key_type=key_type)
    leaf, forged = root.leaf(), root.leaf(fault=Fault.FORGED)
    assert certifies(root.certificate, leaf.certificate)
    assert not certifies(root.certificate, forged.certificate)
    assert not certifies(root.namesake().certificate, leaf.certificate)
    assert not certifies(leaf.certificate, root.certificate)


@pytest.mark.parametrize("key_type", [KeyType.RSA, KeyType.ED25519])
def test_keys_of_another_kind_certify_nothing(key_type: KeyType) -> None:
    """A namesake with a key that could not have made the signature is no issuer."""
    leaf = Authority.root().leaf()
    assert not certifies(Authority.root(key_type=key_type).certificate, leaf.certificate)


@needs_openssl
@pytest.mark.parametrize(
    ("digest", "key"),
    [
        ("-sha1", ["rsa:2048"]),
        ("-md5", ["rsa:2048"]),
        ("-sha1", ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"]),
    ],
)
def test_outdated_digests_are_verified(digest: str, key: list[str]) -> None:
    """Old roots sign themselves with SHA-1, and are self-signed all the same."""
    arguments = ["-x509", digest, "-nodes", "-subj", "/CN=Old", "-keyout", "-", "-newkey", *key]
    first, second = (
        x509.load_pem_x509_certificate(openssl("req", *arguments).encode()) for _ in range(2)
    )
    assert is_self_signed(first)
    assert not certifies(first, second)
    for key_type in (KeyType.P256, KeyType.RSA, KeyType.ED25519):
        assert not certifies(Authority.root("Old", key_type=key_type).certificate, first)
    assert not certifies(Authority.root("New").certificate, first)


def test_self_signed() -> None:
    """Roots and certificates that sign themselves are self-signed, what a root issues isn't."""
    root = Authority.root()
    assert is_self_signed(root.certificate)
    assert is_self_signed(self_signed().certificate)
    assert not is_self_signed(root.leaf().certificate)


def test_any_order_gives_the_same_chain() -> None:
    """The order in which candidates are given does not matter."""
    leaf = Authority.root().intermediate("A").intermediate("B").leaf()
    for candidates in itertools.permutations(leaf.chain()):
        assert order(leaf.certificate, candidates) == OrderedChain(leaf.chain(), ())


def test_the_root_may_be_left_out() -> None:
    """A chain ends where the candidates do."""
    leaf = Authority.root().intermediate().leaf()
    assert order(leaf.certificate, leaf.chain(root=False)).chain == leaf.chain(root=False)


def test_nothing_certifies_a_self_signed_leaf() -> None:
    """A self-signed leaf has no chain, whatever is given."""
    leaf, stranger = self_signed(), Authority.root()
    ordered = order(leaf.certificate, [stranger.certificate])
    assert ordered == OrderedChain((), (stranger.certificate,))


def test_what_stands_above_a_gap_is_unrelated() -> None:
    """Without the link in between, what stands above it is not in the chain."""
    root = Authority.root()
    leaf = root.intermediate().leaf()
    assert order(leaf.certificate, [root.certificate]) == OrderedChain((), (root.certificate,))


def test_unrelated_candidates_keep_their_order() -> None:
    """Strangers are returned as they were given."""
    strangers = tuple(Authority.root(f"Root {number}").certificate for number in range(4))
    leaf = Authority.root().leaf()
    assert order(leaf.certificate, strangers).unrelated == strangers
    assert order(leaf.certificate, strangers[::-1]).unrelated == strangers[::-1]


def test_a_cross_signed_root_leads_on() -> None:
    """Of two certificates for one authority, the one that leads on to another root is taken."""
    new, old = Authority.root("New Root"), Authority.root("Old Root")
    crossed = old.cross_sign(new)
    leaf = new.intermediate().leaf()
    issuer = leaf.issuers[0]
    given = (new.certificate, old.certificate, crossed.certificate, issuer)
    for candidates in itertools.permutations(given):
        ordered = order(leaf.certificate, candidates)
        assert ordered.chain == (issuer, crossed.certificate, old.certificate)
        assert ordered.unrelated == (new.certificate,)


def test_a_candidate_that_leads_on_is_taken_before_one_that_ends() -> None:
    """A certificate from a root that was not given is the poorer choice."""
    new, old, other = (Authority.root(name) for name in ("New", "Old", "Other"))
    crossed, dead_end = old.cross_sign(new).certificate, other.cross_sign(new).certificate
    leaf = new.leaf()
    for candidates in itertools.permutations((old.certificate, crossed, dead_end)):
        assert order(leaf.certificate, candidates).chain == (crossed, old.certificate)


def test_loops_end() -> None:
    """Authorities that certify each other do not lead in circles."""
    one, other = Authority.root("One"), Authority.root("Other")
    crossed = [other.cross_sign(one).certificate, one.cross_sign(other).certificate]
    ordered = order(one.leaf().certificate, crossed)
    assert ordered == OrderedChain(tuple(crossed), ())
