"""Convert certificates as they were given to leaf and chain as IAM takes them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from server_certificate.chain import Signatures, order
from server_certificate.findings import Rule, Severity
from server_certificate.material import PublicMaterial
from server_certificate.subject_names import issuer_of, name_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cryptography import x509

    from server_certificate.certificate import Certificate
    from server_certificate.findings import Finding
    from server_certificate.located_certificate import LocatedCertificate

_UPLOAD = "IAM API reference, UploadServerCertificate; IAM user guide, managing server certificates"
_CHAIN_ERROR = (
    "Observed: MalformedCertificate, *Unable to validate certificate chain*; RFC 5280, 6.1.3"
)

CERTIFICATE_HOLDS_CHAIN = Rule(
    code="certificate-holds-chain",
    severity=Severity.FIXABLE,
    why="IAM wants the leaf alone as CertificateBody; `fullchain.pem` of ACME clients holds more.",
    fix="Converting moves the others to the chain.",
    source=_UPLOAD,
    acknowledged="It is converted all the same.",
)
CHAIN_REPEATS = Rule(
    code="chain-repeats",
    severity=Severity.FIXABLE,
    why="A certificate that stands twice, such as the leaf at the head of the chain, breaks the"
    " order that IAM checks.",
    fix="Converting leaves the repetition out.",
    source=_CHAIN_ERROR,
    acknowledged="It is converted all the same.",
)
CHAIN_ORDER = Rule(
    code="chain-order",
    severity=Severity.FIXABLE,
    why="IAM wants the issuer of the leaf first, then each certificate's issuer, the root last.",
    fix="Converting puts them in order.",
    source=_CHAIN_ERROR,
    acknowledged="It is converted all the same.",
)
CHAIN_MISSING = Rule(
    code="chain-missing",
    severity=Severity.ERROR,
    why="IAM's documentation demands a chain unless the certificate is self-signed. IAM was seen to"
    " take uploads without one; clients then can't find the way to their root.",
    fix="Add the certificate of its issuer, and those above it.",
    source=_UPLOAD,
    acknowledged="It is uploaded without a chain.",
)
CERTIFICATE_IS_ISSUER = Rule(
    code="certificate-is-issuer",
    severity=Severity.ERROR,
    why="What was given as the leaf issued another of the certificates: leaf and chain are likely"
    " to be interchanged.",
    fix="Give the server's own certificate as the certificate, and this one as part of the chain.",
    source=_CHAIN_ERROR,
)
CHAIN_FORKS = Rule(
    code="chain-forks",
    severity=Severity.ERROR,
    why="Two certificates certify the same one, as with a cross-signed CA, and a chain has one path"
    " only. Which one clients need, only you know.",
    fix="Remove one of the two.",
    source=_CHAIN_ERROR,
)
CHAIN_UNRELATED = Rule(
    code="chain-unrelated",
    severity=Severity.ERROR,
    why="It certifies nothing in the chain, so IAM refuses the chain with it; and a certificate that"
    " was given is not dropped without a word.",
    fix="Remove it.",
    source=_CHAIN_ERROR,
)
CHAIN_SIGNATURE = Rule(
    code="chain-signature",
    severity=Severity.ERROR,
    why="It has the name of an issuer, and another key signed: the CA renewed its key, or somebody"
    " made a namesake.",
    fix="Get the certificate of the issuer from the certificate authority anew.",
    source=_CHAIN_ERROR,
)
CHAIN_GAP = Rule(
    code="chain-gap",
    severity=Severity.ERROR,
    why="Between the certificates that were given a link is missing, so IAM refuses the chain.",
    fix="Add the certificate that the message names, or remove what stands above the gap.",
    source=_CHAIN_ERROR,
)
TOO_MANY_NAMESAKES = Rule(
    code="too-many-namesakes",
    severity=Severity.ERROR,
    why="So many of the certificates carry the same names that finding out who signed whom would"
    " take very long.",
    fix="Give only the certificates that lead from the leaf to its root.",
    source="A limit of this package, against input made to keep it busy",
)
RULES = (
    CERTIFICATE_HOLDS_CHAIN,
    CHAIN_REPEATS,
    CHAIN_ORDER,
    CHAIN_MISSING,
    CHAIN_GAP,
    CHAIN_SIGNATURE,
    CHAIN_UNRELATED,
    CHAIN_FORKS,
    CERTIFICATE_IS_ISSUER,
    TOO_MANY_NAMESAKES,
)

_NAMED = 5
"""So many certificates are named in one sentence."""


@dataclass(frozen=True, slots=True)
class Conversion:
    """What was given, sorted out."""

    leaf: LocatedCertificate
    """The server's own certificate."""

    chain: tuple[LocatedCertificate, ...]
    """What certifies it, in order."""

    unrelated: tuple[LocatedCertificate, ...]
    """What certifies nothing in the chain."""

    @property
    def last(self) -> Certificate:
        """Where the chain ends: at the leaf if nothing certifies it."""
        return (self.leaf, *self.chain)[-1].certificate

    @property
    def material(self) -> PublicMaterial:
        """Leaf and chain without the places where they stood."""
        return PublicMaterial(
            self.leaf.certificate, tuple(element.certificate for element in self.chain)
        )


