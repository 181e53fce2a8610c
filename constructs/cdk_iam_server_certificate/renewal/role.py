"""The role that CloudFormation assumes for renewals, and what both roles may do with the stack."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import jsii
from aws_cdk import IAnyProducer, Lazy
from aws_cdk import aws_iam as iam

from cdk_iam_server_certificate.provider.nag import explain_wildcards
from cdk_iam_server_certificate.provider.policies import document
from cdk_iam_server_certificate.renewal import permissions
from cdk_iam_server_certificate.renewal.consumers import to_update
from cdk_iam_server_certificate.renewal.root import stack_id_of
from cdk_iam_server_certificate.renewal.tree import RootTree, template_arn

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator

    from aws_cdk import CfnParameter, Stack
    from constructs import Construct

    from cdk_iam_server_certificate.permissions import Permission
    from cdk_iam_server_certificate.renewal.member import Member
    from cdk_iam_server_certificate.renewal.root import Root

_DESCRIBING = (
    "Elastic Load Balancing doesn't authorize reading for single load balancers or listeners (Service"
    " Authorization Reference)."
)


def renewal_role(scope: Construct, root_stack: Stack) -> iam.Role:
    """Create the role that CloudFormation assumes for renewals."""
    return iam.Role(
        scope,
        "UpdateRole",
        assumed_by=iam.ServicePrincipal("cloudformation.amazonaws.com"),
        description=f"Renews the IAM server certificates of the stack {root_stack.stack_name}",
    )


def attach_policies(
    scope: Construct,
    root: Root,
    *,
    role: iam.Role,
    function_role: iam.Role,
    members: list[Member],
    own_parameters: Collection[CfnParameter],
) -> None:
    """
    Attach the policies that depend on what the template has when it is written.

    Args:
        scope: The parent of the policies.
        root: The root stack.
        role: The role for renewals.
        function_role: The role of the renewal function.
        members: The certificates that renew. More can be added later.
        own_parameters: The parameters of the renewal. More can be added later.
    """

    def of_function() -> Iterator[Permission]:
        tree = RootTree(root)
        return permissions.to_renew(
            stack_id=root.stack_id,
            nested_stack_ids=map(stack_id_of, tree.nested_stacks),
            role_arn=role.role_arn,
            parameter_arns=tree.parameter_arns(without=own_parameters),
        )

    def of_role() -> Iterator[Permission]:
        tree = RootTree(root)
        yield from permissions.of_role(
            function_arns=dict.fromkeys(each.function_arn for each in members),
            parameter_arns=tree.parameter_arns(without=own_parameters),
        )
        for resource, kind in tree.consumers([each.usage for each in members]):
            yield from to_update(resource, kind, root)
        for nested_stack in tree.nested_stacks:
            yield from permissions.of_nested_stack(
                stack_id=stack_id_of(nested_stack), template_arn=template_arn(nested_stack, root)
            )

    _attach(scope, "RenewalPolicy", role=function_role, permissions=of_function)
    policy = _attach(scope, "UpdatePolicy", role=role, permissions=of_role)
    explain_wildcards(policy, every_resource=_DESCRIBING)


def _attach(
    scope: Construct,
    construct_id: str,
    *,
    role: iam.Role,
    permissions: Callable[[], Iterable[Permission]],
) -> iam.CfnPolicy:
    return iam.CfnPolicy(
        scope,
        construct_id,
        policy_name="Renewal",
        policy_document=Lazy.uncached_any(_Document(permissions)),
        roles=[role.role_name],
    )


@jsii.implements(IAnyProducer)
class _Document:
    """A policy document, which is rendered when the template is written."""

    def __init__(self, permissions: Callable[[], Iterable[Permission]]) -> None:
        self._permissions = permissions

    def produce(self, context: object) -> dict[str, Any]:
        """Return the document as JSON, each permission once."""
        del context
        return document(dict.fromkeys(self._permissions()))
