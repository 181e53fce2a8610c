"""Load balancers: their ARNs by type, and their deletion."""

from __future__ import annotations

import functools
import json
import re
from typing import TYPE_CHECKING, Any

from ministack.core import responses
from ministack.services import alb
from ministack.services.cloudformation import provisioners

from local_cloud.emulator.internals import function, instance

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from local_cloud.emulator.internals import Answer

INTERNALS = (
    instance(alb, "_ACTION_MAP", dict),
    *(
        instance(alb, name, responses.AccountRegionScopedDict)
        for name in ("_lbs", "_listeners", "_rules")
    ),
    *(
        instance(alb, name, responses.AccountScopedDict)
        for name in ("_lb_attrs", "_listener_attrs", "_tags")
    ),
    function(alb, "_empty", "action"),
    function(alb, "_p", "params", "key", "default"),
    instance(provisioners, "_RESOURCE_HANDLERS", dict),
)

# In ARNs (Elastic Load Balancing API Reference); the emulator writes "app" for all.
_PREFIXES = {"network": "net", "gateway": "gwy"}
_TYPE = "AWS::ElasticLoadBalancingV2::LoadBalancer"
_LISTENER_TYPE = "AWS::ElasticLoadBalancingV2::Listener"


class LoadBalancers:
    """Corrects the ARNs of Network and Gateway Load Balancers, and deletes listeners with their load balancer."""

    def __init__(self) -> None:
        for action, name in (
            ("CreateLoadBalancer", "LoadBalancerArn"),
            ("CreateListener", "ListenerArn"),
        ):
            alb._ACTION_MAP[action] = _renaming_answer(alb._ACTION_MAP[action], name)  # noqa: SLF001 - no public way in
        handlers = provisioners._RESOURCE_HANDLERS  # noqa: SLF001 - the same
        for resource_type in (_TYPE, _LISTENER_TYPE):
            for operation in ("create", "update"):
                handle = handlers[resource_type][operation]
                handlers[resource_type][operation] = _renaming_resource(handle)
        alb._ACTION_MAP["DeleteLoadBalancer"] = _delete  # noqa: SLF001 - the same


def _delete(params: Mapping[str, Any]) -> Answer:
    """Delete a load balancer as the emulator does in stacks: with its listeners."""
    delete = provisioners._RESOURCE_HANDLERS[_TYPE]["delete"]  # noqa: SLF001 - no public way in
    delete(alb._p(params, "LoadBalancerArn"), {})  # noqa: SLF001 - the same
    answer: Answer = alb._empty("DeleteLoadBalancer")  # noqa: SLF001 - the same
    return answer


def _renaming_answer(handle: Callable[..., Answer], name: str) -> Callable[..., Answer]:
    def renaming(params: Mapping[str, Any]) -> Answer:
        status, headers, body = handle(params)
        if found := re.search(rf"<{name}>([^<]+)</{name}>", body.decode()):
            body = body.replace(found[1].encode(), _rename(found[1]).encode())
        return status, headers, body

    return renaming


def _renaming_resource(handle: Callable[..., Any]) -> Callable[..., Any]:
    # The emulator looks at the signature.
    @functools.wraps(handle)
    def renaming(*call: Any, **named: Any) -> tuple[str, dict[str, Any]]:  # noqa: ANN401 - passed on as they came
        arn, attributes = handle(*call, **named)
        renamed = _rename(arn)
        # Such as "net/<name>/<id>", which is also the load balancer's full name.
        _, _, full_name = renamed.partition("/")
        written = f"app/{full_name.partition('/')[2]}"
        return renamed, json.loads(json.dumps(attributes).replace(written, full_name))

    return renaming


def _rename(arn: str) -> str:
    """Give a load balancer or a listener the ARN of its type; return it."""
    listener = alb._listeners.get(arn)  # noqa: SLF001 - no public way in
    load_balancer = alb._lbs[arn if listener is None else listener["LoadBalancerArn"]]  # noqa: SLF001 - the same
    prefix = _PREFIXES.get(load_balancer["Type"])
    if prefix is None:
        return arn
    renamed = arn.replace("/app/", f"/{prefix}/", 1)
    stored = load_balancer if listener is None else listener
    stored["LoadBalancerArn" if listener is None else "ListenerArn"] = renamed
    for store in (alb._lbs, alb._listeners, alb._tags, alb._lb_attrs, alb._listener_attrs):  # noqa: SLF001 - the same
        if arn in store:
            store[renamed] = store.pop(arn)
    for rule_arn, rule in list(alb._rules.items()):  # noqa: SLF001 - the same
        if rule["ListenerArn"] == arn:
            rule["ListenerArn"] = renamed
            rule["RuleArn"] = rule_arn.replace("/app/", f"/{prefix}/", 1)
            alb._rules[rule["RuleArn"]] = alb._rules.pop(rule_arn)  # noqa: SLF001 - the same
    return renamed
