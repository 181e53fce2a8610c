"""
Which parts of the material go together: one table for the construct, the command and the function.

A certificate or a bundle is needed, and one of them only: a bundle holds the certificate. The chain
and the private key may be in the bundle, or come separately next to either. A passphrase goes with
either, too: it opens the bundle or the key.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

CERTIFICATE, CHAIN, PRIVATE_KEY, BUNDLE = "certificate", "chain", "private-key", "bundle"
"""The parts, as findings call them."""


class Misfit(Enum):
    """Why parts can't be taken together."""

    TWO_CERTIFICATES = "a bundle holds the certificate, and another one is given with it"
    NO_CERTIFICATE = "there is neither a certificate nor a bundle"
    NO_PRIVATE_KEY = "there is neither a private key nor a bundle, which may hold one"


def misfit(given: Collection[str], *, is_upload: bool) -> Misfit | None:
    """
    Tell whether parts can be taken together.

    Args:
        given: The parts that were given, of those above.
        is_upload: Whether a private key is needed.

    Returns:
        Why not; None when they can.
    """
    if CERTIFICATE in given and BUNDLE in given:
        return Misfit.TWO_CERTIFICATES
    if CERTIFICATE not in given and BUNDLE not in given:
        return Misfit.NO_CERTIFICATE
    if is_upload and PRIVATE_KEY not in given and BUNDLE not in given:
        return Misfit.NO_PRIVATE_KEY
    return None
