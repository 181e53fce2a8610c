"""Log groups of stacks, and the late output of functions."""

from __future__ import annotations

import json
import secrets
from typing import TYPE_CHECKING, Any

from ministack.core import responses
from ministack.services import cloudwatch_logs, lambda_svc
from ministack.services.cloudformation import provisioners

from local_cloud.emulator.internals import function, instance

if TYPE_CHECKING:
    from collections.abc import Callable

INTERNALS = (
    function(
        lambda_svc,
        "_emit_lambda_logs",
        *("func", "request_id", "log_text", "error", "duration_ms", "log_source"),
    ),
    instance(lambda_svc, "_functions", responses.AccountRegionScopedDict),
    instance(cloudwatch_logs, "_log_groups", responses.AccountRegionScopedDict),
    instance(provisioners, "_RESOURCE_HANDLERS", dict),
)

_TYPE = "AWS::Logs::LogGroup"
_RANDOM_BYTES = 6


class LogGroups:
    """
    Lets log groups go with their stack.

    A stack takes no log group over that exists. Output that a function leaves after its deletion
    doesn't bring its log group back.
    """

    def __init__(self) -> None:
        self._emit: Callable[..., None] = lambda_svc._emit_lambda_logs  # noqa: SLF001 - no public way in
        lambda_svc._emit_lambda_logs = self._emit_logs  # noqa: SLF001 - the same
        handlers = provisioners._RESOURCE_HANDLERS[_TYPE]  # noqa: SLF001 - the same
        handlers["create"] = _created(handlers["create"])
        handlers["update"] = _updated(handlers["update"])

    def _emit_logs(self, func: dict[str, Any], *more: Any, **options: Any) -> None:  # noqa: ANN401 - passed on as they came
        configuration = func.get("config") or func
        name = configuration["FunctionName"]
        logging = configuration.get("LoggingConfig") or {}
        group = logging.get("LogGroup") or f"/aws/lambda/{name}"
        if name in lambda_svc._functions or group in cloudwatch_logs._log_groups:  # noqa: SLF001 - no public way in
            self._emit(func, *more, **options)


def _created(create: Callable[..., Any]) -> Callable[..., Any]:
    def wrapped(logical_id: str, properties: dict[str, Any], stack_name: str) -> Any:  # noqa: ANN401 - the emulator's
        name = properties.get("LogGroupName") or _made_up(stack_name, logical_id)
        if name in cloudwatch_logs._log_groups:  # noqa: SLF001 - no public way in
            identifier = json.dumps({"/properties/LogGroupName": name}, separators=(",", ":"))
            message = f"Resource of type '{_TYPE}' with identifier '{identifier}' already exists."
            raise ValueError(message)
        return create(logical_id, {**properties, "LogGroupName": name}, stack_name)

    return wrapped


def _updated(update: Callable[..., Any]) -> Callable[..., Any]:
    def wrapped(
        physical_id: str,
        old: dict[str, Any],
        new: dict[str, Any],
        stack_name: str,
        logical_id: str,
    ) -> Any:  # noqa: ANN401 - the emulator's
        # A name that CloudFormation has made up stays.
        kept = None if old.get("LogGroupName") else physical_id
        name = new.get("LogGroupName") or kept or _made_up(stack_name, logical_id)
        return update(physical_id, old, {**new, "LogGroupName": name}, stack_name, logical_id)

    return wrapped


def _made_up(stack_name: str, logical_id: str) -> str:
    return f"{stack_name}-{logical_id}-{secrets.token_urlsafe(_RANDOM_BYTES)}"
