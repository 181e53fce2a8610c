"""Digests of the public material, for display, for generated names and for comparing content."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from server_certificate.certificates.certificate import Certificate
    from server_certificate.material import PublicMaterial


def sha256_fingerprint(certificate: Certificate) -> str:
    """Return the SHA-256 digest of the DER encoding in the format of ``openssl x509 -fingerprint``."""
    return hashlib.sha256(certificate.der).digest().hex(":").upper()


def owner_fingerprint(owner: str) -> str:
    """Return the digest that identifies an owner, in hexadecimal."""
    return _digest_of(owner).hexdigest()


def content_fingerprint(material: PublicMaterial, *, owner: str) -> str:
    """
    Return the digest that identifies an owner's content, in hexadecimal.

    Args:
        material: Leaf and chain. The order of the chain matters, the original encoding doesn't.
        owner: Identifies the owner. It is part of the digest because names are unique in an
            account: two stacks with the same certificate need two names.
    """
    digest = _digest_of(owner)
    for element in material.der:
        # Prefix each part with its length, so that different lists never produce the same bytes.
        digest.update(len(element).to_bytes(4, "big"))
        digest.update(element)
    return digest.hexdigest()


def _digest_of(owner: str) -> hashlib._Hash:
    # Events can contain any text, including invalid Unicode.
    return hashlib.sha256(owner.encode(errors="surrogatepass"))
