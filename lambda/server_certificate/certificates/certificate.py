"""A certificate: its original encoding and its content."""

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

    The original encoding is what gets uploaded, verified and compared. ``cryptography`` parses the
    content. If it is stricter than TLS clients, it parses a normalized copy. The properties have
    the same names as in ``cryptography``.

    Args:
        der: The original encoding.
        readable: The certificate as parsed by the library, from the original or from the copy.
        signed: The signed part of the original encoding.
        algorithms_agree: Whether the signed part names the same signature algorithm as the
            signature.
        oddities: What was normalized in the copy, as clauses. Nearly always empty.
        budget: The budget for reading its extensions. Default: a new one.

    Raises:
        UnsupportedAlgorithm: The library doesn't support this type of public key.
        Exception: One of ``library_errors.LIBRARY_ERRORS``: the names, validity or public key are
            damaged.
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
        """The original encoding."""
        self.signed = signed
        """The signed part of the original encoding."""
        self.algorithms_agree = algorithms_agree
        """Whether the signed part names the same algorithm as the signature (RFC 5280, 4.1.1.2)."""
        self.oddities = oddities
        """What was normalized to read it, as clauses."""
        self.subject = readable.subject
        """The subject."""
        self.issuer = readable.issuer
        """The issuer that the certificate names."""
        self.is_self_issued: bool = self.subject == self.issuer
        """Whether it names itself as its issuer, regardless of the signature (RFC 5280, 3.2)."""
        self.serial_number = readable.serial_number
        """The serial number, which is unique per issuer."""
        self.not_valid_before_utc = readable.not_valid_before_utc
        """The first second of its validity."""
        self.not_valid_after_utc = readable.not_valid_after_utc
        """The last second of its validity."""
        self.public_key: CertificatePublicKeyTypes = readable.public_key()
        """The public key."""
        self._budget = budget
        self._readable = readable
        self._hash = hash(der)

    @classmethod
    def of(cls, readable: x509.Certificate, budget: Budget | None = None) -> Certificate:
        """Return a certificate that the library has parsed without normalization."""
        der = readable.public_bytes(serialization.Encoding.DER)
        signed, agree, _ = outline(der)
        return cls(der, readable, signed=signed, algorithms_agree=agree, budget=budget)

    def __eq__(self, other: object) -> bool:
        """Compare the original encodings."""
        return isinstance(other, Certificate) and self.der == other.der

    def __hash__(self) -> int:
        """Return the hash of the original encoding."""
        return self._hash

    def __repr__(self) -> str:
        """Return a representation with the subject."""
        return f"<Certificate {self.subject.rfc4514_string()!r}>"

    @property
    def version(self) -> x509.Version:
        """The version of X.509."""
        return self._readable.version

    @property
    def public_key_algorithm_oid(self) -> x509.ObjectIdentifier:
        """The algorithm of the public key, as the certificate names it."""
        return self._readable.public_key_algorithm_oid

    @cached_property
    def public_key_der(self) -> bytes:
        """The SubjectPublicKeyInfo of the public key."""
        return self.public_key.public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )

    @property
    def signature(self) -> bytes:
        """The signature."""
        return self._readable.signature

    @property
    def signature_algorithm_oid(self) -> x509.ObjectIdentifier:
        """The signature algorithm, as named next to the signature."""
        return self._readable.signature_algorithm_oid

    @property
    def signature_hash_algorithm(self) -> hashes.HashAlgorithm | None:
        """The digest of the signature; None if it is part of the algorithm."""
        return self._readable.signature_hash_algorithm

    @property
    def signature_algorithm_parameters(self) -> padding.PSS | padding.PKCS1v15 | ec.ECDSA | None:
        """The parameters of the signature algorithm."""
        return self._readable.signature_algorithm_parameters

    @cached_property
    def extensions(self) -> Extensions:
        """Its extensions, read one by one if they can't be read together."""
        return Extensions(self._readable, self.signed, self._budget)
