"""Roles of the run, with policies on the run's certificates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from dev.acceptance.errors import code_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dev.acceptance.inquiry import Inquiry

_PROPAGATION_SECONDS: Final = 120


def assume_roles(
    inquiry: Inquiry, suffix: str, statements: Mapping[str, list[dict[str, Any]]]
) -> dict[str, Any]:
    """
    Create roles in one stack, and return an IAM client for each.

    Args:
        inquiry: The inquiry.
        suffix: The end of the stack's name.
        statements: For each role's name the statements of its policy. Each role may also list
            certificates, which is how this function knows that the policy is in force.
    """
    stack = inquiry.stack(suffix)
    account = inquiry.account
    principal = f"arn:{account.partition}:iam::{account.account_id}:root"
    template = {
        "Resources": {
            name: _role(inquiry.run.name(f"{suffix}-{name}"), principal, allowed)
            for name, allowed in statements.items()
        },
        "Outputs": {name: {"Value": {"Fn::GetAtt": [name, "Arn"]}} for name in statements},
    }
    stack.expect(stack.create(template), "CREATE_COMPLETE")
    arns = stack.outputs()
    return {name: _client(inquiry, arns[name]) for name in statements}


def certificates_arn(inquiry: Inquiry) -> str:
    """Return the pattern of the ARNs of the run's certificates."""
    account = inquiry.account
    return f"arn:{account.partition}:iam::{account.account_id}:server-certificate/{inquiry.run.prefix}*"


def _role(name: str, principal: str, allowed: list[dict[str, Any]]) -> dict[str, Any]:
    trust = {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "sts:AssumeRole"}
    listing = {"Effect": "Allow", "Action": "iam:ListServerCertificates", "Resource": "*"}
    return {
        "Type": "AWS::IAM::Role",
        "Properties": {
            "RoleName": name,
            "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [trust]},
            "Policies": [
                {
                    "PolicyName": "asked",
                    "PolicyDocument": {"Version": "2012-10-17", "Statement": [listing, *allowed]},
                }
            ],
        },
    }


def _client(inquiry: Inquiry, role_arn: str) -> Any:  # noqa: ANN401 - boto3 makes its clients at run time
    sts: Any = inquiry.account.client("sts")

    def usable() -> Any | ClientError:  # noqa: ANN401 - the same
        try:
            session = sts.assume_role(RoleArn=role_arn, RoleSessionName="acceptance")
            client = inquiry.account.client("iam", credentials=session["Credentials"])
            client.list_server_certificates(MaxItems=1)
        except ClientError as error:
            if not code_of(error).startswith(("AccessDenied", "InvalidClientTokenId")):
                raise
            return error
        return client

    # A new role and its policy take seconds to be known everywhere.
    client = inquiry.patience.until(
        usable, lambda seen: not isinstance(seen, ClientError), seconds=_PROPAGATION_SECONDS
    )
    if isinstance(client, ClientError):
        raise client
    return client
