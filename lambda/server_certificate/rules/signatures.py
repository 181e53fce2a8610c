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

_AS_IT_IS = "The certificate is uploaded unchanged."
WEAK_SIGNATURE = Rule(
    code="weak-signature",
    severity=Severity.WARNING,
    why="Signatures that use SHA-1, MD5 or older digests can be forged, so clients reject them. The"
    " signature of a root doesn't matter: clients trust its key, not its signature.",
    fix="Have the certificate reissued. Every CA uses SHA-256 or better today.",
    source="RFC 8446, 4.4.2.2 and 4.4.2.4; CA/Browser Forum Baseline Requirements, 7.1.3.2",
    acknowledged=_AS_IT_IS,
)
SIGNATURE_ALGORITHMS_DIFFER = Rule(
    code="signature-algorithms-differ",
    severity=Severity.ERROR,
    why="A certificate names its signature algorithm twice: inside the signed part and next to the"
    " signature. If the two differ, the certificate was assembled incorrectly or modified, and"
    " every client rejects it.",
    fix="Have the certificate reissued.",
    source="RFC 5280, 4.1.1.2 and 4.1.2.3",
    acknowledged=_AS_IT_IS,
)
SELF_SIGNATURE_WRONG = Rule(
    code="self-signature-wrong",
    severity=Severity.ERROR,
    why="The certificate claims to be self-signed, but the signature doesn't match its own key: the"
    " certificate was modified after it was signed, or its key was replaced.",
    fix="Download the certificate from its CA again. If you created it yourself, create it again.",
    source="RFC 5280, 3.2 and 6.1.3 (a)(1)",
    acknowledged=_AS_IT_IS,
)
RULES = (WEAK_SIGNATURE, SIGNATURE_ALGORITHMS_DIFFER, SELF_SIGNATURE_WRONG)


def check_signatures(
    leaf: LocatedCertificate, chain: Sequence[LocatedCertificate], signatures: Signatures
) -> Iterator[Finding]:
    """
    Check the signatures of a leaf and its chain.

    Args:
        leaf: The server's own certificate.
        chain: Its chain.
        signatures: Verifies who signed which certificate.
    """
    for element in (leaf, *chain):
        certificate = element.certificate
        if not certificate.algorithms_agree:
            yield SIGNATURE_ALGORITHMS_DIFFER.finding(
                element.subject,
                f"{name_of(certificate)} is signed with {signature_algorithm(certificate)}, but its"
                " signed part names a different algorithm or different parameters; clients reject"
                " it.",
            )
        if is_outdated(certificate) and not (
            element is not leaf and signatures.is_self_signed(certificate)
        ):
            yield WEAK_SIGNATURE.finding(
                element.subject,
                f"{name_of(certificate)} is signed with {signature_algorithm(certificate)}, which"
                " can be forged; clients reject it.",
            )
    last = (leaf, *chain)[-1]
    if signatures.is_wrongly_self_signed(last.certificate):
        yield SELF_SIGNATURE_WRONG.finding(
            last.subject,
            f"{name_of(last.certificate)} names itself as its issuer, but its signature doesn't"
            " match its own key.",
        )
