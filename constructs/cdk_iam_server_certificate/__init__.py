"""Declare IAM server certificates in AWS CDK."""

from cdk_iam_server_certificate.cloudfront import DistributionCertificate
from cdk_iam_server_certificate.interface import IServerCertificate
from cdk_iam_server_certificate.material import CertificateMaterial
from cdk_iam_server_certificate.server_certificate import ServerCertificate
from cdk_iam_server_certificate.sources import (
    BundleSource,
    CertificateSource,
    PassphraseSource,
    PrivateKeySource,
)

__all__ = [
    "BundleSource",
    "CertificateMaterial",
    "CertificateSource",
    "DistributionCertificate",
    "IServerCertificate",
    "PassphraseSource",
    "PrivateKeySource",
    "ServerCertificate",
]
