"""What Elastic Load Balancing demands of the certificates of a listener."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from ministack.core import responses
from ministack.services import acm, alb

from local_cloud.emulator.consumers import load_balancing
from local_cloud.emulator.consumers.load_balancing import (
    LoadBalancingError,
    check_action,
    check_resource,
)
from local_cloud.emulator.consumers.supported_keys import is_supported_by_load_balancers
from local_cloud.emulator.internals import function, instance

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from local_cloud.iam.store import ServerCertificate

INTERNALS = (
    instance(acm, "_certificates", responses.AccountRegionScopedDict),
    instance(alb, "_listeners", responses.AccountRegionScopedDict),
    function(alb, "_p", "params", "key", "default"),
    function(alb, "_parse_certificate_arns", "params", "prefix"),
    function(responses, "get_account_id"),
    function(responses, "get_region"),
    *load_balancing.INTERNALS,
)

SECURE_PROTOCOLS = frozenset({"HTTPS", "TLS"})
_ACM_CERTIFICATE = re.compile(
    r"arn:aws:acm:(?P<region>[a-z0-9-]+):(?P<account>\d{12}):certificate/[\w-]+"
)
_IAM_CERTIFICATE = re.compile(r"arn:aws:iam::(?P<account>\d{12}):server-certificate/.+")


class ListenerRules:
    """
    Refuses listeners whose certificates don't fit, over the API and in stacks.

    The codes and texts are those of Elastic Load Balancing, as users have reported them.

    Args:
        known: Returns the certificates of IAM that load balancers know.
    """

    def __init__(self, known: Callable[[], Iterable[ServerCertificate]]) -> None:
        self._known = known
        check_action("CreateListener", self._check_creation)
        check_action("ModifyListener", self._check_change)
        check_resource("AWS::ElasticLoadBalancingV2::Listener", self._check_properties)

    def check_certificates(self, protocol: str, arns: Sequence[str]) -> None:
        """
        Check certificates that a listener gets.

        Args:
            protocol: The listener's protocol.
            arns: The certificates' ARNs.

        Raises:
            LoadBalancingError: ValidationError, CertificateNotFound or UnsupportedCertificate.
        """
        if arns and protocol not in SECURE_PROTOCOLS:
            raise LoadBalancingError(
                "ValidationError", f"A certificate cannot be specified for {protocol} listeners"
            )
        for arn in arns:
            self._check_arn(arn)

    def _check_default(self, protocol: str, arns: Sequence[str]) -> None:
        if len(arns) > 1:
            raise LoadBalancingError(
                "TooManyCertificates",
                f"Up to '1' certificate ARNs can be specified, but '{len(arns)}' were specified",
            )
        if not arns and protocol in SECURE_PROTOCOLS:
            raise LoadBalancingError(
                "ValidationError", f"A certificate must be specified for {protocol} listeners"
            )
        self.check_certificates(protocol, arns)

    def _check_creation(self, params: Mapping[str, Any]) -> None:
        self._check_default(
            alb._p(params, "Protocol"),  # noqa: SLF001 - no public way in
            alb._parse_certificate_arns(params),  # noqa: SLF001 - the same
        )

    def _check_change(self, params: Mapping[str, Any]) -> None:
        listener = alb._listeners[alb._p(params, "ListenerArn")]  # noqa: SLF001 - no public way in
        protocol = alb._p(params, "Protocol") or listener["Protocol"]  # noqa: SLF001 - the same
        arns = alb._parse_certificate_arns(params)  # noqa: SLF001 - the same
        # What it has already isn't checked again.
        if arns or not listener.get("Certificates"):
            self._check_default(protocol, arns)

    def _check_properties(self, props: Mapping[str, Any]) -> None:
        arns = [each.get("CertificateArn", "") for each in props.get("Certificates") or []]
        self._check_default(props.get("Protocol", ""), arns)

    def _check_arn(self, arn: str) -> None:
        account_id, region = responses.get_account_id(), responses.get_region()
        in_iam = None
        if (found := _ACM_CERTIFICATE.fullmatch(arn)) and found["region"] == region:
            known = arn in acm._certificates  # noqa: SLF001 - no public way in
        elif found := _IAM_CERTIFICATE.fullmatch(arn):
            in_iam = next((each for each in self._known() if arn == each.arn), None)
            known = in_iam is not None
        if found is None or found["account"] != account_id:
            raise LoadBalancingError("ValidationError", f"Certificate ARN '{arn}' is not valid")
        if not known:
            raise LoadBalancingError("CertificateNotFound", f"Certificate '{arn}' not found")
        if in_iam is not None and not is_supported_by_load_balancers(in_iam):
            raise LoadBalancingError(
                "UnsupportedCertificate",
                f"The certificate '{arn}' must have a fully-qualified domain name, a supported "
                "signature, and a supported key size.",
            )
