"""Deletion of stacks: what couldn't be deleted keeps all that it depends on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ministack.core import concurrency, responses
from ministack.services import cloudformation
from ministack.services.cloudformation import handlers, stacks

from local_cloud.emulator.cloudformation.stack_records import (
    failed_create,
    leave,
    record_event,
    set_status,
)
from local_cloud.emulator.internals import function, instance

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection, Iterable

    from local_cloud.emulator.cloudformation.custom_resources import CustomResources
    from local_cloud.emulator.cloudformation.exports import Exports

_RUN = ("stack_name", "stack_id", "retain_resources", "force")
INTERNALS = (
    function(concurrency, "run_reentrant", "fn", "args", "thread_name"),
    function(handlers, "_delete_stack_async", *_RUN),
    function(stacks, "_delete_stack_async", *_RUN),
    function(
        stacks,
        "_delete_resource",
        *("resource_type", "physical_id", "props", "stack_name", "logical_id"),
    ),
    function(
        stacks,
        "_resource_policy",
        *("res_def", "attribute", "resources", "params", "conditions", "mappings"),
        *("stack_name", "stack_id"),
    ),
    function(stacks, "_runs_on_worker_thread", "resource_type"),
    function(stacks, "_snapshot_resource", "resource_type", "physical_id", "props"),
    function(stacks, "_topological_sort", "resources", "conditions"),
    function(stacks, "_with_dependencies", "logical_ids", "res_defs", "remaining"),
    instance(cloudformation, "_stacks", responses.AccountRegionScopedDict),
    instance(stacks, "_RETAINING_POLICIES", tuple),
)

ROLLBACK_REQUESTED = "Rollback requested by user."


class Deletion:
    """
    Deletes stacks as CloudFormation does.

    The emulator goes on to delete what a resource depends on that it couldn't delete. Without its
    function, a custom resource can never be deleted.
    """

    def __init__(self, custom_resources: CustomResources, exports: Exports) -> None:
        self._custom_resources = custom_resources
        self._exports = exports
        self._delete_forced: Callable[..., Awaitable[None]] = stacks._delete_stack_async  # noqa: SLF001 - no public way in
        stacks._delete_stack_async = self.delete_stack  # noqa: SLF001 - the same
        handlers._delete_stack_async = self.delete_stack  # noqa: SLF001 - the same

    async def delete_stack(
        self,
        stack_name: str,
        stack_id: str,
        retain_resources: Collection[str] = (),
        force: bool = False,  # noqa: FBT001, FBT002 - the emulator's signature
    ) -> None:
        """
        Delete a stack.

        Args:
            stack_name: Its name.
            stack_id: Its ARN.
            retain_resources: The logical ids of resources that are left.
            force: Whether resources that can't be deleted are left too.
        """
        stack = cloudformation._stacks.get(stack_name)  # noqa: SLF001 - no public way in
        if stack is None or force:
            await self._delete_forced(stack_name, stack_id, retain_resources, force)
            return
        if "_failed_operation" in stack:
            self.add_failed_create(stack, stack.pop("_failed_operation"))
        before = stack["StackStatus"]
        set_status(stack, "DELETE_IN_PROGRESS", "User Initiated")
        refusal = self._exports.refusal(stack, {})
        if refusal is not None:
            set_status(stack, before, refusal)
            return

        failed = await delete_resources(
            stack,
            reversed(_in_order(stack)),
            retains=lambda logical_id, policy: (
                logical_id in retain_resources or policy in stacks._RETAINING_POLICIES  # noqa: SLF001 - the same
            ),
        )
        if failed:
            set_status(stack, "DELETE_FAILED", failure(failed))
        else:
            self._exports.withdraw(stack, {})
            set_status(stack, "DELETE_COMPLETE")

    def add_failed_create(self, stack: dict[str, Any], operation: dict[str, Any]) -> dict[str, Any]:
        """
        Count the resource that an operation failed to create among those that it created.

        CloudFormation deletes it, and the emulator doesn't. Something may be left of it.

        Args:
            stack: The stack.
            operation: The operation, as the emulator recorded it.
        """
        resources = stack.setdefault("_resources", {})
        logical_id = operation["failed_logical_id"] or ""
        failed = self._custom_resources.take_failed_create(stack["StackId"], logical_id)
        if failed is not None:
            resources[logical_id] = failed_create(
                logical_id, failed.resource_type, failed.physical_id, failed.properties
            )
        if resources.get(logical_id, {}).get("ResourceStatus") != "CREATE_FAILED":
            return operation
        return {**operation, "created": [*operation["created"], logical_id]}

    async def roll_back_create(
        self, stack: dict[str, Any], operation: dict[str, Any], reason: str
    ) -> None:
        """
        Delete what the failed creation of a stack has created.

        Args:
            stack: The stack.
            operation: The creation, as the emulator recorded it.
            reason: Why it is rolled back; empty if a resource failed.
        """
        # A stack that a change set creates has none until it is created.
        stack.update(_template=operation["template"], _resolved_params=operation["param_values"])
        failed_id = operation["failed_logical_id"]
        if failed_id and not reason:
            failures = f"The following resource(s) failed to create: [{failed_id}]. "
            reason = failures + ROLLBACK_REQUESTED
        set_status(stack, "ROLLBACK_IN_PROGRESS", reason or ROLLBACK_REQUESTED)
        failed = await delete_resources(
            stack,
            reversed(operation["created"]),
            retains=lambda _, policy: (
                policy == "Retain" and not operation["retain_except_on_create"]
            ),
        )
        if failed:
            set_status(stack, "ROLLBACK_FAILED", failure(failed))
        else:
            set_status(stack, "ROLLBACK_COMPLETE")


def failure(failed: Iterable[str]) -> str:
    """Return the reason of a stack whose resources couldn't be deleted. It ends in a space on AWS."""
    return f"The following resource(s) failed to delete: [{', '.join(sorted(failed))}]. "


