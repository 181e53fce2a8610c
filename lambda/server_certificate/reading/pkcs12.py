"""
PKCS#12 bundles (RFC 7292), bag by bag, so that nothing is dropped silently.

The MAC is verified first, then everything is decrypted. A bundle may have no MAC, and its content
may be unencrypted. :attr:`Bags.is_protected` says whether a passphrase protects its private keys.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from server_certificate.budget import DerivationExceededError
from server_certificate.der import (
    CONTEXT_0,
    INTEGER,
    OBJECT_IDENTIFIER,
    SEQUENCE,
    SET,
    DerError,
    Value,
    definite,
    dotted,
    first,
    joined,
    octets_of,
    parts,
    whole,
)
from server_certificate.reading.decryption import openssl_bundle
from server_certificate.reading.decryption.encoded_passphrase import (
    EMPTY,
    UnknownEncryptionError,
    WrongPassphraseError,
    encodings_of,
)
from server_certificate.reading.decryption.encrypted_keys import decrypt_pkcs8
from server_certificate.reading.decryption.encryption import parse_scheme, try_encodings
from server_certificate.reading.decryption.pkcs12_mac import parse_mac

if TYPE_CHECKING:
    from collections.abc import Iterable

    from server_certificate.budget import Budget
    from server_certificate.reading.decryption.encoded_passphrase import EncodedPassphrase
    from server_certificate.reading.decryption.pkcs12_mac import Mac

_DATA, _ENCRYPTED_DATA = "1.2.840.113549.1.7.1", "1.2.840.113549.1.7.6"
_BAG = "1.2.840.113549.1.12.10.1."
_KEY, _SHROUDED_KEY, _CERTIFICATE, _REVOCATION_LIST, _SECRET, _NESTED = (
    f"{_BAG}{number}" for number in range(1, 7)
)
_OTHERS = {_REVOCATION_LIST: "a certificate revocation list", _SECRET: "a secret"}
_X509 = "1.2.840.113549.1.9.22.1"

_IMPLICIT_0 = {0x80, CONTEXT_0}

_DAMAGED = "its content is damaged"
MAX_DEPTH = 4
"""The maximum depth of nested safes, which no tool writes."""


class BundleModifiedError(ValueError):
    """The passphrase decrypts the bundle, but the MAC shows that it was modified."""


class BundlePassphraseError(ValueError):
    """The passphrase is missing or wrong."""


@dataclass(slots=True)
class Bags:
    """The content of a bundle, in its order."""

    certificates: list[bytes] = field(default_factory=list)
    """Certificates in DER."""

    private_keys: list[bytes] = field(default_factory=list, repr=False)
    """Private keys in PKCS#8, decrypted."""

    others: list[str] = field(default_factory=list)
    """What else it contains, as noun phrases."""

    has_mac: bool = False
    """Whether it has a MAC, which has been verified."""

    needs_passphrase: bool = False
    """Whether it required a passphrase that isn't empty, even if only for the MAC."""

    is_protected: bool = False
    """Whether such a passphrase protects every private key, by the MAC or by encryption."""


def read_bags(octets: bytes, passphrase: str | None, budget: Budget) -> Bags:
    """
    Read a bundle.

    Args:
        octets: The bundle.
        passphrase: The passphrase; None if none was given.
        budget: The budget for the work.

    Raises:
        BudgetExceededError: The work exceeds the budget.
        BundleModifiedError: It was modified after it was created.
        DerError: It is not a bundle, or is damaged.
        UnknownEncryptionError: The encryption is not supported.
        BundlePassphraseError: The passphrase is missing or wrong.
    """
    given = encodings_of(passphrase) if passphrase else ()
    content, mac_data = _parse_bundle(octets, budget)
    mac = parse_mac(mac_data) if mac_data else None
    if mac is None:
        opening = _Opening([*given, *EMPTY], budget)
    else:
        matching = _matching_passphrases(mac, content, [*given, *EMPTY], budget)
        opening = _Opening(matching, budget, is_verified=True)
        if not opening.secrets:
            if _decrypts_anything(content, given or EMPTY, budget):
                raise BundleModifiedError("its MAC doesn't match its content")
            raise BundlePassphraseError("the passphrase is wrong")
    try:
        opening.safes(content)
    except WrongPassphraseError:
        raise BundlePassphraseError("the passphrase is wrong") from None
    bags = opening.bags
    bags.has_mac = mac is not None
    is_vouched = bags.has_mac and not opening.secrets[0].is_empty
    bags.needs_passphrase = is_vouched or opening.has_used_passphrase
    bags.is_protected = is_vouched or opening.are_keys_encrypted
    return bags


def _parse_bundle(octets: bytes, budget: Budget) -> tuple[bytes, Value | None]:
    """Return the content that the MAC covers, and the MAC."""
    bundle = whole(definite(octets, budget), SEQUENCE)
    _, content, *rest = parts(bundle, INTEGER, SEQUENCE)
    if len(rest) > 1 or (rest and rest[0].tag != SEQUENCE):
        raise DerError(_DAMAGED)
    kind, value = _content_info(content)
    if kind != _DATA:
        raise UnknownEncryptionError("a public key")
    return octets_of(value), rest[0] if rest else None


def _matching_passphrases(
    mac: Mac, content: bytes, secrets: Iterable[EncodedPassphrase], budget: Budget
) -> list[EncodedPassphrase]:
    """Return the encodings of the passphrase that match the MAC; none if the passphrase is wrong."""
    tried: dict[bytes, bool] = {}
    for secret in secrets:
        password = mac.password(secret)
        if password in tried:
            continue
        try:
            tried[password] = mac.matches(content, secret, budget)
        except DerivationExceededError:
            if not tried:
                raise
            break
        if tried[password]:
            return [each for each in secrets if mac.password(each) == password]
    return []


