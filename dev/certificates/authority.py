"""
Real certificates, made in code and named after what is wrong with them.

    authority = Authority.root().intermediate()
    good = authority.leaf("www.example.com")
    expired = authority.leaf("www.example.com", fault=Fault.EXPIRED)

Nothing here reads the clock: certificates are valid around ``NOW``, or around the ``at`` that their
root was made with. Code that reads the clock itself needs ``Authority.root(at=datetime.now(UTC))``.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import TYPE_CHECKING, Literal, cast

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.serialization import pkcs7, pkcs12
from cryptography.x509.oid import ExtendedKeyUsageOID

from dev.certificates.der import of_version_1, with_outdated_signature
from dev.certificates.issuing import (
    authority_builder,
    common_name_of,
    damaged,
    leaf_builder,
    sign,
    subject,
)
from dev.certificates.keys import KeyForm, KeyType, private_key_der, private_key_pem

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.types import (
        CertificateIssuerPrivateKeyTypes,
        CertificatePublicKeyTypes,
    )

NOW = datetime(2030, 6, 15, 12, 0, 0, tzinfo=UTC)
"""The instant at which tests check certificates."""

SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)
NAME = "www.example.com"
"""The default DNS name of leaves."""

_LEAF_LIFETIME = 45 * DAY
"""With the day before the instant, close to the 47 days that browsers allow in the year of ``NOW``."""


class Fault(Enum):
    """What can be wrong with a certificate when it is issued."""

    EXPIRED = "it expired a second before the instant of its root"
    NOT_YET_VALID = "it becomes valid a second after the instant of its root"
    FORGED = "it was signed with another key than its issuer's"
    SHA1 = "it is signed with SHA-1; its issuer's key is RSA or EC"
    MD5 = "it is signed with MD5; its issuer's key is RSA"
    DAMAGED = "one of its extensions can't be read"
    NO_NAMES = "a leaf without a subject alternative name"
    CLIENTS_ONLY = "a leaf whose extended key usage is clientAuth alone"
    IS_AUTHORITY = "a leaf that claims to be an authority"
    NO_AUTHORITY = "an authority that claims not to be one"
    MAY_NOT_SIGN = "an authority whose key usage lacks keyCertSign"
    VERSION_1 = "it has version 1, without extensions; its issuer's key is RSA or EC"


@dataclass(frozen=True, slots=True)
class Issued:
    """A certificate, its private key, and the certificates above it."""

    certificate: x509.Certificate
    private_key: CertificateIssuerPrivateKeyTypes = field(repr=False)
    key_type: KeyType
    at: datetime
    """The instant around which it is valid."""

    issuers: tuple[x509.Certificate, ...] = field(default=(), repr=False)
    """The certificates above it, the issuer first and the root last; empty for a self-signed one."""

    @property
    def der(self) -> bytes:
        """The certificate in DER."""
        return self.certificate.public_bytes(serialization.Encoding.DER)

    @property
    def pem(self) -> str:
        """The certificate in PEM, as OpenSSL writes it."""
        return to_pem(self.certificate)

    def key_pem(self, form: KeyForm = "pkcs8", *, password: str | None = None) -> str:
        """The private key in PEM; encrypted if a password is given."""
        return private_key_pem(self.private_key, form, password=password)

    def key_der(self, form: KeyForm = "pkcs8", *, password: str | None = None) -> bytes:
        """The private key in DER; encrypted in PKCS#8 if a password is given."""
        return private_key_der(self.private_key, form, password=password)

    def pkcs12(
        self, passphrase: str | None, *, chain: bool = True, root: bool = True, old: bool = False
    ) -> bytes:
        """
        Certificate and private key in one PKCS#12 bundle.

        Args:
            passphrase: The passphrase; None for none.
            chain: Whether the certificates above are in it.
            root: Whether the root is among them.
            old: Whether it has the old encryption, with 3DES and SHA-1.
        """
        encryption: serialization.KeySerializationEncryption = serialization.NoEncryption()
        if passphrase is not None:
            builder = serialization.PrivateFormat.PKCS12.encryption_builder()
            if old:
                builder = builder.key_cert_algorithm(
                    pkcs12.PBES.PBESv1SHA1And3KeyTripleDESCBC
                ).hmac_hash(hashes.SHA1())  # noqa: S303 (that is the point)
            encryption = builder.build(passphrase.encode())
        above = self.chain(root=root) if chain else ()
        key = cast("pkcs12.PKCS12PrivateKeyTypes", self.private_key)
        return pkcs12.serialize_key_and_certificates(
            b"server", key, self.certificate, above or None, encryption
        )

    def chain(self, *, root: bool = True) -> tuple[x509.Certificate, ...]:
        """The certificates above, with or without the root."""
        return self.issuers if root else self.issuers[:-1]

    def chain_pem(self, *, root: bool = True) -> str:
        """The certificates above in PEM, in IAM's order."""
        return to_pem(*self.chain(root=root))

    def chain_der(self, *, root: bool = True) -> tuple[bytes, ...]:
        """The certificates above in DER, in the same order."""
        return tuple(
            each.public_bytes(serialization.Encoding.DER) for each in self.chain(root=root)
        )

    def fullchain_pem(self, *, root: bool = False) -> str:
        """The certificate and those above in one text, as ACME clients write it."""
        return self.pem + self.chain_pem(root=root)

    def write(self, directory: Path, *, root: bool = True) -> tuple[Path, Path]:
        """Write the public parts into a directory; return the files of certificate and chain."""
        directory.mkdir(parents=True, exist_ok=True)
        certificate, chain = directory / "certificate.pem", directory / "certificate-chain.pem"
        certificate.write_text(self.pem)
        chain.write_text(self.chain_pem(root=root))
        return certificate, chain

    def write_with_key(self, directory: Path, *, root: bool = True) -> tuple[Path, Path, Path]:
        """Write the private key too; its file is the third."""
        public = self.write(directory, root=root)
        private_key = directory / "private-key.pem"
        private_key.write_text(self.key_pem())
        return *public, private_key

    def with_other_key(self) -> Issued:
        """The same certificate with another private key."""
        return replace(self, private_key=self.key_type.generate())


