"""From the octets of one block or file to certificates and keys."""

from __future__ import annotations

import contextlib
import re
import warnings
from dataclasses import replace
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.exceptions import InternalError, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from server_certificate.certificate import Certificate
from server_certificate.material import PrivateKey
from server_certificate.pem import Block
from server_certificate.reading.old_der import TooMuchWorkError, first, parts, work

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

MAX_ITERATIONS = 1_000_000
"""Iterations of key derivation that are carried out: well above what any tool writes by default,
and about a second of work."""

_INTEGER, _OCTET_STRING, _SEQUENCE = 0x02, 0x04, 0x30

_DEK_INFO = re.compile(
    "^DEK-Info: (AES-(128|192|256)-CBC,[0-9A-F]{32}|DES-EDE3-CBC,[0-9A-F]{16})$",
    re.MULTILINE | re.IGNORECASE,
)
"""What the library decrypts of RFC 1423's kind; it panics when a vector is too short."""

_TRADITIONAL_VERSION = {_INTEGER: "RSA PRIVATE KEY", _OCTET_STRING: "EC PRIVATE KEY"}


class UnreadableError(ValueError):
    """A block does not hold what its label says; the message says why, and quotes nothing."""


class PassphraseError(ValueError):
    """Something is encrypted, and the passphrase does not open it."""

    def __init__(self, *, missing: bool) -> None:
        self.is_missing = missing
        """Whether none was given at all."""
        super().__init__("the passphrase is missing" if missing else "the passphrase is another")


def load_certificate(block: Block) -> Certificate:
    """
    Load a certificate, and everything of it that the rules look at, so that they cannot fail.

    Raises:
        UnreadableError: It is no certificate, or has a public key of an unknown kind.
    """
    encoded = block.der
    if block.label == "TRUSTED CERTIFICATE":
        # `openssl x509 -trustout` appends trust settings to the certificate: a second DER value.
        whole = first(encoded)
        encoded = encoded[: whole.end] if whole else encoded
    with _library():
        try:
            readable = x509.load_der_x509_certificate(encoded)
            certificate = Certificate.of(readable)
            _ = certificate.subject, certificate.issuer
            _ = certificate.not_valid_before_utc, certificate.not_valid_after_utc
        except (ValueError, TypeError, x509.InvalidVersion) as err:
            raise UnreadableError(damage(encoded)) from err
        try:
            _ = certificate.public_key
        except (ValueError, TypeError, UnsupportedAlgorithm) as err:
            raise UnreadableError("its public key is damaged or of an unknown kind") from err
    return certificate


def load_private_key(
    block: Block, passphrase: str | None = None, *, iterations: int = MAX_ITERATIONS
) -> PrivateKey:
    """
    Load a private key, and decrypt it if need be.

    Args:
        block: The block that holds it.
        passphrase: What opens it; None when there is none.
        iterations: How many iterations of key derivation may be carried out.

    Raises:
        UnreadableError: It is none. What the library says about it is left out on purpose: it
            must never carry a part of the key.
        PassphraseError: It is encrypted, and the passphrase is missing or another.
        TooMuchWorkError: Decrypting it takes more iterations.
    """
    if block.is_encrypted:
        _check_work(block.der, iterations)
        return _load_encrypted(block, passphrase)
    key = _loaded(block.der, None)
    return PrivateKey(key, replace(block, label=_true_label(block, key)))


def _load_encrypted(block: Block, passphrase: str | None) -> PrivateKey:
    if passphrase is None:
        raise PassphraseError(missing=True)
    if block.armour is None:
        _check_whole(block.der)
        return _rewritten(_loaded(block.der, passphrase), traditional=False, was_encrypted=True)
    if not _DEK_INFO.search(block.armour):
        raise UnreadableError("it is encrypted in an unknown way")
    key = _loaded(block.armour.encode("utf-8", errors="replace"), passphrase, armoured=True)
    return _rewritten(key, traditional=True, was_encrypted=True)


