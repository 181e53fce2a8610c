"""White space and zeros after a value, which file transfers, editors and key stores append."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server_certificate.der import header, is_whole
from server_certificate.findings import Rule, Severity
from server_certificate.normalization.tree import read

if TYPE_CHECKING:
    from collections.abc import Iterator

    from server_certificate.budget import Budget
    from server_certificate.findings import Finding

PADDED = Rule(
    code="padded",
    severity=Severity.FIXABLE,
    why="It is followed by white space or zeros. OpenSSL ignores them; Java rejects such a"
    " certificate.",
    fix="Conversion removes them.",
    source="X.690, 8.1; observed: OpenSSL 3, Java 17",
    acknowledged="The input is still converted.",
)
RULES = (PADDED,)

WHITE_SPACE = b"\t\n\r\x1a "
"""What text editors and file transfers append; 1A is the end-of-file character of CP/M and DOS."""

ZEROS = b"\0"

_MOST_INDEFINITE = 64 * 1024
"""The maximum size of a value of indefinite length, in bytes, whose end is searched for."""


def without_padding(octets: bytes, budget: Budget, *, padding: bytes = WHITE_SPACE) -> bytes:
    """
    Return a value without the padding that follows it.

    Args:
        octets: A value in DER or BER and what follows it, or nothing.
        budget: The budget for finding the end of a value of indefinite length.
        padding: The bytes that count as padding. If anything else follows the value, nothing is
            removed. Default: white space.

    Raises:
        BudgetExceededError: The work exceeds the budget.
        DerError: There is no value at the start.
    """
    if not octets or octets[-1:].strip(padding) or is_whole(octets):
        return octets
    end = end_of(octets, budget)
    return octets if octets[end:].strip(padding) else octets[:end]


def end_of(octets: bytes, budget: Budget) -> int:
    """
    Return the end of the value at the start of some bytes.

    Raises:
        BudgetExceededError: The work exceeds the budget.
        DerError: There is no value at the start.
    """
    _, start, length = header(octets, 0, len(octets))
    if length is not None:
        return min(start + length, len(octets))
    return read(octets, budget).end if len(octets) <= _MOST_INDEFINITE else len(octets)


def padding_findings(octets: int, what: str, where: str) -> Iterator[Finding]:
    """
    Report the removal of padding, if there was any.

    Args:
        octets: The number of bytes of padding.
        what: What they follow: ``certificate``, ``private key``.
        where: Its place in the input.
    """
    if octets:
        count = "there is 1 byte" if octets == 1 else f"there are {octets:,} bytes"
        yield PADDED.finding(where, f"{count} after the {what}.")
