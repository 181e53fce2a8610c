"""The permissions of the renewal function and of the role for renewals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cdk_iam_server_certificate.permissions import Permission
from server_certificate.contract.renewal import (
    CHANGE_SET_PREFIX,
    EVENT_SOURCE,
    METRIC_NAMESPACE,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from cdk_iam_server_certificate.renewal.member import Member

_NAMED: Final = ("StringLike", "cloudformation:ChangeSetName", (f"{CHANGE_SET_PREFIX}*",))


def to_watch(
    *, log_group_arn: str, certificates_arn: str, event_bus_arn: str
) -> tuple[Permission, ...]:
    """
    Return what the function needs in every stack.

    Args:
        log_group_arn: The function's log group.
        certificates_arn: The ARN of the account's certificates up to the path, without the slash.
        event_bus_arn: The default event bus.
    """
    return (
        Permission(
            sid="WriteLog",
            actions=("logs:CreateLogStream", "logs:PutLogEvents"),
            resource=log_group_arn,
        ),
        Permission(
            sid="FindCertificates",
            # IAM authorizes ListServerCertificates by a path prefix, which only '*' covers.
            actions=("iam:ListServerCertificates",),
            resource="*",
        ),
        Permission(
            sid="ReadCertificates",
            # Returns the tags, too, and never the key (IAM API reference, GetServerCertificate).
            actions=("iam:GetServerCertificate",),
            resource=f"{certificates_arn}/*",
        ),
        Permission(
            sid="PublishMetrics",
            actions=("cloudwatch:PutMetricData",),
            resource="*",
            conditions=(("StringEquals", "cloudwatch:namespace", (METRIC_NAMESPACE,)),),
        ),
        Permission(
            sid="SendEvents",
            actions=("events:PutEvents",),
            resource=event_bus_arn,
            conditions=(("StringEquals", "events:source", (EVENT_SOURCE,)),),
        ),
    )


def for_member(member: Member) -> Iterator[Permission]:
    """Yield what the function needs for a certificate."""
    yield Permission(
        sid="LocateCertificates",
        actions=("cloudformation:DescribeStackResource",),
        resource=member.stack_id,
    )
    if member.secret is not None:
        yield Permission(
            sid="ReadVersionsOfSecrets",
            # Without GetSecretValue: the versions tell what is new.
            actions=("secretsmanager:DescribeSecret", "secretsmanager:ListSecretVersionIds"),
            resource=member.secret.resource,
        )


def to_renew(
    *,
    stack_id: str,
    nested_stack_ids: Iterable[str],
    role_arn: str,
    parameter_arns: Iterable[str],
) -> Iterator[Permission]:
    """
    Yield what the function needs to renew.

    The conditions limit it to change sets with its own prefix, the deployed template, and the role
    for renewals. Without the condition on the role, an update would continue with the role of the
    last deployment.

    Args:
        stack_id: The root stack.
        nested_stack_ids: The nested stacks in it, whose change sets belong to that of the root stack.
        role_arn: The role for renewals.
        parameter_arns: The parameters of Systems Manager that the template reads in each update. AWS
            doesn't document for whom CreateChangeSet reads them. The CDK's bootstrap template lets
            the caller read one for that reason, so both roles may.
    """
    yield from _to_read_parameters(parameter_arns)
    yield Permission(
        sid="ReadStateOfThisStack",
        actions=("cloudformation:DescribeStacks", "cloudformation:DescribeStackEvents"),
        resource=stack_id,
    )
    yield Permission(
        sid="ProposeRenewals",
        actions=("cloudformation:CreateChangeSet",),
        resource=stack_id,
        conditions=(
            ("StringEquals", "cloudformation:RoleArn", (role_arn,)),
            _NAMED,
            ("Null", "cloudformation:TemplateUrl", ("true",)),
        ),
    )
    for each in (stack_id, *nested_stack_ids):
        yield Permission(
            sid="ReviewRenewals",
            # Those of nested stacks have names of their own.
            actions=("cloudformation:DescribeChangeSet",),
            resource=each,
        )
    yield Permission(
        sid="ExecuteRenewals",
        actions=("cloudformation:ExecuteChangeSet", "cloudformation:DeleteChangeSet"),
        resource=stack_id,
        conditions=(_NAMED,),
    )
    yield Permission(
        sid="PassRoleForRenewals",
        actions=("iam:PassRole",),
        resource=role_arn,
        conditions=(("StringEquals", "iam:PassedToService", ("cloudformation.amazonaws.com",)),),
    )


def of_role(*, function_arns: Iterable[str], parameter_arns: Iterable[str]) -> Iterator[Permission]:
    """
    Yield what CloudFormation needs for the certificates themselves.

    Args:
        function_arns: The functions that manage the certificates.
        parameter_arns: The parameters of Systems Manager that the template reads in each update.
    """
    for arn in function_arns:
        yield Permission(sid="InvokeProviders", actions=("lambda:InvokeFunction",), resource=arn)
    yield from _to_read_parameters(parameter_arns)


def _to_read_parameters(parameter_arns: Iterable[str]) -> Iterator[Permission]:
    for arn in parameter_arns:
        yield Permission(
            sid="ReadParametersOfTemplate", actions=("ssm:GetParameters",), resource=arn
        )


def of_nested_stack(*, stack_id: str, template_arn: str) -> Iterator[Permission]:
    """
    Yield what CloudFormation needs to update a nested stack.

    Source of the rules: CloudFormation's schema of ``AWS::CloudFormation::Stack``; CloudFormation user
    guide, Change sets for nested stacks.
    """
    yield Permission(
        sid="UpdateNestedStacks",
        actions=(
            "cloudformation:DescribeStacks",
            "cloudformation:UpdateStack",
            "cloudformation:CreateChangeSet",
            "cloudformation:DescribeChangeSet",
            "cloudformation:ExecuteChangeSet",
            "cloudformation:DeleteChangeSet",
        ),
        resource=stack_id,
    )
    yield Permission(
        sid="ReadTemplatesOfNestedStacks", actions=("s3:GetObject",), resource=template_arn
    )