@dataclass(frozen=True, slots=True)
class Authority(Issued):
    """A certificate that issues others."""

    @classmethod
    def root(
        cls,
        name: str = "Example Root",
        *,
        at: datetime = NOW,
        key_type: KeyType = KeyType.P256,
        key: CertificateIssuerPrivateKeyTypes | None = None,
        not_before: datetime | None = None,
        not_after: datetime | None = None,
        path_length: int | None = None,
        fault: Fault | None = None,
    ) -> Authority:
        """Create a self-signed authority, with a new key unless one is given."""
        at = at.replace(microsecond=0)
        key = key or key_type.generate()
        certificate = _sign(
            _authority(name, key, path_length, fault).issuer_name(subject(name)),
            validity=_validity(at, 3650 * DAY, not_before, not_after, fault),
            signer=key,
            signer_type=key_type,
            fault=fault,
        )
        return cls(certificate, key, key_type, at)

    def intermediate(
        self,
        name: str = "Example Intermediate",
        *,
        key_type: KeyType = KeyType.P256,
        key: CertificateIssuerPrivateKeyTypes | None = None,
        not_before: datetime | None = None,
        not_after: datetime | None = None,
        path_length: int | None = None,
        fault: Fault | None = None,
    ) -> Authority:
        """Issue an authority below this one, with a new key unless one is given."""
        key = key or key_type.generate()
        certificate = self._issue(
            _authority(name, key, path_length, fault),
            validity=_validity(self.at, 1825 * DAY, not_before, not_after, fault),
            fault=fault,
        )
        return Authority(certificate, key, key_type, self.at, (self.certificate, *self.issuers))

    def leaf(
        self,
        *names: str,
        common_name: str | None = None,
        key_type: KeyType = KeyType.P256,
        key: CertificateIssuerPrivateKeyTypes | None = None,
        public_key: CertificatePublicKeyTypes | None = None,
        not_before: datetime | None = None,
        not_after: datetime | None = None,
        fault: Fault | None = None,
    ) -> Issued:
        """
        Issue a server certificate.

        Args:
            names: DNS names and IP addresses; default: ``www.example.com``.
            common_name: The subject's name; the first of the names by default, "" for no subject.
            key_type: The type of its own key.
            key: Its private key, of that kind; a new one by default.
            public_key: A public key to certify instead; the private key doesn't match it then.
            not_before: Start of its validity; a day before the instant by default.
            not_after: Last second of its validity; 45 days after the instant by default.
            fault: What is wrong with it.
        """
        key = key or key_type.generate()
        certificate = self._issue(
            _leaf(names or (NAME,), common_name, public_key or key.public_key(), fault),
            validity=_validity(self.at, _LEAF_LIFETIME, not_before, not_after, fault),
            fault=fault,
        )
        return Issued(certificate, key, key_type, self.at, (self.certificate, *self.issuers))

    def cross_sign(self, other: Authority) -> Authority:
        """Certify another authority's name and key, with this one as the issuer."""
        certificate = self._issue(
            _authority(common_name_of(other.certificate), other.private_key, None, None),
            validity=_validity(self.at, 1825 * DAY, None, None, None),
            fault=None,
        )
        return replace(other, certificate=certificate, issuers=(self.certificate, *self.issuers))

    def namesake(self) -> Authority:
        """Create a self-signed authority with the same name and another key."""
        return Authority.root(common_name_of(self.certificate), at=self.at, key_type=self.key_type)

    def _issue(
        self,
        builder: x509.CertificateBuilder,
        *,
        validity: tuple[datetime, datetime],
        fault: Fault | None,
    ) -> x509.Certificate:
        forged = fault is Fault.FORGED
        return _sign(
            builder.issuer_name(self.certificate.subject),
            validity=validity,
            signer=self.key_type.generate() if forged else self.private_key,
            signer_type=self.key_type,
            fault=fault,
        )


