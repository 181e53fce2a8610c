"""
PKCS#12 bundles (RFC 7292), bag by bag, so that nothing in them is left out and no work unbounded.

The MAC is not checked. It tells whether somebody changed the bundle; what counts here is whether
certificates certify each other and belong to the key, and that is checked.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from server_certificate.reading.encryption import (
    UnknownEncryptionError,
    WrongPassphraseError,
    decrypt,
    is_slow,
)
from server_certificate.reading.old_der import (
    TooMuchWorkError,
    Value,
    content_of,
    first,
    parts,
    work,
)

_DATA = bytes.fromhex("2a864886f70d010701")
_ENCRYPTED_DATA = bytes.fromhex("2a864886f70d010706")
_BAG = bytes.fromhex("2a864886f70d010c0a01")
_KEY, _SHROUDED_KEY, _CERTIFICATE, _REVOCATION_LIST, _SECRET, _NESTED = range(1, 7)
_OTHERS = {_REVOCATION_LIST: "a certificate revocation list", _SECRET: "a secret"}
_X509 = bytes.fromhex("2a864886f70d01091601")

_SEQUENCE = 0x30
_COST_OF_OWN = 5
"""Iterations that one of PKCS#12's own key derivation counts as: it is carried out in Python."""

MAX_DEPTH = 4
"""Bundles within bundles, which no tool writes."""


class DamagedError(ValueError):
    """The octets are no PKCS#12 bundle."""


@dataclass(slots=True)
class Bags:
    """What a bundle holds, in the order in which it stands there."""

    certificates: list[bytes] = field(default_factory=list)
    """Certificates in DER."""

    private_keys: list[bytes] = field(default_factory=list, repr=False)
    """Private keys in PKCS#8, decrypted."""

    others: list[str] = field(default_factory=list)
    """What else it holds, as noun phrases."""

    was_encrypted: bool = False
    """Whether a passphrase other than an empty one was needed."""


def read_bags(octets: bytes, passphrase: str | None, *, iterations: int) -> Bags:
    """
    Open a bundle.

    Args:
        octets: The bundle.
        passphrase: What opens it; None when none was given.
        iterations: How many iterations of key derivation may be carried out for each attempt.

    Raises:
        DamagedError: It is none, or not whole.
        TooMuchWorkError: Opening it takes more iterations.
        UnknownEncryptionError: It is encrypted in a way that is not known.
        WrongPassphraseError: The passphrase is missing or another.
    """
    asked = work(octets)
    if asked is None or asked > iterations:
        raise TooMuchWorkError(asked)
    # Bundles without a passphrase are written in both ways.
    for attempt in dict.fromkeys((passphrase, None, "")):
        opening = _Opening(attempt, iterations)
        try:
            opening.bundle(octets)
        except WrongPassphraseError:
            continue
        except ValueError as err:
            if isinstance(err, DamagedError | TooMuchWorkError | UnknownEncryptionError):
                raise
            raise DamagedError("its content is damaged") from None
        opening.bags.was_encrypted = bool(attempt) and opening.has_decrypted
        return opening.bags
    raise WrongPassphraseError("the passphrase does not open it")


class _Opening:
    """One attempt with one passphrase."""

    def __init__(self, passphrase: str | None, iterations: int) -> None:
        self._passphrase = passphrase
        self._iterations = iterations
        self.bags = Bags()
        self.has_decrypted = False

    def bundle(self, octets: bytes) -> None:
        whole = first(octets)
        if whole is None or whole.end != len(octets):
            raise DamagedError("its content is cut short, or there is more in it than a bundle")
        _, content, *_ = _some(octets, whole, 2)
        kind, value = self._content_info(octets, content)
        if kind != _DATA:
            raise UnknownEncryptionError("it is signed, or encrypted by way of public keys")
        safes = content_of(octets, value)
        for safe in _sequence(safes):
            self._safe(safes, safe)

    def _safe(self, octets: bytes, safe: Value) -> None:
        kind, value = self._content_info(octets, safe)
        if kind == _DATA:
            self._bags(content_of(octets, value), depth=0)
        elif kind == _ENCRYPTED_DATA:
            (encrypted,) = _some(octets, value, 1)[:1]
            _, info, *_ = _some(octets, encrypted, 2)
            _, algorithm, cipher_text, *_ = _some(octets, info, 3)
            plain = self._decrypt(octets, algorithm, content_of(octets, cipher_text))
            self._bags(plain, depth=0)
        else:
            raise UnknownEncryptionError("it is encrypted by way of public keys")

    def _bags(self, octets: bytes, *, depth: int) -> None:
        if depth > MAX_DEPTH:
            raise DamagedError("bags are nested too deep")
        for bag in _sequence(octets):
            identifier, holder, *_ = _some(octets, bag, 2)
            name = content_of(octets, identifier)
            (value,) = _some(octets, holder, 1)[:1]
            number = name[-1] if name[:-1] == _BAG else 0
            if number == _KEY:
                self.bags.private_keys.append(_whole(octets, holder))
            elif number == _SHROUDED_KEY:
                algorithm, cipher_text, *_ = _some(octets, value, 2)
                plain = self._decrypt(octets, algorithm, content_of(octets, cipher_text))
                self.bags.private_keys.append(plain)
            elif number == _CERTIFICATE:
                kind, held = self._content_info(octets, value)
                if kind == _X509:
                    self.bags.certificates.append(content_of(octets, held))
                else:
                    self.bags.others.append("a certificate that is none of X.509")
            elif number == _NESTED:
                self._bags(_whole(octets, holder), depth=depth + 1)
            else:
                self.bags.others.append(_OTHERS.get(number, "a bag of an unknown kind"))

    def _decrypt(self, octets: bytes, algorithm: Value, cipher_text: bytes) -> bytes:
        asked = work(octets[algorithm.start : algorithm.stop])
        if asked and is_slow(octets, algorithm):
            asked *= _COST_OF_OWN
        if asked is None or asked > self._iterations:
            raise TooMuchWorkError(asked)
        self._iterations -= asked
        plain = decrypt(octets, algorithm, cipher_text, self._passphrase)
        whole = first(plain)
        if whole is None or whole.tag != _SEQUENCE or whole.end != len(plain):
            # By chance the padding was right.
            raise WrongPassphraseError("the passphrase does not open it")
        self.has_decrypted = True
        return plain

    @staticmethod
    def _content_info(octets: bytes, info: Value) -> tuple[bytes, Value]:
        identifier, holder, *_ = _some(octets, info, 2)
        return content_of(octets, identifier), holder


def _some(octets: bytes, whole: Value, number: int) -> list[Value]:
    """Return the parts of a value, of which there must be some."""
    found = list(parts(octets, whole))
    if len(found) < number:
        raise DamagedError("its content is damaged")
    return found


def _sequence(octets: bytes) -> list[Value]:
    whole = first(octets)
    if whole is None or whole.tag != _SEQUENCE or whole.end != len(octets):
        raise DamagedError("its content is damaged")
    return list(parts(octets, whole))


def _whole(octets: bytes, holder: Value) -> bytes:
    return octets[holder.start : holder.stop]
