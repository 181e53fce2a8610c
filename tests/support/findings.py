"""Short ways to say what findings a test expects."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from server_certificate.findings import Finding


def codes(findings: Iterable[Finding]) -> list[str]:
    """Return what was found, in order."""
    return [finding.code for finding in findings]


def places(findings: Iterable[Finding]) -> list[tuple[str, str]]:
    """Return what was found and where, in order."""
    return [(finding.code, finding.subject) for finding in findings]


def only(findings: Iterable[Finding]) -> Finding:
    """Return the only finding."""
    (finding,) = findings
    return finding
