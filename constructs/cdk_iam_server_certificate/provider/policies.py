"""The policies of the function's role, as many as the stack's certificates require."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import jsii
from aws_cdk import CfnResource, IAnyProducer, Lazy
from aws_cdk import aws_iam as iam
from constructs import Construct

from cdk_iam_server_certificate.permissions import Permission, statements
from cdk_iam_server_certificate.provider.nag import explain_wildcards
from cdk_iam_server_certificate.tokens import without_tokens

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cdk_iam_server_certificate.permissions import Kind

INLINE_SIZE: Final = 9_000
"""Maximum characters in the inline policy. IAM allows 10,240 for all inline policies of a role."""

MANAGED_SIZE: Final = 5_400
"""Maximum characters in a managed policy. IAM allows 6,144 (IAM user guide, IAM and STS quotas)."""

_TOKEN = "x" * 20
"""A placeholder with the length of a typical token value in an ARN: a partition, account or Region."""

_UNKNOWN_ARN = 150
"""The assumed length of an ARN that is only known at deploy time."""

_STATEMENT = 120
"""The length of a statement without its actions and resources."""


class Policies(Construct):
    """
    The permissions of a role: one inline policy, and managed policies when that is full.

    The size of a policy is estimated in characters; IAM doesn't count whitespace. A role can have
    ten managed policies, unless you request a higher quota.

    Args:
        scope: The parent construct.
        construct_id: The id in the parent.
        role: The role.
        every_resource: Why the policies have statements for the resource ``*``, for cdk-nag.
    """

    def __init__(
        self, scope: Construct, construct_id: str, *, role: iam.IRole, every_resource: str
    ) -> None:
        super().__init__(scope, construct_id)
        self._role = role
        self._every_resource = every_resource
        self._policies: list[_Policy] = []

    def allow(self, permissions: Iterable[Permission]) -> list[CfnResource]:
        """Add permissions, and return the policies that contain them."""
        holders: dict[int, CfnResource] = {}
        for permission in permissions:
            policy = next((each for each in self._policies if permission in each.permissions), None)
            if policy is None:
                policy = next((each for each in self._policies if each.fits(permission)), None)
            if policy is None:
                policy = self._new_policy()
            policy.add(permission)
            holders[id(policy)] = policy.resource
        return list(holders.values())

    def _new_policy(self) -> _Policy:
        contents = _Document()
        if not self._policies:
            resource: CfnResource = iam.CfnPolicy(
                self,
                "Inline",
                policy_name="ServerCertificates",
                policy_document=Lazy.uncached_any(contents),
                roles=[self._role.role_name],
            )
            policy = _Policy(resource, contents, INLINE_SIZE)
        else:
            resource = iam.CfnManagedPolicy(
                self,
                f"Managed{len(self._policies)}",
                description="Permissions for more server certificates of the stack",
                policy_document=Lazy.uncached_any(contents),
                roles=[self._role.role_name],
            )
            policy = _Policy(resource, contents, MANAGED_SIZE)
        explain_wildcards(resource, every_resource=self._every_resource)
        self._policies.append(policy)
        return policy


def document(permissions: Iterable[Permission]) -> dict[str, Any]:
    """Return a policy document with permissions, as JSON."""
    return {"Version": "2012-10-17", "Statement": statements(permissions)}


@jsii.implements(IAnyProducer)
class _Document:
    """A policy document, which is rendered after all certificates are declared."""

    def __init__(self) -> None:
        self.permissions: dict[Permission, None] = {}

    def produce(self, context: object) -> dict[str, Any]:
        """Return the document as JSON."""
        del context
        return document(self.permissions)


class _Policy:
    def __init__(self, resource: CfnResource, contents: _Document, capacity: int) -> None:
        self.resource = resource
        self._document = contents
        self._left = capacity
        self._kinds: set[Kind] = set()

    @property
    def permissions(self) -> dict[Permission, None]:
        """The permissions that the policy grants."""
        return self._document.permissions

    def fits(self, permission: Permission) -> bool:
        """Return whether a permission fits into the policy."""
        return self._size(permission) <= self._left

    def add(self, permission: Permission) -> None:
        """Add a permission, unless the policy already has it."""
        if permission in self.permissions:
            return
        self._left -= self._size(permission)
        self._kinds.add(permission.kind)
        self.permissions[permission] = None

    def _size(self, permission: Permission) -> int:
        size = _length(permission.resource) + len('"",')
        if permission.kind not in self._kinds:
            size += _STATEMENT + sum(len(action) + len('"",') for action in permission.actions)
            for _, key, values in permission.conditions:
                size += sum(_length(text) + len('"",') for text in (key, *values))
        return size


def _length(text: str) -> int:
    known = without_tokens(text)
    return len(without_tokens(text, replacement=_TOKEN)) if known else max(len(text), _UNKNOWN_ARN)
