"""Detect partitions that don't support tags in an upload."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from server_certificate_handler.errors import IamRefusedError

_ALWAYS = {
    "InvalidAction",
    "OperationDisabledException",
    "OperationNotPermitted",
    "UnknownOperationException",
    "UnsupportedFeatureException",
    "UnsupportedOperation",
    "UnsupportedOperationException",
}
"""Codes that always mean this."""

_ELSEWHERE = {
    "AccessDenied",
    "AuthorizationError",
    "InternalException",
    "InternalServiceError",
    "InvalidParameterException",
    "InvalidParameterValue",
    "InvalidRequest",
    "ValidationError",
    "ValidationException",
}
"""
Codes that other partitions are reported to use for this. In the partitions of ``_TAGS_ARE_KNOWN``,
they have their usual meaning.
"""

_TAGS_ARE_KNOWN = {"aws", "aws-cn", "aws-us-gov"}


def is_unsupported(error: IamRefusedError, *, stack_id: str) -> bool:
    """
    Return whether IAM rejected an upload because its partition doesn't support tags in it.

    The codes of the ISO partitions are not documented. These are the ones that Terraform's AWS
    provider, which is used there, handles.

    Args:
        error: The error.
        stack_id: The ARN of the stack, which contains the partition.
    """
    if error.code in _ALWAYS:
        return True
    is_real_denial = "is not authorized to perform" in str(error)
    partition = stack_id.split(":")[1] if stack_id.startswith("arn:") else "aws"
    return partition not in _TAGS_ARE_KNOWN and error.code in _ELSEWHERE and not is_real_denial
