"""PEM blocks and the text around them."""

from server_certificate.pem.blocks import (
    MAX_CHARACTERS,
    Block,
    PemText,
    count,
    encode,
    length,
    parse,
)

__all__ = ["MAX_CHARACTERS", "Block", "PemText", "count", "encode", "length", "parse"]
