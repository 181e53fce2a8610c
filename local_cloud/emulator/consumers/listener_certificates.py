"""Additional certificates of a listener, which the emulator lacks."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

from ministack.core import responses
from ministack.services import alb
from ministack.services.cloudformation import provisioners

from local_cloud.emulator.consumers import listener_rules
from local_cloud.emulator.consumers.listener_rules import SECURE_PROTOCOLS
from local_cloud.emulator.consumers.load_balancing import check_action, check_resource
from local_cloud.emulator.internals import function, instance
from local_cloud.iam.in_use import ADDED_CERTIFICATES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from local_cloud.emulator.consumers.listener_rules import ListenerRules
    from local_cloud.emulator.internals import Answer

INTERNALS = (
    instance(alb, "_ACTION_MAP", dict),
    instance(alb, "_listeners", responses.AccountRegionScopedDict),
    function(alb, "_parse_certificate_arns", "params", "prefix"),
    function(alb, "_p", "params", "key", "default"),
    function(alb, "_error", "code", "message", "status"),
    function(alb, "_xml", "status", "action", "inner"),
    function(alb, "_apply_tls_settings", "listener", "certs", "policy"),
    instance(provisioners, "_RESOURCE_HANDLERS", dict),
    *listener_rules.INTERNALS,
)

_RESOURCE_TYPE = "AWS::ElasticLoadBalancingV2::ListenerCertificate"


class ListenerCertificates:
    """
    Three actions of Elastic Load Balancing, and the resource type of CloudFormation.

    A call or a stack arrives here only if its listener exists.

    Args:
        rules: What certificates of a listener are checked against.
    """

    def __init__(self, rules: ListenerRules) -> None:
        self._rules = rules
        self._apply_tls: Callable[..., None] = alb._apply_tls_settings  # noqa: SLF001 - no public way in
        alb._apply_tls_settings = self._apply_tls_settings  # noqa: SLF001 - the same
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
        check_action("AddListenerCertificates", self._check_added)
        check_resource(_RESOURCE_TYPE, self._check_properties)

    def _apply_tls_settings(self, listener: dict[str, Any], certs: Any, policy: Any) -> None:  # noqa: ANN401 - passed on as they came
        self._apply_tls(listener, certs, policy)
        # A listener without TLS has no certificates, like its default one.
        if listener["Protocol"] not in SECURE_PROTOCOLS:
            listener.pop(ADDED_CERTIFICATES, None)

    def _check_added(self, params: Mapping[str, Any]) -> None:
        arns = alb._parse_certificate_arns(params)  # noqa: SLF001 - no public way in
        self._rules.check_certificates(_listener_of(params)["Protocol"], arns)

    def _check_properties(self, props: Mapping[str, Any]) -> None:
        protocol = alb._listeners[props["ListenerArn"]]["Protocol"]  # noqa: SLF001 - no public way in
        self._rules.check_certificates(protocol, _arns_in(props))

    def _add(self, params: Mapping[str, Any]) -> Answer:
        arns = alb._parse_certificate_arns(params)  # noqa: SLF001 - no public way in
        _put(_listener_of(params), arns)
        members = "".join(_member(arn, is_default=False) for arn in arns)
        return _answer("AddListenerCertificates", f"<Certificates>{members}</Certificates>")

    def _remove(self, params: Mapping[str, Any]) -> Answer:
        listener = _listener_of(params)
        arns = alb._parse_certificate_arns(params)  # noqa: SLF001 - no public way in
        added = listener.get(ADDED_CERTIFICATES, [])
        if any(arn not in added and arn in listener.get("Certificates", []) for arn in arns):
            return _error("OperationNotPermitted", "The default certificate cannot be removed")
        _take(listener, arns)
        return _answer("RemoveListenerCertificates", "")

    def _describe(self, params: Mapping[str, Any]) -> Answer:
        listener = _listener_of(params)
        members = "".join(
            _member(arn, is_default=is_default)
            for arns, is_default in (
                (listener.get("Certificates", []), True),
                (listener.get(ADDED_CERTIFICATES, []), False),
            )
            for arn in arns
        )
        return _answer("DescribeListenerCertificates", f"<Certificates>{members}</Certificates>")

    def _create_resource(
        self, logical_id: str, props: Mapping[str, Any], stack_name: str
    ) -> tuple[str, dict[str, str]]:
        _put(alb._listeners[props["ListenerArn"]], _arns_in(props))  # noqa: SLF001 - no public way in
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
        listener = alb._listeners[new_props["ListenerArn"]]  # noqa: SLF001 - no public way in
        kept = _arns_in(new_props)
        _put(listener, kept)
        _take(listener, [arn for arn in _arns_in(old_props) if arn not in kept])
        return physical_id, {}

    def _delete_resource(self, physical_id: str, props: Mapping[str, Any]) -> None:  # noqa: ARG002 - the emulator's call
        listener = alb._listeners.get(props["ListenerArn"])  # noqa: SLF001 - no public way in
        if listener is not None:
            _take(listener, _arns_in(props))


def _listener_of(params: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = alb._listeners[alb._p(params, "ListenerArn")]  # noqa: SLF001 - no public way in
    return found


def _put(listener: dict[str, Any], arns: Iterable[str]) -> None:
    """Add certificates; one that is already there is skipped."""
    listener[ADDED_CERTIFICATES] = list(
        dict.fromkeys([*listener.get(ADDED_CERTIFICATES, []), *arns])
    )


def _take(listener: dict[str, Any], arns: Iterable[str]) -> None:
    gone = set(arns)
    listener[ADDED_CERTIFICATES] = [
        arn for arn in listener.get(ADDED_CERTIFICATES, []) if arn not in gone
    ]


def _arns_in(props: Mapping[str, Any]) -> list[str]:
    return [each["CertificateArn"] for each in props.get("Certificates") or []]


def _member(arn: str, *, is_default: bool) -> str:
    default = str(is_default).lower()
    return f"<member><CertificateArn>{escape(arn)}</CertificateArn><IsDefault>{default}</IsDefault></member>"


def _error(code: str, message: str) -> Answer:
    answer: Answer = alb._error(code, message, 400)  # noqa: SLF001 - no public way in
    return answer


def _answer(action: str, inner: str) -> Answer:
    answer: Answer = alb._xml(200, action, inner)  # noqa: SLF001 - no public way in
    return answer