def convert(
    body: Sequence[LocatedCertificate],
    chain: Sequence[LocatedCertificate],
    *,
    signatures: Signatures,
    complete: bool,
    key_der: bytes | None = None,
) -> tuple[Conversion, tuple[Finding, ...]]:
    """
    Sort out leaf and chain, without loss.

    Args:
        body: The certificates of the input with the leaf, at least one.
        chain: The certificates of the input with the chain.
        signatures: What is known about who certified whom.
        complete: Whether these are all that were given. If not, what is missing explains itself.
        key_der: Public half of the private key, if there is one. Where several certificates could
            be the leaf, it tells which is.
    """
    given = {element.certificate: element for element in reversed((*body, *chain))}
    leaf = given[_leaf(body, tuple(given), signatures, key_der)]
    others = [
        element
        for element in (*body, *chain)
        if given[element.certificate] is element and element is not leaf
    ]
    ordered = order(leaf.certificate, [element.certificate for element in others], signatures)
    conversion = Conversion(
        leaf,
        tuple(given[certificate] for certificate in ordered.chain),
        tuple(given[certificate] for certificate in ordered.unrelated),
    )
    findings = [
        *_holds_chain(body, leaf),
        *_repeats((*body, *chain), given),
        *_order(others, conversion),
    ]
    superfluous: list[Finding] = []
    if complete and not signatures.is_exhausted:
        superfluous += _incomplete(conversion, signatures)
    if signatures.is_exhausted:
        findings.append(
            TOO_MANY_NAMESAKES.finding(
                "chain",
                f"so many of its {len(given):,} certificates carry the same names that who signed"
                " whom stays open.",
            )
        )
        superfluous = []
    return conversion, (*findings, *superfluous)


def _leaf(
    body: Sequence[LocatedCertificate],
    given: Sequence[Certificate],
    signatures: Signatures,
    key_der: bytes | None,
) -> Certificate:
    """
    Return the certificate of the body that certifies no other.

    If there are several, the one that the key belongs to; else the first of them.
    """
    if len(body) == 1:
        return body[0].certificate
    below: dict[x509.Name, list[Certificate]] = {}
    for certificate in given:
        below.setdefault(certificate.issuer, []).append(certificate)
    ends: list[Certificate] = []
    for element in body:
        certifies_others = any(
            certificate != element.certificate
            and signatures.certifies(element.certificate, certificate)
            for certificate in below.get(element.certificate.subject, ())
        )
        if signatures.is_exhausted:
            return body[0].certificate
        if not certifies_others:
            ends.append(element.certificate)
    if len(set(ends)) == 1:
        return ends[0]
    if key_der is not None:
        ends = [end for end in ends if end.public_key_der == key_der] or ends
    return ends[0] if ends else body[0].certificate


def _holds_chain(body: Sequence[LocatedCertificate], leaf: LocatedCertificate) -> Iterator[Finding]:
    whole = body[0].subject.partition("[")[0]
    if whole == "certificate" and len(body) > 1:
        where = "" if leaf is body[0] else f", and the leaf, {name_of(leaf.certificate)}, not first"
        yield CERTIFICATE_HOLDS_CHAIN.finding(
            whole,
            f"it holds {len(body)} certificates{where}; IAM wants the leaf alone here.",
        )


def _repeats(
    elements: Sequence[LocatedCertificate], given: dict[Certificate, LocatedCertificate]
) -> Iterator[Finding]:
    for element in elements:
        first = given[element.certificate]
        if first is not element:
            yield CHAIN_REPEATS.finding(
                element.subject,
                f"{name_of(element.certificate)} stands there again, after {first.subject}.",
            )


