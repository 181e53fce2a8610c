"""Finding the path from a leaf to its root."""

from __future__ import annotations

import itertools

from dev.certificates.authority import Authority, self_signed
from server_certificate.chain.order import OrderedChain, order
from support.certificates import loaded, loaded_chain


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


def test_certificates_above_a_gap_are_unrelated() -> None:
    """If an intermediate is missing, the certificates above it are not part of the chain."""
    root = Authority.root()
    leaf = root.intermediate().leaf()
    assert order(loaded(leaf), [loaded(root)]) == OrderedChain((), (loaded(root),))


def test_unrelated_candidates_keep_their_order() -> None:
    """Unrelated certificates are returned as they were given."""
    unrelated = tuple(loaded(Authority.root(f"Root {number}")) for number in range(4))
    leaf = Authority.root().leaf()
    assert order(loaded(leaf), unrelated).unrelated == unrelated
    assert order(loaded(leaf), unrelated[::-1]).unrelated == unrelated[::-1]


def test_a_cross_signed_root_leads_on() -> None:
    """Of two certificates of one authority, the one that leads to another root is chosen."""
    new, old = Authority.root("New Root"), Authority.root("Old Root")
    crossed = old.cross_sign(new)
    leaf = new.intermediate().leaf()
    issuer = loaded_chain(leaf)[0]
    given = (loaded(new), loaded(old), loaded(crossed), issuer)
    for candidates in itertools.permutations(given):
        ordered = order(loaded(leaf), candidates)
        assert ordered.chain == (issuer, loaded(crossed), loaded(old))
        assert ordered.on_other_paths == (loaded(new),)


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
