"""The rule about sizes: what IAM accepts, in characters of PEM."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server_certificate import pem
from server_certificate.findings import Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from server_certificate.findings import Finding
    from server_certificate.material import PublicMaterial

MAX_CERTIFICATE_CHARACTERS = 16_384
"""The maximum length of CertificateBody and PrivateKey (API reference, UploadServerCertificate)."""

MAX_CHAIN_CHARACTERS = 2_097_152
"""The maximum length of CertificateChain (API reference, UploadServerCertificate)."""

TOO_LARGE = Rule(
    code="too-large",
    severity=Severity.ERROR,
    why="IAM accepts up to 16,384 characters for the certificate, 16,384 for the private key, and"
    " 2,097,152 for the chain, counted in PEM.",
    fix="Request a smaller certificate, with fewer names or a shorter key.",
    source="IAM API reference, UploadServerCertificate, CertificateBody, PrivateKey and"
    " CertificateChain",
)
RULES = (TOO_LARGE,)


def check_sizes(material: PublicMaterial) -> Iterator[Finding]:
    """Check the sizes of leaf and chain as they would be uploaded."""
    leaf, *chain = (pem.length("CERTIFICATE", der) for der in material.der)
    yield from _size("certificate", leaf, MAX_CERTIFICATE_CHARACTERS)
    yield from _size("chain", sum(chain), MAX_CHAIN_CHARACTERS)


def check_key_size(block: pem.Block) -> Iterator[Finding]:
    """Check the size of a private key as it would be uploaded."""
    yield from _size("private-key", pem.length(block.label, block.der), MAX_CERTIFICATE_CHARACTERS)


def _size(subject: str, characters: int, limit: int) -> Iterator[Finding]:
    if characters > limit:
        message = f"it has {characters:,} characters in PEM; IAM accepts at most {limit:,}."
        yield TOO_LARGE.finding(subject, message)
