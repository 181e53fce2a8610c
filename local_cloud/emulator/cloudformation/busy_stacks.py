"""Stacks that can't be updated now, that a rollback brings to rest, or that are named by their ARN."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ministack.services.cloudformation import handlers

from local_cloud.emulator.internals import function, instance

if TYPE_CHECKING:
    from collections.abc import Callable

    from local_cloud.emulator.internals import Answer

INTERNALS = (
    instance(handlers, "_ACTION_HANDLERS", dict),
    function(handlers, "_error", "code", "message", "status"),
    function(handlers, "_resolve_stack", "stack_name"),
)

# CloudFormation User Guide, "Stack status codes": from these, a stack can be updated.
_UPDATABLE = frozenset(
    {
        *("CREATE_COMPLETE", "IMPORT_COMPLETE", "IMPORT_ROLLBACK_COMPLETE"),
        *("UPDATE_COMPLETE", "UPDATE_FAILED", "UPDATE_ROLLBACK_COMPLETE"),
    }
)
_GONE = "DELETE_COMPLETE"


class BusyStacks:
    """Refuses to update what can't be updated, in CloudFormation's words, also by change sets."""

    def __init__(self) -> None:
        actions = handlers._ACTION_HANDLERS  # noqa: SLF001 - no public way in
        actions["UpdateStack"] = _at_rest(actions["UpdateStack"])
        actions["CreateChangeSet"] = _at_rest(actions["CreateChangeSet"])
        actions["ExecuteChangeSet"] = _at_rest(actions["ExecuteChangeSet"])
        for action in ("DescribeChangeSet", "ExecuteChangeSet", "ListChangeSets"):
            actions[action] = _by_name(actions[action])
        actions["ContinueUpdateRollback"] = _skipping(actions["ContinueUpdateRollback"])


def _at_rest(action: Callable[[Any], Answer]) -> Callable[[Any], Answer]:
    def answer(params: Any) -> Answer:  # noqa: ANN401 - passed on as they came
        stack = handlers._resolve_stack(_first(params, "StackName"))  # noqa: SLF001 - no public way in
        is_update = _first(params, "ChangeSetType") in {"", "UPDATE"}
        status = (stack or {}).get("StackStatus", _GONE)
        # A change set that creates a stack is executed in it.
        allowed = _UPDATABLE | {_GONE, "REVIEW_IN_PROGRESS"}
        if is_update and status not in allowed:
            refusal: Answer = handlers._error(  # noqa: SLF001 - the same
                "ValidationError",
                f"Stack:{stack['StackId']} is in {status} state and can not be updated.",
                400,
            )
            return refusal
        return action(params)

    return answer


def _by_name(action: Callable[[Any], Answer]) -> Callable[[Any], Answer]:
    """Find the change sets of a stack that is named by its ARN."""

    def answer(params: Any) -> Answer:  # noqa: ANN401 - passed on as they came
        stack = handlers._resolve_stack(_first(params, "StackName"))  # noqa: SLF001 - no public way in
        return action(params if stack is None else {**params, "StackName": [stack["StackName"]]})

    return answer


def _skipping(action: Callable[[Any], Answer]) -> Callable[[Any], Answer]:
    """Skip nothing if the list of resources is empty, as it is with ``cdk rollback``."""

    def answer(params: Any) -> Answer:  # noqa: ANN401 - passed on as they came
        # SDKs write an empty list as one empty value.
        is_empty = params.get("ResourcesToSkip") == [""]
        return action({**params, "ResourcesToSkip": []} if is_empty else params)

    return answer


def _first(params: Any, name: str) -> str:  # noqa: ANN401 - the request's
    return str(params.get(name, [""])[0])
