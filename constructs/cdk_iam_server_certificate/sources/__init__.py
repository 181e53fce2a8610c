"""The sources of certificates, private keys, bundles and passphrases."""

from cdk_iam_server_certificate.sources.parts import (
    BundleSource,
    CertificateSource,
    PassphraseSource,
    PrivateKeySource,
)

__all__ = ["BundleSource", "CertificateSource", "PassphraseSource", "PrivateKeySource"]
