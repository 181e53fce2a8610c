"""Find the parts of a certificate in one pass over its encoding."""

from __future__ import annotations

from typing import NamedTuple

from server_certificate.der import CONTEXT_0


class Outline(NamedTuple):
    """The parts of a certificate that can be found without parsing it."""

    signed: bytes
    """The signed part."""

    algorithms_agree: bool
    """Whether the signed part names the same algorithm as the signature (RFC 5280, 4.1.1.2)."""

    attributes: int
    """The number of attributes of issuer and subject, which may be too high."""


def outline(octets: bytes) -> Outline:
    """Return the outline of a certificate that the library has parsed, so that its lengths are valid."""
    begin = _start(octets, 0)
    end = _behind(octets, begin)
    serial_number = _start(octets, begin)
    if octets[serial_number] == CONTEXT_0:
        serial_number = _behind(octets, serial_number)
    algorithm = _behind(octets, serial_number)
    issuer = _behind(octets, algorithm)
    validity = _behind(octets, issuer)
    subject = _behind(octets, validity)
    # Each attribute has one object identifier. Other bytes with the same value may be counted, too.
    attributes = octets.count(b"\6", issuer, validity)
    attributes += octets.count(b"\6", subject, _behind(octets, subject))
    agree = octets.startswith(octets[algorithm:issuer], end)
    return Outline(octets[begin:end], agree, attributes)


def _start(octets: bytes, position: int) -> int:
    length = octets[position + 1]
    return position + 2 + (length & 0x7F if length & 0x80 else 0)


def _behind(octets: bytes, position: int) -> int:
    start, length = position + 2, octets[position + 1]
    if length & 0x80:
        begin, start = start, start + (length & 0x7F)
        length = int.from_bytes(octets[begin:start])
    return start + length
