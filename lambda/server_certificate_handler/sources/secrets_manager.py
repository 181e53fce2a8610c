"""Read parts from Secrets Manager secrets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server_certificate.contract.ownership import SecretVersion
from server_certificate_handler.errors import SourceUnreadableError
from server_certificate_handler.sources.access import SourceAccess
from server_certificate_handler.sources.content import SourceContent

if TYPE_CHECKING:
    from types_boto3_secretsmanager.client import SecretsManagerClient
    from types_boto3_secretsmanager.type_defs import GetSecretValueRequestTypeDef

    from server_certificate.contract.sources import Secret


_KEY = (
    "If the secret is encrypted with a customer-managed KMS key, name the key in the app, so that"
    " the role gets kms:Decrypt on it: Secret.from_secret_attributes(…, encryption_key=…)."
)


def secret_value(source: Secret, client: SecretsManagerClient) -> SourceContent:
    """
    Return the value of a secret, text, or bytes if it was stored as binary data, and its version.

    Raises:
        SourceUnreadableError: It is missing or unreadable, or has no value.
    """
    request: GetSecretValueRequestTypeDef = {"SecretId": source.arn}
    if source.version_id:
        request["VersionId"] = source.version_id
    if source.version_stage:
        request["VersionStage"] = source.version_stage
    answer = _access(source).call_service(lambda: client.get_secret_value(**request))
    value = answer.get("SecretString", answer.get("SecretBinary"))
    if value is None:
        raise SourceUnreadableError(_without_value(source))
    return SourceContent(value, SecretVersion(answer["ARN"], answer["VersionId"]))


def _access(source: Secret) -> SourceAccess:
    version = source.version_id or source.version_stage
    return SourceAccess(
        subject=f"secret '{source.arn}'",
        service="Secrets Manager",
        limits="An ARN has up to 2,048 characters, a version ID 32 to 64, a staging label up to 256"
        + (f" (version ID or staging label: '{version}')." if version else "."),
        denied=_KEY,
        explain=lambda code, message: _explain(source, code, message),
    )


def _explain(source: Secret, code: str, message: str) -> str | None:
    match code:
        case "ResourceNotFoundException" if _OF_VALUE in message:
            return _without_value(source)
        case "ResourceNotFoundException":
            return (
                f"The secret '{source.arn}' doesn't exist in this account and Region. Check the"
                " ARN. For a secret of another Region, use Secret.from_secret_complete_arn."
            )
        case "InvalidRequestException" if _DELETED in message:
            return (
                f"The secret '{source.arn}' is scheduled for deletion. Restore it, then deploy again:"
                f" aws secretsmanager restore-secret --secret-id {source.arn}"
            )
        case "DecryptionFailure":
            return (
                f"The secret '{source.arn}' can't be decrypted: {message}"
                f" Its KMS key must exist and be enabled. {_KEY}"
            )
        case _:
            return None


_OF_VALUE, _DELETED = "secret value", "deletion"
"""
Parts of Secrets Manager's messages about a secret without a value, and about one that is scheduled
for deletion."""


def _without_value(source: Secret) -> str:
    version = source.version_id or source.version_stage
    if version and version != "AWSCURRENT":
        return (
            f"The secret '{source.arn}' has no version '{version}'. To list its versions: aws"
            f" secretsmanager list-secret-version-ids --secret-id {source.arn}"
        )
    return (
        f"The secret '{source.arn}' has no value yet. Store one, then deploy again, for example:"
        f" server-certificate store --secret {source.arn} FILE"
    )
