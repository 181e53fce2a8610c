"""Load balancers and CloudFront, which refuse a certificate that they don't know (yet)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ministack.services import alb, cloudfront
from ministack.services.cloudformation import provisioners

from local_cloud.emulator import listener_certificates
from local_cloud.emulator.internals import function, instance
from local_cloud.emulator.listener_certificates import ListenerCertificates
from local_cloud.iam.in_use import iam_certificate_ids

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from xml.etree.ElementTree import Element

    from local_cloud.emulator.certificates import CertificateStores
    from local_cloud.emulator.internals import Answer

INTERNALS = (
    instance(alb, "_ACTION_MAP", dict),
    function(alb, "_create_listener", "params"),
    function(alb, "_modify_listener", "params"),
    function(alb, "_parse_certificate_arns", "params", "prefix"),
    function(alb, "_error", "code", "message", "status"),
    function(cloudfront, "_distribution_vpc_origin_error", "config_el"),
    function(cloudfront, "_error", "code", "message", "status"),
    function(provisioners, "_elbv2_listener_tls", "listener", "props"),
    function(provisioners, "_cf_distribution_config", "props", "caller_reference"),
    *listener_certificates.INTERNALS,
)

_CLOUDFRONT_PATH = "/cloudfront/"
_UNKNOWN_TO_CLOUDFRONT = (
    "The specified SSL certificate doesn't exist, isn't in us-east-1 region, isn't valid, "
    "or doesn't include a valid certificate chain."
)


class Consumers:
    """Checks IAM certificates of listeners and distributions, also of those in stacks."""

    def __init__(self, stores: CertificateStores) -> None:
        self._stores = stores
        ListenerCertificates(self._listener_refusal)
        for action in ("CreateListener", "ModifyListener"):
            alb._ACTION_MAP[action] = self._checking_listener(alb._ACTION_MAP[action])  # noqa: SLF001 - no public way in
        self._listener_tls: Callable[..., None] = provisioners._elbv2_listener_tls  # noqa: SLF001 - the same
        self._origin_error: Callable[..., Answer | None] = cloudfront._distribution_vpc_origin_error  # noqa: SLF001 - the same
        self._distribution_config: Callable[..., Element] = provisioners._cf_distribution_config  # noqa: SLF001 - the same
        provisioners._elbv2_listener_tls = self._set_listener_tls  # noqa: SLF001 - the same
        cloudfront._distribution_vpc_origin_error = self._distribution_error  # noqa: SLF001 - the last check before either call has an effect
        provisioners._cf_distribution_config = self._make_distribution_config  # noqa: SLF001 - no public way in

    def _checking_listener(self, handle: Callable[..., Answer]) -> Callable[..., Answer]:
        def checked(params: Mapping[str, Any]) -> Answer:
            refusal = self._listener_refusal(alb._parse_certificate_arns(params))  # noqa: SLF001 - no public way in
            if refusal is None:
                return handle(params)
            answer: Answer = alb._error("CertificateNotFound", refusal, 400)  # noqa: SLF001 - the same
            return answer

        return checked

    def _set_listener_tls(self, listener: dict[str, Any], props: Mapping[str, Any]) -> None:
        given = props.get("Certificates") or []
        refusal = self._listener_refusal(each.get("CertificateArn", "") for each in given)
        if refusal is not None:
            raise ValueError(f"{refusal} (Error Code: CertificateNotFound)")
        self._listener_tls(listener, props)

    def _listener_refusal(self, arns: Iterable[str]) -> str | None:
        known = {certificate.arn for certificate in self._stores.known_to_consumers()}
        for arn in arns:
            if ":server-certificate/" in arn and arn not in known:
                return f"Certificate '{arn}' not found"
        return None

    def _distribution_error(self, config: Element) -> Answer | None:
        error = self._origin_error(config)
        if error is None and not self._knows_all_of(config):
            error = cloudfront._error("InvalidViewerCertificate", _UNKNOWN_TO_CLOUDFRONT, 400)  # noqa: SLF001 - no public way in
        return error

    def _make_distribution_config(self, props: Mapping[str, Any], caller_reference: str) -> Element:
        config = self._distribution_config(props, caller_reference)
        if not self._knows_all_of(config):
            raise ValueError(f"{_UNKNOWN_TO_CLOUDFRONT} (Error Code: InvalidViewerCertificate)")
        return config

    def _knows_all_of(self, config: Element) -> bool:
        return iam_certificate_ids(config) <= {
            certificate.certificate_id
            for certificate in self._stores.known_to_consumers()
            if certificate.path.startswith(_CLOUDFRONT_PATH)
        }
