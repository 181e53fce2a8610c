"""What is issued shows no key, and is written where it is wanted."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from dev.certificates.authority import Authority
from dev.certificates.keys import KeyType
from dev.certificates.pool import Pool

if TYPE_CHECKING:
    from pathlib import Path


def test_no_key_in_its_text() -> None:
    """Neither an authority nor a leaf nor a pool shows a private key."""
    root = Authority.root()
    pool = Pool.make(KeyType.P256, 2)
    for made in (root, root.leaf(), pool, pool.leaf(0)):
        assert "PrivateKey" not in repr(made)


def test_files(tmp_path: Path) -> None:
    """Certificate and chain are written, and the key only where it is asked for."""
    leaf = Authority.root().intermediate().leaf()
    certificate, chain = leaf.write(tmp_path / "public")
    assert sorted((tmp_path / "public").iterdir()) == sorted([certificate, chain])
    assert (certificate.read_text(), chain.read_text()) == (leaf.pem, leaf.chain_pem())
    _, chain, private_key = leaf.write_with_key(tmp_path / "all", root=False)
    assert chain.read_text() == leaf.chain_pem(root=False)
    assert private_key.read_text() == leaf.key_pem()


def test_pool() -> None:
    """Certificates of a pool share its keys, and each verifies under the next."""
    pool = Pool.make(KeyType.P256, 2)
    leaves = [pool.leaf(number) for number in range(3)]
    assert len({leaf.private_key for leaf in leaves}) == 2
    assert len({leaf.certificate.subject for leaf in leaves}) == 3
    for leaf in leaves:
        above = [leaf.certificate, *leaf.issuers]
        for subject, issuer in pairwise(above):
            subject.verify_directly_issued_by(issuer)
        assert len(leaf.chain(root=False)) == 2
