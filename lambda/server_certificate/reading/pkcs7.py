"""PKCS#7 bundles of certificates (RFC 2315, SignedData without content), as authorities send them."""

from __future__ import annotations

from server_certificate.reading.old_der import content_of, first, parts

_SIGNED_DATA = bytes.fromhex("2a864886f70d010702")
_CERTIFICATES, _REVOCATION_LISTS = 0xA0, 0xA1


def read_pkcs7(octets: bytes) -> tuple[list[bytes], list[str]]:
    """
    Take a bundle apart.

    Returns:
        Its certificates in DER, and what else it holds, as noun phrases.

    Raises:
        ValueError: It is none, or not whole; the message is a few words.
    """
    whole = first(octets)
    if whole is None or whole.end != len(octets):
        raise ValueError("its content is cut short, or there is more in it than a bundle")
    try:
        identifier, holder, *_ = parts(octets, whole)
        (signed, *_) = parts(octets, holder)
        fields = list(parts(octets, signed))
    except ValueError:
        fields = []
    if not fields or content_of(octets, identifier) != _SIGNED_DATA:
        raise ValueError("its content is damaged")
    # Version, digests and content come first; all the rest is optional.
    certificates = [
        octets[part.begin : part.end]
        for field in fields[3:]
        if field.tag == _CERTIFICATES
        for part in parts(octets, field)
    ]
    lists = [
        "a certificate revocation list"
        for field in fields[3:]
        if field.tag == _REVOCATION_LISTS
        for _ in parts(octets, field)
    ]
    return certificates, lists