def self_signed(
    *names: str,
    at: datetime = NOW,
    key_type: KeyType = KeyType.P256,
    not_before: datetime | None = None,
    not_after: datetime | None = None,
    fault: Fault | None = None,
) -> Issued:
    """Create a self-signed server certificate."""
    at = at.replace(microsecond=0)
    names = names or (NAME,)
    key = key_type.generate()
    certificate = _sign(
        _leaf(names, None, key.public_key(), fault).issuer_name(subject(names[0])),
        validity=_validity(at, _LEAF_LIFETIME, not_before, not_after, fault),
        signer=key,
        signer_type=key_type,
        fault=fault,
    )
    return Issued(certificate, key, key_type, at)


def to_pem(*certificates: x509.Certificate | Issued) -> str:
    """Write certificates in PEM, one after the other."""
    return "".join(
        item.public_bytes(serialization.Encoding.PEM).decode("ascii")
        for item in _plain(certificates)
    )


def to_pkcs7(
    *certificates: x509.Certificate | Issued, encoding: Literal["PEM", "DER"] = "PEM"
) -> bytes:
    """Write certificates as one PKCS#7 container, which sorts them."""
    return pkcs7.serialize_certificates(
        _plain(certificates), getattr(serialization.Encoding, encoding)
    )


def _plain(certificates: Iterable[x509.Certificate | Issued]) -> list[x509.Certificate]:
    return [item.certificate if isinstance(item, Issued) else item for item in certificates]


def _authority(
    name: str,
    key: CertificateIssuerPrivateKeyTypes,
    path_length: int | None,
    fault: Fault | None,
) -> x509.CertificateBuilder:
    return authority_builder(
        name,
        key.public_key(),
        path_length=path_length,
        ca=fault is not Fault.NO_AUTHORITY,
        may_sign=fault is not Fault.MAY_NOT_SIGN,
    )


def _leaf(
    names: tuple[str, ...],
    common_name: str | None,
    public_key: CertificatePublicKeyTypes,
    fault: Fault | None,
) -> x509.CertificateBuilder:
    clients_only = fault is Fault.CLIENTS_ONLY
    return leaf_builder(
        () if fault is Fault.NO_NAMES else names,
        names[0] if common_name is None else common_name,
        public_key,
        ca=fault is Fault.IS_AUTHORITY,
        purpose=ExtendedKeyUsageOID.CLIENT_AUTH
        if clients_only
        else ExtendedKeyUsageOID.SERVER_AUTH,
    )


def _sign(
    builder: x509.CertificateBuilder,
    *,
    validity: tuple[datetime, datetime],
    signer: CertificateIssuerPrivateKeyTypes,
    signer_type: KeyType,
    fault: Fault | None,
) -> x509.Certificate:
    if fault is Fault.DAMAGED:
        builder = damaged(builder)
    certificate = sign(builder, validity=validity, signer=signer, signer_type=signer_type)
    match fault:
        case Fault.SHA1:
            return with_outdated_signature(certificate, signer, hashes.SHA1())  # noqa: S303 (the fault)
        case Fault.MD5:
            return with_outdated_signature(certificate, signer, hashes.MD5())  # noqa: S303 (the fault)
        case Fault.VERSION_1:
            return of_version_1(certificate, signer)
        case _:
            return certificate


def _validity(
    at: datetime,
    lifetime: timedelta,
    not_before: datetime | None,
    not_after: datetime | None,
    fault: Fault | None,
) -> tuple[datetime, datetime]:
    start = not_before or at - DAY
    end = not_after or at + lifetime
    if fault is Fault.EXPIRED:
        return min(start, at - DAY), at - SECOND
    if fault is Fault.NOT_YET_VALID:
        return at + SECOND, end
    # If the end is before the instant, the start must be before that.
    return min(start, end), end
