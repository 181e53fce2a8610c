"""
Passphrase-based encryption: PBES2 (RFC 8018, 6.2) and PKCS#12 (RFC 7292, appendix C).

If ``cryptography`` has the primitives, decryption happens here, so that the complete content is
available. The rest is left to OpenSSL: see
:mod:`server_certificate.reading.decryption.openssl_bundle`.
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
from server_certificate.reading.decryption.encoded_passphrase import (
    UnknownEncryptionError,
    WrongPassphraseError,
)
from server_certificate.reading.decryption.key_derivation import (
    UnknownDerivationError,
    parse_derivation,
)
from server_certificate.reading.decryption.pkcs12_derivation import Purpose, derive

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from server_certificate.budget import Budget
    from server_certificate.reading.decryption.ciphers import BlockCipher
    from server_certificate.reading.decryption.encoded_passphrase import EncodedPassphrase
    from server_certificate.reading.decryption.key_derivation import Derivation

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
    # Supported only by OpenSSL.
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
"""Names and key lengths. Those that are not in ``CIPHERS`` are supported only by OpenSSL."""

_OF_PKCS5 = {
    "1.2.840.113549.1.5.3": "MD5 and DES",
    "1.2.840.113549.1.5.6": "MD5 and RC2",
    "1.2.840.113549.1.5.10": "SHA-1 and DES",
    "1.2.840.113549.1.5.11": "SHA-1 and RC2",
}
"""PBES1 (RFC 8018, A.3), which is supported only by OpenSSL."""

_LONGEST_KEY = 32
_OPENSSL_ALONE = {"BF-CBC", "CAST5-CBC"}
"""In PBES2 their keys can have any length, which only OpenSSL handles."""


class Scheme(Protocol):
    """An encryption scheme with its parameters."""

    @property
    def name(self) -> str:
        """The name of its cipher."""

    @property
    def is_for_openssl(self) -> bool:
        """Whether only OpenSSL can decrypt it."""

    def spend(self, budget: Budget) -> None:
        """
        Spend the cost of decrypting with OpenSSL.

        Raises:
            DerivationExceededError: The cost exceeds the budget.
        """

    def password(self, secret: EncodedPassphrase) -> bytes:
        """Return the passphrase in OpenSSL's encoding."""

    def decrypt(self, cipher_text: bytes, secret: EncodedPassphrase, budget: Budget) -> bytes:
        """
        Decrypt it without OpenSSL's PKCS#12 support.

        Raises:
            DerError: The parameters are damaged.
            DerivationExceededError: The iterations exceed the budget.
            UnknownEncryptionError: This build of ``cryptography`` lacks the cipher.
            WrongPassphraseError: The result is not valid.

        Returns:
            A sequence, with definite lengths throughout.
        """


def parse_scheme(algorithm: Value) -> Scheme:
    """
    Return the encryption scheme of an AlgorithmIdentifier.

    Args:
        algorithm: The AlgorithmIdentifier.

    Raises:
        DerError: Its parameters are damaged.
        UnknownEncryptionError: It is not a known scheme.
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
        raise DerError("its number of iterations is invalid")
    if name in _OF_PKCS5:
        return _Pbes1(_OF_PKCS5[name], iterations)
    cipher, length = _CIPHERS_OF_PKCS12[name]
    return _OfPkcs12(cipher, length, salt.content, iterations)


def encrypted_parts(value: Value) -> tuple[Value, bytes]:
    """
    Return the algorithm and the encrypted content of a private key (RFC 5958, 3).

    Raises:
        DerError: It is not an EncryptedPrivateKeyInfo.
    """
    algorithm, cipher_text = _two(value, SEQUENCE)
    return algorithm, octets_of(cipher_text)


def try_encodings(
    secrets: Iterable[EncodedPassphrase], attempt: Callable[[EncodedPassphrase], _T]
) -> tuple[_T, EncodedPassphrase]:
    """
    Try several encodings of a passphrase in order.

    Args:
        secrets: The encodings, most likely first.
        attempt: Decrypts something, or raises ``WrongPassphraseError``.

    Returns:
        The result, and the encoding that worked.

    Raises:
        DerivationExceededError: Not even the first one fits the budget.
        WrongPassphraseError: None of those that fit the budget works.
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
    raise WrongPassphraseError("the passphrase doesn't decrypt it")


def _pbes2(parameters: Value) -> Scheme:
    derivation, cipher = _two(parameters, SEQUENCE, SEQUENCE)
    identifier, *settings = parts(cipher, OBJECT_IDENTIFIER)
    dots = dotted(identifier)
    name = _CIPHERS_OF_PBES2.get(dots)
    if name is None:
        raise UnknownEncryptionError(dots)
    try:
        derived = parse_derivation(derivation)
    except UnknownDerivationError as err:
        raise UnknownEncryptionError(f"{name} with {err}") from None
    known = None if name in _OPENSSL_ALONE else CIPHERS.get(name)
    vector = b""
    if known is not None:
        if len(settings) != 1 or settings[0].tag != OCTET_STRING:
            raise DerError("its content is damaged")
        vector = settings[0].content
        if len(vector) != known.block_length or derived.key_length not in {None, known.key_length}:
            raise DerError("its parameters don't match its cipher")
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

    def password(self, secret: EncodedPassphrase) -> bytes:
        return secret.octets

    def decrypt(self, cipher_text: bytes, secret: EncodedPassphrase, budget: Budget) -> bytes:
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
        budget.spend_iterations(
            self.iterations, cost=2
        )  # for the key and the initialization vector

    def password(self, secret: EncodedPassphrase) -> bytes:
        return (secret.characters or "").encode("utf-8")

    def decrypt(self, cipher_text: bytes, secret: EncodedPassphrase, budget: Budget) -> bytes:
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

    def password(self, secret: EncodedPassphrase) -> bytes:
        return secret.octets

    def decrypt(self, cipher_text: bytes, secret: EncodedPassphrase, budget: Budget) -> bytes:
        del cipher_text, secret, budget
        raise UnknownEncryptionError(self.name)


def decrypted(
    cipher: BlockCipher, name: str, cipher_text: bytes, *, key: bytes, vector: bytes, budget: Budget
) -> bytes:
    """
    Decrypt a value in DER or BER, and remove the padding of the last block.

    Args:
        cipher: The cipher.
        name: The name of the cipher.
        cipher_text: The encrypted content.
        key: The key.
        vector: The initialization vector.
        budget: The budget for parsing the value.

    Raises:
        BudgetExceededError: The work exceeds the budget.
        UnknownEncryptionError: The library doesn't support the cipher.
        WrongPassphraseError: The key is wrong.
    """
    try:
        plain = cipher.decrypt(cipher_text, key=key, vector=vector)
    except UnsupportedAlgorithm:
        raise UnknownEncryptionError(name) from None
    except ValueError:
        raise WrongPassphraseError("the passphrase doesn't decrypt it") from None
    return sequence_of(plain, budget)


def sequence_of(plain: bytes, budget: Budget) -> bytes:
    """
    Return the decrypted value with definite lengths, if it is a sequence.

    Raises:
        BudgetExceededError: It has too many values.
        WrongPassphraseError: It is not a sequence. With a wrong key, the padding can be valid by
            chance.
    """
    try:
        return whole(definite(plain, budget), SEQUENCE).octets
    except DerError:
        raise WrongPassphraseError("the passphrase doesn't decrypt it") from None


def _two(value: Value, *tags: int) -> tuple[Value, Value]:
    match parts(value, *tags):
        case [one, other]:
            return one, other
    raise DerError("its content is damaged")
