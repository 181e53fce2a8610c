"""Private keys for tests, made on demand."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Literal

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, padding, rsa

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.types import CertificateIssuerPrivateKeyTypes

KeyForm = Literal["pkcs8", "pkcs1", "sec1", "openssh"]
"""The format of a private key: PKCS#8, the two traditional formats, or OpenSSH's own."""


class KeyType(Enum):
    """A type of key, and how it signs certificates."""

    P256 = "ECDSA on P-256"
    P384 = "ECDSA on P-384"
    P224 = "ECDSA on P-224"
    P521 = "ECDSA on P-521"
    RSA = "RSA 2048 with PKCS#1 v1.5"
    RSA_1024 = "RSA 1024 with PKCS#1 v1.5"
    RSA_3072 = "RSA 3072 with PKCS#1 v1.5"
    RSA_4096 = "RSA 4096 with PKCS#1 v1.5"
    RSA_PSS = "RSA 2048 with PSS"
    ED25519 = "Ed25519"
    ED448 = "Ed448"

    def generate(self) -> CertificateIssuerPrivateKeyTypes:
        """Make a new key."""
        if self in _CURVES:
            return ec.generate_private_key(_CURVES[self])
        if self in _RSA_BITS:
            return rsa.generate_private_key(public_exponent=65537, key_size=_RSA_BITS[self])
        if self is KeyType.ED25519:
            return ed25519.Ed25519PrivateKey.generate()
        return ed448.Ed448PrivateKey.generate()

    @property
    def digest(self) -> hashes.SHA256 | None:
        """The digest to sign with; None if the algorithm has its own."""
        return None if self in {KeyType.ED25519, KeyType.ED448} else hashes.SHA256()

    @property
    def padding(self) -> padding.PSS | None:
        """The padding to sign with; None for the usual one."""
        if self is not KeyType.RSA_PSS:
            return None
        return padding.PSS(padding.MGF1(hashes.SHA256()), padding.PSS.DIGEST_LENGTH)


_CURVES: dict[KeyType, ec.EllipticCurve] = {
    KeyType.P224: ec.SECP224R1(),
    KeyType.P256: ec.SECP256R1(),
    KeyType.P384: ec.SECP384R1(),
    KeyType.P521: ec.SECP521R1(),
}
_RSA_BITS = {
    KeyType.RSA: 2048,
    KeyType.RSA_PSS: 2048,
    KeyType.RSA_1024: 1024,
    KeyType.RSA_3072: 3072,
    KeyType.RSA_4096: 4096,
}


def rsa_public_key(bits: int, *, exponent: int = 65537) -> rsa.RSAPublicKey:
    """Return an RSA public key of any size, without a private key."""
    return rsa.RSAPublicNumbers(e=exponent, n=(1 << bits - 1) + 1).public_key()


def private_key_pem(
    key: CertificateIssuerPrivateKeyTypes, form: KeyForm = "pkcs8", *, password: str | None = None
) -> str:
    """
    Write a key in PEM.

    Args:
        key: The key.
        form: ``pkcs1`` is for RSA keys and ``sec1`` for those on curves.
        password: What to encrypt it with: PKCS#8 as such, the traditional forms by ``Proc-Type``.
    """
    return _written(key, serialization.Encoding.PEM, form, password).decode("ascii")


def private_key_der(
    key: CertificateIssuerPrivateKeyTypes, form: KeyForm = "pkcs8", *, password: str | None = None
) -> bytes:
    """Write a key in DER; only PKCS#8 can be encrypted there."""
    return _written(key, serialization.Encoding.DER, form, password)


def _written(
    key: CertificateIssuerPrivateKeyTypes,
    encoding: serialization.Encoding,
    form: KeyForm,
    password: str | None,
) -> bytes:
    wanted = {"pkcs1": rsa.RSAPrivateKey, "sec1": ec.EllipticCurvePrivateKey}.get(form)
    if wanted is not None and not isinstance(key, wanted):
        raise ValueError(f"A {type(key).__name__} cannot be written as {form}.")
    private_format = {
        "pkcs8": serialization.PrivateFormat.PKCS8,
        "pkcs1": serialization.PrivateFormat.TraditionalOpenSSL,
        "sec1": serialization.PrivateFormat.TraditionalOpenSSL,
        "openssh": serialization.PrivateFormat.OpenSSH,
    }[form]
    encryption: serialization.KeySerializationEncryption = serialization.NoEncryption()
    if password is not None:
        encryption = serialization.BestAvailableEncryption(password.encode())
    return key.private_bytes(encoding, private_format, encryption)
