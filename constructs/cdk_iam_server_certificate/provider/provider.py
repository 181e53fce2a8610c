"""The Lambda function that manages the certificates of a stack, with its role and log group."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from aws_cdk import Duration, RemovalPolicy, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from cdk_iam_server_certificate.permissions import Permission
from cdk_iam_server_certificate.provider.function_files import HANDLER
from cdk_iam_server_certificate.provider.nag import LISTING
from cdk_iam_server_certificate.provider.policies import Policies
from cdk_iam_server_certificate.provider.settings import FunctionSettings
from cdk_iam_server_certificate.synth.late_checks import LateChecks
from server_certificate.contract.ownership import STACK_ID_TAG

if TYPE_CHECKING:
    from aws_cdk import CfnResource

FUNCTION_TIMEOUT: Final = Duration.minutes(15)
"""
The maximum that Lambda allows. A consumer can use a certificate for minutes after it was removed from
the consumer, and IAM can't delete it until then."""

MEMORY_MEGABYTES: Final = 512
"""
Measured: with less memory, the function starts slower at the same cost; with more, waiting costs more
(``docs/internals/function.md``, Memory and architecture)."""

SERVICE_TIMEOUT_SECONDS: Final = 16 * 60
"""
How long CloudFormation waits for a response. The default of an hour is too long when the function
crashes."""

_ID: Final = "IamServerCertificateProvider"


class Provider(Construct):
    """The one function for all certificates of a stack. It doesn't depend on any of them."""

    @staticmethod
    def of(scope: Construct) -> Provider:
        """Return the provider of a construct's stack, and create it on the first call."""
        # Each call to the CDK's process counts in a stack with many certificates.
        stack = scope if isinstance(scope, Stack) else Stack.of(scope)
        known = _PROVIDERS.get(stack)
        if known is not None:
            return known
        # Python can get a new proxy each time for a stack that the CDK created.
        existing = stack.node.try_find_child(_ID)
        provider = existing if isinstance(existing, Provider) else Provider(stack, _ID)
        _PROVIDERS[stack] = provider
        return provider

    def __init__(self, scope: Construct, construct_id: str) -> None:
        super().__init__(scope, construct_id)
        # Read once: each attribute is a call to the CDK's process, and stacks can have many certificates.
        self.stack = Stack.of(self)
        self.region = self.stack.region
        self.account = self.stack.account
        self.certificates_arn = f"arn:{self.stack.partition}:iam::{self.account}:server-certificate"
        self.root_stack = _root_of(self.stack)
        self.app = self.node.root
        self.late_checks = LateChecks.of(self.stack)

        settings = FunctionSettings.of(self.stack)
        log_group = logs.LogGroup(
            self,
            "Log",
            retention=logs.RetentionDays.ONE_MONTH,
            removal_policy=RemovalPolicy.DESTROY,
        )
        role = iam.Role(
            self,
            "Role",
            assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"),
            description=f"Manages the IAM server certificates of the stack {self.stack.stack_name}",
        )
        self._policies = Policies(self, "Policies", role=role, every_resource=LISTING)
        self._base = self._policies.allow(self._permissions(log_group))
        function = lambda_.Function(
            self,
            "Function",
            description="Uploads, renames, replaces and deletes IAM server certificates",
            runtime=settings.runtime,
            architecture=settings.architecture,
            handler=HANDLER,
            code=settings.code,
            role=role,
            timeout=FUNCTION_TIMEOUT,
            memory_size=MEMORY_MEGABYTES,
            log_group=log_group,
        )
        self.function_arn = function.function_arn
        settings.finish(function)

    def allow(self, *permissions: Permission) -> list[CfnResource]:
        """Grant the function the permissions of a certificate; return the policies it depends on."""
        holders = [*self._base, *self._policies.allow(permissions)]
        return list({id(policy): policy for policy in holders}.values())

    def _permissions(self, log_group: logs.LogGroup) -> tuple[Permission, ...]:
        """Return the permissions that every certificate requires."""
        certificates = f"{self.certificates_arn}/*"
        stack_id = self.stack.stack_id
        return (
            Permission(
                sid="WriteLog",
                actions=("logs:CreateLogStream", "logs:PutLogEvents"),
                resource=log_group.log_group_arn,
            ),
            Permission(
                sid="FindCertificates",
                # IAM authorizes ListServerCertificates by a path prefix, which only '*' covers.
                actions=("iam:ListServerCertificates",),
                resource="*",
            ),
            Permission(
                sid="ReadCertificates",
                # IAM doesn't know the path of a name that doesn't exist. Without this permission,
                # a missing certificate would look like a forbidden one. IAM never returns keys.
                # Tagging also requires permission to list tags (IAM user guide, Tagging IAM
                # server certificates).
                actions=("iam:GetServerCertificate", "iam:ListServerCertificateTags"),
                resource=certificates,
            ),
            Permission(
                sid="ReadStateOfThisStack",
                # To find out what the stack is doing, whether CloudFormation still waits for a
                # response, and which certificates the other resources of the stack manage.
                actions=("cloudformation:DescribeStacks", "cloudformation:ListStackResources"),
                resource=stack_id,
            ),
            Permission(
                sid="ManageCertificatesOfThisStack",
                # Regardless of the current name and path: a rename requires permission for the
                # old name, which is no longer in the template.
                actions=(
                    "iam:UpdateServerCertificate",
                    "iam:DeleteServerCertificate",
                    "iam:TagServerCertificate",
                    "iam:UntagServerCertificate",
                ),
                resource=certificates,
                conditions=(("StringEquals", f"aws:ResourceTag/{STACK_ID_TAG}", (stack_id,)),),
            ),
        )


_PROVIDERS: dict[Stack, Provider] = {}
"""
The providers, which are never removed, just as the CDK's own process keeps its constructs. Only Python
knows the content of a provider's policies, so a provider must live as long as its stack."""


def _root_of(stack: Stack) -> Stack:
    """Return the top-level stack that contains a nested stack, or the stack if it isn't nested."""
    while (parent := stack.nested_stack_parent) is not None:
        stack = parent
    return stack
