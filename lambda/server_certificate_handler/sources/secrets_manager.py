"""Parts that lie in Secrets Manager secrets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server_certificate_handler.sources.access import Holder

if TYPE_CHECKING:
    from types_boto3_secretsmanager.client import SecretsManagerClient
    from types_boto3_secretsmanager.type_defs import GetSecretValueRequestTypeDef

    from server_certificate.contract.sources import Secret


def secret_value(source: Secret, client: SecretsManagerClient) -> str | bytes:
    """
    Return the value of a secret: a text, or octets if it was stored as binary data.

    Raises:
        SourceUnreadableError: It is missing or not readable.
    """
    request: GetSecretValueRequestTypeDef = {"SecretId": source.arn}
    if source.version_id:
        request["VersionId"] = source.version_id
    if source.version_stage:
        request["VersionStage"] = source.version_stage
    answer = _holder(source).ask(lambda: client.get_secret_value(**request))
    if "SecretString" in answer:
        return answer["SecretString"]
    return answer["SecretBinary"]


def _holder(source: Secret) -> Holder:
    return Holder(
        subject=f"secret '{source.arn}'",
        service="Secrets Manager",
        limits="an ARN has up to 2,048 characters, a version id 32 to 64, a staging label up to 256"
        f" (version id '{source.version_id}', staging label '{source.version_stage}').",
        denied="A secret under a customer-managed KMS key also needs kms:Decrypt on that key.",
        explain=lambda code, message: _explain(source, code, message),
    )


def _explain(source: Secret, code: str, message: str) -> str | None:
    version = source.version_id or source.version_stage
    match code:
        case "ResourceNotFoundException" if version:
            return (
                f"The secret '{source.arn}' does not exist in this account and Region, or has no version '{version}'."
                " Check the ARN and the version."
            )
        case "ResourceNotFoundException":
            return f"The secret '{source.arn}' does not exist in this account and Region, or has no value yet. Check the ARN."
        case "InvalidRequestException":
            return f"The secret '{source.arn}' cannot be read: {message} A secret that is scheduled for deletion must be restored first."
        case "DecryptionFailure":
            return (
                f"The secret '{source.arn}' cannot be decrypted: {message}"
                " The function's role needs kms:Decrypt on the secret's KMS key, and the key must be enabled."
            )
        case _:
            return None
