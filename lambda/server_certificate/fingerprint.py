"""Digests of the public material: for people, for names and for telling contents apart."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from server_certificate.certificates.certificate import Certificate
    from server_certificate.material import PublicMaterial


def sha256_fingerprint(certificate: Certificate) -> str:
    """Return the SHA-256 of the DER encoding the way ``openssl x509 -fingerprint`` writes it."""
    return hashlib.sha256(certificate.der).digest().hex(":").upper()


def content_fingerprint(material: PublicMaterial, *, owner: str) -> str:
    """
    Return the digest by which an owner names a content, in hexadecimal.

    Args:
        material: Leaf and chain. The order of the chain counts, the encoding they came in doesn't.
        owner: Whatever tells owners apart. It is part of the digest because names are unique in
            an account: two stacks that hold the same certificate need two names.
    """
    # Events hold any text, also what is not Unicode.
    digest = hashlib.sha256(owner.encode(errors="surrogatepass"))
    for element in material.der:
        # A length in front of each part: no two lists of parts give the same stream.
        digest.update(len(element).to_bytes(4, "big"))
        digest.update(element)
    return digest.hexdigest()
