"""
The condition keys of requests that renewal policies name, and the resources of these requests.

Service Authorization Reference, "Actions, resources, and condition keys" for CloudFormation,
CloudWatch, EventBridge and Elastic Load Balancing. A key is absent if the request leaves its
parameter out.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from ministack import app as application
from ministack.core import iam_actions, iam_evaluator, responses
from ministack.services import alb, cloudformation, cloudfront, eventbridge, iam, tagging

from local_cloud.emulator.identity.authorization import denied
from local_cloud.emulator.internals import SERVICE_PARAMETERS, function, instance
from local_cloud.emulator.service_calls import access_denied, refuse_calls

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from local_cloud.emulator.internals import Answer
    from local_cloud.emulator.service_calls import ServiceCall

INTERNALS = (
    instance(alb, "_tags", responses.AccountScopedDict),
    instance(application, "AUTH", bool),
    instance(cloudformation, "_change_sets", responses.AccountRegionScopedDict),
    instance(cloudfront, "_tags", responses.AccountScopedDict),
    function(eventbridge, "handle_request", *SERVICE_PARAMETERS),
    function(iam_actions, "eventbridge_resource_arns", "body", "region", "account_id"),
    function(
        iam_actions,
        "extract_resource_arn",
        *("service", "method", "path", "headers", "body", "query_params", "region", "account_id"),
    ),
    function(
        iam_actions,
        "identity_denial_message",
        *("action", "principal_arn", "resource", "explicit_deny"),
    ),
    function(iam_actions, "request_tag_context", "service", "iam_action", "body", "params"),
    function(iam_evaluator, "_resolve_condition_key", "key", "ctx"),
    function(iam_evaluator, "_role_name_from_assumed_arn", "assumed_arn"),
    instance(iam, "_roles", responses.AccountScopedDict),
    function(responses, "get_account_id"),
    function(responses, "get_region"),
    function(tagging, "resource_tags", "arn"),
)

# By condition key: the parameter that is its value, and the actions that have it.
_CLOUDFORMATION: dict[str, tuple[str, frozenset[str]]] = {
    "cloudformation:RoleArn": (
        "RoleARN",
        frozenset(
            {
                *("ContinueUpdateRollback", "CreateChangeSet", "CreateStack"),
                *("DeleteStack", "RollbackStack", "UpdateStack"),
            }
        ),
    ),
    "cloudformation:ChangeSetName": (
        "ChangeSetName",
        frozenset(
            {
                *("CreateChangeSet", "DeleteChangeSet", "DescribeChangeSet"),
                *("DescribeChangeSetHooks", "ExecuteChangeSet"),
            }
        ),
    ),
    "cloudformation:TemplateUrl": (
        "TemplateURL",
        frozenset(
            {
                *("CreateChangeSet", "CreateStack", "EstimateTemplateCost"),
                *("GetTemplateSummary", "UpdateStack", "ValidateTemplate"),
            }
        ),
    ),
}
_PUT_EVENTS = "events:PutEvents"


class ConditionKeys:
    """Adds these keys, the resources that the emulator doesn't find, and their tags."""

    def __init__(self) -> None:
        self._context: Callable[..., dict[str, Any]] = iam_actions.request_tag_context
        self._resource_arn: Callable[..., str] = iam_actions.extract_resource_arn
        self._resource_tags: Callable[[str], dict[str, str] | None] = tagging.resource_tags
        self._value: Callable[[str, Any], Any] = iam_evaluator._resolve_condition_key  # noqa: SLF001 - no public way in
        iam_actions.request_tag_context = self._request_context
        iam_actions.extract_resource_arn = self._extract_resource_arn
        tagging.resource_tags = self._tags_of
        iam_evaluator._resolve_condition_key = self._value_of  # noqa: SLF001 - the same
        refuse_calls(eventbridge, _events_refusal)

    def _request_context(
        self, service: str, iam_action: str, body: bytes, params: Mapping[str, Any]
    ) -> dict[str, Any]:
        context = self._context(service, iam_action, body, params)
        namespace, _, action = iam_action.partition(":")
        if namespace == "cloudformation":
            for key, (parameter, actions) in _CLOUDFORMATION.items():
                value = _first(params, parameter)
                if action in actions and value:
                    context[key] = value
        elif iam_action == "cloudwatch:PutMetricData":
            metrics = _first(params, "Namespace") or _json(body).get("Namespace")
            if metrics:
                context["cloudwatch:namespace"] = metrics
        elif iam_action == _PUT_EVENTS:
            for _, entry_context in _entries(body)[:1]:
                context |= entry_context
        return context

    def _extract_resource_arn(self, service: str, *call: Any) -> str:  # noqa: ANN401 - passed on as they came
        _, _, _, _, query_params, *_ = call
        if service == "cloudformation" and not _first(query_params, "StackName"):
            change_set = cloudformation._change_sets.get(_first(query_params, "ChangeSetName"))  # noqa: SLF001 - no public way in
            if change_set is not None:
                return str(change_set["StackId"])
        if service == "elasticloadbalancing" and _first(query_params, "RuleArn"):
            return _first(query_params, "RuleArn")
        return self._resource_arn(service, *call)

    def _value_of(self, key: str, context: Any) -> Any:  # noqa: ANN401 - the emulator's, untyped there
        if key.lower() != "aws:principalarn" or context.principal_type != "AssumedRole":
            return self._value(key, context)
        # IAM user guide, "AWS global condition context keys": of a session, it is the ARN of the role.
        name = iam_evaluator._role_name_from_assumed_arn(context.principal_arn)  # noqa: SLF001 - no public way in
        role = iam._roles.get_scoped(context.principal_account, None, name)  # noqa: SLF001 - the same
        return role["Arn"] if role else self._value(key, context)

    def _tags_of(self, arn: str) -> dict[str, str] | None:
        for store in (alb._tags, cloudfront._tags):  # noqa: SLF001 - no public way in
            if arn in store:
                return {tag["Key"]: tag["Value"] for tag in store[arn]}
        return self._resource_tags(arn)


def _events_refusal(call: ServiceCall) -> Answer | None:
    if not call.target.endswith(".PutEvents") or not application.AUTH:
        return None
    # The emulator checks the first entry only.
    for arn, context in _entries(call.body)[1:]:
        verdict = denied(_PUT_EVENTS, arn, call.headers, call.query_params, context)
        if verdict is not None:
            return access_denied(
                iam_actions.identity_denial_message(
                    *(_PUT_EVENTS, verdict.principal_arn, arn, verdict.decision == "Deny")
                )
            )
    return None


def _entries(body: bytes) -> list[tuple[str, dict[str, str]]]:
    """Return the event bus and the condition keys of each entry of PutEvents."""
    found = _json(body).get("Entries")
    keys = {"Source": "events:source", "DetailType": "events:detail-type"}
    return [
        (
            _bus_of(entry),
            {key: str(entry[name]) for name, key in keys.items() if entry.get(name)},
        )
        for entry in (found if isinstance(found, list) else [])
        if isinstance(entry, dict)
    ]


def _bus_of(entry: dict[str, Any]) -> str:
    (arn,) = iam_actions.eventbridge_resource_arns(
        json.dumps({"Entries": [entry]}).encode(),
        responses.get_region(),
        responses.get_account_id(),
    )
    return str(arn)


def _json(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body or b"{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _first(params: Mapping[str, Any], name: str) -> str:
    value = params.get(name) or [""]
    return str(value[0] if isinstance(value, list) else value)
