"""Conditions that join a list, as the template of ``cdk bootstrap`` does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ministack.services.cloudformation import changesets, engine, handlers, stacks

from local_cloud.emulator.internals import function

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_MODULES = (engine, changesets, handlers, stacks)
INTERNALS = tuple(
    function(module, "_evaluate_conditions", "template", "params") for module in _MODULES
)


class Conditions:
    """
    Evaluates ``Fn::Join`` in conditions, where the emulator takes it for a value of its own.

    Without it, the CDK's execution role has no policy.
    """

    def __init__(self) -> None:
        self._evaluate: Callable[..., dict[str, bool]] = engine._evaluate_conditions  # noqa: SLF001 - no public way in
        for module in _MODULES:
            module._evaluate_conditions = self._evaluate_conditions  # noqa: SLF001 - the same

    def _evaluate_conditions(
        self, template: dict[str, Any], params: Mapping[str, Any]
    ) -> dict[str, bool]:
        conditions = _joined(template.get("Conditions", {}), params)
        return self._evaluate({**template, "Conditions": conditions}, params)


def _joined(value: Any, params: Mapping[str, Any]) -> Any:  # noqa: ANN401 - any part of a template
    if isinstance(value, list):
        return [_joined(each, params) for each in value]
    if not isinstance(value, dict):
        return value
    if set(value) == {"Fn::Join"}:
        separator, parts = value["Fn::Join"]
        return separator.join(_text(part, params) for part in _list(parts, params))
    return {key: _joined(each, params) for key, each in value.items()}


def _list(parts: Any, params: Mapping[str, Any]) -> list[Any]:  # noqa: ANN401 - any part of a template
    # The emulator keeps the value of a list parameter as it was given.
    return parts if isinstance(parts, list) else _text(parts, params).split(",")


def _text(part: Any, params: Mapping[str, Any]) -> str:  # noqa: ANN401 - any part of a template
    name = part.get("Ref") if isinstance(part, dict) else None
    return str(params[name]["Value"] if isinstance(name, str) and name in params else part)
