"""A running local cloud for all tests, emptied for each, and certificates made to order."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID

from local_cloud import LocalCloud

if TYPE_CHECKING:
    from collections.abc import Iterator

    Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


@dataclass(frozen=True)
class Issued:
    """A certificate with its key."""

    certificate: x509.Certificate
    key: Key

    @property
    def pem(self) -> str:
        """The certificate, as IAM returns it."""
        return self.certificate.public_bytes(Encoding.PEM).decode().rstrip("\n")

    @property
    def key_pem(self) -> str:
        """The key in PKCS#8."""
        return self._key_pem(PrivateFormat.PKCS8)

    @property
    def traditional_key_pem(self) -> str:
        """The key in PKCS#1 or SEC 1."""
        return self._key_pem(PrivateFormat.TraditionalOpenSSL)

    def encrypted_key_pem(self, form: PrivateFormat) -> str:
        """Return the key under a passphrase."""
        encryption = BestAvailableEncryption(b"passphrase")
        return self.key.private_bytes(Encoding.PEM, form, encryption).decode()

    def _key_pem(self, form: PrivateFormat) -> str:
        return self.key.private_bytes(Encoding.PEM, form, NoEncryption()).decode()


class CertificateFactory:
    """Makes certificates and remembers a usual hierarchy: root, intermediate, leaf."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC).replace(microsecond=0)
        self.root = self.issue("Root", authority=True)
        self.intermediate = self.issue("Intermediate", issuer=self.root, authority=True)
        self.leaf = self.issue("www.example.com", issuer=self.intermediate)
        self.self_signed = self.issue("self-signed.example.com")

    def issue(
        self,
        name: str,
        *,
        issuer: Issued | None = None,
        authority: bool = False,
        valid_from: timedelta = timedelta(hours=-1),
        valid_for: timedelta = timedelta(days=30),
        key: Key | None = None,
        algorithm: hashes.HashAlgorithm | None = None,
    ) -> Issued:
        """Issue a certificate; without an issuer, its own key signs it."""
        key = key or ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        certificate = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(issuer.certificate.subject if issuer else subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(self.now + valid_from)
            .not_valid_after(self.now + valid_from + valid_for)
            .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
            .sign(issuer.key if issuer else key, algorithm or hashes.SHA256())
        )
        return Issued(certificate, key)

    def upload_parameters(self, name: str = "www", **changes: Any) -> dict[str, Any]:  # noqa: ANN401 - any API parameter
        """Return parameters of UploadServerCertificate that are fine until changed."""
        return {
            "ServerCertificateName": name,
            "CertificateBody": self.self_signed.pem,
            "PrivateKey": self.self_signed.key_pem,
        } | changes


@pytest.fixture(scope="session")
def make() -> CertificateFactory:
    """Return the certificate factory."""
    return CertificateFactory()


@pytest.fixture(scope="session")
def running_cloud() -> Iterator[LocalCloud]:
    """Run one local cloud for all tests."""
    with LocalCloud.running() as cloud:
        yield cloud


@pytest.fixture
def cloud(running_cloud: LocalCloud) -> LocalCloud:
    """Return the local cloud, empty."""
    running_cloud.reset()
    return running_cloud


@pytest.fixture(scope="session")
def iam_client(running_cloud: LocalCloud) -> Any:  # noqa: ANN401 - boto3 makes its clients at run time
    """Return an IAM client that leaves every check to the server."""
    return running_cloud.client(
        "iam", parameter_validation=False, retries={"total_max_attempts": 1}
    )


@pytest.fixture
def iam(cloud: LocalCloud, iam_client: Any) -> Any:  # noqa: ANN401, ARG001 - boto3's; emptied first
    """Return an IAM client of an empty cloud."""
    return iam_client
