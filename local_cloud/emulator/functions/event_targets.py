"""Functions as targets of EventBridge's rules: invoked asynchronously, and only with permission."""

from __future__ import annotations

import json
import threading
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from ministack import app as application
from ministack.core import iam_evaluator, responses
from ministack.services import eventbridge, lambda_svc

from local_cloud.emulator.functions import asynchronous
from local_cloud.emulator.internals import function, instance

if TYPE_CHECKING:
    from collections.abc import Callable

INTERNALS = (
    instance(application, "AUTH", bool),
    function(eventbridge, "_dispatch_to_lambda", "arn", "payload"),
    function(eventbridge, "_invoke_target", "target", "event", "rule", "view"),
    function(
        iam_evaluator,
        "evaluate_resource_policy",
        *("doc", "ctx", "service", "named_only", "direct_only"),
    ),
    function(lambda_svc, "_execution_record_for_config", "func", "config"),
    function(lambda_svc, "_execute_function_with_config_scope", "func", "event"),
    function(lambda_svc, "_get_func_record_for_ref", "function_ref"),
    function(lambda_svc, "function_policy_for_arn", "resource_arn"),
    function(responses, "get_region"),
    *asynchronous.INTERNALS,
)

_PRINCIPAL = "events.amazonaws.com"

# The ARN of the rule whose target is being invoked.
_rule: ContextVar[str] = ContextVar("rule", default="")


class EventTargets:
    """Gives a function's failed invocation the further attempts that Lambda gives it."""

    def __init__(self) -> None:
        self._generation = 0
        self._invoke: Callable[..., None] = eventbridge._invoke_target  # noqa: SLF001 - no public way in
        eventbridge._invoke_target = self._invoke_target  # noqa: SLF001 - the same
        eventbridge._dispatch_to_lambda = self._dispatch_to_lambda  # noqa: SLF001 - the same

    def forget(self) -> None:
        """Forget all events: none of them is delivered again."""
        self._generation += 1

    def _invoke_target(
        self,
        target: dict[str, Any],
        event: dict[str, Any],
        rule: dict[str, Any],
        *more: Any,  # noqa: ANN401 - passed on as they came
    ) -> None:
        reset = _rule.set(rule.get("Arn", ""))
        try:
            self._invoke(target, event, rule, *more)
        finally:
            _rule.reset(reset)

    def _dispatch_to_lambda(self, arn: str, payload: str) -> None:
        func, config, _ = lambda_svc._get_func_record_for_ref(arn)  # noqa: SLF001 - no public way in
        if not func or not config or not _is_permitted(arn):
            return
        record = lambda_svc._execution_record_for_config(func, config)  # noqa: SLF001 - the same
        threading.Thread(
            target=self._deliver,
            args=(record, json.loads(payload), self._generation),
            daemon=True,
        ).start()

    def _deliver(
        self,
        record: dict[str, Any],
        event: Any,  # noqa: ANN401 - any JSON
        generation: int,
    ) -> None:
        asynchronous.invoke(
            lambda: lambda_svc._execute_function_with_config_scope(record, event),  # noqa: SLF001 - no public way in
            record,
            is_wanted=lambda: generation == self._generation,
            is_answered=lambda: False,
        )


def _is_permitted(arn: str) -> bool:
    """Return whether the policy of a function lets EventBridge invoke it for the current rule."""
    if not application.AUTH:
        return True
    policy, account_id = lambda_svc.function_policy_for_arn(arn)
    context = iam_evaluator.EvalContext(
        principal_arn=_PRINCIPAL,
        principal_type="Service",
        principal_account=account_id,
        action="lambda:InvokeFunction",
        resource_arn=arn,
        region=responses.get_region(),
        service_context={"aws:sourcearn": _rule.get(), "aws:sourceaccount": account_id},
    )
    verdict = iam_evaluator.evaluate_resource_policy(policy, context, service=_PRINCIPAL)
    return bool(verdict.decision == "Allow")
