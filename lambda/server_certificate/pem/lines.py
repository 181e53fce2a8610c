"""BEGIN and END lines as in RFC 7468, and the known labels."""

from __future__ import annotations

import re
from typing import NamedTuple

LABELS = (
    "CERTIFICATE",
    "X509 CERTIFICATE",
    "TRUSTED CERTIFICATE",
    "CERTIFICATE REQUEST",
    "NEW CERTIFICATE REQUEST",
    "PRIVATE KEY",
    "ENCRYPTED PRIVATE KEY",
    "RSA PRIVATE KEY",
    "EC PRIVATE KEY",
    "DSA PRIVATE KEY",
    "OPENSSH PRIVATE KEY",
    "TSS2 PRIVATE KEY",
    "PKCS#11 PROVIDER URI",
    "PUBLIC KEY",
    "RSA PUBLIC KEY",
    "EC PUBLIC KEY",
    "PKCS7",
    "CMS",
    "PKCS12",
    "X509 CRL",
    "CRL",
    "EC PARAMETERS",
    "DH PARAMETERS",
    "DSA PARAMETERS",
    "X9.42 DH PARAMETERS",
    "ATTRIBUTE CERTIFICATE",
    "PGP MESSAGE",
    "PGP PRIVATE KEY BLOCK",
    "PGP PUBLIC KEY BLOCK",
    "SSH2 PUBLIC KEY",
    "SSH2 ENCRYPTED PRIVATE KEY",
    "AGE ENCRYPTED FILE",
)
"""The known PEM labels: from RFC 7468, OpenSSL's pem.h and other programs."""

SYNONYMS = {"PKCS #7 SIGNED DATA": "PKCS7", "PKCS #12": "PKCS12", "PFX": "PKCS12"}
"""Alternative names of some labels."""

BLANKS = " \t\u00a0\u2007\u2009\u200b\u202f\u3000\ufeff"
"""Replacements of spaces."""

STRICT = re.compile("-----(BEGIN|END) ([A-Z0-9 #./]{1,64})-----")
"""A line as in RFC 7468."""

_HARMLESS = re.compile("[A-Z]{1,12}(?: [A-Z]{1,12}){0,3}")
"""Unknown labels that are safe to quote: no key looks like this."""

_CANONICAL = {re.sub(r"[ #.]", "", label): label for label in LABELS} | {
    re.sub(r"[ #.]", "", label): known for label, known in SYNONYMS.items()
}


class Line(NamedTuple):
    """A BEGIN or END line, possibly damaged."""

    is_begin: bool
    label: str
    """
    The words between ``BEGIN`` and the hyphens. It is safe to quote: an unknown label that could
    contain a secret is replaced with ``PRIVATE KEY`` or ``UNKNOWN``.
    """

    start: int
    """The offset in the text."""

    end: int
    """The offset after it."""

    is_strict: bool
    """Whether it follows RFC 7468."""


def strict_line(match: re.Match[str]) -> Line:
    """Return the line of a match of ``STRICT``."""
    label = label_of(match[2])
    is_strict = label == match[2] or label not in LABELS
    return Line(match[1] == "BEGIN", label, *match.span(), is_strict=is_strict)


def label_of(written: str) -> str:
    """Return the normalized label for ``Line.label``."""
    compact = "".join(character for character in written.upper() if character not in BLANKS + "#.")
    if known := _CANONICAL.get(compact):
        return known
    if _HARMLESS.fullmatch(written):
        return written
    return "PRIVATE KEY" if "PRIVATE KEY" in written else "UNKNOWN"
