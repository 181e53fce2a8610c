"""The function behind the certificates of a stack, with its role and its log."""

from __future__ import annotations

from typing import Final

from aws_cdk import Duration, RemovalPolicy, Stack, Token
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from cdk_iam_server_certificate._handler_code import HANDLER, handler_code
from server_certificate.tags import STACK_ID_TAG

ARCHITECTURE_CONTEXT: Final = "cdk-iam-server-certificate:architecture"
"""Context key for the function's architecture, ``x86_64`` or ``arm64``; for a whole app or stack,
because one function serves all certificates of a stack."""

FUNCTION_TIMEOUT: Final = Duration.minutes(15)
"""Lambda's longest: a consumer may hold a certificate for minutes after it was removed there."""

SERVICE_TIMEOUT: Final = Duration.minutes(16)
"""How long CloudFormation waits for an answer; its own default is an hour. A function that died
is noticed this soon."""

_ID: Final = "IamServerCertificateProvider"


class Provider(Construct):
    """One function for all certificates of a stack. Nothing about it depends on any of them."""

    function: lambda_.Function
    role: iam.Role

    @staticmethod
    def of(scope: Construct) -> Provider:
        """Return the provider of the stack that a construct is in; made when it is first asked for."""
        stack = Stack.of(scope)
        existing = stack.node.try_find_child(_ID)
        return existing if isinstance(existing, Provider) else Provider(stack, _ID)

    def __init__(self, scope: Construct, construct_id: str) -> None:
        super().__init__(scope, construct_id)
        stack = Stack.of(self)
        architecture = self._architecture()
        log_group = logs.LogGroup(
            self,
            "Log",
            retention=logs.RetentionDays.ONE_MONTH,
            removal_policy=RemovalPolicy.DESTROY,
        )
        self.role = iam.Role(
            self,
            "Role",
            assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"),
            description=f"Manages the IAM server certificates of the stack {stack.stack_name}",
        )
        log_group.grant_write(self.role)
        self._allow_managing_certificates(stack)
        self.function = lambda_.Function(
            self,
            "Function",
            description="Uploads, renames, replaces and deletes IAM server certificates",
            runtime=lambda_.Runtime.PYTHON_3_14,
            architecture=architecture,
            handler=HANDLER,
            code=handler_code(architecture),
            role=self.role,
            timeout=FUNCTION_TIMEOUT,
            memory_size=256,
            log_group=log_group,
        )

    def _architecture(self) -> lambda_.Architecture:
        architectures = {
            architecture.name: architecture
            for architecture in (lambda_.Architecture.X86_64, lambda_.Architecture.ARM_64)
        }
        name = self.node.try_get_context(ARCHITECTURE_CONTEXT) or "x86_64"
        if name not in architectures:
            raise ValueError(
                f"the context value '{ARCHITECTURE_CONTEXT}' is '{name}'; Lambda has {' and '.join(architectures)}."
            )
        return architectures[name]

    def _allow_managing_certificates(self, stack: Stack) -> None:
        certificates = stack.format_arn(
            service="iam", region="", resource="server-certificate", resource_name="*"
        )
        self.role.add_to_policy(
            iam.PolicyStatement(
                sid="FindCertificates",
                # IAM checks ListServerCertificates on a path prefix, which only '*' covers.
                actions=["iam:ListServerCertificates"],
                resources=["*"],
            )
        )
        self.role.add_to_policy(
            iam.PolicyStatement(
                sid="ReadCertificates",
                # Of a name that does not exist IAM cannot know the path: without this, a
                # certificate that is gone looks like one that is forbidden. No key is readable.
                actions=["iam:GetServerCertificate"],
                resources=[certificates],
            )
        )
        self.role.add_to_policy(
            iam.PolicyStatement(
                sid="ReadStateOfThisStack",
                # Why an event comes, and whether CloudFormation still waits for it.
                actions=["cloudformation:DescribeStacks", "cloudformation:DescribeStackResource"],
                resources=[stack.stack_id],
            )
        )
        self.role.add_to_policy(
            iam.PolicyStatement(
                sid="ManageCertificatesOfThisStack",
                # Under whatever name and path they have now: a rename needs the right to the old
                # name, which is no longer in the template when it happens.
                actions=[
                    "iam:UpdateServerCertificate",
                    "iam:DeleteServerCertificate",
                    "iam:TagServerCertificate",
                    "iam:UntagServerCertificate",
                ],
                resources=[certificates],
                conditions={
                    "StringEquals": {
                        f"aws:ResourceTag/{STACK_ID_TAG}": Token.as_string(stack.stack_id)
                    }
                },
            )
        )
