"""What was given and has no place in the chain: why, and whether it matters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server_certificate.certificates.subject_names import issuer_of, name_of
from server_certificate.findings import Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cryptography import x509

    from server_certificate.certificates.certificate import Certificate
    from server_certificate.certificates.located_certificate import LocatedCertificate
    from server_certificate.certificates.signatures import Signatures
    from server_certificate.findings import Finding

CHAIN_ERROR = (
    "Observed: MalformedCertificate, *Unable to validate certificate chain*; RFC 5280, 6.1.3"
)
CERTIFICATE_IS_ISSUER = Rule(
    code="certificate-is-issuer",
    severity=Severity.ERROR,
    why="What was given as the leaf issued another of the certificates: leaf and chain are probably"
    " swapped.",
    fix="Give the server's own certificate as the certificate, and this one as part of the chain.",
    source=CHAIN_ERROR,
)
CHAIN_UNRELATED = Rule(
    code="chain-unrelated",
    severity=Severity.ERROR,
    why="It certifies nothing in the chain, so IAM refuses the chain with it. A certificate that"
    " you give is never dropped silently.",
    fix="Remove it.",
    source=CHAIN_ERROR,
)
CHAIN_SIGNATURE = Rule(
    code="chain-signature",
    severity=Severity.ERROR,
    why="It has the name of an issuer, and another key signed: the authority renewed its key, or"
    " somebody made a namesake.",
    fix="Get the certificate of the issuer from the certificate authority anew.",
    source=CHAIN_ERROR,
)
SIGNATURE_NOT_VERIFIED = Rule(
    code="signature-not-verified",
    severity=Severity.ERROR,
    why="Who signed the certificate can't be verified here, so nobody knows whether the chain is"
    " right. Signatures are verified with RSA keys of up to 16,384 bits and exponents of up to 64"
    " bits, DSA keys of up to 4,096 bits, EC keys, Ed25519 and Ed448; OpenSSL has the same limits for"
    " RSA.",
    fix="Have the certificate issued by an authority with a usual key.",
    source="OpenSSL, `OPENSSL_RSA_MAX_MODULUS_BITS` and `OPENSSL_RSA_MAX_PUBEXP_BITS`; RFC 5280, 6.1.3"
    " (a)(1)",
)
CHAIN_GAP = Rule(
    code="chain-gap",
    severity=Severity.ERROR,
    why="A link between the certificates is missing, so IAM refuses the chain.",
    fix="Add the certificate that the message names, or remove the certificates above the gap.",
    source=CHAIN_ERROR,
)
RULES = (
    CHAIN_GAP,
    CHAIN_SIGNATURE,
    SIGNATURE_NOT_VERIFIED,
    CHAIN_UNRELATED,
    CERTIFICATE_IS_ISSUER,
)

_NAMED = 5
"""At most this many certificates are named in one sentence."""


def check_unrelated(
    leaf: LocatedCertificate,
    chain: Sequence[LocatedCertificate],
    unrelated: Sequence[LocatedCertificate],
    signatures: Signatures,
) -> Iterator[Finding]:
    """
    Say of each certificate that is on no path from the leaf why it has no place in the chain.

    Args:
        leaf: The server's own certificate.
        chain: What certifies it.
        unrelated: What is on no path from the leaf.
        signatures: What is known about who certified whom.
    """
    if not unrelated:
        return
    last = (leaf, *chain)[-1].certificate
    is_complete = signatures.is_self_signed(last)
    whole = f", which is complete without it: it ends at the self-signed {name_of(last)}"
    above: list[LocatedCertificate] = []
    issuers: dict[x509.Name, list[Certificate]] = {}
    for element in chain:
        issuers.setdefault(element.certificate.subject, []).append(element.certificate)
    for element in unrelated:
        certificate = element.certificate
        if signatures.certifies(leaf.certificate, certificate):
            yield CERTIFICATE_IS_ISSUER.finding(
                leaf.subject,
                f"{name_of(leaf.certificate)} issued {name_of(certificate)} ({element.subject}), so"
                " it is not the leaf.",
            )
            continue
        if is_complete:
            why = whole
        elif any(
            signatures.certifies(one, certificate) for one in issuers.get(certificate.issuer, ())
        ):
            why = f"; it was issued by {issuer_of(certificate)}, which is in the chain"
        else:
            above.append(element)
            continue
        yield CHAIN_UNRELATED.finding(
            element.subject, f"{name_of(certificate)} certifies nothing in the chain{why}."
        )
    if above:
        yield from _gap(above, last, signatures)


def _gap(
    above: Sequence[LocatedCertificate], last: Certificate, signatures: Signatures
) -> Iterator[Finding]:
    namesakes = [element for element in above if element.certificate.subject == last.issuer]
    last_name = name_of(last)
    for element in namesakes:
        if obstacle := signatures.obstacle(element.certificate, last):
            yield SIGNATURE_NOT_VERIFIED.finding(
                element.subject,
                f"whether {name_of(element.certificate)} signed {last_name} can't be verified:"
                f" {obstacle}.",
            )
        else:
            yield CHAIN_SIGNATURE.finding(
                element.subject,
                f"{name_of(element.certificate)} has the name of the issuer of {last_name}, but"
                " another key signed that.",
            )
    if not namesakes:
        names = ", ".join(f"{name_of(one.certificate)} ({one.subject})" for one in above[:_NAMED])
        if len(above) > _NAMED:
            names += f" and {len(above) - _NAMED:,} more"
        yield CHAIN_GAP.finding(
            "chain",
            f"it ends at {last_name}: the certificate of its issuer, {issuer_of(last)}, is missing,"
            f" and nothing leads to {names}.",
            f"Add the certificate of {issuer_of(last)}, or remove what does not belong there.",
        )
