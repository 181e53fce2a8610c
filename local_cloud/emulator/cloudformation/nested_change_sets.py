"""
Change sets with ``IncludeNestedStacks``: one for the stack, and one for each nested stack that changes.

CloudFormation User Guide, "Change sets for nested stacks".
"""

from __future__ import annotations

import copy
import re
import secrets
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

from ministack.core import responses
from ministack.services import cloudformation
from ministack.services.cloudformation import changesets, engine, handlers, stacks

from local_cloud.emulator.cloudformation.nested_stacks import request
from local_cloud.emulator.cloudformation.service_roles import role_denial
from local_cloud.emulator.internals import function, instance

if TYPE_CHECKING:
    from collections.abc import Callable

    from local_cloud.emulator.internals import Answer

INTERNALS = (
    function(changesets, "_create_change_set", "params"),
    instance(cloudformation, "_change_sets", responses.AccountRegionScopedDict),
    function(engine, "_intrinsic_references", "value"),
    function(
        engine,
        "_resolve_refs",
        *("value", "resources", "params", "conditions", "mappings", "stack_name", "stack_id"),
    ),
    instance(handlers, "_ACTION_HANDLERS", dict),
    function(handlers, "_resolve_stack", "stack_name"),
)

_TYPE = "AWS::CloudFormation::Stack"
_OK = 200
# The value of a parameter that depends on what the change set changes.
_UNKNOWN = "{{changeSet:KNOWN_AFTER_APPLY}}"
_LONGEST_NAME = 128
_RANDOM_BYTES = 6
_ID = re.compile(rb"<Id>([^<]+)</Id>")


class NestedChangeSets:
    """Adds the change sets of nested stacks to those of their parents."""

    def __init__(self) -> None:
        actions = handlers._ACTION_HANDLERS  # noqa: SLF001 - no public way in
        actions["CreateChangeSet"] = _created(actions["CreateChangeSet"])


def _created(action: Callable[[Any], Answer]) -> Callable[[Any], Answer]:
    def answer(params: Any) -> Answer:  # noqa: ANN401 - passed on as they came
        replied = action(params)
        found = _ID.search(replied[2])
        is_wanted = str(params.get("IncludeNestedStacks", [""])[0]).lower() == "true"
        if replied[0] == _OK and found is not None and is_wanted:
            change_set = _sets()[found[1].decode()]
            change_set["IncludeNestedStacks"] = True
            if change_set["ChangeSetType"] == "UPDATE":
                _add_nested(change_set, change_set["ChangeSetId"])
        return replied

    return answer


def _add_nested(change_set: dict[str, Any], root_id: str) -> None:
    """Create the change sets of the nested stacks of a change set, and theirs."""
    stack = handlers._resolve_stack(change_set["StackId"])  # noqa: SLF001 - no public way in
    for logical_id, resource in stack["_resources"].items():
        definition = change_set["_template"]["Resources"].get(logical_id)
        if resource["ResourceType"] != _TYPE or definition is None:
            continue
        try:
            nested = _create_nested(change_set, stack, logical_id, definition.get("Properties", {}))
        except ValueError as error:
            change_set.update(
                Status="FAILED", ExecutionStatus="UNAVAILABLE", StatusReason=str(error)
            )
            return
        _note(change_set, logical_id, resource, nested)
        if nested is not None:
            nested.update(
                IncludeNestedStacks=True,
                ParentChangeSetId=change_set["ChangeSetId"],
                RootChangeSetId=root_id,
            )
            _add_nested(nested, root_id)
    if not change_set["Changes"]:
        change_set.update(
            Status="FAILED",
            ExecutionStatus="UNAVAILABLE",
            StatusReason=(
                "The submitted information didn't contain changes. "
                "Submit different information to create a change set."
            ),
        )


