"""Convert certificates to the leaf and chain that IAM accepts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from server_certificate.certificates.subject_names import dns_names, issuer_of, name_of
from server_certificate.chain import left_out, other_paths
from server_certificate.chain.left_out import CHAIN_ERROR, SIGNATURE_NOT_VERIFIED, check_unrelated
from server_certificate.chain.order import order
from server_certificate.chain.other_paths import Comparison, check_other_paths
from server_certificate.findings import Rule, Severity
from server_certificate.material import PublicMaterial

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from datetime import datetime

    from cryptography import x509

    from server_certificate.certificates.certificate import Certificate
    from server_certificate.certificates.located_certificate import LocatedCertificate
    from server_certificate.certificates.signatures import Signatures
    from server_certificate.findings import Finding
    from server_certificate.material import PrivateKey

    Objections = Callable[[LocatedCertificate, Sequence[LocatedCertificate]], Iterable[Finding]]

_UPLOAD = "IAM API reference, UploadServerCertificate; IAM user guide, managing server certificates"

CERTIFICATE_HOLDS_CHAIN = Rule(
    code="certificate-holds-chain",
    severity=Severity.FIXABLE,
    why="CertificateBody must contain only the leaf. The `fullchain.pem` of ACME clients also"
    " contains the chain.",
    fix="Conversion moves the other certificates to the chain.",
    source=_UPLOAD,
    acknowledged="The input is still converted.",
)
CHAIN_REPEATS = Rule(
    code="chain-repeats",
    severity=Severity.FIXABLE,
    why="A certificate that occurs twice, such as the leaf at the start of the chain, breaks the"
    " order that IAM requires.",
    fix="Conversion removes the duplicate.",
    source=CHAIN_ERROR,
    acknowledged="The input is still converted.",
)
CHAIN_ORDER = Rule(
    code="chain-order",
    severity=Severity.FIXABLE,
    why="IAM requires the issuer of the leaf first, followed by each certificate's issuer, with the"
    " root last.",
    fix="Conversion sorts the chain.",
    source=CHAIN_ERROR,
    acknowledged="The input is still converted.",
)
CHAIN_MISSING = Rule(
    code="chain-missing",
    severity=Severity.ERROR,
    why="IAM's documentation requires a chain unless the certificate is self-signed. IAM was"
    " observed to accept uploads without one, but clients then can't build the path to their root.",
    fix="Add the certificate of the issuer and those above it.",
    source=_UPLOAD,
    acknowledged="The certificate is uploaded without a chain.",
)
CERTIFICATE_REPLACED = Rule(
    code="certificate-replaced",
    severity=Severity.FIXABLE,
    why="The input contains two certificates for the same server. Some tools keep renewed"
    " certificates next to the previous ones, but IAM accepts one. The one that the private key"
    " belongs to is kept; if it belongs to several, the one that is valid longest.",
    fix="Conversion removes the older certificate.",
    source=_UPLOAD,
    acknowledged="The input is still converted.",
)
TOO_MANY_NAMESAKES = Rule(
    code="too-many-namesakes",
    severity=Severity.ERROR,
    why="Finding the issuer of each certificate requires verifying signatures. If many certificates"
    " have the same name, or very large keys, this would take too long.",
    fix="Provide only the certificates that lead from the leaf to its root.",
    source="A limit of this package that protects against malicious input",
)
RULES = (
    CERTIFICATE_HOLDS_CHAIN,
    CHAIN_REPEATS,
    CHAIN_ORDER,
    CERTIFICATE_REPLACED,
    CHAIN_MISSING,
    *left_out.RULES,
    *other_paths.RULES,
    TOO_MANY_NAMESAKES,
)

_NAMED = 5
"""The maximum number of certificates named in a message."""


@dataclass(frozen=True, slots=True)
class Conversion:
    """The converted certificates."""

    leaf: LocatedCertificate
    """The server's certificate."""

    chain: tuple[LocatedCertificate, ...]
    """Its chain, in order."""

    left_out: tuple[LocatedCertificate, ...]
    """The certificates that don't belong to the chain."""

    @property
    def material(self) -> PublicMaterial:
        """Leaf and chain, without their places in the input."""
        return PublicMaterial(
            self.leaf.certificate, tuple(element.certificate for element in self.chain)
        )


