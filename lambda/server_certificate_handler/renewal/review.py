"""
Review a change set: a renewal may change certificates, and what refers to them, and nothing else.

This module calls nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from server_certificate.contract.properties import RESOURCE_TYPE
from server_certificate_handler.renewal.changes import NESTED_STACK

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

    from server_certificate_handler.renewal.changes import Cause, Change, ChangeSet


def refusal(change_set: ChangeSet, *, parameter: str, version_id: str) -> str | None:
    """
    Return why a change set must not be executed; None if it is a renewal and nothing else.

    Args:
        change_set: The change set of the root stack.
        parameter: The parameter of the root stack that names the secret's version.
        version_id: The version's ID.
    """
    reason = _refusal(change_set, {parameter}, passed=set(), version_id=version_id)
    if reason is None and not _has_certificate(change_set):
        return "It would change no certificate."
    return reason


def _refusal(
    change_set: ChangeSet, versions: AbstractSet[str], *, passed: AbstractSet[str], version_id: str
) -> str | None:
    """
    Review the change set of one stack.

    Args:
        change_set: The change set.
        versions: The parameters of the stack that name the version.
        passed: Its other parameters, if they only change because of what the parent changes.
        version_id: The version's ID.
    """
    if change_set.problem:
        return change_set.problem
    accepted = set(passed)
    pending = list(change_set.changes)
    while pending:
        reasons = [_refusal_of_change(change, versions, accepted) for change in pending]
        rest = [change for change, reason in zip(pending, reasons, strict=True) if reason]
        if len(rest) == len(pending):
            return reasons[_origin(pending)]
        for change in pending:
            if change not in rest and (reason := _refusal_of_nested(change, version_id)):
                return reason
        accepted.update(change.logical_id for change in pending if change not in rest)
        pending = rest
    return None


def _refusal_of_nested(change: Change, version_id: str) -> str | None:
    if change.nested is None:
        return None
    values = change.nested.parameters
    versions = {name for name, value in values.items() if value == version_id}
    reason = _refusal(
        change.nested, versions, passed=values.keys() - versions, version_id=version_id
    )
    return reason and f"In the nested stack '{change.logical_id}': {reason}"


def _refusal_of_change(
    change: Change, versions: AbstractSet[str], accepted: AbstractSet[str]
) -> str | None:
    """
    Review a change.

    Args:
        change: The change.
        versions: The parameters that name the version.
        accepted: The logical IDs of the resources and parameters that may cause changes.
    """
    if change.action != "Modify":
        action = _ACTIONS.get(change.action, f"take the action '{change.action}' on")
        return f"It would {action} {change.description}."
    is_certificate = change.resource_type == RESOURCE_TYPE
    if change.resource_type not in _REPLACEABLE and change.replacement != "False":
        verb = "would" if change.replacement == "True" else "might"
        return f"It {verb} replace {change.description}."
    is_nested_stack = change.resource_type == NESTED_STACK
    if is_nested_stack and change.nested is None:
        return f"It doesn't show what would change in {change.description}."
    if is_certificate:
        accepted = versions
    elif is_nested_stack:
        accepted = {*accepted, *versions}
    causes = _own_causes(change)
    for cause in causes:
        is_harmless = is_nested_stack and cause.source == "Automatic"
        if not is_harmless and _entity(cause) not in accepted:
            return f"It would change {change.description} because of {_described(cause)}."
    return None if causes else f"It would change {change.description} without naming a reason."


def _own_causes(change: Change) -> list[Cause]:
    """
    Return the causes of a change, without those that only repeat others.

    If a property refers to something that changes, CloudFormation also reports a direct
    modification of the property, whose result isn't certain (CloudFormation user guide, Example
    change sets). The template stays, so such a modification has no other reason.
    """
    referring = {cause.target for cause in change.causes if _entity(cause)}
    return [
        cause
        for cause in change.causes
        if not (
            cause.source == "DirectModification"
            and not cause.is_certain
            and cause.target in referring
        )
    ]


def _entity(cause: Cause) -> str:
    """Return the logical ID of the resource or parameter that is a cause; empty if there is none."""
    return cause.entity.partition(".")[0] if cause.source in _REFERENCES else ""


def _origin(refused: list[Change]) -> int:
    """Return the position of a change that isn't only refused because of another one."""
    ids = {change.logical_id for change in refused}
    for position, change in enumerate(refused):
        if ids.isdisjoint(_entity(cause) for cause in change.causes):
            return position
    return 0


def _described(cause: Cause) -> str:
    match cause.source:
        case "ParameterReference":
            return f"the parameter '{cause.entity}'"
        case "ResourceReference" | "ResourceAttribute":
            return f"the resource '{_entity(cause)}'"
        case "DirectModification" | "NoModification":
            return f"a change of its template ({' '.join(filter(None, cause.target))})"
        case _:
            return f"a change of its {' '.join(filter(None, cause.target)) or 'properties'}"


def _has_certificate(change_set: ChangeSet) -> bool:
    return any(
        change.resource_type == RESOURCE_TYPE
        or (change.nested is not None and _has_certificate(change.nested))
        for change in change_set.changes
    )


_REPLACEABLE = {RESOURCE_TYPE, "AWS::ElasticLoadBalancingV2::ListenerCertificate"}
"""
The types that a renewal may replace. A certificate in the list of a listener is nothing but the
reference to it: its replacement is added before the predecessor is removed."""

_REFERENCES = {"ParameterReference", "ResourceAttribute", "ResourceReference"}
_ACTIONS = {"Add": "create", "Remove": "delete", "Import": "import"}
"""What an action does to a resource (CloudFormation API reference, ResourceChange)."""
