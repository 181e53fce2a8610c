"""What CloudFormation shows of a stack's resources while it works on them."""

from __future__ import annotations

import contextlib
import threading
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from ministack.core import responses
from ministack.services.cloudformation import handlers

from local_cloud.emulator.cloudformation.stack_records import former_resources
from local_cloud.emulator.internals import function, instance

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

INTERNALS = (
    function(handlers, "_resolve_stack", "stack_name"),
    instance(handlers, "_ACTION_HANDLERS", dict),
    function(responses, "now_iso"),
)

_ACTIONS = ("DescribeStackResource", "DescribeStackResources", "ListStackResources")

# Set while one of these actions is answered.
_is_told: ContextVar[bool] = ContextVar("is_told", default=False)


class ResourceStatus:
    """
    Shows resources as CloudFormation does: with the status of what is being done to them.

    The emulator keeps what a resource was before until an operation has ended.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._shown: dict[tuple[str, str], dict[str, str]] = {}
        self._resolve: Callable[[str], dict[str, Any] | None] = handlers._resolve_stack  # noqa: SLF001 - no public way in
        handlers._resolve_stack = self._resolve_stack  # noqa: SLF001 - the same
        for action in _ACTIONS:
            handlers._ACTION_HANDLERS[action] = _told(handlers._ACTION_HANDLERS[action])  # noqa: SLF001 - the same

    @contextlib.contextmanager
    def showing(
        self, stack_id: str, logical_id: str, *, physical_id: str, resource_type: str, status: str
    ) -> Iterator[None]:
        """Show a resource with this status inside the block."""
        key = (stack_id, logical_id)
        shown = {
            "LogicalResourceId": logical_id,
            "PhysicalResourceId": physical_id,
            "ResourceType": resource_type,
            "ResourceStatus": status,
            "Timestamp": responses.now_iso(),
        }
        with self._lock:
            before = self._shown.get(key)
            self._shown[key] = shown
        try:
            yield
        finally:
            with self._lock:
                if before is None:
                    self._shown.pop(key, None)
                else:
                    self._shown[key] = before

    def held(self, stack_id: str, logical_id: str) -> str:
        """Return the physical id that a resource is shown with; empty when it isn't shown."""
        stack = self._resolve(stack_id)
        resource = self._resources(stack).get(logical_id, {}) if stack else {}
        physical_id: str = resource.get("PhysicalResourceId", "")
        return physical_id

    def _resolve_stack(self, stack_name: str) -> dict[str, Any] | None:
        stack = self._resolve(stack_name)
        if stack is None or not _is_told.get():
            return stack
        return {**stack, "_resources": self._resources(stack)}

    def _resources(self, stack: dict[str, Any]) -> dict[str, dict[str, Any]]:
        resources: dict[str, dict[str, Any]] = {
            **former_resources(stack),
            **stack.get("_resources", {}),
        }
        with self._lock:
            for (stack_id, logical_id), shown in self._shown.items():
                if stack_id == stack["StackId"]:
                    resources[logical_id] = {**resources.get(logical_id, {}), **shown}
        return resources


def _told(action: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def answer(params: Any) -> Any:  # noqa: ANN401 - passed on as they came
        reset = _is_told.set(True)
        try:
            return action(params)
        finally:
            _is_told.reset(reset)

    return answer
