"""The MAC of a PKCS#12 bundle (RFC 7292, 4; RFC 9579), which detects modifications."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from server_certificate.der import (
    OBJECT_IDENTIFIER,
    OCTET_STRING,
    SEQUENCE,
    DerError,
    Value,
    dotted,
    number,
    parts,
)
from server_certificate.reading.decryption.encoded_passphrase import UnknownEncryptionError
from server_certificate.reading.decryption.key_derivation import (
    UnknownDerivationError,
    parse_derivation,
)
from server_certificate.reading.decryption.pkcs12_derivation import Purpose, derive

if TYPE_CHECKING:
    from server_certificate.budget import Budget
    from server_certificate.reading.decryption.encoded_passphrase import EncodedPassphrase
    from server_certificate.reading.decryption.key_derivation import Derivation

_PBMAC1 = "1.2.840.113549.1.5.14"
_DIGESTS = {
    "1.2.840.113549.2.5": "md5",
    "1.3.14.3.2.26": "sha1",
    "2.16.840.1.101.3.4.2.4": "sha224",
    "2.16.840.1.101.3.4.2.1": "sha256",
    "2.16.840.1.101.3.4.2.2": "sha384",
    "2.16.840.1.101.3.4.2.3": "sha512",
    "2.16.840.1.101.3.4.2.5": "sha512_224",
    "2.16.840.1.101.3.4.2.6": "sha512_256",
    "2.16.840.1.101.3.4.2.7": "sha3_224",
    "2.16.840.1.101.3.4.2.8": "sha3_256",
    "2.16.840.1.101.3.4.2.9": "sha3_384",
    "2.16.840.1.101.3.4.2.10": "sha3_512",
}
_HMACS = {
    "1.2.840.113549.2.7": "sha1",
    "1.2.840.113549.2.8": "sha224",
    "1.2.840.113549.2.9": "sha256",
    "1.2.840.113549.2.10": "sha384",
    "1.2.840.113549.2.11": "sha512",
    "1.2.840.113549.2.12": "sha512_224",
    "1.2.840.113549.2.13": "sha512_256",
}
_LENGTHS_OF_KEYS = range(20, 1025)
"""RFC 9579 requires at least 20 bytes; Bouncy Castle has used 256, and accepts 1,024."""


class Mac(Protocol):
    """The MAC of a bundle."""

    def password(self, secret: EncodedPassphrase) -> bytes:
        """Return the encoding of the passphrase that the MAC's key is derived from."""

    def matches(self, content: bytes, secret: EncodedPassphrase, budget: Budget) -> bool:
        """
        Return whether the MAC was created for some content with a passphrase.

        Raises:
            DerError: Its parameters are damaged.
            DerivationExceededError: The iterations exceed the budget.
        """


def parse_mac(mac_data: Value) -> Mac:
    """
    Return the MAC of a bundle.

    Args:
        mac_data: The MacData.

    Raises:
        DerError: It is damaged.
        UnknownEncryptionError: The MAC algorithm is not supported.
    """
    info, salt, *count = parts(mac_data, SEQUENCE, OCTET_STRING)
    algorithm, value, *more = parts(info, SEQUENCE, OCTET_STRING)
    identifier, *parameters = parts(algorithm, OBJECT_IDENTIFIER)
    iterations = [number(each) for each in count] or [1]
    if more or len(iterations) > 1 or iterations[0] < 1 or len(parameters) > 1:
        raise DerError("its MAC is damaged")
    name = dotted(identifier)
    if name == _PBMAC1:
        if not parameters:
            raise DerError("its MAC is damaged")
        return _pbmac1(parameters[0], value.content)
    if name not in _DIGESTS:
        raise UnknownEncryptionError(f"a MAC with {name}")
    return _Usual(_DIGESTS[name], salt.content, iterations[0], value.content)


def _pbmac1(parameters: Value, value: bytes) -> Mac:
    derivation, scheme, *more = parts(parameters, SEQUENCE, SEQUENCE)
    name = dotted(parts(scheme, OBJECT_IDENTIFIER)[0])
    if name not in _HMACS:
        raise UnknownEncryptionError(f"a MAC with {name}")
    try:
        derived = parse_derivation(derivation)
    except UnknownDerivationError as err:
        raise UnknownEncryptionError(f"a MAC with {err}") from None
    length = derived.key_length or 0
    if more or length not in _LENGTHS_OF_KEYS:
        raise DerError("its MAC is damaged")
    return _Pbmac1(_HMACS[name], derived, length, value)


@dataclass(frozen=True, slots=True)
class _Usual:
    digest: str
    salt: bytes
    iterations: int
    value: bytes

    def password(self, secret: EncodedPassphrase) -> bytes:
        return secret.utf16

    def matches(self, content: bytes, secret: EncodedPassphrase, budget: Budget) -> bool:
        key = derive(
            secret.utf16,
            self.salt,
            self.iterations,
            purpose=Purpose.MAC,
            length=hmac.new(b"", digestmod=self.digest).digest_size,
            digest=self.digest,
            budget=budget,
        )
        return hmac.compare_digest(hmac.digest(key, content, self.digest), self.value)


@dataclass(frozen=True, slots=True)
class _Pbmac1:
    digest: str
    derivation: Derivation
    key_length: int
    value: bytes

    def password(self, secret: EncodedPassphrase) -> bytes:
        return secret.octets

    def matches(self, content: bytes, secret: EncodedPassphrase, budget: Budget) -> bool:
        self.derivation.spend(self.key_length, budget)
        key = self.derivation.derive(secret.octets, self.key_length)
        return hmac.compare_digest(hmac.digest(key, content, self.digest), self.value)