def _loaded(octets: bytes, passphrase: str | None, *, armoured: bool = False) -> PrivateKeyTypes:
    load = serialization.load_pem_private_key if armoured else serialization.load_der_private_key
    with _library():
        try:
            # The library's own validation of RSA keys takes seconds for the largest that IAM takes.
            key = load(octets, _octets(passphrase), unsafe_skip_rsa_key_validation=True)
        except (UnsupportedAlgorithm, InternalError):
            # The second comes from scrypt with more memory than OpenSSL allows, for one.
            raise UnreadableError(
                "it is of an unknown kind, or encrypted in an unknown way"
            ) from None
        except (ValueError, TypeError):
            if passphrase is not None:
                raise PassphraseError(missing=False) from None
            raise UnreadableError(damage(octets)) from None
        if isinstance(key, rsa.RSAPrivateKey) and not _is_consistent(key):
            raise UnreadableError("its numbers do not belong together")
    return key


def _is_consistent(key: rsa.RSAPrivateKey) -> bool:
    """Tell whether an RSA key's numbers are each other's (RFC 8017, 3.2); primes are taken as such."""
    numbers = key.private_numbers()
    n, e = numbers.public_numbers.n, numbers.public_numbers.e
    p, q, d = numbers.p, numbers.q, numbers.d
    return (
        min(p, q) > 1
        and p * q == n
        and (e * d - 1) % (p - 1) == (e * d - 1) % (q - 1) == 0
        and numbers.dmp1 == d % (p - 1)
        and numbers.dmq1 == d % (q - 1)
        and numbers.iqmp * q % p == 1
    )


def _rewritten(key: PrivateKeyTypes, *, traditional: bool, was_encrypted: bool) -> PrivateKey:
    form, label = serialization.PrivateFormat.PKCS8, "PRIVATE KEY"
    if traditional and isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        form = serialization.PrivateFormat.TraditionalOpenSSL
        label = "RSA PRIVATE KEY" if isinstance(key, rsa.RSAPrivateKey) else "EC PRIVATE KEY"
    octets = key.private_bytes(serialization.Encoding.DER, form, serialization.NoEncryption())
    return PrivateKey(key, Block(label, octets), was_encrypted)


@contextlib.contextmanager
def _library() -> Iterator[None]:
    """Keep what the library says besides its answers from the user."""
    with warnings.catch_warnings():
        # Oddities such as a negative serial number, which IAM does not mind.
        warnings.simplefilter("ignore")
        try:
            yield
        except BaseException as err:
            # A panic is a mistake of the library, and no Exception; its class can't be imported.
            if type(err).__name__ == "PanicException":
                raise UnreadableError("its content is damaged") from None
            raise


def _check_work(octets: bytes, limit: int) -> None:
    iterations = work(octets)
    if iterations is None or iterations > limit:
        raise TooMuchWorkError(iterations)


def _check_whole(octets: bytes) -> None:
    whole = first(octets)
    if whole is None or whole.end != len(octets):
        raise UnreadableError(damage(octets))


def _octets(passphrase: str | None) -> bytes | None:
    return None if passphrase is None else passphrase.encode("utf-8", errors="surrogatepass")


def _true_label(block: Block, key: object) -> str:
    # The value after the version tells the forms apart: the algorithm in PKCS#8 (RFC 5208), the
    # modulus in PKCS#1 (RFC 8017), the key itself in SEC 1 (RFC 5915).
    whole = first(block.der)
    tags = [part.tag for part in parts(block.der, whole)] if whole else []
    tag = tags[1] if len(tags) > 1 else None
    if tag == _SEQUENCE:
        return "PRIVATE KEY"
    if isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) and tag is not None:
        return _TRADITIONAL_VERSION.get(tag, block.label)
    return block.label


def damage(octets: bytes) -> str:
    """Say what is wrong with octets that could not be loaded, in a few words."""
    whole = first(octets)
    if whole is None or whole.tag != _SEQUENCE:
        return "its content is not DER"
    if whole.end > len(octets):
        return "its content is cut short"
    if whole.end < len(octets):
        return "there is more in it than its label says"
    return "its content is damaged, or something else than its label says"
