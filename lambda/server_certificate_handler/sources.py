"""Read the parts of a certificate from where they lie. The only reader of secrets."""

from __future__ import annotations

import difflib
import json
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError

from server_certificate_handler.errors import SourceUnreadableError
from server_certificate_handler.patience import with_patience

if TYPE_CHECKING:
    from types_boto3_secretsmanager.client import SecretsManagerClient
    from types_boto3_secretsmanager.type_defs import GetSecretValueRequestTypeDef

    from server_certificate.resource_contract import Secret
    from server_certificate_handler.deadline import Deadline

_DENIED = {"AccessDeniedException", "AccessDenied"}


def read(
    source: Secret, *, secrets_manager: SecretsManagerClient, deadline: Deadline
) -> str | bytes:
    """
    Return a part that lies in a secret: a text, or octets if it was stored as binary data.

    Raises:
        SourceUnreadableError: The secret is missing, not readable, or lacks the field.
    """
    value = with_patience(
        lambda: _secret_value(source, secrets_manager),
        denied=lambda error: isinstance(error, _DeniedError),
        deadline=deadline,
    )
    return _field(value, source)


class _DeniedError(SourceUnreadableError):
    pass


def _secret_value(source: Secret, secrets_manager: SecretsManagerClient) -> str | bytes:
    request: GetSecretValueRequestTypeDef = {"SecretId": source.arn}
    if source.version_id:
        request["VersionId"] = source.version_id
    if source.version_stage:
        request["VersionStage"] = source.version_stage
    try:
        answer = secrets_manager.get_secret_value(**request)
    except ClientError as err:
        denied = err.response.get("Error", {}).get("Code") in _DENIED
        raise (_DeniedError if denied else SourceUnreadableError)(_explain(source, err)) from err
    except ParamValidationError:
        # What botocore says about it may quote values.
        raise SourceUnreadableError(
            f"The secret '{source.arn}' cannot be asked for: an ARN has up to 2,048 characters, a version id 32 to 64,"
            f" a staging label up to 256 (version id '{source.version_id}', staging label '{source.version_stage}')."
        ) from None
    except BotoCoreError as err:
        raise SourceUnreadableError(
            f"The secret '{source.arn}' could not be read: Secrets Manager was not reached ({type(err).__name__})."
            " If the function runs in a VPC, it needs a way to Secrets Manager."
        ) from err
    if "SecretString" in answer:
        return answer["SecretString"]
    return answer["SecretBinary"]


def _field(value: str | bytes, source: Secret) -> str | bytes:
    if source.json_field is None:
        return value
    try:
        content = json.loads(value)
    except ValueError:
        content = None
    if not isinstance(content, dict):
        raise SourceUnreadableError(
            f"The secret '{source.arn}' is not a JSON object, so it has no field '{source.json_field}'."
            " Leave the field out to use the whole secret, or store a JSON object."
        )
    field = content.get(source.json_field)
    if not isinstance(field, str):
        state = "is not a string" if source.json_field in content else "does not exist"
        alike = difflib.get_close_matches(source.json_field, content, n=1)
        # Not all names: those of somebody's map may be as confidential as its values.
        hint = f" Did you mean '{alike[0]}'?" if alike and state != "is not a string" else ""
        raise SourceUnreadableError(
            f"The field '{source.json_field}' of the secret '{source.arn}' {state};"
            f" the number of its fields is {len(content)}.{hint}"
        )
    return field


def _explain(source: Secret, err: ClientError) -> str:
    code = err.response.get("Error", {}).get("Code", "")
    message = err.response.get("Error", {}).get("Message", "")
    version = source.version_id or source.version_stage
    if code == "ResourceNotFoundException":
        if version:
            return (
                f"The secret '{source.arn}' does not exist in this account and Region, or has no version '{version}'."
                " Check the ARN and the version."
            )
        return f"The secret '{source.arn}' does not exist in this account and Region, or has no value yet. Check the ARN."
    if code == "InvalidRequestException":
        return f"The secret '{source.arn}' cannot be read: {message} A secret that is scheduled for deletion must be restored first."
    if code in _DENIED:
        return (
            f"The function's role may not read the secret '{source.arn}': {message}"
            " A secret under a customer-managed KMS key also needs kms:Decrypt on that key."
        )
    if code == "DecryptionFailure":
        return (
            f"The secret '{source.arn}' cannot be decrypted: {message}"
            " The function's role needs kms:Decrypt on the secret's KMS key, and the key must be enabled."
        )
    return f"The secret '{source.arn}' could not be read: {code}: {message}"
