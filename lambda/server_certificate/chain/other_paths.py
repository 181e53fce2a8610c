"""Report certificates that are only on other paths from the leaf than the selected one."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from server_certificate.certificates.subject_names import issuer_of, name_of
from server_certificate.findings import Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from cryptography import x509

    from server_certificate.certificates.certificate import Certificate
    from server_certificate.certificates.located_certificate import LocatedCertificate
    from server_certificate.certificates.signatures import Signatures
    from server_certificate.chain.order import Weight
    from server_certificate.findings import Finding

CHAIN_FORKS = Rule(
    code="chain-forks",
    severity=Severity.FIXABLE,
    why="Two certificates have the same subject and key and issued the same certificate, because a"
    " CA was cross-signed or renewed. IAM accepts one path. Conversion keeps the path that the"
    " fewest clients reject: one without an expired certificate or a CA that may not sign. Among"
    " those, it prefers a path that is valid as long as the leaf, so that the choice doesn't change"
    " when another one expires; then a cross-signed certificate over a self-signed root, which"
    " clients already have; then the one that is valid longest.",
    fix="Conversion removes the other path.",
    source="Observed: MalformedCertificate, *Unable to validate certificate chain*; RFC 5280, 6.1;"
    " RFC 4158, 2.4",
    acknowledged="The input is still converted.",
)
OTHER_PATH_LEFT_OUT = Rule(
    code="other-path-left-out",
    severity=Severity.WARNING,
    why="IAM accepts one path, and the two paths lead to different roots. Clients that trust only"
    " the root of the other path reject the one that is kept.",
    fix="If these clients matter more, remove the certificates of the path that was kept.",
    source="RFC 5280, 6.1; RFC 4158, 2.4",
    acknowledged="The other path is not uploaded.",
)
RULES = (CHAIN_FORKS, OTHER_PATH_LEFT_OUT)


@dataclass(frozen=True, slots=True)
class Comparison:
    """
    The findings about the compared paths.

    Args:
        leaf: The certificate at the start of all paths.
        objections: Returns the findings about a path, which excludes the leaf.
        given: The place of each certificate in the input.
    """

    leaf: Certificate
    objections: Callable[[Sequence[LocatedCertificate]], Iterable[Finding]]
    given: Mapping[Certificate, LocatedCertificate]
    found: dict[tuple[Certificate, ...], tuple[Finding, ...]] = field(default_factory=dict)

    def weigh(self, path: tuple[Certificate, ...]) -> Weight:
        """
        Return what counts against a path.

        Returns:
            The number of errors, the seconds of the leaf that the path doesn't cover, and the
            number of warnings.
        """
        findings = tuple(self.objections([self.given[certificate] for certificate in path]))
        self.found[path] = findings
        errors, warnings = (
            sum(finding.rule.severity is severity for finding in findings)
            for severity in (Severity.ERROR, Severity.WARNING)
        )
        return errors, _seconds_without(path, self.leaf), warnings


def check_other_paths(
    leaf: LocatedCertificate,
    chain: Sequence[LocatedCertificate],
    others: Sequence[LocatedCertificate],
    signatures: Signatures,
    comparison: Comparison,
) -> Iterator[Finding]:
    """
    Report the certificates on other paths than the selected one.

    Args:
        leaf: The server's certificate.
        chain: The selected path.
        others: The certificates that are only on other paths.
        signatures: Verifies who signed which certificate.
        comparison: The findings about the paths.
    """
    path = (leaf, *chain)
    taken = tuple(element.certificate for element in chain)
    about_taken = comparison.found[taken]
    unserved = _seconds_without(taken, leaf.certificate)
    issuers = dict(zip((one.certificate for one in path), chain, strict=False))
    below: dict[x509.Name, list[LocatedCertificate]] = {}
    for element in (*path, *others):
        if not signatures.is_self_signed(element.certificate):
            below.setdefault(element.certificate.issuer, []).append(element)
    compared: dict[Certificate, tuple[Certificate, ...]] = {}
    for other in comparison.found:
        for certificate in other:
            compared.setdefault(certificate, other)
    for element in others:
        certificate = element.certificate
        certified = next(
            one
            for one in below[certificate.subject]
            if signatures.certifies(certificate, one.certificate)
        )
        leads_to = compared.get(certificate, ())
        objection = _objection(comparison.found.get(leads_to, ()), about_taken)
        reason = objection.message.removesuffix(".") if objection else ""
        if not reason and _seconds_without(leads_to, leaf.certificate) > unserved:
            reason = _shorter(leads_to, leaf.certificate)
        issuer = issuers.get(certified.certificate)
        name = name_of(certificate)
        if issuer is None:
            yield CHAIN_FORKS.finding(
                element.subject,
                f"{name} issued only {name_of(certified.certificate)}, which is not in the chain"
                f" ({certified.subject}).",
            )
        else:
            because = reason and f": {reason}"
            yield CHAIN_FORKS.finding(
                element.subject,
                f"{name} and {issuer.subject} both issued {name_of(certified.certificate)}; the"
                f" path through {issuer.subject} is kept{because}.",
                f"Conversion removes {element.subject}; to keep it, remove {issuer.subject}.",
            )
        if leads_to[-1:] == (certificate,) and objection is None:
            yield from _missed(element, taken, signatures)


def _objection(found: Sequence[Finding], about_taken: Sequence[Finding]) -> Finding | None:
    """Return the most severe finding about the other path that doesn't apply to the selected one."""
    for severity in (Severity.ERROR, Severity.WARNING):
        for finding in found:
            if finding.rule.severity is severity and finding not in about_taken:
                return finding
    return None


def _seconds_without(path: Sequence[Certificate], leaf: Certificate) -> int:
    """Return how many seconds of the leaf's validity a path without the leaf doesn't cover."""
    first = max((one.not_valid_before_utc for one in path), default=leaf.not_valid_before_utc)
    last = min((one.not_valid_after_utc for one in path), default=leaf.not_valid_after_utc)
    late, early = first - leaf.not_valid_before_utc, leaf.not_valid_after_utc - last
    return int(sum(max(0.0, part.total_seconds()) for part in (late, early)))


def _shorter(path: Sequence[Certificate], leaf: Certificate) -> str:
    """Return a clause that says that a path is not valid for as long as the leaf."""
    last = min(one.not_valid_after_utc for one in path)
    if last < leaf.not_valid_after_utc:
        return f"the other one expires on {last:%Y-%m-%d}, before the certificate does"
    first = max(one.not_valid_before_utc for one in path)
    return f"the other one is valid from {first:%Y-%m-%d}, later than the certificate"


def _missed(
    end: LocatedCertificate, taken: Sequence[Certificate], signatures: Signatures
) -> Iterator[Finding]:
    """Warn if the other path leads to a root that the selected path doesn't lead to."""
    other, last = end.certificate, taken[-1]
    if signatures.is_self_signed(other):
        root, is_missed = name_of(other), all(_key(one) != _key(other) for one in taken)
    else:
        root = issuer_of(other)
        is_missed = other.issuer not in {last.issuer, *(one.subject for one in taken)}
    if is_missed:
        kept = name_of(last) if signatures.is_self_signed(last) else issuer_of(last)
        yield OTHER_PATH_LEFT_OUT.finding(
            end.subject,
            f"the path to {root} is not in the chain; clients that trust it, but not {kept}, reject"
            " the chain.",
        )


def _key(certificate: Certificate) -> tuple[x509.Name, bytes]:
    return certificate.subject, certificate.public_key_der
