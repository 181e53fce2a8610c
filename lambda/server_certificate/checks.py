"""The rules of other modules, under their former names."""

from __future__ import annotations

from server_certificate.key_rules import check_private_key
from server_certificate.sizes import (
    MAX_CERTIFICATE_CHARACTERS,
    MAX_CHAIN_CHARACTERS,
    check_key_size,
    check_sizes,
)
from server_certificate.validity import check_validity

__all__ = [
    "MAX_CERTIFICATE_CHARACTERS",
    "MAX_CHAIN_CHARACTERS",
    "check_key_size",
    "check_private_key",
    "check_sizes",
    "check_validity",
]
