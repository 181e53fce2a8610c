"""
The valid combinations of the parts, for the construct, the command and the function.

Exactly one of certificate and bundle is required, because a bundle contains the certificate. The
chain and the private key can be in the bundle, or be given separately with either. A passphrase can
be given with either, too: it decrypts the bundle or the private key.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

CERTIFICATE, CHAIN, PRIVATE_KEY, BUNDLE = "certificate", "chain", "private-key", "bundle"
"""The parts, by the names that findings use."""


class InvalidCombination(Enum):
    """Why a combination of parts is invalid."""

    TWO_CERTIFICATES = "a bundle already contains the certificate, so both can't be given"
    NO_CERTIFICATE = "neither a certificate nor a bundle is given"
    NO_PRIVATE_KEY = "neither a private key nor a bundle, which may contain one, is given"


def check_combination(given: Collection[str], *, is_upload: bool) -> InvalidCombination | None:
    """
    Check a combination of parts.

    Args:
        given: The given parts.
        is_upload: Whether a private key is required.

    Returns:
        Why the combination is invalid; None if it is valid.
    """
    if CERTIFICATE in given and BUNDLE in given:
        return InvalidCombination.TWO_CERTIFICATES
    if CERTIFICATE not in given and BUNDLE not in given:
        return InvalidCombination.NO_CERTIFICATE
    if is_upload and PRIVATE_KEY not in given and BUNDLE not in given:
        return InvalidCombination.NO_PRIVATE_KEY
    return None
