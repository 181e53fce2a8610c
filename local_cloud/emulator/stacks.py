"""Stack operations: the clean-up after an update, and what follows a failed creation."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from ministack.core import responses
from ministack.services import cloudformation
from ministack.services.cloudformation import provisioners, stacks

from local_cloud.emulator.internals import function, instance

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from local_cloud.emulator.custom_resources import CustomResources
    from local_cloud.emulator.resource_status import ResourceStatus

_OUTPUTS_PARAMETERS = (
    *("outputs_defs", "conditions", "resources", "param_values", "mappings"),
    *("stack_name", "stack_id"),
)
INTERNALS = (
    function(stacks, "_resolve_stack_outputs", *_OUTPUTS_PARAMETERS),
    function(
        stacks,
        "_add_event",
        *("stack_id", "stack_name", "logical_id", "resource_type", "status"),
        *("reason", "physical_id", "detailed_status"),
    ),
    function(
        stacks,
        "_roll_back_operation",
        *("stack_name", "stack_id", "stack", "operation", "reason_override"),
    ),
    function(responses, "now_iso"),
    instance(cloudformation, "_stacks", responses.AccountRegionScopedDict),
    instance(provisioners, "_RESOURCE_HANDLERS", dict),
    function(provisioners, "_nested_stack_lookup_name", "physical_id_or_arn"),
)

_UPDATING = "UPDATE_IN_PROGRESS"
_CLEANING_UP = "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"


class Stacks:
    """
    Separates clean-up from update, which the emulator does for rollbacks only.

    It also deletes custom resources that weren't created, as CloudFormation does and the emulator
    doesn't: their function may have left something behind.
    """

    def __init__(self, custom_resources: CustomResources, resource_status: ResourceStatus) -> None:
        self._custom_resources = custom_resources
        self._resource_status = resource_status
        self._resolve_outputs: Callable[..., Any] = stacks._resolve_stack_outputs  # noqa: SLF001 - no public way in
        self._roll_back: Callable[..., Awaitable[None]] = stacks._roll_back_operation  # noqa: SLF001 - the same
        # Outputs are resolved once, after all resources are updated and before any is removed.
        stacks._resolve_stack_outputs = self._resolve_stack_outputs  # noqa: SLF001 - the same
        stacks._roll_back_operation = self._roll_back_operation  # noqa: SLF001 - the same
        nested = provisioners._RESOURCE_HANDLERS["AWS::CloudFormation::Stack"]  # noqa: SLF001 - the same
        nested["delete"] = _shown_as_deleted(nested["delete"])

    def _resolve_stack_outputs(self, *call: Any) -> Any:  # noqa: ANN401 - passed on as they came
        resolved = self._resolve_outputs(*call)
        *_, stack_name, stack_id = call
        stack = cloudformation._stacks[stack_name]  # noqa: SLF001 - no public way in
        if stack["StackStatus"] == _UPDATING:
            stack["StackStatus"] = _CLEANING_UP
            stacks._add_event(  # noqa: SLF001 - the same
                stack_id,
                stack_name,
                stack_name,
                "AWS::CloudFormation::Stack",
                _CLEANING_UP,
                physical_id=stack_id,
            )
        return resolved

    async def _roll_back_operation(
        self,
        stack_name: str,
        stack_id: str,
        stack: dict[str, Any],
        operation: dict[str, Any],
        *more: Any,  # noqa: ANN401 - passed on as they came
    ) -> None:
        logical_id = operation.get("failed_logical_id") or ""
        failed = self._custom_resources.take_failed_create(stack_id, logical_id)
        if failed is not None:
            stack.setdefault("_resources", {})[logical_id] = {
                "PhysicalResourceId": failed.physical_id,
                "ResourceType": failed.resource_type,
                "ResourceStatus": "CREATE_FAILED",
                "LogicalResourceId": logical_id,
                "Properties": failed.properties,
                "Attributes": {},
                "Timestamp": responses.now_iso(),
            }
            operation = {**operation, "created": [*operation["created"], logical_id]}
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
            await self._roll_back(stack_name, stack_id, stack, operation, *more)


def _shown_as_deleted(delete: Callable[..., None]) -> Callable[..., None]:
    """Show that a nested stack is being deleted; the emulator shows only that it is gone."""

    def wrapped(physical_id: str, *more: Any) -> None:  # noqa: ANN401 - passed on as they came
        name = provisioners._nested_stack_lookup_name(physical_id)  # noqa: SLF001 - no public way in
        stack = cloudformation._stacks.get(name)  # noqa: SLF001 - the same
        if stack is not None:
            stack["StackStatus"] = "DELETE_IN_PROGRESS"
        delete(physical_id, *more)

    return wrapped


def _replaced(
    stack: dict[str, Any], operation: dict[str, Any]
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the resources that an operation has replaced, as they were before."""
    previous = (operation.get("previous_stack") or {}).get("_resources", {})
    for logical_id in operation.get("replaced_ids", []):
        before, now = previous.get(logical_id), stack.get("_resources", {}).get(logical_id)
        if before and now and before["PhysicalResourceId"] != now["PhysicalResourceId"]:
            yield logical_id, before
