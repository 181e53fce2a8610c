"""The function that renews and watches the certificates of a root stack, with its roles and rules."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

from aws_cdk import CfnParameter, Duration, Fn, RemovalPolicy, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from cdk_iam_server_certificate.provider.policies import Policies
from cdk_iam_server_certificate.provider.settings import FunctionSettings
from cdk_iam_server_certificate.renewal import permissions
from cdk_iam_server_certificate.renewal.checks import check_renewals
from cdk_iam_server_certificate.renewal.role import attach_policies, renewal_role
from cdk_iam_server_certificate.renewal.root import root_of
from cdk_iam_server_certificate.renewal.rule import Rule
from server_certificate.contract.renewal import (
    MAX_CERTIFICATES,
    RENEWAL_HANDLER,
    VERSION_PATTERN,
    RenewalInput,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cdk_iam_server_certificate.renewal.member import Member
    from cdk_iam_server_certificate.renewal.secret import RenewalSecret
    from cdk_iam_server_certificate.synth.consumers import Usage
    from server_certificate.findings import Finding

TIMEOUT: Final = Duration.minutes(15)
"""The maximum that Lambda allows: the function waits for the update of the stack."""

MEMORY_MEGABYTES: Final = 256
"""The function mostly waits, and never reads a certificate's key."""

_ID: Final = "IamServerCertificateRenewal"
_RULE_NAME: Final = "ServerCertificates"
_GUID_INDEX: Final = 2
"""The position of the unique part of a stack's ID that is split at the slashes."""

_DIGITS: Final = 8
_EVERY_RESOURCE: Final = (
    "iam:ListServerCertificates doesn't apply to a single certificate; IAM authorizes it by a path"
    " prefix, which only '*' covers. cloudwatch:PutMetricData has no resources; a condition limits it to"
    " one namespace."
)


class Renewal(Construct):
    """The one renewal function for all certificates of a root stack and of the stacks nested in it."""

    @staticmethod
    def of(root_stack: Stack) -> Renewal:
        """Return the renewal of a root stack, and create it on the first call."""
        if root_stack not in _RENEWALS:
            _RENEWALS[root_stack] = Renewal(root_stack, _ID)
        return _RENEWALS[root_stack]

    def __init__(self, scope: Stack, construct_id: str) -> None:
        super().__init__(scope, construct_id)
        self._root = root = root_of(scope)
        self._parameters: dict[str, CfnParameter] = {}
        self._rules: dict[tuple[str | None, bool], list[Rule]] = {}
        self._role: iam.Role | None = None
        self.renewing: list[Member] = []
        """The certificates that renew, in the order of their declaration."""

        settings = FunctionSettings.of(scope)
        log_group = logs.LogGroup(
            self,
            "Log",
            retention=logs.RetentionDays.ONE_MONTH,
            removal_policy=RemovalPolicy.DESTROY,
        )
        self._function_role = iam.Role(
            self,
            "Role",
            assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"),
            description=f"Watches the IAM server certificates of the stack {scope.stack_name}",
        )
        self._policies = Policies(
            self, "Policies", role=self._function_role, every_resource=_EVERY_RESOURCE
        )
        self._policies.allow(
            permissions.to_watch(
                log_group_arn=log_group.log_group_arn,
                certificates_arn=f"arn:{root.partition}:iam::{root.account}:server-certificate",
                event_bus_arn=self._events_arn("event-bus/default"),
            )
        )
        function = lambda_.Function(
            self,
            "Function",
            description="Renews and watches IAM server certificates",
            runtime=settings.runtime,
            architecture=settings.architecture,
            handler=RENEWAL_HANDLER,
            code=settings.code,
            role=self._function_role,
            timeout=TIMEOUT,
            memory_size=MEMORY_MEGABYTES,
            log_group=log_group,
        )
        settings.finish(function)
        self._function_arn = function.function_arn
        # With the unique part of the stack's ID, one permission names the rules of this stack alone.
        # A function's policy has no room for a permission for each of a hundred rules.
        guid = Fn.select(_GUID_INDEX, Fn.split("/", root.stack_id))
        self._rule_prefix = f"{_RULE_NAME}-{guid}-"
        lambda_.CfnPermission(
            self,
            "Permission",
            action="lambda:InvokeFunction",
            function_name=self._function_arn,
            principal="events.amazonaws.com",
            source_arn=self._events_arn(f"rule/{self._rule_prefix}*"),
        )

    def version_of(self, secret: RenewalSecret) -> str:
        """Return the version of a secret that the stack uses: the value of a parameter of the template."""
        if secret.location not in self._parameters:
            self._parameters[secret.location] = CfnParameter(
                self,
                f"Version{_digest(secret.location)}",
                type="String",
                default="",
                allowed_pattern=VERSION_PATTERN,
                description="Set by renewals: the version of the secret with a server certificate",
            )
        return self._parameters[secret.location].value_as_string

    @property
    def role(self) -> iam.Role:
        """The role that CloudFormation assumes for renewals; created with the first certificate that renews."""
        return self._role or self._create_role()

    def add(self, member: Member) -> None:
        """Renew a certificate, or watch it."""
        if member.renews:
            if self._role is None:
                self._create_role()
            self.renewing.append(member)
        rules = self._rules.setdefault((member.location, member.renews), [])
        # A renewal is one update of the stack, so its certificates can't be divided.
        if rules and (member.renews or len(rules[-1].members) < MAX_CERTIFICATES):
            rules[-1].add(member)
        else:
            rules.append(self._new_rule(member, number=len(rules)))
        self._policies.allow(permissions.for_member(member))

    def findings(self) -> Iterator[tuple[Usage, Finding]]:
        """Yield what would keep the certificates from renewing, after everything is declared."""
        yield from check_renewals(self._root, self.renewing)

    def _create_role(self) -> iam.Role:
        self._role = renewal_role(self, self._root.stack)
        self._role_arn = self._role.role_arn
        attach_policies(
            self,
            self._root,
            role=self._role,
            function_role=self._function_role,
            members=self.renewing,
            own_parameters=self._parameters.values(),
        )
        return self._role

    def _new_rule(self, member: Member, *, number: int) -> Rule:
        kind = "Renew" if member.renews else f"Watch{number or ''}"
        construct_id = f"{kind}{_digest(member.location) if member.location else ''}"
        has_events = member.renews and member.secret and not member.secret.is_elsewhere
        return Rule(
            self,
            construct_id,
            name=f"{self._rule_prefix}{_digest(construct_id)}",
            minute_of=f"{self._root.path}/{construct_id}",
            function_arn=self._function_arn,
            constants=self._constants(member),
            first=member,
            secret=member.secret if has_events else None,
        )

    def _constants(self, member: Member) -> dict[str, str]:
        constants = {RenewalInput.STACK.value: self._root.stack_id}
        if member.secret is not None:
            constants[RenewalInput.SECRET.value] = member.secret.arn
        if member.renews and member.secret is not None:
            parameter = self._parameters[member.secret.location]
            constants[RenewalInput.PARAMETER.value] = parameter.logical_id
            constants[RenewalInput.ROLE.value] = self._role_arn
        return constants

    def _events_arn(self, resource: str) -> str:
        return (
            f"arn:{self._root.partition}:events:{self._root.region}:{self._root.account}:{resource}"
        )


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:_DIGITS]


_RENEWALS: dict[Stack, Renewal] = {}
"""The renewals, which live as long as their stacks, just as the CDK's own process keeps its constructs."""
