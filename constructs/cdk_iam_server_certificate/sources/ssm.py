"""Parts in a parameter of Systems Manager."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cdk_iam_server_certificate.permissions import Permission
from cdk_iam_server_certificate.policy_literals import literal
from cdk_iam_server_certificate.sources.source import (
    PartSource,
    Problem,
    Source,
    decrypting,
    misplaced,
    not_a_key,
    pattern,
    wrong_type,
)
from server_certificate.contract.sources import Source as Key

if TYPE_CHECKING:
    from typing import Self

    from aws_cdk import aws_kms as kms
    from aws_cdk import aws_ssm as ssm


class FromParameter(PartSource):
    """A part that a parameter may hold."""

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
        Take it from a parameter of Systems Manager, at deploy time.

        Args:
            parameter: The parameter, a SecureString for anything confidential: import that with
                ``StringParameter.from_secure_string_parameter_attributes``.
            json_field: The field of a parameter in JSON that holds it, as a text.
                Default: the whole parameter.
            version: The version to read, from 1. A new one here makes the next deployment an
                update. Default: the latest at deploy time.
            encryption_key: The customer-managed KMS key of a SecureString: decrypting with it is
                granted too. Default: none, for a String or one encrypted with ``aws/ssm``, which
                takes no permission.
        """
        if problem := misplaced(
            parameter_name=getattr(parameter, "parameter_name", None), json_field=json_field
        ) or _problem(parameter, version, encryption_key):
            return cls(Source(problem=problem))
        keys = {
            Key.PARAMETER_NAME: parameter.parameter_name,
            Key.JSON_FIELD: json_field,
            Key.PARAMETER_VERSION: None if version is None else str(version),
        }
        return cls(Source(keys=keys, permissions=_permissions(parameter, encryption_key)))


def _problem(
    parameter: ssm.IParameter, version: int | None, encryption_key: kms.IKey | None
) -> Problem | None:
    if not hasattr(parameter, "parameter_arn"):
        return wrong_type(
            parameter,
            "parameter of aws_ssm",
            "Import one with StringParameter.from_secure_string_parameter_attributes or"
            " StringParameter.from_string_parameter_name.",
        )
    if version is not None and version < 1:
        return Problem(f"the version of the parameter is {version}.", "Versions count from 1.")
    return pattern("parameter", parameter.parameter_name, "letters, digits and _.-/") or not_a_key(
        encryption_key
    )


def _permissions(
    parameter: ssm.IParameter, encryption_key: kms.IKey | None
) -> tuple[Permission, ...]:
    read = Permission(
        sid="ReadParameters",
        actions=("ssm:GetParameter",),
        resource=literal(parameter.parameter_arn),
    )
    return (read, *decrypting(encryption_key, "ssm", parameter))
