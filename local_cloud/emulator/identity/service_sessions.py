"""What an AWS service may do in the role that it was given, evaluated as for any other caller."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from ministack import app as application
from ministack.core import iam_actions, iam_evaluator, responses
from ministack.services import iam, tagging

from local_cloud.emulator.internals import function, instance

if TYPE_CHECKING:
    from collections.abc import Mapping

INTERNALS = (
    instance(application, "AUTH", bool),
    function(
        iam_actions,
        "identity_denial_message",
        *("action", "principal_arn", "resource", "explicit_deny"),
    ),
    function(iam_evaluator, "_gather_role_policies", "role_name", "account_id"),
    function(iam_evaluator, "_permissions_boundary", "store", "name", "account_id"),
    function(iam_evaluator, "_resource_policy", "service", "resource_arn"),
    function(
        iam_evaluator,
        "combine_resource_policy",
        *("identity", "ctx", "policy", "owner_account", "required", "limits"),
    ),
    function(iam_evaluator, "evaluate", "ctx", "policies", "limits"),
    function(
        iam_evaluator,
        "evaluate_resource_policy",
        *("doc", "ctx", "service", "named_only", "direct_only"),
    ),
    instance(iam, "_roles", responses.AccountScopedDict),
    function(responses, "get_account_id"),
    function(responses, "get_region"),
    function(tagging, "resource_tags", "arn"),
)

# These have policies of their own that must allow what a role's policies allow (KMS Developer Guide,
# "Key policies in AWS KMS").
_POLICY_REQUIRED = frozenset({"kms"})


def is_assumable(role_arn: str, service: str) -> bool:
    """
    Return whether a role exists and trusts a service.

    Args:
        role_arn: The role.
        service: The service principal, such as ``cloudformation.amazonaws.com``.
    """
    role = iam._roles.get(_name_of(role_arn))  # noqa: SLF001 - no public way in
    if role is None or role["Arn"] != role_arn:
        return False
    document = role["AssumeRolePolicyDocument"]
    if isinstance(document, str):
        document = json.loads(document)
    statements = document.get("Statement", [])
    # A trust policy has no Resource: its resource is the role.
    trust = {
        "Statement": [
            {**each, "Resource": "*"}
            for each in (statements if isinstance(statements, list) else [statements])
        ]
    }
    account_id = responses.get_account_id()
    context = _context(
        service, "sts:AssumeRole", role_arn, {"aws:sourceaccount": account_id}, kind="Service"
    )
    verdict = iam_evaluator.evaluate_resource_policy(trust, context, service=service)
    return bool(verdict.decision == "Allow")


def denial(role_arn: str, session: str, action: str, resource_arn: str) -> str | None:
    """
    Return the message of the service that denies an action to a session; None if it doesn't.

    Args:
        role_arn: The role of the session.
        session: The name of the session.
        action: The action with its service.
        resource_arn: The resource.
    """
    if not application.AUTH:
        return None
    account_id, name = responses.get_account_id(), _name_of(role_arn)
    session_arn = f"arn:aws:sts::{account_id}:assumed-role/{name}/{session}"
    tags = tagging.resource_tags(resource_arn) or {}
    context = _context(
        session_arn,
        action,
        resource_arn,
        {f"aws:resourcetag/{key}".lower(): value for key, value in tags.items()},
        kind="AssumedRole",
    )
    limits = iam_evaluator._permissions_boundary(iam._roles, name, account_id)  # noqa: SLF001 - no public way in
    policies = iam_evaluator._gather_role_policies(name, account_id)  # noqa: SLF001 - the same
    verdict = iam_evaluator.evaluate(context, policies, *limits)
    service = action.partition(":")[0]
    found = iam_evaluator._resource_policy(service, resource_arn)  # noqa: SLF001 - the same
    if found is not None:
        verdict = iam_evaluator.combine_resource_policy(
            verdict, context, *found, required=service in _POLICY_REQUIRED, limits=limits
        )
    if verdict.decision == "Allow":
        return None
    message: str = iam_actions.identity_denial_message(
        action, session_arn, resource_arn, verdict.decision == "Deny"
    )
    return message


def _name_of(role_arn: str) -> str:
    return role_arn.rpartition("/")[2]


def _context(
    principal: str, action: str, resource_arn: str, keys: Mapping[str, str], *, kind: str
) -> Any:  # noqa: ANN401 - the emulator's, untyped there
    return iam_evaluator.EvalContext(
        principal_arn=principal,
        principal_type=kind,
        principal_account=responses.get_account_id(),
        action=action,
        resource_arn=resource_arn,
        region=responses.get_region(),
        service_context=dict(keys),
    )
