"""Stacks for tests of the construct."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import aws_secretsmanager as secretsmanager
from aws_cdk.assertions import Template

from cdk_iam_server_certificate import CertificateMaterial, CertificateSource, PrivateKeySource

if TYPE_CHECKING:
    from aws_cdk import App, Stack
    from constructs import Construct

    from dev.certificates.authority import Issued

SECRET_ARN = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:key-AbCdEf"  # noqa: S105 - an address, not a secret


def private_key(scope: Construct, construct_id: str) -> PrivateKeySource:
    """Name a secret that holds a private key."""
    secret = secretsmanager.Secret.from_secret_complete_arn(scope, f"{construct_id}Key", SECRET_ARN)
    return PrivateKeySource.from_secret(secret)


def material(scope: Construct, construct_id: str, issued: Issued) -> CertificateMaterial:
    """Put material together from text and a secret."""
    return CertificateMaterial.from_parts(
        certificate=CertificateSource.from_text(issued.pem),
        chain=CertificateSource.from_text(issued.chain_pem()),
        private_key=private_key(scope, construct_id),
    )


def with_certificate(
    scope: Construct, certificate: CertificateSource, issued: Issued
) -> CertificateMaterial:
    """Put material together from a source of the leaf and what else belongs to a certificate."""
    return CertificateMaterial.from_parts(
        certificate=certificate,
        chain=CertificateSource.from_text(issued.chain_pem()),
        private_key=private_key(scope, "WithCertificate"),
    )


def certificates_of(stack: Stack) -> dict[str, dict[str, Any]]:
    """Return the custom resources of a stack."""
    return dict(Template.from_stack(stack).find_resources("Custom::IamServerCertificate"))


def statements_of(stack: Stack) -> list[dict[str, Any]]:
    """Return the statements of all policies of a stack."""
    template = Template.from_stack(stack)
    policies = [
        *template.find_resources("AWS::IAM::Policy").values(),
        *template.find_resources("AWS::IAM::ManagedPolicy").values(),
    ]
    return [
        statement
        for policy in policies
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]
    ]


def report_of(app: App) -> str:
    """Return what stops the synthesis of an app, and see that nothing of it stops it sooner."""
    with pytest.raises(RuntimeError, match="Validation failed") as caught:
        app.synth()
    return str(caught.value)
