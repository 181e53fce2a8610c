"""The attributes of custom resources: those that are missing, and those that aren't shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ministack.core import responses
from ministack.services import cloudformation
from ministack.services.cloudformation import engine, stacks

from local_cloud.emulator.cloudformation.answers import missing_attribute
from local_cloud.emulator.internals import function, instance

if TYPE_CHECKING:
    from collections.abc import Callable

INTERNALS = (
    function(engine, "_unknown_attribute_message", "res", "logical_id", "attr"),
    function(
        stacks,
        "_resolve_stack_outputs",
        *("outputs_defs", "conditions", "resources", "param_values", "mappings"),
        *("stack_name", "stack_id"),
    ),
    instance(cloudformation, "_stacks", responses.AccountRegionScopedDict),
)

# CloudFormation User Guide, "Custom resource response objects", NoEcho.
_MASK = "*****"


class Attributes:
    """Knows from which answer the attributes of a custom resource are."""

    def __init__(self) -> None:
        self._requests: dict[tuple[str, str], str] = {}
        self._masked: set[tuple[str, str]] = set()
        self._missing: Callable[[dict[str, Any], str, str], str] = engine._unknown_attribute_message  # noqa: SLF001 - no public way in
        self._resolve_outputs: Callable[..., Any] = stacks._resolve_stack_outputs  # noqa: SLF001 - the same
        engine._unknown_attribute_message = self._missing_attribute  # noqa: SLF001 - the same
        stacks._resolve_stack_outputs = self._resolve_stack_outputs  # noqa: SLF001 - the same

    def note(self, stack_id: str, logical_id: str, request_id: str, *, no_echo: bool) -> None:
        """Note which answer a resource's attributes are from, and whether they are masked."""
        key = (stack_id, logical_id)
        self._requests[key] = request_id
        if no_echo:
            self._masked.add(key)
        else:
            self._masked.discard(key)

    def forget(self) -> None:
        """Forget all resources."""
        self._requests.clear()
        self._masked.clear()

    def _missing_attribute(self, resource: dict[str, Any], logical_id: str, name: str) -> str:
        stack_id = _stack_of(resource, logical_id)
        request_id = self._requests.get((stack_id, logical_id))
        if request_id is None:
            return self._missing(resource, logical_id, name)
        return missing_attribute(name, stack_id, logical_id, request_id)

    def _resolve_stack_outputs(
        self,
        outputs: dict[str, Any],
        conditions: dict[str, Any],
        resources: dict[str, Any],
        *more: Any,  # noqa: ANN401 - passed on as they came
    ) -> Any:  # noqa: ANN401 - the same
        stack_id = more[-1]
        shown = {
            logical_id: {**resource, "Attributes": dict.fromkeys(resource["Attributes"], _MASK)}
            if (stack_id, logical_id) in self._masked
            else resource
            for logical_id, resource in resources.items()
        }
        return self._resolve_outputs(outputs, conditions, shown, *more)


def _stack_of(resource: dict[str, Any], logical_id: str) -> str:
    """Return the id of the stack that has this resource; empty if none has it."""
    for stack in cloudformation._stacks.values():  # noqa: SLF001 - no public way in
        held = stack.get("_resources", {}).get(logical_id, {})
        if held.get("Properties", held) is resource.get("Properties"):
            stack_id: str = stack["StackId"]
            return stack_id
    return ""