def _decrypts_anything(
    content: bytes, secrets: Iterable[EncodedPassphrase], budget: Budget
) -> bool:
    """Return whether a passphrase decrypts anything in a bundle."""
    opening = _Opening(list(secrets), budget)
    # A modified bundle may also be damaged. Anything decrypted before that counts.
    with contextlib.suppress(ValueError):
        opening.safes(content)
    return opening.has_opened


class _Opening:
    """One attempt to read a bundle."""

    def __init__(
        self, secrets: list[EncodedPassphrase], budget: Budget, *, is_verified: bool = False
    ) -> None:
        self.secrets = secrets
        self._is_verified = is_verified
        self._budget = budget
        self.bags = Bags()
        self.has_opened = False
        self.has_used_passphrase = False
        self._unencrypted_keys = 0

    @property
    def are_keys_encrypted(self) -> bool:
        return self.has_used_passphrase and not self._unencrypted_keys

    def safes(self, content: bytes) -> None:
        for safe in parts(self._sequence(content)):
            kind, value = _content_info(safe)
            if kind == _DATA:
                self._bags(self._sequence(octets_of(value)), is_encrypted=False)
            elif kind == _ENCRYPTED_DATA:
                self._encrypted_safe(safe, value)
            else:
                raise UnknownEncryptionError("a public key")

    def _encrypted_safe(self, safe: Value, encrypted_data: Value) -> None:
        algorithm, cipher_text = _encrypted_content(encrypted_data)
        scheme = parse_scheme(algorithm)
        if not scheme.is_for_openssl:
            plain, secret = try_encodings(
                self.secrets, lambda secret: scheme.decrypt(cipher_text, secret, self._budget)
            )
            self._bags(whole(plain, SEQUENCE), is_encrypted=self._opened(secret))
            return
        try:
            found, secret = try_encodings(
                self.secrets,
                lambda secret: openssl_bundle.decrypt_safe(
                    safe.encoded, scheme, cipher_text, secret, self._budget
                ),
            )
        except WrongPassphraseError:
            if not self._is_verified:
                raise
            # The passphrase is correct, so OpenSSL or the library doesn't support the content.
            raise UnknownEncryptionError(scheme.name) from None
        self._opened(secret)
        self.bags.certificates += found.certificates
        if not found.is_complete:
            self.bags.others.append(f"unknown content encrypted with {scheme.name}")

    def _bags(self, safe: Value, *, is_encrypted: bool, depth: int = 0) -> None:
        if depth > MAX_DEPTH:
            raise DerError("its safes are nested too deep")
        for bag in parts(safe):
            identifier, holder, *attributes = parts(bag, OBJECT_IDENTIFIER, CONTEXT_0)
            if [each.tag for each in attributes] not in ([], [SET]):
                raise DerError(_DAMAGED)
            self._bag(dotted(identifier), _only(holder), is_encrypted=is_encrypted, depth=depth)

    def _bag(self, kind: str, value: Value, *, is_encrypted: bool, depth: int) -> None:
        if kind == _KEY:
            self._unencrypted_keys += not is_encrypted
            self.bags.private_keys.append(value.encoded)
        elif kind == _SHROUDED_KEY:
            key, secret = decrypt_pkcs8(value, self.secrets, self._budget)
            self._unencrypted_keys += not (self._opened(secret) or is_encrypted)
            self.bags.private_keys.append(key)
        elif kind == _CERTIFICATE:
            form, content = _content_info(value)
            if form == _X509:
                self.bags.certificates.append(octets_of(content))
            else:
                self.bags.others.append("a certificate that is not an X.509 certificate")
        elif kind == _NESTED:
            self._bags(value, is_encrypted=is_encrypted, depth=depth + 1)
        else:
            self.bags.others.append(_OTHERS.get(kind, f"a bag of the unknown type {kind}"))

    def _opened(self, by: EncodedPassphrase) -> bool:
        """Record the passphrase that decrypted something, and return whether it isn't empty."""
        self.has_opened = True
        self.has_used_passphrase |= not by.is_empty
        return not by.is_empty

    def _sequence(self, octets: bytes) -> Value:
        return whole(definite(octets, self._budget), SEQUENCE)


def _encrypted_content(encrypted_data: Value) -> tuple[Value, bytes]:
    """Return the algorithm and the encrypted content of a safe (RFC 2315, 13)."""
    _, info, *attributes = parts(encrypted_data, INTEGER, SEQUENCE)
    if encrypted_data.tag == SEQUENCE and not attributes:
        match parts(info, OBJECT_IDENTIFIER, SEQUENCE):
            case [identifier, algorithm, content] if content.tag in _IMPLICIT_0:
                if dotted(identifier) == _DATA:
                    return algorithm, joined(content)
    raise DerError(_DAMAGED)


def _content_info(info: Value) -> tuple[str, Value]:
    """Return the type and the value of a ContentInfo or CertBag."""
    match parts(info, OBJECT_IDENTIFIER, CONTEXT_0):
        case [identifier, holder]:
            return dotted(identifier), _only(holder)
    raise DerError(_DAMAGED)


def _only(holder: Value) -> Value:
    value = first(holder.octets, holder.start, holder.end)
    if value.end != holder.end:
        raise DerError(_DAMAGED)
    return value
