"""The status of a stack while its update removes what isn't needed any more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ministack.core import responses
from ministack.services import cloudformation
from ministack.services.cloudformation import stacks

from local_cloud.emulator.internals import function, instance

if TYPE_CHECKING:
    from collections.abc import Callable

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
    instance(cloudformation, "_stacks", responses.AccountRegionScopedDict),
)

_UPDATING = "UPDATE_IN_PROGRESS"
_CLEANING_UP = "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"


class Stacks:
    """Tells clean-up from update, as the emulator does for roll-backs only."""

    def __init__(self) -> None:
        self._resolve_outputs: Callable[..., Any] = stacks._resolve_stack_outputs  # noqa: SLF001 - no public way in
        # Outputs are resolved once: when all resources are updated, and before any is removed.
        stacks._resolve_stack_outputs = self._resolve_stack_outputs  # noqa: SLF001 - the same

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
