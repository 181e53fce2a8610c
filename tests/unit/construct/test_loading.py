"""An app imports only the parts of the library that it uses."""

from __future__ import annotations

import importlib
import subprocess
import sys

import pytest

import cdk_iam_server_certificate

_PROGRAM = """
import sys
from cdk_iam_server_certificate import {name}
print("cdk_iam_server_certificate.cloudfront.distribution_certificate" in sys.modules)
"""


@pytest.mark.parametrize(
    ("name", "is_loaded"), [("ServerCertificate", "False"), ("DistributionCertificate", "True")]
)
def test_cloudfront_is_loaded_when_it_is_asked_for(name: str, is_loaded: str) -> None:
    """Only an app that uses ``DistributionCertificate`` imports CloudFront."""
    command = [sys.executable, "-c", _PROGRAM.format(name=name)]
    answer = subprocess.run(command, check=True, capture_output=True, text=True)
    assert answer.stdout.strip() == is_loaded


def test_all_that_is_public_is_there() -> None:
    """Every public name can be imported, and no other."""
    for name in cdk_iam_server_certificate.__all__:
        assert getattr(cdk_iam_server_certificate, name).__name__ == name
    with pytest.raises(AttributeError, match="no attribute 'Certificate'"):
        _ = cdk_iam_server_certificate.Certificate


@pytest.mark.parametrize(
    ("module", "names"),
    [
        (
            "sources",
            ("BundleSource", "CertificateSource", "PassphraseSource", "PrivateKeySource"),
        ),
        ("material", ("CertificateMaterial",)),
        ("server_certificate", ("ServerCertificate",)),
        ("interface", ("IServerCertificate",)),
        ("cloudfront", ("DistributionCertificate",)),
    ],
)
def test_public_names_are_in_their_modules_too(module: str, names: tuple[str, ...]) -> None:
    """Public names can also be imported from their modules."""
    found = importlib.import_module(f"cdk_iam_server_certificate.{module}")
    for name in names:
        assert getattr(found, name) is getattr(cdk_iam_server_certificate, name)
