"""ViewerCertificate of a CloudFront distribution: its rules, and what CloudFront fills in."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from ministack.services import cloudfront

from local_cloud.emulator.internals import function

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

INTERNALS = (function(cloudfront, "_api_shape", "name"),)

_TAG = "ViewerCertificate"
_DEFAULT_PROTOCOL = "TLSv1"
# What clients without SNI speak (CloudFront Developer Guide, "Security policy").
_PROTOCOLS_OF_VIP = frozenset({"SSLv3", "TLSv1"})
_UNKNOWN = (
    "The specified SSL certificate doesn't exist, isn't in us-east-1 region, isn't valid, "
    "or doesn't include a valid certificate chain."
)


class CloudFrontError(Exception):
    """
    An error of CloudFront.

    Attributes:
        code: The code on the wire.
        message: The text.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message


def complete(config: ET.Element, knows: Callable[[str], bool]) -> None:
    """
    Check a DistributionConfig's ViewerCertificate, and fill it in as CloudFront does.

    Args:
        config: The DistributionConfig, which is changed.
        knows: Whether CloudFront knows a certificate, by its id in IAM or its ARN in ACM.

    Raises:
        CloudFrontError: InvalidViewerCertificate or InvalidArgument.
    """
    prefix = config.tag.removesuffix("DistributionConfig")
    viewer = config.find(f"{prefix}{_TAG}")
    if viewer is None:
        viewer = ET.SubElement(config, f"{prefix}{_TAG}")
    given = {
        child.tag.removeprefix(prefix): child.text.strip()
        for child in viewer
        if child.text and child.text.strip()
    }
    completed = _completed(given, knows)
    for child in list(viewer):
        viewer.remove(child)
    for name, value in completed.items():
        ET.SubElement(viewer, f"{prefix}{name}").text = value


def _completed(given: Mapping[str, str], knows: Callable[[str], bool]) -> dict[str, str]:
    source = given.get("CertificateSource")
    # Before IAMCertificateId and ACMCertificateArn, there were Certificate and CertificateSource.
    legacy = given.get("Certificate")
    iam_id = given.get("IAMCertificateId") or (legacy if source == "iam" else None)
    acm_arn = given.get("ACMCertificateArn") or (legacy if source == "acm" else None)
    certificate = iam_id or acm_arn
    is_default = given.get("CloudFrontDefaultCertificate") == "true"
    if certificate is None:
        # Whatever protocol and method are given (CloudFront API Reference, ViewerCertificate).
        return {
            "CloudFrontDefaultCertificate": "true",
            "MinimumProtocolVersion": _DEFAULT_PROTOCOL,
            "CertificateSource": "cloudfront",
        }
    if is_default or (iam_id and acm_arn):
        # That it's refused is known; the text isn't.
        raise _invalid_certificate(
            "Specify only one of CloudFrontDefaultCertificate, IAMCertificateId and "
            "ACMCertificateArn."
        )
    member, kind = ("IAMCertificateId", "iam") if iam_id else ("ACMCertificateArn", "acm")
    # These texts, and those below without a comment, are CloudFront's, as users have reported them.
    if source not in {None, kind}:
        raise _invalid_certificate(
            f'Cannot specify {member} and a CertificateSource not equal to "{kind}".'
        )
    if legacy not in {None, certificate}:
        raise _invalid_certificate(f"Your {member} does not match the given Certificate field.")
    method, protocol = _settings(given)
    if not knows(certificate):
        raise _invalid_certificate(_UNKNOWN)
    return {
        "CloudFrontDefaultCertificate": "false",
        member: certificate,
        "SSLSupportMethod": method,
        "MinimumProtocolVersion": protocol,
        "Certificate": certificate,
        "CertificateSource": kind,
    }


def _settings(given: Mapping[str, str]) -> tuple[str, str]:
    """Return SSLSupportMethod, which is required, and MinimumProtocolVersion, which isn't."""
    method = given.get("SSLSupportMethod", "null")
    protocol = given.get("MinimumProtocolVersion", _DEFAULT_PROTOCOL)
    for name, value in (("SSLSupportMethod", method), ("MinimumProtocolVersion", protocol)):
        if value not in cloudfront._api_shape(name).enum:  # noqa: SLF001 - no public way in
            raise _invalid_argument(f"Unsupported value for the {name} field: {value}.")
    if method == "sni-only" and protocol == "SSLv3":
        raise _invalid_argument(
            "the specified distribution is configured for SNI and the Minimum SSL Protocol "
            "Version is specified as SSLv3. You cannot specify both."
        )
    if method == "vip" and protocol not in _PROTOCOLS_OF_VIP:
        # The text is known; the code isn't.
        raise CloudFrontError(
            "InvalidArgument",
            "The specified MinimumProtocolVersion cannot be used with the specified SSLSupportMethod",
        )
    return method, protocol


def _invalid_certificate(message: str) -> CloudFrontError:
    return CloudFrontError("InvalidViewerCertificate", message)


def _invalid_argument(message: str) -> CloudFrontError:
    return CloudFrontError("InvalidArgument", f"The parameter {_TAG} {message}")
