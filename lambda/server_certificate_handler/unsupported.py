"""Tell a partition that takes no tags with an upload from a real refusal."""

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
"""Codes that say nothing else."""

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
"""Codes that other partitions are said to use for it; in these they mean what they say."""

_TAGS_ARE_KNOWN = {"aws", "aws-cn", "aws-us-gov"}


def is_unsupported(error: IamRefusedError, *, stack_id: str) -> bool:
    """
    Whether IAM refused a call because its partition takes no tags with an upload.

    Which codes the ISO partitions use is not documented; these are the ones that Terraform's AWS
    provider, which is used there, takes for it.

    Args:
        error: The refusal.
        stack_id: ARN of the stack, which begins with the partition.
    """
    if error.code in _ALWAYS:
        return True
    is_real_denial = "is not authorized to perform" in str(error)
    partition = stack_id.split(":")[1] if stack_id.startswith("arn:") else "aws"
    return partition not in _TAGS_ARE_KNOWN and error.code in _ELSEWHERE and not is_real_denial
