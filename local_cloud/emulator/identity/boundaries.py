"""Permissions boundaries: roles of stacks have them, and denials name them."""

from __future__ import annotations

from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from ministack.core import iam_actions, iam_evaluator, responses
from ministack.services import iam
from ministack.services.cloudformation import provisioners

from local_cloud.emulator.internals import function, instance

if TYPE_CHECKING:
    from collections.abc import Callable

INTERNALS = (
    function(iam, "_boundary_policy_error", "arn"),
    instance(iam, "_roles", responses.AccountScopedDict),
    function(
        iam_actions,
        "identity_denial_message",
        *("action", "principal_arn", "resource", "explicit_deny"),
    ),
    function(iam_evaluator, "_names_condition_key", "policies", "prefix"),
    function(iam_evaluator, "_permissions_boundary", "store", "name", "account_id"),
    function(iam_evaluator, "evaluate", "ctx", "policies", "limits"),
    instance(provisioners, "_RESOURCE_HANDLERS", dict),
)

_IDENTITY = "identity-based policy"
_BOUNDARY = "permissions boundary"
_SESSION = "session policy"

# What denied this request's action, if its caller is limited by more than its own policies.
_denying: ContextVar[str] = ContextVar("denying", default=_IDENTITY)


class _Boundary(list[Any]):
    """The statements of a permissions boundary, which the emulator evaluates as any other limit."""


class Boundaries:
    """Gives roles of stacks their permissions boundary, and says what denied a call."""

    def __init__(self) -> None:
        self._boundary: Callable[..., list[Any]] = iam_evaluator._permissions_boundary  # noqa: SLF001 - no public way in
        self._evaluate: Callable[..., Any] = iam_evaluator.evaluate
        self._message: Callable[..., str] = iam_actions.identity_denial_message
        iam_evaluator._permissions_boundary = self._permissions_boundary  # noqa: SLF001 - the same
        iam_evaluator.evaluate = self._evaluate_all
        # The emulator looks the tags of a resource up if the caller's own policies name one. A
        # boundary can name one too.
        iam_evaluator._names_condition_key = _always  # noqa: SLF001 - the same
        iam_actions.identity_denial_message = self._denial_message
        roles = provisioners._RESOURCE_HANDLERS["AWS::IAM::Role"]  # noqa: SLF001 - the same
        roles["create"] = _created(roles["create"])
        roles["update"] = _updated(roles["update"])

    def _permissions_boundary(self, *call: Any) -> list[Any]:  # noqa: ANN401 - passed on as they came
        return [_Boundary(layer) for layer in self._boundary(*call)]

    def _evaluate_all(self, context: Any, policies: list[Any], *limits: list[Any]) -> Any:  # noqa: ANN401 - passed on as they came
        result = self._evaluate(context, policies, *limits)
        # Policies of resources are evaluated without limits, after those of the caller.
        if limits and result.decision != "Allow":
            # In AWS's order: the first one that denies decides (IAM User Guide, "Policy
            # evaluation for requests within a single account").
            denying = next(
                layer
                for layer in (policies, *limits)
                if self._evaluate(context, layer).decision == result.decision
            )
            _denying.set(
                _IDENTITY
                if denying is policies
                else _BOUNDARY
                if isinstance(denying, _Boundary)
                else _SESSION
            )
        return result

    def _denial_message(self, *call: Any) -> str:  # noqa: ANN401 - passed on as they came
        before, _, after = self._message(*call).rpartition(_IDENTITY)
        denying = _denying.get()
        if denying != _IDENTITY and before.endswith("an "):
            before = before.removesuffix("an ") + "a "
        return before + denying + after


def _always(*_: Any) -> bool:  # noqa: ANN401 - the emulator's
    return True


def denied_by_limit() -> bool:
    """Return whether a boundary or a session policy denied this request's action."""
    return _denying.get() != _IDENTITY


def _created(create: Callable[..., Any]) -> Callable[..., Any]:
    def wrapped(logical_id: str, properties: dict[str, Any], *more: Any) -> Any:  # noqa: ANN401 - passed on as they came
        _check(properties)
        made = create(logical_id, properties, *more)
        _set(made[0], properties)
        return made

    return wrapped


def _updated(update: Callable[..., Any]) -> Callable[..., Any]:
    def wrapped(
        physical_id: str,
        old: dict[str, Any],
        new: dict[str, Any],
        *more: Any,  # noqa: ANN401 - passed on as they came
    ) -> Any:  # noqa: ANN401 - the same
        _check(new)
        made = update(physical_id, old, new, *more)
        if (
            old.get("PermissionsBoundary") != new.get("PermissionsBoundary")
            or made[0] != physical_id
        ):
            _set(made[0], new)
        return made

    return wrapped


def _check(properties: dict[str, Any]) -> None:
    arn = properties.get("PermissionsBoundary")
    if arn and iam._boundary_policy_error(arn) is not None:  # noqa: SLF001 - no public way in
        raise ValueError(f"Scope ARN: {arn} does not exist or is not attachable.")


def _set(role_name: str, properties: dict[str, Any]) -> None:
    iam._roles[role_name]["PermissionsBoundary"] = properties.get("PermissionsBoundary")  # noqa: SLF001 - no public way in
