"""CloudFront, which checks and completes the viewer certificate of a distribution."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ministack.core import responses
from ministack.services import acm, cloudfront
from ministack.services.cloudformation import provisioners

from local_cloud.emulator.cloudformation import handler_errors
from local_cloud.emulator.cloudformation.handler_errors import failure_reason
from local_cloud.emulator.consumers import viewer_certificates
from local_cloud.emulator.consumers.supported_keys import is_supported_by_cloudfront
from local_cloud.emulator.consumers.viewer_certificates import CloudFrontError, complete
from local_cloud.emulator.internals import function, instance

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from xml.etree.ElementTree import Element

    from local_cloud.emulator.identity.certificates import CertificateStores
    from local_cloud.emulator.internals import Answer

INTERNALS = (
    instance(acm, "_certificates", responses.AccountRegionScopedDict),
    function(cloudfront, "_distribution_vpc_origin_error", "config_el"),
    function(cloudfront, "_error", "code", "message", "status"),
    function(provisioners, "_cf_distribution_config", "props", "caller_reference"),
    function(responses, "get_account_id"),
    *handler_errors.INTERNALS,
    *viewer_certificates.INTERNALS,
)

_PATH = "/cloudfront/"
_REGION = "us-east-1"


class Distributions:
    """Checks and completes distributions, over the API and in stacks."""

    def __init__(self, stores: CertificateStores) -> None:
        self._stores = stores
        self._origin_error: Callable[..., Answer | None] = cloudfront._distribution_vpc_origin_error  # noqa: SLF001 - no public way in
        self._make_config: Callable[..., Element] = provisioners._cf_distribution_config  # noqa: SLF001 - the same
        cloudfront._distribution_vpc_origin_error = self._error  # noqa: SLF001 - the last check before either call has an effect
        provisioners._cf_distribution_config = self._config  # noqa: SLF001 - no public way in

    def _error(self, config: Element) -> Answer | None:
        error = self._origin_error(config)
        if error is None:
            try:
                complete(config, self._knows)
            except CloudFrontError as refused:
                error = cloudfront._error(refused.code, refused.message, 400)  # noqa: SLF001 - no public way in
        return error

    def _config(self, props: Mapping[str, Any], caller_reference: str) -> Element:
        config = self._make_config(props, caller_reference)
        try:
            complete(config, self._knows)
        except CloudFrontError as refused:
            message = f"Invalid request provided: {refused.message}"
            reason = failure_reason(message, service="CloudFront", kind="InvalidRequest")
            raise ValueError(reason) from refused
        return config

    def _knows(self, certificate: str) -> bool:
        """
        Check whether CloudFront knows a certificate: IAM's by its id, ACM's by its ARN.

        One with a key that it doesn't support is refused with the same text (AWS re:Post, "How do I
        resolve the error InvalidViewerCertificate").
        """
        account_id = responses.get_account_id()
        if certificate.startswith("arn:"):
            return acm._certificates.get_scoped(account_id, _REGION, certificate) is not None  # noqa: SLF001 - no public way in
        return any(
            certificate == each.certificate_id
            and each.path.startswith(_PATH)
            and is_supported_by_cloudfront(each)
            for each in self._stores.known_to_consumers()
        )
