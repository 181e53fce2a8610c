"""
Read, convert and check in one go: from the texts that a user gave to what IAM takes.

The construct calls it for the public parts at synth, the handler for everything at deploy time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from server_certificate.chain import order
from server_certificate.checks import check_private_key, check_public_material, name_of
from server_certificate.findings import Finding, Severity, errors, in_order
from server_certificate.material import PublicMaterial, der
from server_certificate.reading import read_certificates, read_private_key

if TYPE_CHECKING:
    from datetime import datetime

    from cryptography import x509

    from server_certificate.material import PrivateKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """What was read, converted, and everything that was found about it."""

    findings: tuple[Finding, ...]
    """All findings, what weighs most first."""

    public: PublicMaterial | None
    """Leaf and chain in IAM's form; None when no leaf could be read."""

    private_key: PrivateKey | None
    """The key in IAM's form; None when none was given or it could not be read."""

    @property
    def accepted(self) -> bool:
        """Whether nothing rules the upload out, once converted."""
        return not errors(self.findings)


def assess(
    *, certificate: str, chain: str | None, private_key: str | None = None, at: datetime
) -> Assessment:
    """
    Judge material.

    Args:
        certificate: Text with the leaf in PEM; the chain may stand in it too.
        chain: Text with the chain in PEM; None when there is none.
        private_key: Text with the key in PEM; None to say nothing about the key.
        at: The instant to judge validity at, with a time zone.

    Returns:
        The assessment. Whatever the texts hold, nothing is raised.
    """
    body, findings = read_certificates(certificate, subject="certificate")
    given_chain: tuple[x509.Certificate, ...] = ()
    if chain is not None:
        given_chain, chain_findings = read_certificates(chain, subject="chain")
        findings += chain_findings
    key: PrivateKey | None = None
    if private_key is not None:
        key, key_findings = read_private_key(private_key)
        findings += key_findings
    public: PublicMaterial | None = None
    if body:
        public, chain_findings = _convert(body, given_chain, complete=not errors(findings))
        findings += chain_findings
        findings += tuple(check_public_material(public, at=at))
        if key is not None:
            findings += tuple(check_private_key(key, leaf=public.certificate))
    return Assessment(
        findings=in_order(_without_consequences(findings)), public=public, private_key=key
    )


def _convert(
    body: tuple[x509.Certificate, ...], chain: tuple[x509.Certificate, ...], *, complete: bool
) -> tuple[PublicMaterial, tuple[Finding, ...]]:
    leaf, *rest = body
    candidates: dict[bytes, x509.Certificate] = {}
    repeated = 0
    for element in (*rest, *chain):
        encoded = der(element)
        if encoded == der(leaf) or encoded in candidates:
            repeated += 1
        else:
            candidates[encoded] = element
    ordered = order(leaf, tuple(candidates.values()))
    findings: list[Finding] = []
    if rest:
        findings.append(
            _fixable(
                "certificate-holds-chain",
                "certificate",
                f"it holds {len(body)} certificates; IAM wants the leaf alone, and the others in the chain.",
                "They are moved to the chain.",
            )
        )
    if repeated:
        findings.append(
            _fixable(
                "chain-repeats",
                "chain",
                f"{repeated} of its certificates stand there twice, or are the leaf itself.",
                "The repetitions are left out.",
            )
        )
    in_given_order = tuple(element for element in candidates.values() if element in ordered.chain)
    if in_given_order != ordered.chain:
        findings.append(
            _fixable(
                "chain-order",
                "chain",
                "its certificates are not in order; IAM wants the issuer of the leaf first and the root last.",
                "They are put in order.",
            )
        )
    last = (leaf, *ordered.chain)[-1]
    if complete:
        findings.extend(
            Finding(
                code="chain-unrelated",
                severity=Severity.ERROR,
                subject="chain",
                message=(
                    f"{name_of(element)} certifies nothing in it: the chain ends at {name_of(last)},"
                    f" whose issuer is '{last.issuer.rfc4514_string()}'."
                ),
                fix="Remove it, or add the certificate that is missing in between.",
            )
            for element in ordered.unrelated
        )
    return PublicMaterial(leaf, ordered.chain), tuple(findings)


def _without_consequences(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    # A chain that could not be read, or that holds strangers only, is also "missing". Saying so
    # would send people after the wrong mistake.
    explained = any(
        finding.severity is Severity.ERROR
        and finding.subject.startswith("chain")
        and finding.code != "chain-missing"
        for finding in findings
    )
    return tuple(
        finding for finding in findings if not (explained and finding.code == "chain-missing")
    )


def _fixable(code: str, subject: str, message: str, fix: str) -> Finding:
    return Finding(code=code, severity=Severity.FIXABLE, subject=subject, message=message, fix=fix)
