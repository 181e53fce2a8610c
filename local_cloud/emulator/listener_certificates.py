"""Additional certificates of a listener, which the emulator lacks."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

from ministack.core import responses
from ministack.services import alb
from ministack.services.cloudformation import provisioners

from local_cloud.emulator.internals import function, instance

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from local_cloud.emulator.internals import Answer

INTERNALS = (
    instance(alb, "_ACTION_MAP", dict),
    instance(alb, "_listeners", responses.AccountRegionScopedDict),
    function(alb, "_parse_certificate_arns", "params", "prefix"),
    function(alb, "_p", "params", "key", "default"),
    function(alb, "_error", "code", "message", "status"),
    function(alb, "_xml", "status", "action", "inner"),
    instance(provisioners, "_RESOURCE_HANDLERS", dict),
)

_RESOURCE_TYPE = "AWS::ElasticLoadBalancingV2::ListenerCertificate"
_ADDED = "AddedCertificates"


def certificates_of(listener: Mapping[str, Any]) -> list[str]:
    """Return the ARNs of all certificates of a listener, the default one first."""
    return [*listener.get("Certificates", []), *listener.get(_ADDED, [])]


class ListenerCertificates:
    """
    Three actions of Elastic Load Balancing, and the resource type of CloudFormation.

    Args:
        refusal: Returns why certificates with these ARNs are refused; None if they aren't.
    """

    def __init__(self, refusal: Callable[[Iterable[str]], str | None]) -> None:
        self._refusal = refusal
        alb._ACTION_MAP |= {  # noqa: SLF001 - no public way in
            "AddListenerCertificates": self._add,
            "RemoveListenerCertificates": self._remove,
            "DescribeListenerCertificates": self._describe,
        }
        provisioners._RESOURCE_HANDLERS[_RESOURCE_TYPE] = {  # noqa: SLF001 - the same
            "create": self._create_resource,
            "update": self._update_resource,
            "delete": self._delete_resource,
        }

    def _add(self, params: Mapping[str, Any]) -> Answer:
        arns = alb._parse_certificate_arns(params)  # noqa: SLF001 - no public way in
        if refusal := self._refusal(arns):
            return _error("CertificateNotFound", refusal)
        listener = _listener(_arn_of_listener(params))
        if listener is None:
            return _no_listener(params)
        _put(listener, arns)
        members = "".join(_member(arn, is_default=False) for arn in arns)
        return _answer("AddListenerCertificates", f"<Certificates>{members}</Certificates>")

    def _remove(self, params: Mapping[str, Any]) -> Answer:
        listener = _listener(_arn_of_listener(params))
        if listener is None:
            return _no_listener(params)
        arns = alb._parse_certificate_arns(params)  # noqa: SLF001 - no public way in
        added = listener.get(_ADDED, [])
        if any(arn not in added and arn in listener.get("Certificates", []) for arn in arns):
            return _error("OperationNotPermitted", "The default certificate cannot be removed")
        _take(listener, arns)
        return _answer("RemoveListenerCertificates", "")

    def _describe(self, params: Mapping[str, Any]) -> Answer:
        listener = _listener(_arn_of_listener(params))
        if listener is None:
            return _no_listener(params)
        members = "".join(
            _member(arn, is_default=is_default)
            for arns, is_default in (
                (listener.get("Certificates", []), True),
                (listener.get(_ADDED, []), False),
            )
            for arn in arns
        )
        return _answer("DescribeListenerCertificates", f"<Certificates>{members}</Certificates>")

    def _create_resource(
        self, logical_id: str, props: Mapping[str, Any], stack_name: str
    ) -> tuple[str, dict[str, str]]:
        listener = _listener(props["ListenerArn"])
        if listener is None:
            raise ValueError(
                f"Listener '{props['ListenerArn']}' not found (Error Code: ListenerNotFound)"
            )
        self._put_resource(listener, props)
        return f"{stack_name}-{logical_id}-{uuid.uuid4().hex[:12].upper()}", {}

    def _update_resource(
        self,
        physical_id: str,
        old_props: Mapping[str, Any],
        new_props: Mapping[str, Any],
        stack_name: str,
    ) -> tuple[str, dict[str, str]]:
        if old_props["ListenerArn"] != new_props["ListenerArn"]:
            # The only change that replaces it.
            replaced = self._create_resource(physical_id, new_props, stack_name)
            self._delete_resource(physical_id, old_props)
            return replaced
        listener = _listener(new_props["ListenerArn"])
        if listener is not None:
            self._put_resource(listener, new_props)
            kept = _arns_in(new_props)
            _take(listener, [arn for arn in _arns_in(old_props) if arn not in kept])
        return physical_id, {}

    def _delete_resource(self, physical_id: str, props: Mapping[str, Any]) -> None:  # noqa: ARG002 - the emulator's call
        listener = _listener(props["ListenerArn"])
        if listener is not None:
            _take(listener, _arns_in(props))

    def _put_resource(self, listener: dict[str, Any], props: Mapping[str, Any]) -> None:
        arns = _arns_in(props)
        if refusal := self._refusal(arns):
            raise ValueError(f"{refusal} (Error Code: CertificateNotFound)")
        _put(listener, arns)


def _listener(arn: str) -> dict[str, Any] | None:
    found: dict[str, Any] | None = alb._listeners.get(arn)  # noqa: SLF001 - no public way in
    return found


def _put(listener: dict[str, Any], arns: Iterable[str]) -> None:
    """Add certificates; one that is already there is skipped."""
    listener[_ADDED] = list(dict.fromkeys([*listener.get(_ADDED, []), *arns]))


def _take(listener: dict[str, Any], arns: Iterable[str]) -> None:
    gone = set(arns)
    listener[_ADDED] = [arn for arn in listener.get(_ADDED, []) if arn not in gone]


def _arns_in(props: Mapping[str, Any]) -> list[str]:
    return [each["CertificateArn"] for each in props.get("Certificates") or []]


def _arn_of_listener(params: Mapping[str, Any]) -> str:
    arn: str = alb._p(params, "ListenerArn")  # noqa: SLF001 - no public way in
    return arn


def _member(arn: str, *, is_default: bool) -> str:
    default = str(is_default).lower()
    return f"<member><CertificateArn>{escape(arn)}</CertificateArn><IsDefault>{default}</IsDefault></member>"


def _no_listener(params: Mapping[str, Any]) -> Answer:
    return _error("ListenerNotFound", f"Listener '{_arn_of_listener(params)}' not found")


def _error(code: str, message: str) -> Answer:
    answer: Answer = alb._error(code, message, 400)  # noqa: SLF001 - no public way in
    return answer


def _answer(action: str, inner: str) -> Answer:
    answer: Answer = alb._xml(200, action, inner)  # noqa: SLF001 - no public way in
    return answer
