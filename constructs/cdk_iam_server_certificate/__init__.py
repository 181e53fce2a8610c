"""Declare IAM server certificates in AWS CDK."""

from cdk_iam_server_certificate.material import CertificateMaterial
from cdk_iam_server_certificate.server_certificate import IServerCertificate, ServerCertificate
from cdk_iam_server_certificate.sources import CertificateSource, PrivateKeySource

__all__ = [
    "CertificateMaterial",
    "CertificateSource",
    "IServerCertificate",
    "PrivateKeySource",
    "ServerCertificate",
]
