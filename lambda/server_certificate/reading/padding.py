"""White space and zeros behind a value, as transfers, editors and key stores append them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server_certificate.der import header, is_whole
from server_certificate.findings import Rule, Severity
from server_certificate.leniency.tree import read

if TYPE_CHECKING:
    from collections.abc import Iterator

    from server_certificate.budget import Budget
    from server_certificate.findings import Finding

PADDED = Rule(
    code="padded",
    severity=Severity.FIXABLE,
    why="White space or zeros follow it. OpenSSL ignores them; Java refuses such a certificate.",
    fix="Converting leaves them out.",
    source="X.690, 8.1; observed: OpenSSL 3, Java 17",
    acknowledged="It is converted all the same.",
)
RULES = (PADDED,)

WHITE_SPACE = b"\t\n\r\x1a "
"""What text editors and transfers append; 1A was once the end of a file."""

ZEROS = b"\0"

_MOST_INDEFINITE = 64 * 1024
"""Octets of a value of indefinite length whose end is looked for."""


def without_padding(octets: bytes, budget: Budget, *, padding: bytes = WHITE_SPACE) -> bytes:
    """
    Return a value without the padding that follows it.

    Args:
        octets: A value in DER or BER, and what follows it; or nothing.
        budget: What looking for the end of a value of indefinite length is taken from.
        padding: What counts as padding. Anything else stays, and with it all that follows.
            Default: white space.

    Raises:
        BudgetExceededError: It takes more than is left.
        DerError: They begin with no value.
    """
    if not octets or octets[-1:].strip(padding) or is_whole(octets):
        return octets
    end = end_of(octets, budget)
    return octets if octets[end:].strip(padding) else octets[:end]


def end_of(octets: bytes, budget: Budget) -> int:
    """
    Return where the value ends that octets begin with.

    Raises:
        BudgetExceededError: It takes more than is left.
        DerError: They begin with no value.
    """
    _, start, length = header(octets, 0, len(octets))
    if length is not None:
        return min(start + length, len(octets))
    return read(octets, budget).end if len(octets) <= _MOST_INDEFINITE else len(octets)


def padded(octets: int, what: str, where: str) -> Iterator[Finding]:
    """
    Say that padding was left out, if any was.

    Args:
        octets: How many octets.
        what: What they follow: ``certificate``, ``private key``.
        where: Where that stands.
    """
    if octets:
        count = "1 octet comes" if octets == 1 else f"{octets:,} octets come"
        yield PADDED.finding(where, f"{count} after the {what}.")
