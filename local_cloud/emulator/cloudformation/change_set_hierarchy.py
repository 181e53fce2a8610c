"""
The hierarchy of change sets that ``IncludeNestedStacks`` makes.

It is executed and deleted from the root (CloudFormation User Guide, "Change sets for nested stacks").
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ministack.core import responses
from ministack.services import cloudformation
from ministack.services.cloudformation import changesets, handlers

from local_cloud.emulator.internals import function, instance

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from local_cloud.emulator.internals import Answer

INTERNALS = (
    function(changesets, "_find_change_set", "cs_name", "stack_name"),
    instance(cloudformation, "_change_sets", responses.AccountRegionScopedDict),
    instance(handlers, "_ACTION_HANDLERS", dict),
    function(handlers, "_error", "code", "message", "status"),
    function(handlers, "_resolve_stack", "stack_name"),
)

_OK = 200
_END_OF_CHANGE = b"</ResourceChange>"
_RESULT = b"<DescribeChangeSetResult>"


class ChangeSetHierarchy:
    """Describes, executes and deletes the change sets of nested stacks with those of their parents."""

    def __init__(self) -> None:
        actions = handlers._ACTION_HANDLERS  # noqa: SLF001 - no public way in
        actions["DescribeChangeSet"] = _described(actions["DescribeChangeSet"])
        actions["ExecuteChangeSet"] = _from_the_root(
            actions["ExecuteChangeSet"], "EXECUTE_COMPLETE"
        )
        actions["DeleteChangeSet"] = _from_the_root(actions["DeleteChangeSet"], "")


def _described(action: Callable[[Any], Answer]) -> Callable[[Any], Answer]:
    """Add what the emulator doesn't write: the other change sets of the hierarchy."""

    def answer(params: Any) -> Answer:  # noqa: ANN401 - passed on as they came
        status, headers, body = action(params)
        change_set = _find(params)
        if status != _OK or change_set is None or "IncludeNestedStacks" not in change_set:
            return status, headers, body
        *changes, rest = body.split(_END_OF_CHANGE)
        ids = [each["ResourceChange"].get("ChangeSetId") for each in change_set["Changes"]]
        body = b"".join(
            text + _element("ChangeSetId", change_set_id) + _END_OF_CHANGE
            for text, change_set_id in zip(changes, ids, strict=True)
        )
        added = b"".join(
            _element(name, change_set.get(name))
            for name in ("ParentChangeSetId", "RootChangeSetId")
        )
        added += _element("IncludeNestedStacks", "true")
        return status, headers, (body + rest).replace(_RESULT, _RESULT + added, 1)

    return answer


def _from_the_root(action: Callable[[Any], Answer], executed: str) -> Callable[[Any], Answer]:
    """Execute or delete the change sets of nested stacks with their root, and only with it."""

    def answer(params: Any) -> Answer:  # noqa: ANN401 - passed on as they came
        change_set = _find(params)
        if change_set is not None and "RootChangeSetId" in change_set:
            refusal: Answer = handlers._error(  # noqa: SLF001 - no public way in
                "ValidationError",
                "Operation on nested change sets is not supported. "
                f"Use the root change set {change_set['RootChangeSetId']}.",
                400,
            )
            return refusal
        replied = action(params)
        if replied[0] == _OK and change_set is not None:
            for nested in list(_below(change_set["ChangeSetId"])):
                if executed:
                    nested["ExecutionStatus"] = executed
                else:
                    _sets().pop(nested["ChangeSetId"])
        return replied

    return answer


def _below(root_id: str) -> Iterator[dict[str, Any]]:
    return (each for each in _sets().values() if each.get("RootChangeSetId") == root_id)


def _find(params: Any) -> dict[str, Any] | None:  # noqa: ANN401 - the request's
    name, stack_name = (str(params.get(key, [""])[0]) for key in ("ChangeSetName", "StackName"))
    stack = handlers._resolve_stack(stack_name)  # noqa: SLF001 - no public way in
    found: dict[str, Any] | None = changesets._find_change_set(  # noqa: SLF001 - the same
        name, stack["StackName"] if stack else stack_name
    )[1]
    return found


def _sets() -> Any:  # noqa: ANN401 - the emulator's, untyped there
    return cloudformation._change_sets  # noqa: SLF001 - no public way in


def _element(name: str, text: str | None) -> bytes:
    return f"<{name}>{text}</{name}>".encode() if text else b""
