"""Generate the code of a CDK app that declares a certificate from a secret."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

_ALIAS = "alias/"
_AWS_MANAGED = "alias/aws/secretsmanager"


def declaration(
    *,
    arn: str,
    version_id: str,
    kms_key_id: str | None,
    acknowledged: Collection[str] = (),
) -> str:
    """
    Return the code.

    Args:
        arn: The complete ARN of the secret.
        version_id: The version of the secret.
        kms_key_id: The id, alias or ARN of the secret's KMS key; None for the AWS managed key.
        acknowledged: The codes of findings that must be acknowledged for the deployment.
    """
    key = _key(arn, kms_key_id)
    kms = ["from aws_cdk import aws_kms as kms"] if key else []
    return "\n".join(
        [
            *kms,
            "from aws_cdk import aws_secretsmanager as secretsmanager",
            "from cdk_iam_server_certificate import (",
            "    BundleSource,",
            "    CertificateMaterial,",
            "    ServerCertificate,",
            ")",
            "",
            *_secret(arn, key),
            "certificate = ServerCertificate(",
            "    self,",
            '    "Certificate",',
            "    material=CertificateMaterial.from_bundle(",
            f"        BundleSource.from_secret(secret, version_id={json.dumps(version_id)})",
            "    ),",
            *([f"    acknowledge={json.dumps(sorted(acknowledged))},"] if acknowledged else ()),
            ")",
        ]
    )


def _secret(arn: str, key: tuple[str, str] | None) -> list[str]:
    if key is None:
        return [
            "secret = secretsmanager.Secret.from_secret_complete_arn(",
            f'    self, "Material", {json.dumps(arn)}',
            ")",
        ]
    factory, argument = key
    return [
        "secret = secretsmanager.Secret.from_secret_attributes(",
        "    self,",
        '    "Material",',
        f"    secret_complete_arn={json.dumps(arn)},",
        f"    encryption_key=kms.Key.{factory}(",
        f'        self, "MaterialKey", {argument}',
        "    ),",
        ")",
    ]


def _key(secret_arn: str, key_id: str | None) -> tuple[str, str] | None:
    """Return the method that imports a KMS key, and its argument."""
    if key_id is None:
        return None
    alias = key_id.rpartition(":")[2]
    if alias == _AWS_MANAGED:
        return None
    if alias.startswith(_ALIAS):
        # Permissions on an alias have no effect, so the key must be looked up.
        return "from_lookup", f"alias_name={json.dumps(alias)}"
    if key_id.startswith("arn:"):
        return "from_key_arn", json.dumps(key_id)
    _, partition, _, region, account, *_ = secret_arn.split(":")
    return "from_key_arn", json.dumps(f"arn:{partition}:kms:{region}:{account}:key/{key_id}")