async def delete_resources(
    stack: dict[str, Any], logical_ids: Iterable[str], *, retains: Callable[[str, str], bool]
) -> list[str]:
    """
    Delete resources, and return the logical ids of those that couldn't be deleted.

    What one of those depends on, directly or not, isn't touched.

    Args:
        stack: The stack.
        logical_ids: The resources, each before those that it depends on.
        retains: Whether a resource, given its logical id and DeletionPolicy, leaves the stack
            without being deleted.
    """
    resources, template = stack.setdefault("_resources", {}), stack.get("_template") or {}
    definitions = template.get("Resources", {})
    failed: list[str] = []
    for logical_id in logical_ids:
        resource = resources.get(logical_id)
        kept = stacks._with_dependencies(failed, definitions, set(resources))  # noqa: SLF001 - no public way in
        if resource is None or logical_id in kept:
            continue
        policy = stacks._resource_policy(  # noqa: SLF001 - the same
            *(definitions.get(logical_id), "DeletionPolicy", resources),
            *(stack.get("_resolved_params", {}), stack.get("_conditions", {})),
            *(template.get("Mappings", {}), stack["StackName"], stack["StackId"]),
        )
        if retains(logical_id, policy):
            record_event(stack, resource, "DELETE_SKIPPED")
            leave(stack, resources.pop(logical_id), "DELETE_SKIPPED")
            continue
        record_event(stack, resource, "DELETE_IN_PROGRESS")
        try:
            await _delete(stack, resource, policy)
        except Exception as error:  # noqa: BLE001 - whatever a service raises
            resource.update(ResourceStatus="DELETE_FAILED", ResourceStatusReason=str(error))
            record_event(stack, resource, "DELETE_FAILED", str(error))
            failed.append(logical_id)
        else:
            record_event(stack, resource, "DELETE_COMPLETE")
            leave(stack, resources.pop(logical_id), "DELETE_COMPLETE")
    return failed


async def _delete(stack: dict[str, Any], resource: dict[str, Any], policy: str) -> None:
    resource_type = resource["ResourceType"]
    given = (resource_type, resource["PhysicalResourceId"], resource.get("Properties", {}))
    if policy == "Snapshot":
        stacks._snapshot_resource(*given)  # noqa: SLF001 - no public way in
    call = (*given, stack["StackName"], resource["LogicalResourceId"])
    if stacks._runs_on_worker_thread(resource_type):  # noqa: SLF001 - the same
        await concurrency.run_reentrant(stacks._delete_resource, *call)  # noqa: SLF001 - the same
    else:
        stacks._delete_resource(*call)  # noqa: SLF001 - the same


def _in_order(stack: dict[str, Any]) -> list[str]:
    """Return the resources of a stack, each after those that it depends on."""
    resources = stack.get("_resources", {})
    definitions = (stack.get("_template") or {}).get("Resources", {})
    try:
        ordered = stacks._topological_sort(definitions, stack.get("_conditions", {}))  # noqa: SLF001 - no public way in
    except ValueError:
        # They depend on each other, so none was created.
        ordered = []
    # What an update removed from the template but couldn't delete: nothing depends on it any more.
    return [*ordered, *(each for each in resources if each not in ordered)]