def _create_nested(
    change_set: dict[str, Any], stack: dict[str, Any], logical_id: str, written: dict[str, Any]
) -> dict[str, Any] | None:
    """
    Create the change set of a nested stack; return None if nothing changes in it.

    Raises:
        ValueError: It can't be created; the message says why.
    """
    physical_id = stack["_resources"][logical_id]["PhysicalResourceId"]
    denial = role_denial("cloudformation:CreateChangeSet", physical_id)
    if denial is not None:
        raise ValueError(denial)
    nested = handlers._resolve_stack(physical_id)  # noqa: SLF001 - no public way in
    tags = change_set["Tags"] if change_set["_tags_given"] else stack.get("Tags") or []
    properties = stacks._with_stack_tags(  # noqa: SLF001 - the same
        _TYPE,
        _properties(change_set, stack, written),
        *(tags, stack["StackName"], stack["StackId"], logical_id),
    )
    stem = f"{change_set['ChangeSetName']}-{logical_id}"
    suffix = secrets.token_hex(_RANDOM_BYTES).upper()
    params = request(nested["StackName"], properties, change_set) | {
        "ChangeSetName": [f"{stem[: _LONGEST_NAME - len(suffix) - 1]}-{suffix}"],
        "ChangeSetType": ["UPDATE"],
    }
    status, _, body = changesets._create_change_set(params)  # noqa: SLF001 - the same
    found = _ID.search(body)
    if status != _OK or found is None:
        raise ValueError(ET.fromstring(body).findtext(".//{*}Message"))  # noqa: S314 - the emulator's own
    created = _sets()[found[1].decode()]
    if not created["Changes"] and not _has_nested(nested):
        _sets().pop(created["ChangeSetId"])
        return None
    made: dict[str, Any] = created
    return made


def _properties(
    change_set: dict[str, Any], stack: dict[str, Any], written: dict[str, Any]
) -> dict[str, Any]:
    """Return the properties that a nested stack gets, as far as they are known."""
    template, values = change_set["_template"], change_set["_resolved_params"]
    causes = {
        detail["CausingEntity"]
        for change in change_set["Changes"]
        for detail in change["ResourceChange"].get("Details", ())
        if detail.get("ChangeSource") in {"ResourceAttribute", "ResourceReference"}
    }
    new = template["Resources"].keys() - stack["_resources"].keys()
    known = copy.deepcopy(written)
    for name, value in (written.get("Parameters") or {}).items():
        for entity, attribute in engine._intrinsic_references(value):  # noqa: SLF001 - no public way in
            if entity in new or (f"{entity}.{attribute}" if attribute else entity) in causes:
                known["Parameters"][name] = _UNKNOWN
    resolved: dict[str, Any] = engine._resolve_refs(  # noqa: SLF001 - the same
        known,
        *(stack["_resources"], values),
        engine._evaluate_conditions(template, values),  # noqa: SLF001 - the same
        *(template.get("Mappings", {}), stack["StackName"], stack["StackId"]),
    )
    return resolved


def _has_nested(stack: dict[str, Any]) -> bool:
    return any(each["ResourceType"] == _TYPE for each in stack["_resources"].values())


def _note(
    change_set: dict[str, Any],
    logical_id: str,
    resource: dict[str, Any],
    nested: dict[str, Any] | None,
) -> None:
    """List a nested stack among the changes only if something changes in it."""
    listed = [
        change
        for change in change_set["Changes"]
        if change["ResourceChange"]["LogicalResourceId"] == logical_id
    ]
    if nested is None:
        change_set["Changes"] = [each for each in change_set["Changes"] if each not in listed]
        return
    if not listed:
        target = {"Attribute": "Properties", "Name": "TemplateURL", "RequiresRecreation": "Never"}
        change = {
            "Action": "Modify",
            "LogicalResourceId": logical_id,
            "PhysicalResourceId": resource["PhysicalResourceId"],
            "ResourceType": _TYPE,
            "Replacement": "False",
            "Scope": ["Properties"],
            "Details": [
                {"Target": target, "Evaluation": "Dynamic", "ChangeSource": "Automatic"},
            ],
        }
        listed = [{"ResourceChange": change}]
        change_set["Changes"] += listed
    listed[0]["ResourceChange"]["ChangeSetId"] = nested["ChangeSetId"]


def _sets() -> Any:  # noqa: ANN401 - the emulator's, untyped there
    return cloudformation._change_sets  # noqa: SLF001 - no public way in
