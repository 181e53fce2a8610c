"""
Calls about secrets of other accounts.

Secrets Manager user guide, "Access AWS Secrets Manager secrets from a different account"; IAM user
guide, "Cross-account policy evaluation logic". The emulator has already evaluated the policies of
the caller when it passes the call to the service.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from ministack import app as application
from ministack.core import iam_actions, iam_evaluator, responses, router
from ministack.services import kms, secretsmanager

from local_cloud.emulator.identity.decryption import NO_KMS, may_not_use
from local_cloud.emulator.internals import SERVICE_PARAMETERS, function
from local_cloud.emulator.service_calls import ServiceCall, access_denied

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from local_cloud.emulator.internals import Answer

INTERNALS = (
    function(iam_actions, "_safe_json_field", "body", "field"),
    function(
        iam_evaluator,
        "EvalContext",
        *("principal_arn", "principal_type", "principal_account", "action", "resource_arn"),
        *("region", "source_ip", "secure_transport", "request_tags", "tag_keys"),
        *("service_context", "principal_keys"),
    ),
    function(iam_evaluator, "_account_from_arn", "arn"),
    function(
        iam_evaluator,
        "evaluate_resource_policy",
        *("doc", "ctx", "service", "named_only", "direct_only"),
    ),
    function(iam_evaluator, "resolve_principal", "access_key_id", "account_id", "credential"),
    function(kms, "key_policy_for_arn", "resource_arn"),
    function(responses, "get_account_id"),
    function(responses, "get_region"),
    function(responses, "request_scope", "account_id", "region"),
    function(router, "extract_access_key_id", "headers", "query_params"),
    function(secretsmanager, "handle_request", *SERVICE_PARAMETERS),
    function(secretsmanager, "_resolve", "secret_id", "use_arn_scope"),
    function(secretsmanager, "secret_policy_for_arn", "resource_arn"),
)

_KEY_ACTIONS = {
    "secretsmanager.GetSecretValue": "kms:Decrypt",
    "secretsmanager.PutSecretValue": "kms:GenerateDataKey",
}
_DEFAULT_KEY = (
    "You can't access a secret from a different AWS account if you encrypt the secret with the"
    " default KMS service key."
)
"""The text in AWS's knowledge center, "secrets-manager-cross-account-key"."""


class ForeignSecrets:
    """Finds the secrets of other accounts by their ARNs, for those whom both accounts allow it."""

    def __init__(self) -> None:
        self._handle: Callable[..., Awaitable[Answer]] = secretsmanager.handle_request
        secretsmanager.handle_request = self._handle_request

    async def _handle_request(self, *arguments: Any) -> Answer:  # noqa: ANN401 - passed on as they came
        call = ServiceCall(*arguments)
        secret_id = iam_actions._safe_json_field(call.body, "SecretId")  # noqa: SLF001 - no public way in
        owner = _other_account(str(secret_id))
        if owner is None:
            return await self._handle(*arguments)
        refused = _refusal(call, secret_id, owner)
        if refused is not None:
            return refused
        with responses.request_scope(owner, responses.get_region()):
            return await self._handle(*arguments)


def _other_account(arn: str) -> str | None:
    """Return the account of an ARN; None if it is the caller's, or isn't known."""
    account: str | None = iam_evaluator._account_from_arn(arn)  # noqa: SLF001 - no public way in
    return None if account == responses.get_account_id() else account


def _refusal(call: ServiceCall, secret_id: str, owner: str) -> Answer | None:
    with responses.request_scope(owner, responses.get_region()):
        _, secret = secretsmanager._resolve(secret_id)  # noqa: SLF001 - no public way in
        arn, key = (secret["ARN"], secret.get("KmsKeyId")) if secret else (secret_id, None)
        policy, _ = secretsmanager.secret_policy_for_arn(arn) or (None, owner)
    if application.AUTH:
        # Also about a secret that doesn't exist: who may not know must not learn it.
        action = call.target.replace(".", ":", 1)
        caller, decision = _evaluated(policy, action, arn, call, {})
        if decision != "Allow":
            return access_denied(_denial(caller, action, secret_id, decision))
    key_action = _KEY_ACTIONS.get(call.target)
    if secret is None or key_action is None:
        return None
    if not key or "alias/aws/" in key:
        return _invalid_request(_DEFAULT_KEY)
    return access_denied(NO_KMS) if _may_not_use_key(key, key_action, arn, call) else None


def _may_not_use_key(key: str, action: str, secret_arn: str, call: ServiceCall) -> bool:
    if may_not_use(key, action, "secretsmanager", call):
        return True
    owner = _other_account(key)
    if not application.AUTH or owner is None:
        return False
    with responses.request_scope(owner, responses.get_region()):
        policy, _ = kms.key_policy_for_arn(key) or (None, owner)
    context = {
        "kms:encryptioncontext:secretarn": secret_arn,
        "kms:viaservice": f"secretsmanager.{responses.get_region()}.amazonaws.com",
    }
    _, decision = _evaluated(policy, action, key, call, context)
    return decision != "Allow"


def _evaluated(
    policy: str | None, action: str, resource_arn: str, call: ServiceCall, context: dict[str, str]
) -> tuple[str, str]:
    """Return the caller, and what the policy of a resource decides: Allow, Deny or ImplicitDeny."""
    access_key = router.extract_access_key_id(call.headers, call.query_params)
    principal = iam_evaluator.resolve_principal(access_key, responses.get_account_id())
    asked = iam_evaluator.EvalContext(
        principal_arn=principal.arn,
        principal_type=principal.type,
        principal_account=principal.account,
        action=action,
        resource_arn=resource_arn,
        region=responses.get_region(),
        service_context=context,
        principal_keys=principal.keys,
    )
    decision = iam_evaluator.evaluate_resource_policy(policy, asked).decision
    return str(principal.arn), str(decision)


def _denial(caller: str, action: str, resource_arn: str, decision: str) -> str:
    reason = (
        "with an explicit deny in a resource-based policy"
        if decision == "Deny"
        else f"because no resource-based policy allows the {action} action"
    )
    return f"User: {caller} is not authorized to perform: {action} on resource: {resource_arn} {reason}"


def _invalid_request(message: str) -> Answer:
    error = {"__type": "InvalidRequestException", "Message": message}
    return 400, {"Content-Type": "application/x-amz-json-1.1"}, json.dumps(error).encode()
