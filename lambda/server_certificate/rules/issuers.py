"""Rules about the elements of a chain: whether each may issue what it issued."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cryptography import x509

from server_certificate.findings import Rule, Severity
from server_certificate.rules.extensions import check_extensions
from server_certificate.subject_names import name_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from server_certificate.certificate import Certificate
    from server_certificate.chain import Signatures
    from server_certificate.findings import Finding
    from server_certificate.located_certificate import LocatedCertificate

_AS_IT_IS = "The chain is uploaded as it is; clients that verify chains refuse it."
ISSUER_NOT_CA = Rule(
    code="issuer-not-ca",
    severity=Severity.WARNING,
    why="Only a certificate whose basic constraints say that it is one of an authority can certify"
    " others, whatever it signed. IAM was not seen to look at that, and every client does. A"
    " self-signed root without the extension, as they were made long ago, is tolerated.",
    fix="Get the chain from the certificate authority; if that is you, issue its certificate with"
    " `basicConstraints=critical,CA:TRUE`.",
    source="RFC 5280, 4.2.1.9 and 6.1.4 (k)",
    acknowledged=_AS_IT_IS,
)
ISSUER_MAY_NOT_SIGN = Rule(
    code="issuer-may-not-sign",
    severity=Severity.WARNING,
    why="A key usage that lacks `keyCertSign` forbids to certify others. IAM was not seen to look"
    " at that, and every client does.",
    fix="Get the chain from the certificate authority; if that is you, issue its certificate with"
    " `keyUsage=critical,keyCertSign,cRLSign`.",
    source="RFC 5280, 4.2.1.3 and 6.1.4 (n)",
    acknowledged=_AS_IT_IS,
)
PATH_LENGTH_EXCEEDED = Rule(
    code="path-length-exceeded",
    severity=Severity.WARNING,
    why="An authority can limit how many authorities may stand between it and a leaf; those that"
    " certify themselves don't count. IAM was not seen to look at that, and every client does.",
    fix="Have the leaf issued by an authority that is allowed to, or the authority above issued"
    " with a larger `pathlen`.",
    source="RFC 5280, 4.2.1.9 and 6.1.4 (m)",
    acknowledged=_AS_IT_IS,
)
RULES = (ISSUER_NOT_CA, ISSUER_MAY_NOT_SIGN, PATH_LENGTH_EXCEEDED)


def check_issuers(chain: Sequence[LocatedCertificate], signatures: Signatures) -> Iterator[Finding]:
    """
    Judge whether each element of a chain may issue what it issued.

    Args:
        chain: The chain in order, issuer of the leaf first.
        signatures: What is known about who certified whom.
    """
    below: list[Certificate] = []
    """Intermediates between an element and the leaf; those that issued themselves don't count."""
    for element in chain:
        certificate = element.certificate
        is_root = element is chain[-1] and signatures.is_self_signed(certificate)
        yield from _check_issuer(element, below, is_root=is_root)
        if certificate.subject != certificate.issuer:
            below.append(certificate)


def _check_issuer(
    element: LocatedCertificate, below: Sequence[Certificate], *, is_root: bool
) -> Iterator[Finding]:
    yield from check_extensions([element])
    extensions = element.certificate.extensions
    name = name_of(element.certificate)
    constraints = extensions.value(x509.BasicConstraints)
    if constraints is None and not is_root:
        yield ISSUER_NOT_CA.finding(
            element.subject,
            f"{name} certifies others, and has no basic constraints that say it is an authority;"
            " clients refuse the chain.",
        )
    elif constraints is not None and not constraints.ca:
        yield ISSUER_NOT_CA.finding(
            element.subject,
            f"{name} certifies others, and its basic constraints say CA:FALSE; clients refuse the"
            " chain.",
            "Have the leaf issued by an authority.",
        )
    usage = extensions.value(x509.KeyUsage)
    if usage is not None and not usage.key_cert_sign:
        yield ISSUER_MAY_NOT_SIGN.finding(
            element.subject,
            f"{name} certifies others, and its key usage lacks keyCertSign; clients refuse the"
            " chain.",
        )
    allowed = constraints.path_length if constraints is not None else None
    if allowed is not None and len(below) > allowed:
        yield PATH_LENGTH_EXCEEDED.finding(
            element.subject,
            f"{name} allows {allowed} {'authority' if allowed == 1 else 'authorities'} between"
            f" itself and the leaf, and there {'is' if len(below) == 1 else 'are'} {len(below)}:"
            f" {', '.join(map(name_of, reversed(below)))}; clients refuse the chain.",
            "Have the leaf issued by an authority that is allowed to, or this one issued with a"
            f" path length of {len(below)}.",
        )
