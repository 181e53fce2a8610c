"""Normalize times (RFC 5280, 4.1.2.5)."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from server_certificate.der import GENERALIZED_TIME, UTC_TIME, DerError

if TYPE_CHECKING:
    from server_certificate.normalization.oddities import Oddities
    from server_certificate.normalization.tree import Node

_YEAR = {UTC_TIME: r"(?P<year>\d{2})", GENERALIZED_TIME: r"(?P<year>\d{4})"}
_STRICT = {
    UTC_TIME: re.compile(rb"\d{12}Z"),
    GENERALIZED_TIME: re.compile(rb"\d{14}Z"),
}
_LENIENT = {
    tag: re.compile(
        year
        + r"(?P<month>\d{2})(?P<day>\d{2})(?P<hour>\d{2})(?P<minute>\d{2})(?P<second>\d{2})?"
        + r"([.,]\d{1,9})?(Z|(?P<offset>[+-]\d{4}))",
        re.ASCII,
    )
    for tag, year in _YEAR.items()
}
_PIVOT = 50
"""Two-digit years from here on are in the twentieth century."""

_FIRST_OF_FOUR_DIGITS = 2050
_NAMED = 32
"""The maximum number of characters of a time to quote."""


def normalize_time(node: Node, where: str, oddities: Oddities) -> None:
    """
    Convert a time to UTC with seconds.

    Args:
        node: The time.
        where: A noun phrase for it, such as ``its notAfter``.
        oddities: Records what was normalized.

    Raises:
        DerError: It is not a time, or doesn't exist.
    """
    text = node.content.decode("latin-1")
    quoted = ascii(text[:_NAMED])
    match = _LENIENT[node.tag].fullmatch(text) if node.tag in _LENIENT else None
    if match is None:
        raise DerError(f"{where} is {quoted}, which is not a time")
    try:
        instant = _instant(match)
    except (ValueError, OverflowError):
        raise DerError(f"{where} is {quoted}, a time that doesn't exist") from None
    if _STRICT[node.tag].fullmatch(node.content):
        return
    oddities.add(f"{where} is encoded as {quoted}, which clients that use OpenSSL reject")
    if instant.year < _FIRST_OF_FOUR_DIGITS:
        node.tag, node.content = UTC_TIME, instant.strftime("%y%m%d%H%M%SZ").encode()
    else:
        node.tag, node.content = GENERALIZED_TIME, instant.strftime("%Y%m%d%H%M%SZ").encode()


def _instant(match: re.Match[str]) -> datetime:
    year = int(match["year"])
    if len(match["year"]) == len("yy"):
        year += 1900 if year >= _PIVOT else 2000
    units = ("month", "day", "hour", "minute", "second")
    month, day, hour, minute, second = (int(match[unit] or 0) for unit in units)
    instant = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    if offset := match["offset"]:
        distance = timedelta(hours=int(offset[1:3]), minutes=int(offset[3:]))
        instant += distance if offset[0] == "-" else -distance
    return instant
