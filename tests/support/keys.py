"""Private keys for tests, made when they are needed."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Literal

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, padding, rsa

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.types import CertificateIssuerPrivateKeyTypes

KeyForm = Literal["pkcs8", "pkcs1", "sec1", "openssh"]
"""How a private key is written: PKCS#8, the two traditional forms, or OpenSSH's own."""


class KeyType(Enum):
    """A kind of key, and how certificates are signed with it."""

    P256 = "ECDSA on P-256"
    P384 = "ECDSA on P-384"
    RSA = "RSA 2048 with PKCS#1 v1.5"
    RSA_PSS = "RSA 2048 with PSS"
    ED25519 = "Ed25519"
    ED448 = "Ed448"

    def generate(self) -> CertificateIssuerPrivateKeyTypes:
        """Make a new key."""
        match self:
            case KeyType.P256:
                return ec.generate_private_key(ec.SECP256R1())
            case KeyType.P384:
                return ec.generate_private_key(ec.SECP384R1())
            case KeyType.RSA | KeyType.RSA_PSS:
                return rsa.generate_private_key(public_exponent=65537, key_size=2048)
            case KeyType.ED25519:
                return ed25519.Ed25519PrivateKey.generate()
            case KeyType.ED448:
                return ed448.Ed448PrivateKey.generate()

    @property
    def digest(self) -> hashes.SHA256 | None:
        """The digest to sign with; None where the algorithm brings its own."""
        return None if self in {KeyType.ED25519, KeyType.ED448} else hashes.SHA256()

    @property
    def padding(self) -> padding.PSS | None:
        """The padding to sign with; None for the usual one."""
        if self is not KeyType.RSA_PSS:
            return None
        return padding.PSS(padding.MGF1(hashes.SHA256()), padding.PSS.DIGEST_LENGTH)


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
    wanted = {"pkcs1": rsa.RSAPrivateKey, "sec1": ec.EllipticCurvePrivateKey}.get(form)
    if wanted is not None and not isinstance(key, wanted):
        raise ValueError(f"A {type(key).__name__} cannot be written as {form}.")
    encoding = {
        "pkcs8": serialization.PrivateFormat.PKCS8,
        "pkcs1": serialization.PrivateFormat.TraditionalOpenSSL,
        "sec1": serialization.PrivateFormat.TraditionalOpenSSL,
        "openssh": serialization.PrivateFormat.OpenSSH,
    }[form]
    encryption: serialization.KeySerializationEncryption = serialization.NoEncryption()
    if password is not None:
        encryption = serialization.BestAvailableEncryption(password.encode())
    return key.private_bytes(serialization.Encoding.PEM, encoding, encryption).decode("ascii")
