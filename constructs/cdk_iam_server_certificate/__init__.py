"""IAM server certificates for the AWS CDK."""

import sys
from importlib.util import find_spec
from typing import TYPE_CHECKING

if sys.version_info < (3, 11):  # noqa: UP036 - pip refuses an older one, a copied folder doesn't
    raise ImportError(
        "cdk-iam-server-certificate needs Python 3.11 or later; this is %d.%d.%d. Make a virtual"  # noqa: UP031 - the old one reads this
        " environment of a newer one (python3.14 -m venv .venv), and install it in there."
        % sys.version_info[:3]
    )

if find_spec("aws_cdk") is None:
    raise ModuleNotFoundError(
        "cdk-iam-server-certificate needs aws-cdk-lib, which is not installed; run"
        " pip install cdk-iam-server-certificate, without --no-deps.",
        name="aws_cdk",
    )

from cdk_iam_server_certificate.interface import IServerCertificate
from cdk_iam_server_certificate.material import CertificateMaterial
from cdk_iam_server_certificate.server_certificate import ServerCertificate
from cdk_iam_server_certificate.sources import (
    BundleSource,
    CertificateSource,
    PassphraseSource,
    PrivateKeySource,
)

if TYPE_CHECKING:
    from cdk_iam_server_certificate.cloudfront import DistributionCertificate
else:

    def __getattr__(name: str) -> object:
        # Imports all of aws_cloudfront, which most apps don't need.
        if name == "DistributionCertificate":
            from cdk_iam_server_certificate.cloudfront import DistributionCertificate  # noqa: PLC0415

            return DistributionCertificate
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


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
