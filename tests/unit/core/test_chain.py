"""Ordering chains by signatures that are really verified."""

from __future__ import annotations

import itertools

import pytest
from cryptography import x509

from dev.certificates.authority import Authority, Fault, self_signed
from dev.certificates.keys import KeyType
from server_certificate.chain import OrderedChain, certifies, is_self_signed, order
from support.elements import loaded, loaded_chain
from support.openssl import needs_openssl, openssl


@pytest.mark.parametrize("key_type", KeyType)
def test_signatures_of_every_kind_are_verified(key_type: KeyType) -> None:
    """An issuer certifies what it signed, and nothing that another of its name signed."""
    root = Authority.root(key_type=key_type)
    leaf, forged = root.leaf(), root.leaf(fault=Fault.FORGED)
    assert certifies(loaded(root), loaded(leaf))
    assert not certifies(loaded(root), loaded(forged))
    assert not certifies(loaded(root.namesake()), loaded(leaf))
    assert not certifies(loaded(leaf), loaded(root))


@pytest.mark.parametrize("key_type", [KeyType.RSA, KeyType.ED25519])
def test_keys_of_another_kind_certify_nothing(key_type: KeyType) -> None:
    """A namesake with a key that could not have made the signature is no issuer."""
    leaf = Authority.root().leaf()
    assert not certifies(loaded(Authority.root(key_type=key_type)), loaded(leaf))


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
        loaded(x509.load_pem_x509_certificate(openssl("req", *arguments).encode()))
        for _ in range(2)
    )
    assert is_self_signed(first)
    assert not certifies(first, second)
    for key_type in (KeyType.P256, KeyType.RSA, KeyType.ED25519):
        assert not certifies(loaded(Authority.root("Old", key_type=key_type)), first)
    assert not certifies(loaded(Authority.root("New")), first)


def test_self_signed() -> None:
    """Roots and certificates that sign themselves are self-signed, what a root issues isn't."""
    root = Authority.root()
    assert is_self_signed(loaded(root))
    assert is_self_signed(loaded(self_signed()))
    assert not is_self_signed(loaded(root.leaf()))


def test_any_order_gives_the_same_chain() -> None:
    """The order in which candidates are given does not matter."""
    leaf = Authority.root().intermediate("A").intermediate("B").leaf()
    for candidates in itertools.permutations(loaded_chain(leaf)):
        assert order(loaded(leaf), candidates) == OrderedChain(loaded_chain(leaf), ())


def test_the_root_may_be_left_out() -> None:
    """A chain ends where the candidates do."""
    leaf = Authority.root().intermediate().leaf()
    assert order(loaded(leaf), loaded_chain(leaf, root=False)).chain == loaded_chain(
        leaf, root=False
    )


def test_nothing_certifies_a_self_signed_leaf() -> None:
    """A self-signed leaf has no chain, whatever is given."""
    leaf, stranger = self_signed(), Authority.root()
    ordered = order(loaded(leaf), [loaded(stranger)])
    assert ordered == OrderedChain((), (loaded(stranger),))


def test_what_stands_above_a_gap_is_unrelated() -> None:
    """Without the link in between, what stands above it is not in the chain."""
    root = Authority.root()
    leaf = root.intermediate().leaf()
    assert order(loaded(leaf), [loaded(root)]) == OrderedChain((), (loaded(root),))


def test_unrelated_candidates_keep_their_order() -> None:
    """Strangers are returned as they were given."""
    strangers = tuple(loaded(Authority.root(f"Root {number}")) for number in range(4))
    leaf = Authority.root().leaf()
    assert order(loaded(leaf), strangers).unrelated == strangers
    assert order(loaded(leaf), strangers[::-1]).unrelated == strangers[::-1]


def test_a_cross_signed_root_leads_on() -> None:
    """Of two certificates for one authority, the one that leads on to another root is taken."""
    new, old = Authority.root("New Root"), Authority.root("Old Root")
    crossed = old.cross_sign(new)
    leaf = new.intermediate().leaf()
    issuer = loaded_chain(leaf)[0]
    given = (loaded(new), loaded(old), loaded(crossed), issuer)
    for candidates in itertools.permutations(given):
        ordered = order(loaded(leaf), candidates)
        assert ordered.chain == (issuer, loaded(crossed), loaded(old))
        assert ordered.unrelated == (loaded(new),)


def test_a_candidate_that_leads_on_is_taken_before_one_that_ends() -> None:
    """A certificate from a root that was not given is the poorer choice."""
    new, old, other = (Authority.root(name) for name in ("New", "Old", "Other"))
    crossed, dead_end = loaded(old.cross_sign(new)), loaded(other.cross_sign(new))
    leaf = new.leaf()
    for candidates in itertools.permutations((loaded(old), crossed, dead_end)):
        assert order(loaded(leaf), candidates).chain == (crossed, loaded(old))


def test_loops_end() -> None:
    """Authorities that certify each other do not lead in circles."""
    one, other = Authority.root("One"), Authority.root("Other")
    crossed = [loaded(other.cross_sign(one)), loaded(one.cross_sign(other))]
    ordered = order(loaded(one.leaf()), crossed)
    assert ordered == OrderedChain(tuple(crossed), ())
