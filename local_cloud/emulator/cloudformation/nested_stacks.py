"""Nested stacks: created, updated and deleted as any other stack."""

from __future__ import annotations

import asyncio
import secrets
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

from ministack.core import responses
from ministack.services import cloudformation
from ministack.services.cloudformation import handlers, provisioners

from local_cloud.emulator.cloudformation.deletion import ROLLBACK_REQUESTED
from local_cloud.emulator.cloudformation.stack_records import failed_create
from local_cloud.emulator.internals import function, instance

if TYPE_CHECKING:
    from collections.abc import Callable

    from local_cloud.emulator.cloudformation.deletion import Deletion

INTERNALS = (
    function(handlers, "_create_stack", "params"),
    function(handlers, "_update_stack", "params"),
    function(handlers, "_resolve_stack", "stack_name"),
    instance(cloudformation, "_stacks", responses.AccountRegionScopedDict),
    instance(cloudformation, "_stack_events", responses.AccountRegionScopedDict),
    instance(provisioners, "_RESOURCE_HANDLERS", dict),
)

_TYPE = "AWS::CloudFormation::Stack"
_NOTHING_TO_DO = "No updates are to be performed."
_RANDOM_BYTES = 6
# CloudFormation API reference, CreateStack, StackName; what follows the name is a hyphen and two
# digits for each random byte.
_NAME_LENGTH = 128 - 1 - 2 * _RANDOM_BYTES
# The event of a stack that has the reason why an operation failed.
_FAILURES = frozenset({"CREATE_FAILED", "ROLLBACK_IN_PROGRESS", "UPDATE_ROLLBACK_IN_PROGRESS"})


class NestedStacks:
    """
    Gives nested stacks all that the emulator gives other stacks, and not them.

    That is the attributes of resources that an update leaves as they are, the clean-up of what it
    replaces, the rollback, exports, and a deletion that can fail.
    """

    def __init__(self, deletion: Deletion) -> None:
        self._deletion = deletion
        provisioners._RESOURCE_HANDLERS[_TYPE] = {  # noqa: SLF001 - no public way in
            "create": self._create,
            "update": self._update,
            "delete": self._delete,
        }

    def _create(
        self, logical_id: str, properties: dict[str, Any], parent_name: str
    ) -> tuple[str, dict[str, str]]:
        parent = cloudformation._stacks[parent_name]  # noqa: SLF001 - no public way in
        stem = f"{parent_name}-{logical_id}"[:_NAME_LENGTH]
        name = f"{stem}-{secrets.token_hex(_RANDOM_BYTES).upper()}"
        ancestry = {
            "ParentId": parent["StackId"],
            "RootId": parent.get("RootId", parent["StackId"]),
        } | _role(parent)
        disable_rollback = str(parent.get("DisableRollback", False)).lower()
        asyncio.run(
            _operate(
                handlers._create_stack,  # noqa: SLF001 - no public way in
                {**request(name, properties, parent), "DisableRollback": [disable_rollback]},
                ancestry,
            )
        )
        stack = cloudformation._stacks[name]  # noqa: SLF001 - no public way in
        if stack["StackStatus"] != "CREATE_COMPLETE":
            parent["_resources"][logical_id] = failed_create(
                logical_id, _TYPE, stack["StackId"], properties
            )
            message = f"Embedded stack {stack['StackId']} was not successfully created: "
            raise RuntimeError(message + _failure(stack))
        return _made(stack)

    def _update(
        self,
        physical_id: str,
        old_properties: dict[str, Any],  # noqa: ARG002 - the emulator's signature
        properties: dict[str, Any],
        parent_name: str,
    ) -> tuple[str, dict[str, str]]:
        parent = cloudformation._stacks[parent_name]  # noqa: SLF001 - no public way in
        stack = _stack(physical_id)
        update = request(stack["StackName"], properties, parent)
        try:
            asyncio.run(_operate(handlers._update_stack, update, _role(parent)))  # noqa: SLF001 - no public way in
        except ValueError as error:
            if str(error) != _NOTHING_TO_DO:
                raise
            return _made(stack)
        if stack["StackStatus"] != "UPDATE_COMPLETE":
            message = (
                f"Embedded stack {physical_id} was not successfully updated. "
                "Currently in UPDATE_ROLLBACK_IN_PROGRESS with reason: "
            )
            raise RuntimeError(message + _failure(stack))
        return _made(stack)

    def _delete(self, physical_id: str, properties: dict[str, Any]) -> None:  # noqa: ARG002 - the emulator's signature
        stack = _stack(physical_id)
        if stack is None or stack["StackStatus"] == "DELETE_COMPLETE":
            return
        # The role can be another one than that of the nested stack's last operation.
        stack.update(_role(_stack(stack["ParentId"])))
        asyncio.run(self._deletion.delete_stack(stack["StackName"], stack["StackId"]))
        if stack["StackStatus"] != "DELETE_COMPLETE":
            message = f"Embedded stack {physical_id} was not successfully deleted: "
            raise RuntimeError(message + stack["StackStatusReason"])


