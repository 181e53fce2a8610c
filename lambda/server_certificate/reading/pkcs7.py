"""PKCS#7 bundles of certificates (RFC 2315, SignedData; RFC 5652), which CAs deliver."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server_certificate.der import (
    CONTEXT_0,
    CONTEXT_1,
    CONTEXT_2,
    CONTEXT_3,
    INTEGER,
    OBJECT_IDENTIFIER,
    SEQUENCE,
    SET,
    DerError,
    Value,
    definite,
    dotted,
    parts,
    whole,
)

if TYPE_CHECKING:
    from server_certificate.budget import Budget

_SIGNED_DATA = "1.2.840.113549.1.7.2"
_DAMAGED = "its content is damaged"
_OTHER_CERTIFICATES = {
    CONTEXT_0: "an extended certificate of PKCS#6",
    CONTEXT_1: "an attribute certificate of version 1",
    CONTEXT_2: "an attribute certificate",
    CONTEXT_3: "a certificate that is not an X.509 certificate",
}
"""The alternatives of CertificateChoices (RFC 5652, 10.2.2), by tag."""


def read_pkcs7(octets: bytes, budget: Budget) -> tuple[list[bytes], list[str]]:
    """
    Extract the content of a bundle.

    Args:
        octets: A ContentInfo, or the SignedData in it, in DER or BER.
        budget: The budget for parsing its values.

    Returns:
        Its certificates in DER, and noun phrases for what else it contains.

    Raises:
        BudgetExceededError: It has too many values.
        DerError: It is not a bundle, or is damaged. The message is a clause.
    """
    try:
        # Certificates in DER are kept byte for byte.
        return _bundle(whole(octets, SEQUENCE))
    except DerError:
        return _bundle(whole(definite(octets, budget), SEQUENCE))


def _bundle(bundle: Value) -> tuple[list[bytes], list[str]]:
    fields = parts(bundle)
    if [field.tag for field in fields] != [OBJECT_IDENTIFIER, CONTEXT_0]:
        return _signed(fields)
    identifier, holder = fields
    if dotted(identifier) != _SIGNED_DATA:
        raise DerError("it is not signed data, so it contains no certificates")
    match parts(holder, SEQUENCE):
        case [signed]:
            return _signed(parts(signed))
    raise DerError(_DAMAGED)


def _signed(fields: list[Value]) -> tuple[list[bytes], list[str]]:
    """Parse the fields of SignedData: version, digests, content, certificates, CRLs, signers."""
    if [field.tag for field in fields[:3]] != [INTEGER, SET, SEQUENCE]:
        raise DerError(_DAMAGED)
    certificates: list[bytes] = []
    others = ["signed content"] if len(parts(fields[2])) > 1 else []
    for field in fields[3:]:
        if field.tag == CONTEXT_0:
            for choice in parts(field):
                if choice.tag == SEQUENCE:
                    certificates.append(choice.encoded)
                else:
                    others.append(_OTHER_CERTIFICATES.get(choice.tag, "unknown content"))
        elif field.tag == CONTEXT_1:
            others += ["a certificate revocation list"] * len(parts(field))
        elif field.tag != SET:
            raise DerError(_DAMAGED)
    return certificates, others
