"""Sources for tests of the construct, and what becomes of them in a stack."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aws_cdk import aws_kms as kms
from aws_cdk import aws_secretsmanager as secretsmanager
from aws_cdk import aws_ssm as ssm

from support.stacks import certificates_of, statements_of

if TYPE_CHECKING:
    from aws_cdk import Stack
    from constructs import Construct

KMS_ARN = "arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"


def secret_arn(name: str) -> str:
    """Return the ARN of a secret."""
    return f"arn:aws:secretsmanager:eu-central-1:111122223333:secret:{name}-AbCdEf"


def secret(scope: Construct, name: str, *, key: kms.IKey | None = None) -> secretsmanager.ISecret:
    """Import a secret."""
    return secretsmanager.Secret.from_secret_attributes(
        scope, f"Secret-{name}", secret_complete_arn=secret_arn(name), encryption_key=key
    )


def parameter(stack: Stack, name: str) -> ssm.IStringParameter:
    """Import a SecureString parameter."""
    return ssm.StringParameter.from_secure_string_parameter_attributes(
        stack, f"Parameter{name.replace('/', '-')}", parameter_name=name
    )


def key(stack: Stack) -> kms.IKey:
    """Import a customer-managed key."""
    return kms.Key.from_key_arn(stack, "Kms", KMS_ARN)


def parts_of(stack: Stack) -> dict[str, Any]:
    """Return where the parts of the only certificate come from, as CloudFormation sees it."""
    (resource,) = certificates_of(stack).values()
    names = ("Certificate", "CertificateChain", "PrivateKey", "Bundle", "Passphrase")
    return {name: part for name in names if (part := resource["Properties"].get(name))}


def readable(stack: Stack) -> dict[str, Any]:
    """Return what the function may read of sources, by action."""
    services = ("secretsmanager:", "ssm:", "s3:", "kms:")
    return {
        statement["Action"]: [statement["Resource"], *statement.get("Condition", {}).values()]
        for statement in statements_of(stack)
        if str(statement["Action"]).startswith(services)
    }
