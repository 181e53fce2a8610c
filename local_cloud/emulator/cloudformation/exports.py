"""Exports of stacks: none can be changed or deleted while another stack imports it."""

from __future__ import annotations

from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from ministack.core import responses
from ministack.services import cloudformation
from ministack.services.cloudformation import handlers

from local_cloud.emulator.internals import function, instance

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

INTERNALS = (
    function(handlers, "_imported_export_names", "stack", "stack_name"),
    function(handlers, "_delete_stack", "params"),
    instance(handlers, "_ACTION_HANDLERS", dict),
    instance(cloudformation, "_exports", responses.AccountRegionScopedDict),
    instance(cloudformation, "_stacks", responses.AccountRegionScopedDict),
)

# Stacks without resources import nothing.
_EMPTY = frozenset({"DELETE_COMPLETE", "REVIEW_IN_PROGRESS", "ROLLBACK_COMPLETE"})

# Set while DeleteStack is answered.
_is_deleting: ContextVar[bool] = ContextVar("is_deleting", default=False)


class Exports:
    """
    Knows which exports are in use.

    The emulator refuses to delete a stack with such an export when it is asked to. CloudFormation
    accepts the call, and reports the reason in the stack's status.
    """

    def __init__(self) -> None:
        self._imported_names: Callable[..., set[str]] = handlers._imported_export_names  # noqa: SLF001 - no public way in
        handlers._imported_export_names = self._imported_export_names  # noqa: SLF001 - the same
        handlers._ACTION_HANDLERS["DeleteStack"] = _delete_stack  # noqa: SLF001 - the same

    def refusal(self, stack: dict[str, Any], exports: Mapping[str, str]) -> str | None:
        """
        Return why a stack's exports can't change; None if they can.

        Args:
            stack: The stack, with the exports that it has.
            exports: The exports that it is about to have, by name.
        """
        for output in stack.get("Outputs", []):
            name = output.get("ExportName")
            if name and exports.get(name) != output["OutputValue"]:
                importers = self._importers(name, stack)
                if importers:
                    # Both as reported by users of AWS since 2025.
                    done, verb = ("Update", "update") if name in exports else ("Delete", "delete")
                    return (
                        f"{done} canceled. Cannot {verb} export {name} "
                        f"as it is in use by {_listed(importers)}."
                    )
        return None

    def withdraw(self, stack: dict[str, Any], exports: Mapping[str, str]) -> None:
        """Delete a stack's exports, except those that it is about to have."""
        for output in stack.get("Outputs", []):
            name = output.get("ExportName")
            if name and name not in exports:
                cloudformation._exports.pop(name, None)  # noqa: SLF001 - no public way in

    def _importers(self, name: str, exporter: dict[str, Any]) -> list[str]:
        return sorted(
            stack["StackName"]
            for stack in cloudformation._stacks.values()  # noqa: SLF001 - no public way in
            if stack is not exporter
            and stack["StackStatus"] not in _EMPTY
            and name in self._imported_names(stack, stack["StackName"])
        )

    def _imported_export_names(self, *call: Any) -> set[str]:  # noqa: ANN401 - passed on as they came
        return set() if _is_deleting.get() else self._imported_names(*call)


def _delete_stack(params: Any) -> Any:  # noqa: ANN401 - passed on as they came
    reset = _is_deleting.set(True)
    try:
        return handlers._delete_stack(params)  # noqa: SLF001 - no public way in
    finally:
        _is_deleting.reset(reset)


def _listed(names: list[str]) -> str:
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last
