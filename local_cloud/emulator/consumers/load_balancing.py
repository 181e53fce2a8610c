"""Checks in front of the emulator's load balancing: over the API and in stacks."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from ministack.services import alb
from ministack.services.cloudformation import provisioners

from local_cloud.emulator.cloudformation import handler_errors
from local_cloud.emulator.cloudformation.handler_errors import failure_reason
from local_cloud.emulator.internals import function, instance

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from local_cloud.emulator.internals import Answer

INTERNALS = (
    instance(alb, "_ACTION_MAP", dict),
    function(alb, "_error", "code", "message", "status"),
    instance(provisioners, "_RESOURCE_HANDLERS", dict),
    *handler_errors.INTERNALS,
)


class LoadBalancingError(Exception):
    """
    An error of Elastic Load Balancing.

    Attributes:
        code: The code on the wire.
        message: The text.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message


def check_action(action: str, check: Callable[[Mapping[str, Any]], None]) -> None:
    """
    Check the parameters of an action before the emulator carries it out.

    Args:
        action: The action.
        check: Raises LoadBalancingError.
    """
    handle: Callable[..., Answer] = alb._ACTION_MAP[action]  # noqa: SLF001 - no public way in

    def checked(params: Mapping[str, Any]) -> Answer:
        try:
            check(params)
        except LoadBalancingError as error:
            answer: Answer = alb._error(error.code, error.message, 400)  # noqa: SLF001 - the same
            return answer
        return handle(params)

    alb._ACTION_MAP[action] = checked  # noqa: SLF001 - the same


def check_resource(resource_type: str, check: Callable[[Mapping[str, Any]], None]) -> None:
    """
    Check the properties of a stack's resource before the emulator creates or updates it.

    Args:
        resource_type: The type.
        check: Raises LoadBalancingError.
    """
    handlers = provisioners._RESOURCE_HANDLERS[resource_type]  # noqa: SLF001 - no public way in
    create, update = handlers["create"], handlers["update"]

    # The emulator looks at the signatures.
    @functools.wraps(create)
    def checked_create(logical_id: str, props: Mapping[str, Any], *more: Any) -> Any:  # noqa: ANN401 - passed on as they came
        _check_properties(check, props)
        return create(logical_id, props, *more)

    @functools.wraps(update)
    def checked_update(
        physical_id: str,
        old_props: Mapping[str, Any],
        new_props: Mapping[str, Any],
        *more: Any,  # noqa: ANN401 - the same
        **named: Any,  # noqa: ANN401 - the same
    ) -> Any:  # noqa: ANN401 - the same
        _check_properties(check, new_props)
        return update(physical_id, old_props, new_props, *more, **named)

    handlers["create"], handlers["update"] = checked_create, checked_update


def _check_properties(check: Callable[[Mapping[str, Any]], None], props: Mapping[str, Any]) -> None:
    try:
        check(props)
    except LoadBalancingError as error:
        kind = "NotFound" if error.code.endswith("NotFound") else "InvalidRequest"
        reason = failure_reason(error.message, service="ElasticLoadBalancingV2", kind=kind)
        raise ValueError(reason) from error
