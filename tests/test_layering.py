"""What each package loads in a fresh interpreter: what import contracts cannot see."""

from __future__ import annotations

import subprocess
import sys

import pytest

from dev import ROOT

AWS = {"boto3", "botocore", "crhelper", "urllib3"}
CDK = {"aws_cdk", "constructs", "jsii"}


@pytest.mark.parametrize(
    ("module", "absent"),
    [
        ("server_certificate", AWS | CDK | {"cryptography"}),
        ("server_certificate.assessment", AWS | CDK),
        ("server_certificate_cli.main", AWS | CDK | {"server_certificate_handler"}),
        ("server_certificate.contract.properties", AWS | CDK | {"cryptography"}),
        ("server_certificate.naming", AWS | CDK | {"cryptography"}),
        ("server_certificate_handler.kernel.progress", AWS | CDK),
        ("server_certificate_handler.renewal.decide", AWS | CDK),
        ("server_certificate_handler.renewal.review", AWS | CDK),
        ("server_certificate_handler.renewal.entry", CDK | {"boto3"}),
        ("server_certificate_handler.entry", CDK),
        ("cdk_iam_server_certificate", AWS | {"server_certificate_handler"}),
        ("local_cloud", AWS | CDK | {"ministack", "server_certificate"}),
    ],
)
def test_module_loads_only_what_it_needs(module: str, absent: set[str]) -> None:
    """Importing a module loads nothing of what lies beyond its layer."""
    program = f"import sys, {module}; print(' '.join({{n.partition('.')[0] for n in sys.modules}}))"
    loaded = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True, cwd=ROOT
    ).stdout.split()
    assert absent.isdisjoint(loaded)


@pytest.mark.checkout
@pytest.mark.parametrize("folder", ["constructs", "lambda"])
def test_source_roots_are_no_packages(folder: str) -> None:
    """A source root with an __init__.py would hide the package 'constructs' from every app."""
    assert not (ROOT / folder / "__init__.py").exists()
