"""Stack operations: the clean-up after an update, and what follows a failed creation."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from ministack.core import responses
from ministack.services import cloudformation
from ministack.services.cloudformation import handlers, stacks

from local_cloud.emulator.cloudformation.stack_records import set_status
from local_cloud.emulator.internals import function, instance

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from local_cloud.emulator.cloudformation.deletion import Deletion
    from local_cloud.emulator.cloudformation.exports import Exports
    from local_cloud.emulator.cloudformation.resource_status import ResourceStatus
    from local_cloud.switchboard import Switchboard

_OUTPUTS_PARAMETERS = (
    *("outputs_defs", "conditions", "resources", "param_values", "mappings"),
    *("stack_name", "stack_id"),
)
_ROLL_BACK_PARAMETERS = ("stack_name", "stack_id", "stack", "operation", "reason_override")
INTERNALS = (
    function(stacks, "_resolve_stack_outputs", *_OUTPUTS_PARAMETERS),
    function(handlers, "_roll_back_operation", *_ROLL_BACK_PARAMETERS),
    function(stacks, "_roll_back_operation", *_ROLL_BACK_PARAMETERS),
    instance(cloudformation, "_stacks", responses.AccountRegionScopedDict),
    instance(cloudformation, "_stack_events", responses.AccountRegionScopedDict),
    function(responses, "now_iso"),
)

_UPDATING = "UPDATE_IN_PROGRESS"
_CLEANING_UP = "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"
_NOTHING_DONE: dict[str, Any] = {
    "created": [],
    "failed_logical_id": None,
    "imports": {},
    "retain_except_on_create": False,
}


class Stacks:
    """
    Separates clean-up from update, which the emulator does for rollbacks only.

    It also deletes what wasn't created, as CloudFormation does and the emulator doesn't: the function
    of a custom resource may have left something behind.
    """

    def __init__(
        self,
        switchboard: Switchboard,
        resource_status: ResourceStatus,
        deletion: Deletion,
        exports: Exports,
    ) -> None:
        self._switchboard = switchboard
        self._resource_status = resource_status
        self._deletion = deletion
        self._exports = exports
        self._resolve_outputs: Callable[..., Any] = stacks._resolve_stack_outputs  # noqa: SLF001 - no public way in
        self._roll_back: Callable[..., Awaitable[None]] = stacks._roll_back_operation  # noqa: SLF001 - the same
        # Outputs are resolved once, after all resources are updated and before any is removed.
        stacks._resolve_stack_outputs = self._resolve_stack_outputs  # noqa: SLF001 - the same
        stacks._roll_back_operation = self._roll_back_operation  # noqa: SLF001 - the same
        handlers._roll_back_operation = self._roll_back_operation  # noqa: SLF001 - the same

    def _resolve_stack_outputs(self, *call: Any) -> Any:  # noqa: ANN401 - passed on as they came
        outputs, exports = self._resolve_outputs(*call)
        *_, stack_name, _ = call
        stack = cloudformation._stacks[stack_name]  # noqa: SLF001 - no public way in
        if stack["StackStatus"] == _UPDATING:
            values = {name: export["Value"] for name, export in exports.items()}
            refusal = self._exports.refusal(stack, values)
            if refusal is not None:
                raise ValueError(refusal)
            self._exports.withdraw(stack, values)
            set_status(stack, _CLEANING_UP)
        return outputs, exports

    async def _roll_back_operation(
        self,
        stack_name: str,
        stack_id: str,
        stack: dict[str, Any],
        operation: dict[str, Any],
        reason_override: str = "",
    ) -> None:
        if self._switchboard.knobs.rollback_moves_last_updated_time:
            stack["LastUpdatedTime"] = responses.now_iso()
        # RollbackStack invents an operation without these for a stack whose template was refused.
        operation = self._deletion.add_failed_create(stack, _NOTHING_DONE | operation)
        if not operation["is_update"] and not operation["imports"]:
            await self._deletion.roll_back_create(stack, operation, reason_override)
            return
        reason = reason_override or _take_failure(stack)
        with contextlib.ExitStack() as shown:
            # CloudFormation shows the physical id from before the replacement again.
            for logical_id, before in _replaced(stack, operation):
                shown.enter_context(
                    self._resource_status.showing(
                        stack_id,
                        logical_id,
                        physical_id=before["PhysicalResourceId"],
                        resource_type=before["ResourceType"],
                        status="UPDATE_COMPLETE",
                    )
                )
            await self._roll_back(stack_name, stack_id, stack, operation, reason)


def _take_failure(stack: dict[str, Any]) -> str:
    """
    Remove the event of an update that failed as a whole, and return its reason.

    CloudFormation has no such event: its first one is that of the rollback, with the reason.
    """
    events = cloudformation._stack_events[stack["StackId"]]  # noqa: SLF001 - no public way in
    last = events[-1]
    if (last["LogicalResourceId"], last["ResourceStatus"]) != (stack["StackName"], "UPDATE_FAILED"):
        return ""
    reason: str = events.pop()["ResourceStatusReason"]
    return reason


def _replaced(
    stack: dict[str, Any], operation: dict[str, Any]
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the resources that an operation has replaced, as they were before."""
    previous = (operation.get("previous_stack") or {}).get("_resources", {})
    for logical_id in operation.get("replaced_ids", []):
        before, now = previous.get(logical_id), stack.get("_resources", {}).get(logical_id)
        if before and now and before["PhysicalResourceId"] != now["PhysicalResourceId"]:
            yield logical_id, before