def convert(
    body: Sequence[LocatedCertificate],
    chain: Sequence[LocatedCertificate],
    *,
    signatures: Signatures,
    at: datetime,
    objections: Objections,
    complete: bool,
    key: PrivateKey | None = None,
) -> tuple[Conversion, tuple[Finding, ...]]:
    """
    Sort certificates into leaf and chain without losing information.

    Args:
        body: The certificates of the input that contains the leaf; at least one.
        chain: The certificates of the input that contains the chain.
        signatures: Verifies who signed which certificate.
        at: The time to check validity at. If a server has several certificates, or there are
            several paths to a root, those that are valid at this time are preferred.
        objections: Returns the findings about a leaf and its chain. It is only called if there are
            several paths to a root.
        complete: Whether all inputs could be read. If not, missing certificates are not reported.
        key: The private key, if there is one. It identifies the leaf if there are several
            candidates.
    """
    given = {element.certificate: element for element in reversed((*body, *chain))}
    leaf = given[_leaf(body, tuple(given), signatures, at, key)]
    others = [
        element
        for element in (*body, *chain)
        if given[element.certificate] is element and element is not leaf
    ]
    comparison = Comparison(leaf.certificate, lambda path: objections(leaf, path), given)
    ordered = order(
        leaf.certificate,
        [element.certificate for element in others],
        signatures,
        weigh=comparison.weigh,
    )
    taken = [given[certificate] for certificate in ordered.chain]
    unrelated = [given[certificate] for certificate in ordered.unrelated]
    on_other_paths = [given[certificate] for certificate in ordered.on_other_paths]
    conversion = Conversion(leaf, tuple(taken), (*unrelated, *on_other_paths))
    findings = [
        *_holds_chain(body, leaf),
        *_repeats((*body, *chain), given),
        *_order(others, conversion),
    ]
    if complete and not signatures.is_exhausted:
        replaced = dict.fromkeys(_replaced(leaf, unrelated, at, signatures))
        others_left = [element for element in unrelated if element not in replaced]
        left_out = [
            *([] if taken or others_left else _missing(leaf, signatures)),
            *(_replacement(element, leaf) for element in replaced),
            *check_unrelated(leaf, taken, others_left, signatures),
        ]
        if on_other_paths:
            left_out += check_other_paths(leaf, taken, on_other_paths, signatures, comparison)
        if not signatures.is_exhausted:
            findings += left_out
    return conversion, tuple(findings)


def too_many(count: int) -> Finding:
    """Report that finding the issuers among many certificates exceeded the budget."""
    return TOO_MANY_NAMESAKES.finding(
        "chain",
        f"finding the issuer of each of {count:,} certificates takes too long: too many have the"
        " same name, or very large keys.",
    )


