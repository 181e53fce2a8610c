"""A certificate: its octets as they were given, and what they say."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives import serialization

from server_certificate.certificates.extensions import Extensions
from server_certificate.certificates.outline import outline

if TYPE_CHECKING:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec, padding
    from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes

    from server_certificate.budget import Budget


class Certificate:
    """
    A certificate (RFC 5280, 4.1).

    What is uploaded, verified and compared is the octets that were given. What they say is read by
    ``cryptography``, and where that is stricter than the clients of the world, from a copy in which
    the oddities are put right. The properties are named as there.

    Args:
        der: The certificate as it was given.
        readable: What the library read: of the same octets, or of the copy.
        signed: The signed part, as it was given.
        algorithms_agree: Whether the signed part names the same signature algorithm as the
            signature.
        oddities: What had to be put right in the copy, as clauses; none for nearly every
            certificate.
        budget: What reading its extensions is taken from. Default: a budget of their own.

    Raises:
        UnsupportedAlgorithm: The library knows no such public keys.
        Exception: One of ``refusals.REFUSALS``: names, validity or public key are damaged.
    """

    def __init__(
        self,
        der: bytes,
        readable: x509.Certificate,
        *,
        signed: bytes,
        algorithms_agree: bool,
        oddities: tuple[str, ...] = (),
        budget: Budget | None = None,
    ) -> None:
        self.der = der
        """The certificate as it was given."""
        self.signed = signed
        """The signed part, as it was given."""
        self.algorithms_agree = algorithms_agree
        """Whether the signed part names the same algorithm as the signature (RFC 5280, 4.1.1.2)."""
        self.oddities = oddities
        """What had to be put right to read it, as clauses."""
        self.subject = readable.subject
        """Who it is for."""
        self.issuer = readable.issuer
        """Who says that it signed it."""
        self.is_self_issued: bool = self.subject == self.issuer
        """Whether it names itself as its issuer, whoever signed it (RFC 5280, 3.2)."""
        self.serial_number = readable.serial_number
        """Its number, unique among those of its issuer."""
        self.not_valid_before_utc = readable.not_valid_before_utc
        """First second of its validity."""
        self.not_valid_after_utc = readable.not_valid_after_utc
        """Last second of its validity."""
        self.public_key: CertificatePublicKeyTypes = readable.public_key()
        """The key that it is for."""
        self._budget = budget
        self._readable = readable
        self._hash = hash(der)

    @classmethod
    def of(cls, readable: x509.Certificate, budget: Budget | None = None) -> Certificate:
        """Return a certificate that the library reads as it is."""
        der = readable.public_bytes(serialization.Encoding.DER)
        signed, agree, _ = outline(der)
        return cls(der, readable, signed=signed, algorithms_agree=agree, budget=budget)

    def __eq__(self, other: object) -> bool:
        """Compare the octets."""
        return isinstance(other, Certificate) and self.der == other.der

    def __hash__(self) -> int:
        """Return the hash of the octets."""
        return self._hash

    def __repr__(self) -> str:
        """Name the subject."""
        return f"<Certificate {self.subject.rfc4514_string()!r}>"

    @property
    def version(self) -> x509.Version:
        """The version of X.509."""
        return self._readable.version

    @property
    def public_key_algorithm_oid(self) -> x509.ObjectIdentifier:
        """What kind of key it says it is for."""
        return self._readable.public_key_algorithm_oid

    @cached_property
    def public_key_der(self) -> bytes:
        """The key's SubjectPublicKeyInfo, by which its private key is known."""
        return self.public_key.public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )

    @property
    def signature(self) -> bytes:
        """What the issuer signed it with."""
        return self._readable.signature

    @property
    def signature_algorithm_oid(self) -> x509.ObjectIdentifier:
        """How it is signed, as the signature says."""
        return self._readable.signature_algorithm_oid

    @property
    def signature_hash_algorithm(self) -> hashes.HashAlgorithm | None:
        """By way of which digest it is signed; None where the algorithm has its own."""
        return self._readable.signature_hash_algorithm

    @property
    def signature_algorithm_parameters(self) -> padding.PSS | padding.PKCS1v15 | ec.ECDSA | None:
        """What else there is to know about the signature."""
        return self._readable.signature_algorithm_parameters

    @cached_property
    def extensions(self) -> Extensions:
        """Its extensions, each read alone where they can't be read together."""
        return Extensions(self._readable, self.signed, self._budget)
