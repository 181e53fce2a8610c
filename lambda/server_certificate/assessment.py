"""
Read, convert and check in one go: from what a user gave to what IAM takes.

The command calls it on the desk, the construct for the public parts at synth, the handler for
everything at deploy time.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from server_certificate.checks import check_private_key, check_sizes, check_validity
from server_certificate.consumers import Consumer
from server_certificate.conversion import convert
from server_certificate.findings import Finding, Severity, acknowledge, errors, in_order
from server_certificate.naming import check_name, check_path
from server_certificate.reading import read_elements, read_private_key

if TYPE_CHECKING:
    from datetime import datetime

    from server_certificate.elements import Element
    from server_certificate.material import PrivateKey, PublicMaterial

DEFAULT_EXPIRY_DAYS = 30
"""A certificate that ends within so many days is reported."""


@dataclass(frozen=True, slots=True)
class Input:
    """What a user gave for one part. Its representation shows nothing of the content."""

    content: bytes = field(repr=False)
    """The content of a file or of a secret, or a text in UTF-8, whatever it may be."""

    file: str | None = None
    """Name of the file it was read from, for the commands in findings; None when it is no file."""

    @classmethod
    def of_text(cls, text: str) -> Input:
        """Make an input of a text."""
        return cls(text.encode("utf-8", errors="replace"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """Everything that a user gave: a bundle, or parts."""

    certificate: Input | None = None
    """The leaf; the chain may follow it."""

    chain: Input | None = None
    """What certifies the leaf; None when there is none, or it stands with the leaf."""

    private_key: Input | None = None
    """The key; None to say nothing about it."""

    bundle: Input | None = None
    """Certificates and key in one, instead of the three parts."""

    passphrase: str | None = field(default=None, repr=False)
    """What opens an encrypted key or bundle; None when none was given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Criteria:
    """What material is judged by, beside itself."""

    at: datetime
    """The instant to judge validity at, with a time zone."""

    consumer: Consumer = Consumer.IAM
    """What the certificate is meant for. Default: nothing in particular, IAM's own rules count."""

    name: str | None = None
    """The ServerCertificateName to judge; None to judge none."""

    path: str | None = None
    """The Path to judge; None to judge none."""

    expiry_days: int = DEFAULT_EXPIRY_DAYS
    """A certificate that ends within so many days is reported. Default: 30."""

    acknowledged: frozenset[str] = frozenset()
    """Codes of rules whose findings the user knows of; see ``Rule.acknowledged``. Default: none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """What was read, converted, and everything that was found about it."""

    findings: tuple[Finding, ...]
    """All findings, what weighs most first."""

    leaf: Element | None
    """The server's own certificate, and where it stood; None when none could be read."""

    chain: tuple[Element, ...]
    """What certifies it, in IAM's order, and where each stood."""

    private_key: PrivateKey | None
    """The key in IAM's form; None when none was given or it could not be read."""

    @property
    def public(self) -> PublicMaterial | None:
        """Leaf and chain in IAM's form; None when no leaf could be read."""
        if self.leaf is None:
            return None
        return PublicMaterial(
            self.leaf.certificate, tuple(element.certificate for element in self.chain)
        )

    @property
    def accepted(self) -> bool:
        """Whether nothing rules the upload out, once converted."""
        return not errors(self.findings)

    @property
    def accepted_as_is(self) -> bool:
        """Whether nothing rules the upload out, and there is nothing to convert."""
        return self.accepted and not any(
            finding.severity is Severity.FIXABLE for finding in self.findings
        )


def assess(given: Given, criteria: Criteria) -> Assessment:
    """
    Judge material.

    Args:
        given: What the user gave; a certificate or a bundle at least.
        criteria: What to judge it by.

    Returns:
        The assessment. Whatever the inputs hold, nothing is raised.
    """
    raise NotImplementedError
