"""Rules about keys: their algorithms and sizes, and whether the private key is the leaf's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server_certificate.certificates.subject_names import name_of
from server_certificate.csr_command import request_command
from server_certificate.description import KeyDescription, describe_certified_key
from server_certificate.findings import Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from server_certificate.certificates.certificate import Certificate
    from server_certificate.certificates.located_certificate import LocatedCertificate
    from server_certificate.findings import Finding
    from server_certificate.material import PrivateKey

PRIVATE_KEY_MISMATCH = Rule(
    code="private-key-mismatch",
    severity=Severity.ERROR,
    why="IAM accepts a certificate only together with the private key that it was issued for. It"
    " answers `KeyPairMismatch` otherwise.",
    fix="Use the private key that the certificate was requested with, or the certificate that was"
    " issued for this key.",
    source="IAM API reference, UploadServerCertificate, KeyPairMismatch",
)
_IAM_DECIDES = "The certificate is uploaded unchanged, and IAM decides."
_AS_IT_IS = "The certificate is uploaded unchanged."
KEY_ALGORITHM = Rule(
    code="key-algorithm",
    severity=Severity.ERROR,
    why="IAM is known to accept RSA and EC keys. Nothing is known about others, such as Ed25519, or"
    " RSA keys restricted to RSASSA-PSS, and no load balancer or CloudFront distribution is known"
    " to support them.",
    fix="Request a certificate for an RSA or EC key.",
    source="Elastic Load Balancing user guides, Server certificates; CloudFront developer guide,"
    " Requirements for using SSL/TLS certificates with CloudFront",
    acknowledged=_IAM_DECIDES,
)
KEY_SIZE = Rule(
    code="key-size",
    severity=Severity.ERROR,
    why="IAM accepts RSA keys of 1,024 to 16,384 bits.",
    fix="Request a certificate for a key of 2,048 bits.",
    source="AWS knowledge center, on importing certificates; RSA of 1,024 to 4,096 bits observed",
    acknowledged=_IAM_DECIDES,
)
WEAK_KEY = Rule(
    code="weak-key",
    severity=Severity.WARNING,
    why="RSA keys shorter than 2,048 bits and EC keys shorter than 224 bits can be broken. Browsers"
    " reject them, in the chain as well. So does OpenSSL as configured in Debian, Ubuntu and Red"
    " Hat.",
    fix="Request a certificate for an RSA key of 2,048 bits, or an EC key on P-256.",
    source="CA/Browser Forum Baseline Requirements, 6.1.5; NIST SP 800-57 Part 1, 5.6.1; OpenSSL,"
    " `SSL_CTX_set_security_level`",
    acknowledged=_AS_IT_IS,
)
CURVE_UNUSUAL = Rule(
    code="curve-unusual",
    severity=Severity.WARNING,
    why="All browsers support P-256 and P-384. Chrome doesn't connect to a server with a key on"
    " P-521, certificate authorities that Mozilla trusts don't issue certificates for such keys,"
    " and no browser supports other curves.",
    fix="Request a certificate for an EC key on P-256.",
    source="Mozilla Root Store Policy, 5.1; BoringSSL, signature algorithms that it offers by default",
    acknowledged=_AS_IT_IS,
)
RULES = (KEY_ALGORITHM, KEY_SIZE, WEAK_KEY, CURVE_UNUSUAL, PRIVATE_KEY_MISMATCH)

MIN_RSA_BITS, MAX_RSA_BITS = 1_024, 16_384
"""The sizes of RSA keys that IAM accepts."""

_MIN_STRONG_RSA_BITS, _MIN_STRONG_EC_BITS = 2_048, 224
_USUAL_CURVES = {"EC P-256", "EC P-384"}


def check_key(leaf: LocatedCertificate) -> Iterator[Finding]:
    """Check the algorithm and size of a leaf's key against IAM's and the browsers' rules."""
    certificate = leaf.certificate
    key = describe_certified_key(certificate)
    if not is_known_to_iam(key):
        yield KEY_ALGORITHM.finding(
            leaf.subject,
            f"the key of {name_of(certificate)} is {key}; IAM is known to accept only RSA and EC"
            " keys.",
            f"Request a certificate for a supported key: {request_command(certificate)}",
        )
    elif not is_taken_by_iam(key):
        yield KEY_SIZE.finding(
            leaf.subject,
            f"the key of {name_of(certificate)} has {key.size:,} bits; IAM accepts RSA keys of"
            f" {MIN_RSA_BITS:,} to {MAX_RSA_BITS:,} bits.",
            f"Request a certificate for a supported key: {request_command(certificate)}",
        )
    else:
        yield from _check_for_browsers(leaf, key)


def check_issuer_keys(chain: Iterable[LocatedCertificate]) -> Iterator[Finding]:
    """Check the size of the issuers' keys."""
    for element in chain:
        key = describe_certified_key(element.certificate)
        if _is_short(key):
            fix = "Request a certificate from a certificate authority (CA) with a longer key."
            yield _short(element, key, fix)


def _is_short(key: KeyDescription) -> bool:
    least = _MIN_STRONG_EC_BITS if key.is_elliptic else _MIN_STRONG_RSA_BITS
    return (key.is_rsa or key.is_elliptic) and (key.size or least) < least


def _short(element: LocatedCertificate, key: KeyDescription, fix: str) -> Finding:
    kind, least = ("EC", _MIN_STRONG_EC_BITS) if key.is_elliptic else ("RSA", _MIN_STRONG_RSA_BITS)
    return WEAK_KEY.finding(
        element.subject,
        f"the key of {name_of(element.certificate)} has {key.size:,} bits; browsers reject {kind}"
        f" keys shorter than {least:,} bits.",
        fix,
    )


def _check_for_browsers(leaf: LocatedCertificate, key: KeyDescription) -> Iterator[Finding]:
    certificate = leaf.certificate
    if _is_short(key):
        fix = f"Request a certificate for a longer key: {request_command(certificate)}"
        yield _short(leaf, key, fix)
    if key.is_elliptic and key.algorithm not in _USUAL_CURVES:
        yield CURVE_UNUSUAL.finding(
            leaf.subject,
            f"the key of {name_of(certificate)} is {key}; not every browser supports EC curves"
            " other than P-256 and P-384.",
            f"Request a certificate for a supported key: {request_command(certificate)}",
        )


def is_known_to_iam(key: KeyDescription) -> bool:
    """Return whether IAM is known to accept the key's algorithm."""
    return key.is_rsa or key.is_elliptic


def is_taken_by_iam(key: KeyDescription) -> bool:
    """Return whether IAM accepts a key."""
    return key.is_elliptic or (key.is_rsa and MIN_RSA_BITS <= (key.size or 0) <= MAX_RSA_BITS)


def check_private_key(
    key: PrivateKey, *, leaf: Certificate, others: Sequence[LocatedCertificate] = ()
) -> Iterator[Finding]:
    """
    Check whether a private key belongs to the leaf.

    Args:
        key: The key.
        leaf: The certificate that it should belong to.
        others: The other certificates that were given; the key may belong to one of them.
    """
    if key.belongs_to(leaf):
        return
    fix: str | None = None
    for element in others:
        if key.belongs_to(element.certificate):
            fix = (
                f"It belongs to {name_of(element.certificate)} ({element.subject}). Provide that"
                " certificate instead, or the private key of this one."
            )
    yield PRIVATE_KEY_MISMATCH.finding(
        "private-key",
        f"it doesn't belong to the certificate of {name_of(leaf)}: the public keys differ.",
        fix,
    )
