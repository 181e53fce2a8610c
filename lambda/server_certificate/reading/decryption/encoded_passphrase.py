"""
Encodings of a passphrase.

ASCII has only one encoding. For other characters, tools differ: PKCS#12 requires UTF-16 (RFC 7292,
B.1), and PBKDF2 accepts any bytes (RFC 8018, 3). Most tools use UTF-8, and OpenSSL uses the bytes
that the terminal sends.
"""

from __future__ import annotations

from dataclasses import dataclass, field


class UnknownEncryptionError(ValueError):
    """An encryption is not supported. The message is its name."""


class WrongPassphraseError(ValueError):
    """The passphrase is wrong, or the content is damaged."""


@dataclass(frozen=True, slots=True)
class EncodedPassphrase:
    """One encoding of a passphrase. Its representation doesn't show it."""

    octets: bytes = field(repr=False)
    """The input of PBKDF2, scrypt and OpenSSL's own key derivation."""

    characters: str | None = field(repr=False)
    """The input of PKCS#12. None means no passphrase, which differs from an empty one."""

    @property
    def utf16(self) -> bytes:
        """The characters in big-endian UTF-16 with a terminator (RFC 7292, B.1)."""
        return b"" if self.characters is None else self.characters.encode("utf-16-be") + b"\0\0"

    @property
    def is_empty(self) -> bool:
        """Whether the passphrase is empty."""
        return not self.octets


EMPTY = (EncodedPassphrase(b"", ""), EncodedPassphrase(b"", None))
"""The passphrases that tools use if none is given."""


def encodings_of(passphrase: str) -> tuple[EncodedPassphrase, ...]:
    """
    Return the possible encodings of a passphrase, most likely first.

    A lone surrogate has no encoding, because nothing can be encrypted with it.
    """
    try:
        octets = passphrase.encode("utf-8")
    except UnicodeEncodeError:
        return ()
    ways = [EncodedPassphrase(octets, passphrase)]
    if not passphrase.isascii():
        # OpenSSL before 1.1.0 treated every byte of UTF-8 as a character.
        ways.append(EncodedPassphrase(octets, octets.decode("latin-1")))
        # A terminal with a Western European code page sends different bytes.
        of_windows = passphrase.encode("cp1252", errors="replace")
        ways.append(EncodedPassphrase(of_windows, of_windows.decode("latin-1")))
    return tuple(ways)
