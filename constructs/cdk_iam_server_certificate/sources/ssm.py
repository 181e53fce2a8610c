"""Parts from a Systems Manager parameter."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cdk_iam_server_certificate.permissions import Permission
from cdk_iam_server_certificate.policy_literals import literal
from cdk_iam_server_certificate.sources.source import (
    PartSource,
    Problem,
    Source,
    decrypt_permissions,
    kms_key_problem,
    pattern_problem,
    text_problem,
    wrong_type,
)
from server_certificate.contract.sources import Source as Key

if TYPE_CHECKING:
    from typing import Self

    from aws_cdk import aws_kms as kms
    from aws_cdk import aws_ssm as ssm


class FromParameter(PartSource):
    """A part whose content can be in a parameter."""

    __slots__ = ()

    @classmethod
    def from_parameter(
        cls,
        parameter: ssm.IParameter,
        *,
        json_field: str | None = None,
        version: int | None = None,
        encryption_key: kms.IKey | None = None,
    ) -> Self:
        """
        Use a Systems Manager parameter, which is read at deploy time.

        Args:
            parameter: The parameter. Use a SecureString for private keys and passphrases, and
                import it with ``StringParameter.from_secure_string_parameter_attributes``.
            json_field: The field of a JSON parameter that contains the text. Default: use the whole
                parameter.
            version: The version to read, starting at 1. Change it to update the certificate with
                the next deployment. Default: the latest version at deploy time.
            encryption_key: The customer managed KMS key of a SecureString, so that the function
                gets permission to decrypt with it. Default: none; a String and a SecureString
                encrypted with ``aws/ssm`` require no permission.
        """
        if problem := text_problem(
            parameter_name=getattr(parameter, "parameter_name", None), json_field=json_field
        ) or _problem(cls, parameter, version, encryption_key):
            return cls(Source(problem=problem))
        keys = {
            Key.PARAMETER_NAME: parameter.parameter_name,
            Key.JSON_FIELD: json_field,
            Key.PARAMETER_VERSION: None if version is None else str(version),
        }
        return cls(Source(keys=keys, permissions=_permissions(parameter, encryption_key)))


def _problem(
    made_by: type, parameter: ssm.IParameter, version: object, encryption_key: kms.IKey | None
) -> Problem | None:
    if not hasattr(parameter, "parameter_arn"):
        return wrong_type(
            parameter,
            "parameter from aws_ssm",
            "Import it with StringParameter.from_secure_string_parameter_attributes or"
            " StringParameter.from_string_parameter_name.",
            made_by=made_by,
        )
    if version is not None and (not isinstance(version, int) or isinstance(version, bool)):
        return Problem(
            f"its version is of type {type(version).__name__}, not int.",
            "Provide the number of a version, such as 3.",
        )
    if version is not None and version < 1:
        return Problem(f"version {version} is invalid.", "Versions of a parameter start at 1.")
    return pattern_problem(
        "parameter", parameter.parameter_name, "letters, digits and _.-/"
    ) or kms_key_problem(encryption_key)


def _permissions(
    parameter: ssm.IParameter, encryption_key: kms.IKey | None
) -> tuple[Permission, ...]:
    read = Permission(
        sid="ReadParameters",
        actions=("ssm:GetParameter",),
        resource=literal(parameter.parameter_arn),
    )
    return (read, *decrypt_permissions(encryption_key, "ssm", parameter))