async def _operate(
    action: Callable[[Any], Any], request: dict[str, list[str]], more: dict[str, str]
) -> None:
    """
    Run an action of CloudFormation, and wait until the stack rests.

    Raises:
        ValueError: It was refused.
    """
    status, _, body = action(request)
    if status >= 400:  # noqa: PLR2004 - HTTP
        raise ValueError(ET.fromstring(body).findtext(".//{*}Message"))  # noqa: S314 - the emulator's own
    _stack(request["StackName"][0]).update(more)
    await asyncio.gather(*(asyncio.all_tasks() - {asyncio.current_task()}))


def request(name: str, properties: dict[str, Any], parent: dict[str, Any]) -> dict[str, list[str]]:
    """
    Return the request that creates or updates a nested stack, or makes its change set.

    Args:
        name: The name of the nested stack.
        properties: Its properties.
        parent: What it has its capabilities from.

    Raises:
        ValueError: A parameter isn't a string; the message is the status reason.
    """
    parameters = properties.get("Parameters") or {}
    if any(isinstance(value, (list, dict)) for value in parameters.values()):
        raise ValueError(
            "Value of property Parameters must be an object with String (or simple type) properties"
        )
    # The tags that begin with "aws:" are CloudFormation's own.
    tags = [tag for tag in properties.get("Tags") or () if not tag["Key"].startswith("aws:")]
    url = properties.get("TemplateURL", "")
    # Tags that are given and empty remove those from before.
    request = {"StackName": name, "TemplateURL": url, "Tags": ""}
    for number, (key, value) in enumerate(parameters.items(), 1):
        request[f"Parameters.member.{number}.ParameterKey"] = key
        request[f"Parameters.member.{number}.ParameterValue"] = _text(value)
    for number, tag in enumerate(tags, 1):
        request[f"Tags.member.{number}.Key"] = tag["Key"]
        request[f"Tags.member.{number}.Value"] = tag["Value"]
    for number, capability in enumerate(parent.get("Capabilities", ()), 1):
        request[f"Capabilities.member.{number}"] = capability
    return {name: [value] for name, value in request.items()}


def _role(stack: dict[str, Any]) -> dict[str, str]:
    """Return the service role of a stack, which its nested stacks have too."""
    return {"RoleARN": stack["RoleARN"]} if "RoleARN" in stack else {}


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _stack(name_or_id: str) -> Any:  # noqa: ANN401 - the emulator's stack, untyped there
    return handlers._resolve_stack(name_or_id)  # noqa: SLF001 - no public way in


def _made(stack: dict[str, Any]) -> tuple[str, dict[str, str]]:
    outputs = {f"Outputs.{each['OutputKey']}": each["OutputValue"] for each in stack["Outputs"]}
    return stack["StackId"], outputs


def _failure(stack: dict[str, Any]) -> str:
    """Return why the last operation of a stack failed."""
    return next(
        str(event["ResourceStatusReason"]).removesuffix(ROLLBACK_REQUESTED)
        for event in reversed(cloudformation._stack_events[stack["StackId"]])  # noqa: SLF001 - no public way in
        if event["LogicalResourceId"] == stack["StackName"] and event["ResourceStatus"] in _FAILURES
    )
