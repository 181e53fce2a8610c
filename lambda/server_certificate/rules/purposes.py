"""What certificates say they are for, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cryptography.x509.oid import ExtendedKeyUsageOID

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cryptography import x509

_NAMES = {
    ExtendedKeyUsageOID.CLIENT_AUTH: "clientAuth",
    ExtendedKeyUsageOID.CODE_SIGNING: "codeSigning",
    ExtendedKeyUsageOID.EMAIL_PROTECTION: "emailProtection",
    ExtendedKeyUsageOID.TIME_STAMPING: "timeStamping",
    ExtendedKeyUsageOID.OCSP_SIGNING: "OCSPSigning",
}
_NAMED = 10
"""At most this many are named in one sentence."""


def names_of_purposes(purposes: Iterable[x509.ObjectIdentifier]) -> str:
    """List the purposes of an extended key usage by name, those without one by number."""
    words = [_NAMES.get(purpose, purpose.dotted_string) for purpose in purposes]
    more = f" and {len(words) - _NAMED:,} more" if len(words) > _NAMED else ""
    return ", ".join(words[:_NAMED]) + more
