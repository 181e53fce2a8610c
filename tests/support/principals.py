"""Roles of the local cloud: what they may do, whom they trust, and clients that act as them."""

from __future__ import annotations

import functools
import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from local_cloud import LocalCloud

ACCOUNT = "111122223333"


def document(*statements: dict[str, Any]) -> dict[str, Any]:
    """Return a policy of statements; each allows, and allows it on everything, unless it says otherwise."""
    return {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Resource": "*"} | each for each in statements],
    }


class Principal:
    """A role, its policy, and clients that act as it."""

    def __init__(
        self, cloud: LocalCloud, name: str = "tested", *, trusts: str | None = None
    ) -> None:
        """
        Create the role.

        Args:
            cloud: The cloud.
            name: The name of the role.
            trusts: The service that may assume it; default: the account.
        """
        self.cloud = cloud
        self.name = name
        trust = {
            "Effect": "Allow",
            "Principal": {"Service": trusts} if trusts else {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
            "Action": "sts:AssumeRole",
        }
        self._iam = client_of(cloud, "iam")
        role = self._iam.create_role(
            RoleName=name,
            AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]}),
        )
        self.arn: str = role["Role"]["Arn"]
        if trusts is None:
            session = client_of(cloud, "sts").assume_role(RoleArn=self.arn, RoleSessionName="test")
            self._credentials = session["Credentials"]

    def may(self, *statements: dict[str, Any]) -> None:
        """Replace the policy by statements; what they don't name is allowed."""
        self._iam.put_role_policy(
            RoleName=self.name,
            PolicyName="policy",
            PolicyDocument=json.dumps(document(*statements)),
        )

    def is_bounded_by(self, *statements: dict[str, Any]) -> None:
        """Give the role a permissions boundary."""
        policy = self._iam.create_policy(
            PolicyName="boundary", PolicyDocument=json.dumps(document(*statements))
        )
        self._iam.put_role_permissions_boundary(
            RoleName=self.name, PermissionsBoundary=policy["Policy"]["Arn"]
        )

    def client(self, service: str) -> Any:  # noqa: ANN401 - boto3 makes its clients at run time
        """Return a client that acts as the role."""
        return self.cloud.client(service, credentials=self._credentials)


@functools.cache
def client_of(cloud: LocalCloud, service: str) -> Any:  # noqa: ANN401 - boto3 makes its clients at run time
    """Return a client of the account, always the same: to make one takes longer than most calls."""
    return cloud.client(service)
