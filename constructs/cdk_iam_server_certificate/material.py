"""The material that a certificate is made of, put together from its sources."""

from __future__ import annotations

from dataclasses import dataclass

from cdk_iam_server_certificate.sources import CertificateSource, PrivateKeySource


@dataclass(frozen=True, slots=True)
class CertificateMaterial:
    """Leaf certificate, private key and chain. Made by its factories."""

    certificate: CertificateSource
    """Where the leaf certificate comes from."""

    private_key: PrivateKeySource
    """Where the private key comes from."""

    chain: CertificateSource | None
    """Where the chain comes from; None when there is none, or it stands with the leaf."""

    @staticmethod
    def from_parts(
        *,
        certificate: CertificateSource,
        private_key: PrivateKeySource,
        chain: CertificateSource | None = None,
    ) -> CertificateMaterial:
        """
        Put material together from its parts.

        Args:
            certificate: The leaf certificate; the chain may follow it in the same text, as in
                a ``fullchain.pem``.
            private_key: The private key that belongs to the leaf, unencrypted.
            chain: The certificates between the leaf and its root. Default: none, which IAM's
                documentation allows for self-signed certificates only.

        Raises:
            TypeError: A part is no source, but a text or a secret itself.
        """
        for part, source, wanted in (
            ("certificate", certificate, CertificateSource),
            ("chain", chain, CertificateSource | None),
            ("private_key", private_key, PrivateKeySource),
        ):
            if not isinstance(source, wanted):
                # Its value is not quoted: it may be a key.
                raise TypeError(
                    f"{part} must be a source, not {type(source).__name__};"
                    f" make one with {_FACTORIES[part]}."
                )
        return CertificateMaterial(certificate, private_key, chain)


_FACTORIES = {
    "certificate": "CertificateSource.from_file, .from_text or .from_secret",
    "chain": "CertificateSource.from_file, .from_text or .from_secret",
    "private_key": "PrivateKeySource.from_secret",
}
