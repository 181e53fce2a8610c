"""Uploads to the local cloud, which reads the clock: certificates that are valid now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dev.certificates.authority import Authority, Issued, self_signed, to_pem

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    Parameters = Callable[["Certificates"], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Certificates:
    """A hierarchy as usual, and a certificate that signs itself."""

    root: Authority
    intermediate: Authority
    leaf: Issued
    self_signed: Issued

    @classmethod
    def valid_at(cls, at: datetime) -> Certificates:
        """Issue them all."""
        root = Authority.root(at=at)
        intermediate = root.intermediate()
        alone = self_signed("self-signed.example.com", at=at)
        return cls(root, intermediate, intermediate.leaf(), alone)

    @property
    def at(self) -> datetime:
        """The instant around which they are valid."""
        return self.root.at

    def upload_parameters(self, name: str = "www", **changes: Any) -> dict[str, Any]:  # noqa: ANN401 - any API parameter
        """Return parameters of UploadServerCertificate that are fine until changed."""
        return {
            "ServerCertificateName": name,
            "CertificateBody": self.self_signed.pem,
            "PrivateKey": self.self_signed.key_pem(),
        } | changes


def upload(**changes: object) -> Parameters:
    """Change the parameters of an upload; a function gets the certificates."""

    def parameters(certificates: Certificates) -> dict[str, Any]:
        return certificates.upload_parameters(
            **{
                name: value(certificates) if callable(value) else value
                for name, value in changes.items()
            }
        )

    return parameters


def upload_with_chain(leaf: str, *chain: str) -> Parameters:
    """Upload one of the certificates with a chain of others."""

    def parameters(certificates: Certificates) -> dict[str, Any]:
        issued: Issued = getattr(certificates, leaf)
        return certificates.upload_parameters(
            CertificateBody=issued.pem,
            PrivateKey=issued.key_pem(),
            CertificateChain=to_pem(*(getattr(certificates, name) for name in chain)),
        )

    return parameters


def upload_of(make: Callable[[Certificates], Issued]) -> Parameters:
    """Upload a certificate made to order, without a chain."""

    def parameters(certificates: Certificates) -> dict[str, Any]:
        made = make(certificates)
        return certificates.upload_parameters(CertificateBody=made.pem, PrivateKey=made.key_pem())

    return parameters
