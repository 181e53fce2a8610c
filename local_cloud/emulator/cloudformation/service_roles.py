"""
Service roles: CloudFormation changes a stack's resources with the permissions of a role.

CloudFormation User Guide, "CloudFormation service role". Without a role, it uses the permissions of
the caller on AWS; here, it then may do everything.
"""

from __future__ import annotations

import re
import uuid
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from ministack import app as application
from ministack.core import iam_actions, responses
from ministack.services import cloudformation, ssm
from ministack.services.cloudformation import changesets, handlers

from local_cloud.emulator.cloudformation import role_permissions
from local_cloud.emulator.cloudformation.needed_permissions import Permission, parameter_permission
from local_cloud.emulator.cloudformation.role_permissions import place, session_denial
from local_cloud.emulator.identity import service_sessions
from local_cloud.emulator.identity.authorization import denied
from local_cloud.emulator.identity.service_sessions import is_assumable
from local_cloud.emulator.internals import SERVICE_PARAMETERS, function, instance

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from local_cloud.emulator.internals import Answer

INTERNALS = (
    function(cloudformation, "handle_request", *SERVICE_PARAMETERS),
    instance(cloudformation, "_change_sets", responses.AccountRegionScopedDict),
    function(changesets, "_find_change_set", "cs_name", "stack_name"),
    instance(handlers, "_ACTION_HANDLERS", dict),
    function(handlers, "_error", "code", "message", "status"),
    function(handlers, "_resolve_stack", "stack_name"),
    function(ssm, "resolve_parameter_value", "name_or_arn", "version", "decrypt"),
    *role_permissions.INTERNALS,
    *service_sessions.INTERNALS,
)

PRINCIPAL = "cloudformation.amazonaws.com"
_OK = 200
_STACK_ID = re.compile(rb"<StackId>([^<]+)</StackId>")

# The headers and the query string of the request, which identify the caller.
_caller: ContextVar[tuple[Mapping[str, str], Mapping[str, list[str]]] | None] = ContextVar(
    "caller", default=None
)
# The role that resolves the parameters of the operation that is being requested.
_resolving: ContextVar[str] = ContextVar("resolving", default="")


class ServiceRoles:
    """Checks who passes which role, and keeps the role of a stack's last operation for later ones."""

    def __init__(self) -> None:
        self._handle: Callable[..., Awaitable[Answer]] = cloudformation.handle_request
        self._read_parameter: Callable[..., Any] = ssm.resolve_parameter_value
        cloudformation.handle_request = self._handle_request
        ssm.resolve_parameter_value = self._resolve_parameter_value
        actions = handlers._ACTION_HANDLERS  # noqa: SLF001 - no public way in
        for action in (
            *("CreateStack", "UpdateStack", "DeleteStack"),
            *("ContinueUpdateRollback", "RollbackStack"),
        ):
            actions[action] = _operating(actions[action])
        actions["CreateChangeSet"] = _reviewing(actions["CreateChangeSet"])
        actions["ExecuteChangeSet"] = _executing(actions["ExecuteChangeSet"])
        actions["DescribeStacks"] = _described(actions["DescribeStacks"])

    async def _handle_request(
        self,
        method: str,
        path: str,
        headers: dict[str, str],
        body: bytes,
        query_params: Mapping[str, list[str]],
    ) -> Answer:
        reset = _caller.set((headers, query_params))
        try:
            return await self._handle(method, path, headers, body, query_params)
        finally:
            _caller.reset(reset)

    def _resolve_parameter_value(self, name: str, *more: Any, **options: Any) -> Any:  # noqa: ANN401 - passed on as they came
        role_arn = _resolving.get()
        if role_arn:
            refusal = session_denial(role_arn, parameter_permission(name, place()), service="Ssm")
            if refusal is not None:
                raise ValueError(refusal)
        return self._read_parameter(name, *more, **options)


def role_denial(action: str, resource_arn: str) -> str | None:
    """Return the error if the role of the current request lacks a permission; None if it has it."""
    role_arn = _resolving.get()
    if not role_arn:
        return None
    return session_denial(role_arn, Permission(action, resource_arn), service="CloudFormation")