def _leaf(
    body: Sequence[LocatedCertificate],
    given: Sequence[Certificate],
    signatures: Signatures,
    at: datetime,
    key: PrivateKey | None,
) -> Certificate:
    """
    Return the certificate of the body that issued no other.

    If there are several, return the one that the private key belongs to, or else the first. If it
    was renewed, return the one that is valid, and valid longest.
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
    if key is not None and len(ends) > 1:
        ends = [end for end in ends if key.belongs_to(end)] or ends
    if not ends:
        return body[0].certificate
    first = _server(ends[0])
    generations = [end for end in ends if _server(end) == first]
    return max(generations, key=lambda end: (_is_valid(end, at), end.not_valid_after_utc))


def _server(certificate: Certificate) -> tuple[x509.Name, frozenset[str]]:
    """Return what all certificates of one server have in common across renewals."""
    return certificate.subject, frozenset(dns_names(certificate))


def _is_valid(certificate: Certificate, at: datetime) -> bool:
    return certificate.not_valid_before_utc <= at <= certificate.not_valid_after_utc


def _replaced(
    leaf: LocatedCertificate,
    unrelated: Sequence[LocatedCertificate],
    at: datetime,
    signatures: Signatures,
) -> Iterator[LocatedCertificate]:
    """Yield the previous versions of the leaf, which are no longer needed."""
    if not unrelated:
        return
    new = leaf.certificate
    server = _server(new)
    for element in unrelated:
        old = element.certificate
        # With a different key and the same expiry, it would be the leaf for that key.
        is_older = (
            old.not_valid_after_utc < new.not_valid_after_utc
            or not _is_valid(old, at)
            or old.public_key_der == new.public_key_der
        )
        if is_older and server[1] and _server(old) == server and not signatures.certifies(new, old):
            yield element


def _replacement(element: LocatedCertificate, leaf: LocatedCertificate) -> Finding:
    certificate = element.certificate
    return CERTIFICATE_REPLACED.finding(
        element.subject,
        f"{name_of(certificate)}, valid until {certificate.not_valid_after_utc:%Y-%m-%d}, has the"
        f" same names as the certificate that is kept ({leaf.subject}), valid until"
        f" {leaf.certificate.not_valid_after_utc:%Y-%m-%d}.",
    )


def _missing(leaf: LocatedCertificate, signatures: Signatures) -> Iterator[Finding]:
    """Report that the chain is missing, unless the leaf is self-signed."""
    certificate = leaf.certificate
    if signatures.is_self_signed(certificate) or signatures.is_wrongly_self_signed(certificate):
        return
    if obstacle := signatures.obstacle(certificate, certificate):
        yield SIGNATURE_NOT_VERIFIED.finding(
            leaf.subject,
            f"the self-signature of {name_of(certificate)} can't be verified: {obstacle}.",
        )
        return
    yield CHAIN_MISSING.finding(
        "chain",
        f"it is missing for {name_of(certificate)}; only a self-signed certificate doesn't need a"
        " chain.",
        f"Add the certificate of its issuer, {issuer_of(certificate)}, and those above it.",
    )


def _holds_chain(body: Sequence[LocatedCertificate], leaf: LocatedCertificate) -> Iterator[Finding]:
    whole = body[0].subject.partition("[")[0]
    if whole == "certificate" and len(body) > 1:
        where = (
            ""
            if leaf is body[0]
            else f", and the leaf, {name_of(leaf.certificate)}, is not the first"
        )
        yield CERTIFICATE_HOLDS_CHAIN.finding(
            whole,
            f"it contains {len(body)} certificates{where}; IAM accepts only the leaf here.",
        )


def _repeats(
    elements: Sequence[LocatedCertificate], given: dict[Certificate, LocatedCertificate]
) -> Iterator[Finding]:
    for element in elements:
        first = given[element.certificate]
        if first is not element:
            yield CHAIN_REPEATS.finding(
                element.subject,
                f"{name_of(element.certificate)} is a duplicate of {first.subject}.",
            )


def _order(others: Sequence[LocatedCertificate], conversion: Conversion) -> Iterator[Finding]:
    if tuple(others) == conversion.chain:
        return
    taken = {element.certificate for element in conversion.chain}
    given = [element.certificate for element in others if element.certificate in taken]
    wanted = [element.certificate for element in conversion.chain]
    if given != wanted:
        names = ", ".join(name_of(certificate) for certificate in wanted[:_NAMED])
        if len(wanted) > _NAMED:
            names += f", and {len(wanted) - _NAMED:,} more"
        yield CHAIN_ORDER.finding(
            "bundle" if conversion.leaf.subject.startswith("bundle") else "chain",
            "its certificates are not in order; IAM requires the issuer of the leaf first:"
            f" {names}.",
        )
