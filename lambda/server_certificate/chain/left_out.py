"""Report the certificates that don't belong to the chain, and why."""

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
    why="The certificate given as the leaf issued another one of the certificates. The leaf and the"
    " chain are probably swapped.",
    fix="Provide the server's certificate as the certificate, and this one as part of the chain.",
    source=CHAIN_ERROR,
)
CHAIN_UNRELATED = Rule(
    code="chain-unrelated",
    severity=Severity.ERROR,
    why="The certificate issued none of the certificates in the chain, so IAM rejects the chain"
    " with it. Conversion never drops a certificate silently.",
    fix="Remove it.",
    source=CHAIN_ERROR,
)
CHAIN_SIGNATURE = Rule(
    code="chain-signature",
    severity=Severity.ERROR,
    why="The certificate has the name of the issuer, but the signature was made with a different"
    " key: the CA renewed its key, or another CA uses the same name.",
    fix="Download the certificate of the issuer from the CA again.",
    source=CHAIN_ERROR,
)
SIGNATURE_NOT_VERIFIED = Rule(
    code="signature-not-verified",
    severity=Severity.ERROR,
    why="The signature can't be verified, so it is unknown whether the chain is correct. RSA keys"
    " of up to 16,384 bits with exponents of up to 64 bits, DSA keys of up to 4,096 bits, EC keys,"
    " Ed25519 and Ed448 are supported. OpenSSL has the same limits for RSA.",
    fix="Request a certificate from a CA with a common type of key.",
    source="OpenSSL, `OPENSSL_RSA_MAX_MODULUS_BITS` and `OPENSSL_RSA_MAX_PUBEXP_BITS`; RFC 5280, 6.1.3"
    " (a)(1)",
)
CHAIN_GAP = Rule(
    code="chain-gap",
    severity=Severity.ERROR,
    why="A certificate is missing between the others, so IAM rejects the chain.",
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
"""The maximum number of certificates named in a message."""


def check_unrelated(
    leaf: LocatedCertificate,
    chain: Sequence[LocatedCertificate],
    unrelated: Sequence[LocatedCertificate],
    signatures: Signatures,
) -> Iterator[Finding]:
    """
    Report each certificate that is on no path from the leaf, with the reason.

    Args:
        leaf: The server's certificate.
        chain: Its chain.
        unrelated: The certificates that are on no path from the leaf.
        signatures: Verifies who signed which certificate.
    """
    if not unrelated:
        return
    last = (leaf, *chain)[-1].certificate
    is_complete = signatures.is_self_signed(last)
    whole = f", which is complete without it and ends at the self-signed {name_of(last)}"
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
                " it isn't the leaf.",
            )
            continue
        if is_complete:
            why = whole
        elif any(
            signatures.certifies(one, certificate) for one in issuers.get(certificate.issuer, ())
        ):
            why = f"; its issuer, {issuer_of(certificate)}, is in the chain"
        else:
            above.append(element)
            continue
        yield CHAIN_UNRELATED.finding(
            element.subject,
            f"{name_of(certificate)} issued none of the certificates in the chain{why}.",
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
                f"the signature of {name_of(element.certificate)} on {last_name} can't be verified:"
                f" {obstacle}.",
            )
        else:
            yield CHAIN_SIGNATURE.finding(
                element.subject,
                f"{name_of(element.certificate)} has the name of the issuer of {last_name}, but a"
                " different key signed it.",
            )
    if not namesakes:
        names = ", ".join(f"{name_of(one.certificate)} ({one.subject})" for one in above[:_NAMED])
        if len(above) > _NAMED:
            names += f" and {len(above) - _NAMED:,} more"
        yield CHAIN_GAP.finding(
            "chain",
            f"it ends at {last_name}: the certificate of its issuer, {issuer_of(last)}, is missing,"
            f" so there is no path to {names}.",
            f"Add the certificate of {issuer_of(last)}, or remove the certificates that don't"
            " belong to the chain.",
        )