def _operating(action: Callable[[Any], Answer]) -> Callable[[Any], Answer]:
    """Begin an operation on a stack, with the role that the request names or the stack has kept."""

    def answer(params: Any) -> Answer:  # noqa: ANN401 - passed on as they came
        given = _given(params)
        refusal = _refusal(given)
        if refusal is not None:
            return refusal
        replied = _resolved(action, params, given)
        stack = _stack_of(params)
        if given and replied[0] == _OK and stack is not None:
            stack["RoleARN"] = given
        return replied

    return answer


def _reviewing(action: Callable[[Any], Answer]) -> Callable[[Any], Answer]:
    """Make a change set that remembers its role."""

    def answer(params: Any) -> Answer:  # noqa: ANN401 - passed on as they came
        given = _given(params)
        refusal = _refusal(given)
        if refusal is not None:
            return refusal
        before = set(cloudformation._change_sets)  # noqa: SLF001 - no public way in
        replied = _resolved(action, params, given)
        for change_set_id in set(cloudformation._change_sets) - before:  # noqa: SLF001 - the same
            cloudformation._change_sets[change_set_id]["RoleARN"] = given  # noqa: SLF001 - the same
        return replied

    return answer


def _executing(action: Callable[[Any], Answer]) -> Callable[[Any], Answer]:
    """Begin the operation of a change set, with its role."""

    def answer(params: Any) -> Answer:  # noqa: ANN401 - passed on as they came
        name, given = (params.get(key, [""])[0] for key in ("ChangeSetName", "StackName"))
        stack = _stack(given) or {}
        _, change_set = changesets._find_change_set(  # noqa: SLF001 - no public way in
            name, stack.get("StackName", given)
        )
        replied = action(params)
        if change_set is not None and change_set.get("RoleARN") and replied[0] == _OK:
            # In time: the operation is a task that begins after the answer.
            _stack(change_set["StackId"])["RoleARN"] = change_set["RoleARN"]
        return replied

    return answer


def _described(action: Callable[[Any], Answer]) -> Callable[[Any], Answer]:
    """Add the role of each stack that has one."""

    def answer(params: Any) -> Answer:  # noqa: ANN401 - passed on as they came
        status, headers, body = action(params)
        return status, headers, _STACK_ID.sub(_with_role, body)

    return answer


def _with_role(stack_id: re.Match[bytes]) -> bytes:
    role_arn = _stack(stack_id[1].decode()).get("RoleARN")
    return stack_id[0] + (f"<RoleARN>{role_arn}</RoleARN>".encode() if role_arn else b"")


def _resolved(action: Callable[[Any], Answer], params: Any, given: str) -> Answer:  # noqa: ANN401 - the request's
    stack = _stack_of(params) or {}
    # The name of a deleted stack can be used again.
    kept = "" if stack.get("StackStatus") == "DELETE_COMPLETE" else stack.get("RoleARN", "")
    reset = _resolving.set(given or kept)
    try:
        return action(params)
    finally:
        _resolving.reset(reset)


def _refusal(role_arn: str) -> Answer | None:
    """Return the answer to a caller who names a role that can't be used; None if it can."""
    caller = _caller.get()
    if not role_arn or caller is None or not application.AUTH:
        return None
    context = {"iam:PassedToService": PRINCIPAL}
    verdict = denied("iam:PassRole", role_arn, *caller, context)
    if verdict is not None:
        refusal: Answer = iam_actions.access_denied_response(
            "cloudformation",
            "iam:PassRole",
            verdict.principal_arn,
            str(uuid.uuid4()),
            resource_arn=role_arn,
            explicit_deny=verdict.decision == "Deny",
        )
        return refusal
    if not is_assumable(role_arn, PRINCIPAL):
        return _error(f"Role {role_arn} is invalid or cannot be assumed")
    return None


def _error(message: str) -> Answer:
    answer: Answer = handlers._error("ValidationError", message, 400)  # noqa: SLF001 - no public way in
    return answer


def _given(params: Any) -> str:  # noqa: ANN401 - the request's
    return str(params.get("RoleARN", [""])[0])


def _stack_of(params: Any) -> Any:  # noqa: ANN401 - the emulator's
    return _stack(params.get("StackName", [""])[0])


def _stack(name_or_id: str) -> Any:  # noqa: ANN401 - the emulator's stack, untyped there
    return handlers._resolve_stack(name_or_id)  # noqa: SLF001 - no public way in
