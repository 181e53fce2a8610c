"""Read parts from Systems Manager parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server_certificate_handler.errors import SourceUnreadableError
from server_certificate_handler.sources.access import SourceAccess

if TYPE_CHECKING:
    from types_boto3_ssm.client import SSMClient

    from server_certificate.contract.sources import Parameter


_PLAIN_TYPES = {"String", "StringList"}

_KEY = (
    "If the parameter is encrypted with a customer-managed KMS key, name the key in the app, so that"
    " the role gets kms:Decrypt on it: from_parameter(…, encryption_key=…)."
)


def parameter_value(source: Parameter, client: SSMClient) -> str:
    """
    Return the value of a parameter, decrypted if it is a SecureString.

    Raises:
        SourceUnreadableError: It is missing or unreadable, or contains a secret in plain text.
    """
    # GetParameter accepts the version as a suffix of the name, like CloudFormation's references.
    name = f"{source.name}:{source.version}" if source.version else source.name
    answer = _access(source).call_service(
        lambda: client.get_parameter(Name=name, WithDecryption=True)
    )
    parameter = answer["Parameter"]
    if source.is_confidential and parameter.get("Type") in _PLAIN_TYPES:
        raise SourceUnreadableError(
            f"The parameter '{source.name}' is of type {parameter.get('Type')}, which is stored in"
            " plain text. Private keys, bundles and passphrases must be in a SecureString. The type"
            " of a parameter can't be changed: delete it, create it again with aws ssm put-parameter"
            f" --name {source.name} --type SecureString --value file://FILE, and deploy again."
            " Replace the private key if others could read the parameter."
        )
    return parameter["Value"]


def _access(source: Parameter) -> SourceAccess:
    return SourceAccess(
        subject=f"parameter '{source.name}'",
        service="Systems Manager",
        limits="A name has 1 to 1,011 characters, and a version is a number"
        + (f" (version: '{source.version}')." if source.version else "."),
        denied=_KEY,
        explain=lambda code, message: _explain(source, code, message),
    )


def _explain(source: Parameter, code: str, message: str) -> str | None:
    match code:
        case "ParameterNotFound":
            return (
                f"The parameter '{source.name}' doesn't exist in this account and Region. Check the"
                " name."
            )
        case "ParameterVersionNotFound":
            return (
                f"The parameter '{source.name}' has no version '{source.version}'. Systems Manager"
                " keeps the last 100 versions."
            )
        case "InvalidKeyId":
            return (
                f"The parameter '{source.name}' can't be decrypted: {message}"
                f" Its KMS key must exist and be enabled. {_KEY}"
            )
        case _:
            return None
