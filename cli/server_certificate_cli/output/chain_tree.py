"""Print a certificate and its chain as a tree, each certificate with its findings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cryptography.x509.oid import NameOID
from rich.text import Text

from server_certificate.certificates.subject_names import dns_names
from server_certificate.description import describe, describe_certified_key
from server_certificate_cli.output.finding_lines import by_subject, draw_finding
from server_certificate_cli.output.terminal import plain
from server_certificate_cli.output.validity import describe_validity

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from cryptography import x509

    from server_certificate.assessment import Assessment, Criteria
    from server_certificate.certificates.certificate import Certificate
    from server_certificate.certificates.located_certificate import LocatedCertificate
    from server_certificate.certificates.signatures import Signatures
    from server_certificate.description import Description
    from server_certificate.findings import Finding
    from server_certificate_cli.output.terminal import Terminal

_DEEPEST = 12
"""The maximum depth of the indentation."""

_MOST_ELEMENTS = 20
"""The maximum number of certificates. Others are only shown if they have findings."""

_NAMES = 10
"""The maximum number of names to show for each certificate."""


def draw(
    console: Terminal,
    assessment: Assessment,
    criteria: Criteria,
    *,
    files: Mapping[str, str] | None = None,
) -> tuple[Finding, ...]:
    """
    Print the chain from the leaf to its root, or a message that there is no leaf.

    Args:
        console: The terminal.
        assessment: The result of the check.
        criteria: The criteria of the check.
        files: The files of the subjects, such as ``{"chain": "chain.pem"}``. Default: unknown.

    Returns:
        The findings that were not printed, because they are not about a certificate.
    """
    if assessment.leaf is None:
        console.write_line(("No certificate could be read.", "bold"))
        return assessment.findings
    about = by_subject(assessment.findings)
    path = (assessment.leaf, *assessment.chain)
    signatures = assessment.signatures
    tree = _Tree(console, signatures, criteria.at, criteria.expiry_days, files or {})
    ends_at_root = signatures.is_self_signed(path[-1].certificate)
    left_out = 0
    for depth, element in enumerate(path):
        if _MOST_ELEMENTS <= depth < len(path) - 1 and element.subject not in about:
            left_out += 1
            continue
        if left_out:
            tree.gap(left_out, depth)
            left_out = 0
        signs = path[depth - 1].certificate if depth else None
        is_last = ends_at_root and depth == len(path) - 1
        tree.element(element, about.pop(element.subject, ()), signs, depth, is_last=is_last)
    if not ends_at_root:
        tree.missing(path[-1].certificate, len(path))
    return tuple(finding for group in about.values() for finding in group)


def title(certificate: Certificate) -> str:
    """Return a short name for a certificate."""
    return _title(certificate.subject) or ", ".join(dns_names(certificate)[:1])


def _title(name: x509.Name) -> str:
    """Return the common name if it is the only attribute; otherwise, the complete name."""
    common = name.get_attributes_for_oid(NameOID.COMMON_NAME)
    if len(list(name)) == len(common) == 1 and isinstance(common[0].value, str):
        return common[0].value
    return name.rfc4514_string()


class _Tree:
    def __init__(
        self,
        console: Terminal,
        signatures: Signatures,
        at: datetime,
        expiry_days: int,
        files: Mapping[str, str],
    ) -> None:
        self.console = console
        self.signatures = signatures
        self.at = at
        self.expiry_days = expiry_days
        self.files = files
        self.bar = console.symbol("│", "|")
        self.corner = console.symbol("└─ ", "`- ")
        # On a terminal, the margin takes at most a third of the width.
        widest = console.width // (3 * len(self.corner)) if console.writes_to_terminal else _DEEPEST
        self.deepest = min(_DEEPEST, max(1, widest))

    def element(
        self,
        element: LocatedCertificate,
        findings: Iterable[Finding],
        signs: Certificate | None,
        depth: int,
        *,
        is_last: bool,
    ) -> None:
        description = describe(element.certificate, self.signatures)
        head, rest = self.margins(depth, is_last=is_last)
        name = plain(title(element.certificate) or "(no name)", "bold")
        place = plain(f"  ({self.place(element.subject)})", "dim")
        self.write(Text.assemble(name, place), head, rest)
        if signs is not None:
            itself = " and itself" if description.self_signed else ""
            self.write(plain(f"signs {title(signs) or '(no name)'}{itself}"), rest)
        elif description.self_signed:
            self.write(plain("signs itself"), rest)
        self.write(Text.assemble(*self.facts(description, element.certificate)), rest)
        for finding in findings:
            draw_finding(self.console, finding, margin=rest)

    def gap(self, number: int, depth: int) -> None:
        """Print how many certificates are not shown."""
        head, _ = self.margins(depth, is_last=False)
        self.console.write_line(head, plain(f"{number:,} more without findings", "dim"))

    def missing(self, below: Certificate, depth: int) -> None:
        """Print the issuer of the last certificate, which is missing."""
        head, rest = self.margins(depth, is_last=True)
        name = _title(below.issuer) or "(no name)"
        missing = Text.assemble(plain(name, "italic"), plain("  (not provided)", "dim"))
        self.write(missing, head, rest)
        self.write(plain(f"signs {title(below) or '(no name)'}"), rest)

    def write(self, text: Text, first: Text, further: Text | None = None) -> None:
        """Print a line with a margin. On a terminal, it is wrapped next to the line of the tree."""
        self.console.write_paragraph(text, first=first, further=further or first)

    def facts(self, description: Description, certificate: Certificate) -> list[Text]:
        kind = describe_certified_key(certificate)
        last = describe_validity(
            description.not_before,
            description.not_after,
            at=self.at,
            expiry_days=self.expiry_days,
        )
        facts = [plain(f"{kind}, "), plain(last.full, last.style)]
        names = description.subject_alternative_names
        if names and names != (title(certificate),):
            more = f" and {len(names) - _NAMES:,} more" if len(names) > _NAMES else ""
            facts.append(plain(f", for {', '.join(names[:_NAMES])}{more}"))
        return facts

    def place(self, subject: str) -> str:
        file = self.files.get(subject.partition("[")[0]) or self.files.get("bundle")
        return f"{subject}, {file}" if file else subject

    def margins(self, depth: int, *, is_last: bool) -> tuple[Text, Text]:
        """Return the margins of the first line of a certificate and of the other lines."""
        indent = " " * (len(self.corner) * (min(depth, self.deepest) - 1))
        head = indent + self.corner if depth else ""
        space = " " * len(head)
        rest = f"{space}   " if is_last else f"{space}{self.bar}  "
        return plain(head, "dim"), plain(rest, "dim")