def _order(others: Sequence[LocatedCertificate], conversion: Conversion) -> Iterator[Finding]:
    taken = {element.certificate for element in conversion.chain}
    given = [element.certificate for element in others if element.certificate in taken]
    wanted = [element.certificate for element in conversion.chain]
    if given != wanted:
        names = ", ".join(name_of(certificate) for certificate in wanted)
        yield CHAIN_ORDER.finding(
            "bundle" if conversion.leaf.subject.startswith("bundle") else "chain",
            f"its certificates are not in order; IAM wants the issuer of the leaf first: {names}.",
        )


def _incomplete(conversion: Conversion, signatures: Signatures) -> Iterator[Finding]:
    leaf = conversion.leaf.certificate
    if not conversion.chain and not conversion.unrelated and not signatures.is_self_signed(leaf):
        yield CHAIN_MISSING.finding(
            "chain",
            f"there is none that certifies {name_of(leaf)}; only a self-signed certificate may come"
            " without one.",
            f"Add the certificate of its issuer, {issuer_of(leaf)}, and those above it.",
        )
    chosen = _chosen(conversion)
    above: list[LocatedCertificate] = []
    for element in conversion.unrelated:
        if finding := _superfluous(element, conversion, chosen, signatures):
            yield finding
        else:
            above.append(element)
    if above:
        yield from _gap(above, conversion.last)


def _chosen(
    conversion: Conversion,
) -> dict[x509.Name, list[tuple[LocatedCertificate, LocatedCertificate]]]:
    """Return each link of the chain, what is certified and by what, by the name of the issuer."""
    links: dict[x509.Name, list[tuple[LocatedCertificate, LocatedCertificate]]] = {}
    path = (conversion.leaf, *conversion.chain)
    for link in zip(path, conversion.chain, strict=False):
        links.setdefault(link[0].certificate.issuer, []).append(link)
    return links


def _superfluous(
    element: LocatedCertificate,
    conversion: Conversion,
    chosen: dict[x509.Name, list[tuple[LocatedCertificate, LocatedCertificate]]],
    signatures: Signatures,
) -> Finding | None:
    """Say why an element has no place in the chain, whatever may be missing."""
    name = name_of(element.certificate)
    leaf = conversion.leaf
    if signatures.certifies(leaf.certificate, element.certificate):
        return CERTIFICATE_IS_ISSUER.finding(
            leaf.subject,
            f"{name_of(leaf.certificate)} issued {name} ({element.subject}), so it is not the leaf.",
        )
    for below, issuer in chosen.get(element.certificate.subject, ()):
        if signatures.certifies(element.certificate, below.certificate):
            return CHAIN_FORKS.finding(
                element.subject,
                f"{name} certifies {name_of(below.certificate)} just as {issuer.subject} does, and a"
                " chain has one path only.",
                f"Remove either {element.subject} or {issuer.subject}.",
            )
    if signatures.is_self_signed(conversion.last):
        why = (
            f", which is complete without it: it ends at the self-signed {name_of(conversion.last)}"
        )
    elif any(
        signatures.certifies(one.certificate, element.certificate) for one in conversion.chain
    ):
        why = f"; it was issued by {issuer_of(element.certificate)} itself"
    else:
        return None
    return CHAIN_UNRELATED.finding(element.subject, f"{name} certifies nothing in the chain{why}.")


def _gap(above: Sequence[LocatedCertificate], last: Certificate) -> Iterator[Finding]:
    namesakes = [element for element in above if element.certificate.subject == last.issuer]
    for element in namesakes:
        yield CHAIN_SIGNATURE.finding(
            element.subject,
            f"{name_of(element.certificate)} has the name of the issuer of {name_of(last)}, but"
            " another key signed that.",
        )
    if not namesakes:
        names = ", ".join(f"{name_of(one.certificate)} ({one.subject})" for one in above[:_NAMED])
        if len(above) > _NAMED:
            names += f" and {len(above) - _NAMED:,} more"
        yield CHAIN_GAP.finding(
            "chain",
            f"it ends at {name_of(last)}: the certificate of its issuer, {issuer_of(last)}, is not"
            f" there, and nothing leads to {names}.",
            f"Add the certificate of {issuer_of(last)}, or remove what does not belong there.",
        )
