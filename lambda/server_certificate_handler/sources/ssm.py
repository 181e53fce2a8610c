"""Read parts from Systems Manager parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server_certificate_handler.sources.access import SourceAccess

if TYPE_CHECKING:
    from types_boto3_ssm.client import SSMClient

    from server_certificate.contract.sources import Parameter


def parameter_value(source: Parameter, client: SSMClient) -> str:
    """
    Return the value of a parameter, decrypted if it is a SecureString.

    Raises:
        SourceUnreadableError: It is missing or unreadable.
    """
    # GetParameter accepts the version as a suffix of the name, like CloudFormation's references.
    name = f"{source.name}:{source.version}" if source.version else source.name
    answer = _access(source).call_service(
        lambda: client.get_parameter(Name=name, WithDecryption=True)
    )
    return answer["Parameter"]["Value"]


def _access(source: Parameter) -> SourceAccess:
    return SourceAccess(
        subject=f"parameter '{source.name}'",
        service="Systems Manager",
        limits="A name has 1 to 1,011 characters, and a version is a number"
        + (f" (version: '{source.version}')." if source.version else "."),
        denied="If the parameter is encrypted with a customer-managed KMS key, the role also needs kms:Decrypt on"
        " that key.",
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
                " Its KMS key must exist and be enabled, and the function's role needs kms:Decrypt on it."
            )
        case _:
            return None
