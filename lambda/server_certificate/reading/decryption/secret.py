"""
Passphrases as tools turn them into octets.

There is one way for ASCII. Beyond it, tools differ: PKCS#12 wants UTF-16 (RFC 7292, B.1) and
PBKDF2 octets of any kind (RFC 8018, 3), which are UTF-8 for most tools and whatever the terminal
sent for OpenSSL.
"""

from __future__ import annotations

from dataclasses import dataclass, field


class UnknownEncryptionError(ValueError):
    """Something is encrypted in a way that is not known here; the message is its name."""


class WrongPassphraseError(ValueError):
    """The passphrase does not decrypt it, or it is damaged."""


@dataclass(frozen=True, slots=True)
class Secret:
    """One way to write a passphrase. Its representation shows nothing of it."""

    octets: bytes = field(repr=False)
    """What PBKDF2, scrypt and OpenSSL's own derivation take."""

    characters: str | None = field(repr=False)
    """What PKCS#12 takes; None is no passphrase at all, and another than an empty one."""

    @property
    def utf16(self) -> bytes:
        """The characters as PKCS#12 takes them: big-endian, and terminated (RFC 7292, B.1)."""
        return b"" if self.characters is None else self.characters.encode("utf-16-be") + b"\0\0"

    @property
    def is_empty(self) -> bool:
        """Whether everybody knows it."""
        return not self.octets


EMPTY = (Secret(b"", ""), Secret(b"", None))
"""What tools encrypt with where no passphrase was given to them."""


def secrets_of(passphrase: str) -> tuple[Secret, ...]:
    """
    Return the ways in which a passphrase may have been written, the usual one first.

    There is none for half a surrogate pair: nothing can be encrypted with it.
    """
    try:
        octets = passphrase.encode("utf-8")
    except UnicodeEncodeError:
        return ()
    ways = [Secret(octets, passphrase)]
    if not passphrase.isascii():
        # OpenSSL before 1.1.0 took every octet of UTF-8 for a character.
        ways.append(Secret(octets, octets.decode("latin-1")))
        # A terminal in a Western European code page sends other octets.
        of_windows = passphrase.encode("cp1252", errors="replace")
        ways.append(Secret(of_windows, of_windows.decode("latin-1")))
    return tuple(ways)
