"""
Read, convert and check in one go: from the texts that a user gave to what IAM takes.

The construct calls it for the public parts at synth, the handler for everything at deploy time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from server_certificate.checks import check_private_key, check_sizes, check_validity
from server_certificate.conversion import convert
from server_certificate.findings import Finding, errors, in_order
from server_certificate.reading import read_elements, read_private_key

if TYPE_CHECKING:
    from datetime import datetime

    from server_certificate.elements import Element
    from server_certificate.material import PrivateKey, PublicMaterial


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
    body, findings = read_elements(certificate, subject="certificate")
    # An unreadable certificate may have been the leaf, and what is left an issuer.
    leaf_is_certain = not any(finding.code == "unreadable" for finding in findings)
    above: tuple[Element, ...] = ()
    if chain is not None:
        above, chain_findings = read_elements(chain, subject="chain")
        findings += chain_findings
    complete = not errors(findings)
    key: PrivateKey | None = None
    if private_key is not None:
        key, key_findings = read_private_key(private_key)
        findings += key_findings
    public: PublicMaterial | None = None
    if body:
        conversion, conversion_findings = convert(body, above, complete=complete)
        public = conversion.material
        findings += conversion_findings
        findings += tuple(check_validity(conversion.leaf, conversion.chain, at=at))
        findings += tuple(check_sizes(public))
        if key is not None and leaf_is_certain:
            others = (*conversion.chain, *conversion.unrelated)
            findings += tuple(check_private_key(key, leaf=public.certificate, others=others))
    return Assessment(findings=in_order(findings), public=public, private_key=key)
