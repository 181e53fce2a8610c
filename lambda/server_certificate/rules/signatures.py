"""Rules about the signatures of a leaf and its chain."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server_certificate.certificates.algorithms import is_outdated, signature_algorithm
from server_certificate.certificates.subject_names import name_of
from server_certificate.findings import Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from server_certificate.certificates.located_certificate import LocatedCertificate
    from server_certificate.certificates.signatures import Signatures
    from server_certificate.findings import Finding

_AS_IT_IS = "The certificate is uploaded as it is."
WEAK_SIGNATURE = Rule(
    code="weak-signature",
    severity=Severity.WARNING,
    why="Signatures that use SHA-1, MD5 or older digests can be forged, so clients refuse them. How a"
    " root signed itself does not matter: clients trust its key, not its signature.",
    fix="Have the certificate issued again; every authority signs with SHA-256 or better now.",
    source="RFC 8446, 4.4.2.2 and 4.4.2.4; CA/Browser Forum Baseline Requirements, 7.1.3.2",
    acknowledged=_AS_IT_IS,
)
SIGNATURE_ALGORITHMS_DIFFER = Rule(
    code="signature-algorithms-differ",
    severity=Severity.ERROR,
    why="A certificate names its signature algorithm twice: inside the signed part and next to the"
    " signature. Where the two differ, the certificate was assembled wrongly or changed, and every"
    " client refuses it.",
    fix="Have the certificate issued again.",
    source="RFC 5280, 4.1.1.2 and 4.1.2.3",
    acknowledged=_AS_IT_IS,
)
SELF_SIGNATURE_WRONG = Rule(
    code="self-signature-wrong",
    severity=Severity.ERROR,
    why="The certificate claims to have signed itself, but the signature does not match its own"
    " key: it was changed after it was signed, or its key was replaced.",
    fix="Get the certificate from its authority again; if that is you, make it again.",
    source="RFC 5280, 3.2 and 6.1.3 (a)(1)",
    acknowledged=_AS_IT_IS,
)
RULES = (WEAK_SIGNATURE, SIGNATURE_ALGORITHMS_DIFFER, SELF_SIGNATURE_WRONG)


def check_signatures(
    leaf: LocatedCertificate, chain: Sequence[LocatedCertificate], signatures: Signatures
) -> Iterator[Finding]:
    """
    Check how leaf and chain are signed.

    Args:
        leaf: The server's own certificate.
        chain: What certifies it.
        signatures: What is known about who certified whom.
    """
    for element in (leaf, *chain):
        certificate = element.certificate
        if not certificate.algorithms_agree:
            yield SIGNATURE_ALGORITHMS_DIFFER.finding(
                element.subject,
                f"{name_of(certificate)} is signed with {signature_algorithm(certificate)}, and its"
                " signed part names another algorithm or other parameters; clients refuse it.",
            )
        if is_outdated(certificate) and not (
            element is not leaf and signatures.is_self_signed(certificate)
        ):
            yield WEAK_SIGNATURE.finding(
                element.subject,
                f"{name_of(certificate)} is signed with {signature_algorithm(certificate)}, which can"
                " be forged; clients refuse it.",
            )
    last = (leaf, *chain)[-1]
    if signatures.is_wrongly_self_signed(last.certificate):
        yield SELF_SIGNATURE_WRONG.finding(
            last.subject,
            f"{name_of(last.certificate)} names itself as its issuer, and its signature does not"
            " match its own key.",
        )
