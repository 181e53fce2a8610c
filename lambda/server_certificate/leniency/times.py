"""Times that are not written as RFC 5280, 4.1.2.5, wants them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from server_certificate.der import GENERALIZED_TIME, UTC_TIME, DerError

if TYPE_CHECKING:
    from server_certificate.leniency.oddities import Oddities
    from server_certificate.leniency.tree import Node

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
"""Two digits from here on are of the twentieth century."""

_FIRST_OF_FOUR_DIGITS = 2050
_NAMED = 32
"""Characters of a time that are quoted."""


def put_time_right(node: Node, where: str, oddities: Oddities) -> None:
    """
    Write a time in UTC, to the second.

    Args:
        node: The time.
        where: What to call it, such as ``its notAfter``.
        oddities: Where to note what was put right.

    Raises:
        DerError: It is no time, or there is no such day.
    """
    text = node.content.decode("latin-1")
    quoted = ascii(text[:_NAMED])
    match = _LENIENT[node.tag].fullmatch(text) if node.tag in _LENIENT else None
    if match is None:
        raise DerError(f"{where} is written {quoted}, which is not a time")
    try:
        instant = _instant(match)
    except (ValueError, OverflowError):
        raise DerError(f"{where} is written {quoted}, and there is no such time") from None
    if _STRICT[node.tag].fullmatch(node.content):
        return
    oddities.add(f"{where} is written {quoted}, which clients that use OpenSSL refuse")
    if instant.year < _FIRST_OF_FOUR_DIGITS:
        node.tag, node.content = UTC_TIME, instant.strftime("%y%m%d%H%M%SZ").encode()
    else:
        node.tag, node.content = GENERALIZED_TIME, instant.strftime("%Y%m%d%H%M%SZ").encode()


def _instant(match: re.Match[str]) -> datetime:
    year = int(match["year"])
    if len(match["year"]) == len("yy"):
        year += 1900 if year >= _PIVOT else 2000
    month, day, hour, minute, second = (
        int(match[unit] or 0) for unit in ("month", "day", "hour", "minute", "second")
    )
    instant = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    if offset := match["offset"]:
        distance = timedelta(hours=int(offset[1:3]), minutes=int(offset[3:]))
        instant += distance if offset[0] == "-" else -distance
    return instant
