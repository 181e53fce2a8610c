"""Load balancers, target groups and listeners that a call or a stack refers to."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ministack.core import responses
from ministack.services import alb

from local_cloud.emulator.consumers import load_balancing
from local_cloud.emulator.consumers.load_balancing import (
    LoadBalancingError,
    check_action,
    check_resource,
)
from local_cloud.emulator.internals import function, instance

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

INTERNALS = (
    *(
        instance(alb, name, responses.AccountRegionScopedDict)
        for name in ("_lbs", "_tgs", "_listeners")
    ),
    function(alb, "_p", "params", "key", "default"),
    function(alb, "_parse_member_list", "params", "prefix"),
    function(responses, "get_account_id"),
    function(responses, "get_region"),
    *load_balancing.INTERNALS,
)


@dataclass(frozen=True, slots=True)
class _Kind:
    """A kind of resource; its texts are Elastic Load Balancing's, as users have reported them."""

    parameter: str
    code: str
    resource: str
    in_words: str
    missing: str
    some_missing: str


_LOAD_BALANCER = _Kind(
    "LoadBalancerArn",
    "LoadBalancerNotFound",
    "loadbalancer",
    "load balancer",
    "Load balancer '{}' not found",
    "One or more load balancers not found",
)
_TARGET_GROUP = _Kind(
    "TargetGroupArn",
    "TargetGroupNotFound",
    "targetgroup",
    "target group",
    "Target groups '{}' not found",
    "One or more target groups not found",
)
_LISTENER = _Kind(
    "ListenerArn",
    "ListenerNotFound",
    "listener",
    "listener",
    "Listener '{}' not found",
    "One or more listeners not found",
)
_KINDS = (_LOAD_BALANCER, _TARGET_GROUP, _LISTENER)

# These say of a single listener what the others say of several.
_RULE_ACTIONS = frozenset({"CreateRule", "DescribeRules"})
# "If the load balancer does not exist or has already been deleted, the call succeeds."
# (Elastic Load Balancing API Reference)
_DELETE_LOAD_BALANCER = "DeleteLoadBalancer"
_TARGET_GROUP_OF_ACTION = re.compile(
    r"(?:Default)?Actions\.member\.\d+\.(?:ForwardConfig\.TargetGroups\.member\.\d+\.)?TargetGroupArn"
)
_RESOURCE_TYPES = ("Listener", "ListenerCertificate", "ListenerRule")


class LoadBalancerReferences:
    """Refuses every reference to something that doesn't exist."""

    def __init__(self) -> None:
        for action in alb._ACTION_MAP:  # noqa: SLF001 - no public way in
            check_action(action, functools.partial(_check_parameters, action))
        for name in _RESOURCE_TYPES:
            check_resource(f"AWS::ElasticLoadBalancingV2::{name}", _check_properties)


def _check_parameters(action: str, params: Mapping[str, Any]) -> None:
    for kind in _KINDS:
        if arn := alb._p(params, kind.parameter):  # noqa: SLF001 - no public way in
            is_in_rules = kind is _LISTENER and action in _RULE_ACTIONS
            text = kind.some_missing if is_in_rules else kind.missing
            _check(kind, [arn], text, may_be_missing=action == _DELETE_LOAD_BALANCER)
        arns = alb._parse_member_list(params, f"{kind.parameter}s")  # noqa: SLF001 - the same
        _check(kind, arns, kind.some_missing)
    for arn in alb._parse_member_list(params, "ResourceArns"):  # noqa: SLF001 - the same
        for kind in _KINDS:
            if f":{kind.resource}/" in arn:
                _check(kind, [arn], kind.missing)
    in_actions = [
        alb._p(params, name)  # noqa: SLF001 - the same
        for name in params
        if _TARGET_GROUP_OF_ACTION.fullmatch(name)
    ]
    _check(_TARGET_GROUP, in_actions, _TARGET_GROUP.missing)
    names = alb._parse_member_list(params, "Names")  # noqa: SLF001 - the same
    if action == "DescribeLoadBalancers":
        _check_load_balancer_names(names)
    elif action == "DescribeTargetGroups":
        _check_target_group_names(names)


def _check_properties(props: Mapping[str, Any]) -> None:
    for kind in (_LOAD_BALANCER, _LISTENER):
        if kind.parameter in props:
            _check(kind, [props[kind.parameter]], kind.missing)
    _check(_TARGET_GROUP, _target_groups_in(props), _TARGET_GROUP.missing)


def _check(kind: _Kind, arns: Iterable[str], text: str, *, may_be_missing: bool = False) -> None:
    prefix = (
        "arn:aws:elasticloadbalancing:"
        f"{responses.get_region()}:{responses.get_account_id()}:{kind.resource}/"
    )
    for arn in arns:
        if not arn.startswith(prefix):
            raise LoadBalancingError(
                "ValidationError", f"'{arn}' is not a valid {kind.in_words} ARN"
            )
        if not may_be_missing and arn not in _stored(kind):
            raise LoadBalancingError(kind.code, text.format(arn))


def _check_load_balancer_names(names: Iterable[str]) -> None:
    known = {each["LoadBalancerName"] for each in alb._lbs.values()}  # noqa: SLF001 - no public way in
    missing = [name for name in names if name not in known]
    if missing:
        raise LoadBalancingError(
            _LOAD_BALANCER.code, f"Load balancers '[{', '.join(missing)}]' not found"
        )


def _check_target_group_names(names: Iterable[str]) -> None:
    known = {each["TargetGroupName"] for each in alb._tgs.values()}  # noqa: SLF001 - no public way in
    if not known.issuperset(names):
        raise LoadBalancingError(_TARGET_GROUP.code, _TARGET_GROUP.some_missing)


def _stored(kind: _Kind) -> Any:  # noqa: ANN401 - untyped in the emulator
    stores = {_LOAD_BALANCER: alb._lbs, _TARGET_GROUP: alb._tgs, _LISTENER: alb._listeners}  # noqa: SLF001 - no public way in
    return stores[kind]


def _target_groups_in(props: Mapping[str, Any]) -> Iterator[str]:
    for action in [*(props.get("DefaultActions") or []), *(props.get("Actions") or [])]:
        forwarded = (action.get("ForwardConfig") or {}).get("TargetGroups") or []
        for each in (action, *forwarded):
            if "TargetGroupArn" in each:
                yield each["TargetGroupArn"]
