"""
Encryption by a passphrase: PBES2 (RFC 8018, 6.2) and that of PKCS#12 (RFC 7292, appendix C).

What ``cryptography`` has primitives for is decrypted here, so that everything in it is seen. The
rest is left to OpenSSL: see :mod:`server_certificate.reading.decryption.openssl_bundle`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeVar

from cryptography.exceptions import UnsupportedAlgorithm

from server_certificate.budget import DerivationExceededError
from server_certificate.der import (
    OBJECT_IDENTIFIER,
    OCTET_STRING,
    SEQUENCE,
    DerError,
    Value,
    definite,
    dotted,
    number,
    octets_of,
    parts,
    whole,
)
from server_certificate.reading.decryption.ciphers import CIPHERS
from server_certificate.reading.decryption.key_derivation import (
    UnknownDerivationError,
    derivation_of,
)
from server_certificate.reading.decryption.pkcs12_derivation import Purpose, derive
from server_certificate.reading.decryption.secret import (
    UnknownEncryptionError,
    WrongPassphraseError,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from server_certificate.budget import Budget
    from server_certificate.reading.decryption.ciphers import BlockCipher
    from server_certificate.reading.decryption.key_derivation import Derivation
    from server_certificate.reading.decryption.secret import Secret

_T = TypeVar("_T")

_PBES2 = "1.2.840.113549.1.5.13"
_CIPHERS_OF_PBES2 = {
    "2.16.840.1.101.3.4.1.2": "AES-128-CBC",
    "2.16.840.1.101.3.4.1.22": "AES-192-CBC",
    "2.16.840.1.101.3.4.1.42": "AES-256-CBC",
    "1.2.840.113549.3.7": "DES-EDE3-CBC",
    "1.3.14.3.2.7": "DES-CBC",
    "1.2.392.200011.61.1.1.1.2": "CAMELLIA-128-CBC",
    "1.2.392.200011.61.1.1.1.3": "CAMELLIA-192-CBC",
    "1.2.392.200011.61.1.1.1.4": "CAMELLIA-256-CBC",
    "1.2.410.200004.1.4": "SEED-CBC",
    "1.2.156.10197.1.104.2": "SM4-CBC",
    # Known to OpenSSL alone.
    "1.2.410.200046.1.1.2": "ARIA-128-CBC",
    "1.2.410.200046.1.1.7": "ARIA-192-CBC",
    "1.2.410.200046.1.1.12": "ARIA-256-CBC",
    "1.2.840.113549.3.2": "RC2-CBC",
    "1.3.6.1.4.1.3029.1.2": "BF-CBC",
    "1.2.840.113533.7.66.10": "CAST5-CBC",
}
_CIPHERS_OF_PKCS12 = {
    "1.2.840.113549.1.12.1.1": ("RC4", 16),
    "1.2.840.113549.1.12.1.2": ("RC4-40", 5),
    "1.2.840.113549.1.12.1.3": ("DES-EDE3-CBC", 24),
    "1.2.840.113549.1.12.1.4": ("DES-EDE-CBC", 16),
    "1.2.840.113549.1.12.1.5": ("RC2-CBC", 16),
    "1.2.840.113549.1.12.1.6": ("RC2-40-CBC", 5),
}
"""Names and octets of keys. Those that are not among ours are known to OpenSSL alone."""

_OF_PKCS5 = {
    "1.2.840.113549.1.5.3": "MD5 and DES",
    "1.2.840.113549.1.5.6": "MD5 and RC2",
    "1.2.840.113549.1.5.10": "SHA-1 and DES",
    "1.2.840.113549.1.5.11": "SHA-1 and RC2",
}
"""PBES1 (RFC 8018, A.3), which is known to OpenSSL alone."""

_LONGEST_KEY = 32
_OPENSSL_ALONE = {"BF-CBC", "CAST5-CBC"}
"""Their keys may have any length in PBES2, which is for OpenSSL to know."""


class Scheme(Protocol):
    """How something is encrypted."""

    @property
    def name(self) -> str:
        """The name of its cipher."""

    @property
    def is_for_openssl(self) -> bool:
        """Whether only OpenSSL decrypts it."""

    def spend(self, budget: Budget) -> None:
        """
        Take from a budget what decrypting it by OpenSSL costs.

        Raises:
            DerivationExceededError: It is more than is left.
        """

    def password(self, secret: Secret) -> bytes:
        """Return what OpenSSL is given as the passphrase."""

    def decrypt(self, cipher_text: bytes, secret: Secret, budget: Budget) -> bytes:
        """
        Decrypt it here.

        Raises:
            DerError: The parameters are damaged.
            DerivationExceededError: It takes more iterations than are left.
            UnknownEncryptionError: This build of ``cryptography`` lacks the cipher.
            WrongPassphraseError: What comes out is nothing.

        Returns:
            A sequence, with definite lengths throughout.
        """


def scheme_of(algorithm: Value) -> Scheme:
    """
    Return how something is encrypted.

    Args:
        algorithm: The AlgorithmIdentifier.

    Raises:
        DerError: Its parameters are damaged.
        UnknownEncryptionError: It is none that is known.
    """
    identifier, *parameters = parts(algorithm, OBJECT_IDENTIFIER)
    name = dotted(identifier)
    if name not in {_PBES2, *_CIPHERS_OF_PKCS12, *_OF_PKCS5}:
        raise UnknownEncryptionError(name)
    if len(parameters) != 1:
        raise DerError("its content is damaged")
    if name == _PBES2:
        return _pbes2(parameters[0])
    salt, count = _two(parameters[0], OCTET_STRING)
    if (iterations := number(count)) < 1:
        raise DerError("its iterations are none")
    if name in _OF_PKCS5:
        return _Pbes1(_OF_PKCS5[name], iterations)
    cipher, length = _CIPHERS_OF_PKCS12[name]
    return _OfPkcs12(cipher, length, salt.content, iterations)


def encrypted_parts(value: Value) -> tuple[Value, bytes]:
    """
    Return how a private key is encrypted, and what is encrypted of it (RFC 5958, 3).

    Raises:
        DerError: It is no EncryptedPrivateKeyInfo.
    """
    algorithm, cipher_text = _two(value, SEQUENCE)
    return algorithm, octets_of(cipher_text)


def first_that_opens(
    secrets: Iterable[Secret], attempt: Callable[[Secret], _T]
) -> tuple[_T, Secret]:
    """
    Try one way to write a passphrase after the other.

    Args:
        secrets: The ways, the likeliest first.
        attempt: What opens something, or raises ``WrongPassphraseError``.

    Returns:
        What was opened, and by which.

    Raises:
        DerivationExceededError: Not even the first can be tried.
        WrongPassphraseError: None opens it, as far as they could be tried.
    """
    has_tried = False
    for secret in secrets:
        try:
            return attempt(secret), secret
        except WrongPassphraseError:
            has_tried = True
        except DerivationExceededError:
            if not has_tried:
                raise
            break
    raise WrongPassphraseError("the passphrase does not open it")


def _pbes2(parameters: Value) -> Scheme:
    derivation, cipher = _two(parameters, SEQUENCE, SEQUENCE)
    identifier, *settings = parts(cipher, OBJECT_IDENTIFIER)
    dots = dotted(identifier)
    name = _CIPHERS_OF_PBES2.get(dots)
    if name is None:
        raise UnknownEncryptionError(dots)
    try:
        derived = derivation_of(derivation)
    except UnknownDerivationError as err:
        raise UnknownEncryptionError(f"{name} with {err}") from None
    known = None if name in _OPENSSL_ALONE else CIPHERS.get(name)
    vector = b""
    if known is not None:
        if len(settings) != 1 or settings[0].tag != OCTET_STRING:
            raise DerError("its content is damaged")
        vector = settings[0].content
        if len(vector) != known.block_length or derived.key_length not in {None, known.key_length}:
            raise DerError("its parameters do not fit its cipher")
    return _Pbes2(name, derived, known, vector)


@dataclass(frozen=True, slots=True)
class _Pbes2:
    name: str
    derivation: Derivation
    cipher: BlockCipher | None
    vector: bytes

    @property
    def is_for_openssl(self) -> bool:
        return self.cipher is None

    def spend(self, budget: Budget) -> None:
        length = self.cipher.key_length if self.cipher else _LONGEST_KEY
        self.derivation.spend(length, budget)

    def password(self, secret: Secret) -> bytes:
        return secret.octets

    def decrypt(self, cipher_text: bytes, secret: Secret, budget: Budget) -> bytes:
        if self.cipher is None:
            raise UnknownEncryptionError(self.name)
        self.spend(budget)
        try:
            key = self.derivation.derive(secret.octets, self.cipher.key_length)
        except UnsupportedAlgorithm:
            raise UnknownEncryptionError(self.name) from None
        return decrypted(
            self.cipher, self.name, cipher_text, key=key, vector=self.vector, budget=budget
        )


@dataclass(frozen=True, slots=True)
class _OfPkcs12:
    name: str
    key_length: int
    salt: bytes
    iterations: int

    @property
    def is_for_openssl(self) -> bool:
        return self.name not in CIPHERS

    def spend(self, budget: Budget) -> None:
        budget.spend_iterations(self.iterations, cost=2)  # for the key, and for the vector

    def password(self, secret: Secret) -> bytes:
        return (secret.characters or "").encode("utf-8")

    def decrypt(self, cipher_text: bytes, secret: Secret, budget: Budget) -> bytes:
        if self.is_for_openssl:
            raise UnknownEncryptionError(self.name)
        cipher = CIPHERS[self.name]
        key, vector = (
            derive(
                secret.utf16,
                self.salt,
                self.iterations,
                purpose=purpose,
                length=length,
                digest="sha1",
                budget=budget,
            )
            for purpose, length in (
                (Purpose.KEY, self.key_length),
                (Purpose.VECTOR, cipher.block_length),
            )
        )
        return decrypted(cipher, self.name, cipher_text, key=key, vector=vector, budget=budget)


@dataclass(frozen=True, slots=True)
class _Pbes1:
    name: str
    iterations: int
    is_for_openssl: bool = True

    def spend(self, budget: Budget) -> None:
        budget.spend_iterations(self.iterations)

    def password(self, secret: Secret) -> bytes:
        return secret.octets

    def decrypt(self, cipher_text: bytes, secret: Secret, budget: Budget) -> bytes:
        del cipher_text, secret, budget
        raise UnknownEncryptionError(self.name)


def decrypted(
    cipher: BlockCipher, name: str, cipher_text: bytes, *, key: bytes, vector: bytes, budget: Budget
) -> bytes:
    """
    Decrypt a value in DER or BER, and return it without the padding of its last block.

    Args:
        cipher: What to decrypt it with.
        name: What to call that.
        cipher_text: What is encrypted.
        key: The key.
        vector: The initialisation vector.
        budget: What looking at the value is taken from.

    Raises:
        BudgetExceededError: It takes more than is left.
        UnknownEncryptionError: The library doesn't have the cipher.
        WrongPassphraseError: The key is another one.
    """
    try:
        plain = cipher.decrypt(cipher_text, key=key, vector=vector)
    except UnsupportedAlgorithm:
        raise UnknownEncryptionError(name) from None
    except ValueError:
        raise WrongPassphraseError("the passphrase does not open it") from None
    return sequence_of(plain, budget)


def sequence_of(plain: bytes, budget: Budget) -> bytes:
    """
    Return what was decrypted with definite lengths throughout, if it is what is encrypted so.

    Raises:
        BudgetExceededError: It has too many values.
        WrongPassphraseError: It is no sequence; by chance, its padding may be right all the same.
    """
    try:
        return whole(definite(plain, budget), SEQUENCE).octets
    except DerError:
        raise WrongPassphraseError("the passphrase does not open it") from None


def _two(value: Value, *tags: int) -> tuple[Value, Value]:
    match parts(value, *tags):
        case [one, other]:
            return one, other
    raise DerError("its content is damaged")
