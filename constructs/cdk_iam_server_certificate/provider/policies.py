"""The policies of the function's role, as many as the permissions of a stack's certificates need."""

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
"""Characters for the inline policy; IAM takes 10,240 of all inline policies of a role."""

MANAGED_SIZE: Final = 5_400
"""Characters for each managed policy; IAM takes 6,144 (IAM user guide, IAM and STS quotas)."""

_TOKEN = "x" * 20
"""As long as what is seen in place of tokens in an ARN: a partition, an account, a Region."""

_UNKNOWN_ARN = 150
"""As long as most ARNs that are known at deploy time only."""

_STATEMENT = 120
"""Everything of a statement but its actions and resources."""


class Policies(Construct):
    """
    Permissions of a role in one inline policy, and in managed policies when that is full.

    A policy is full when what it is estimated to have in characters does not fit any more; IAM does
    not count white space. Ten managed policies can be attached to a role unless its quota is raised.
    """

    def __init__(self, scope: Construct, construct_id: str, *, role: iam.IRole) -> None:
        super().__init__(scope, construct_id)
        self._role = role
        self._policies: list[_Policy] = []

    def allow(self, permissions: Iterable[Permission]) -> list[CfnResource]:
        """Add permissions; return the policies that hold them."""
        holders: dict[int, CfnResource] = {}
        for permission in permissions:
            policy = next((each for each in self._policies if permission in each.permissions), None)
            if policy is None:
                policy = next((each for each in self._policies if each.takes(permission)), None)
            if policy is None:
                policy = self._another()
            policy.add(permission)
            holders[id(policy)] = policy.resource
        return list(holders.values())

    def _another(self) -> _Policy:
        document = _Document()
        if not self._policies:
            resource: CfnResource = iam.CfnPolicy(
                self,
                "Inline",
                policy_name="ServerCertificates",
                policy_document=Lazy.uncached_any(document),
                roles=[self._role.role_name],
            )
            policy = _Policy(resource, document, INLINE_SIZE)
        else:
            resource = iam.CfnManagedPolicy(
                self,
                f"Managed{len(self._policies)}",
                description="Further server certificates of the stack",
                policy_document=Lazy.uncached_any(document),
                roles=[self._role.role_name],
            )
            policy = _Policy(resource, document, MANAGED_SIZE)
        explain_wildcards(resource)
        self._policies.append(policy)
        return policy


@jsii.implements(IAnyProducer)
class _Document:
    """A policy document, written once all certificates are declared."""

    def __init__(self) -> None:
        self.permissions: dict[Permission, None] = {}

    def produce(self, context: object) -> dict[str, Any]:
        """Return the document as JSON."""
        del context
        return {"Version": "2012-10-17", "Statement": statements(self.permissions)}


class _Policy:
    def __init__(self, resource: CfnResource, document: _Document, capacity: int) -> None:
        self.resource = resource
        self._document = document
        self._left = capacity
        self._kinds: set[Kind] = set()

    @property
    def permissions(self) -> dict[Permission, None]:
        """What it allows."""
        return self._document.permissions

    def takes(self, permission: Permission) -> bool:
        """Return whether there is room for a permission."""
        return self._size(permission) <= self._left

    def add(self, permission: Permission) -> None:
        """Add a permission, unless it is there."""
        if permission in self.permissions:
            return
        self._left -= self._size(permission)
        self._kinds.add(permission.kind)
        self.permissions[permission] = None

    def _size(self, permission: Permission) -> int:
        size = _length(permission.resource) + len('"",')
        if permission.kind not in self._kinds:
            size += _STATEMENT + sum(len(action) + len('"",') for action in permission.actions)
            if permission.condition is not None:
                key, values = permission.condition
                size += sum(_length(text) + len('"",') for text in (key, *values))
        return size


def _length(text: str) -> int:
    known = without_tokens(text)
    return len(without_tokens(text, replacement=_TOKEN)) if known else max(len(text), _UNKNOWN_ARN)
