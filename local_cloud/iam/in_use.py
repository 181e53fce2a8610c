"""What uses a server certificate: load balancers by its ARN, distributions by its id."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from xml.etree import ElementTree as ET

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from local_cloud.iam.store import ServerCertificate

ADDED_CERTIFICATES: Final = "AddedCertificates"
"""Where a listener keeps its additional certificates, which the emulator lacks."""


def certificates_of(listener: Mapping[str, Any]) -> list[str]:
    """Return the ARNs of all certificates of a listener, the default one first."""
    return [*listener.get("Certificates", []), *listener.get(ADDED_CERTIFICATES, [])]


def load_balancer_using(
    certificate: ServerCertificate, listeners: Iterable[tuple[str, Iterable[str]]]
) -> str | None:
    """
    Return the ARN of the first load balancer with a listener that refers to the certificate.

    Args:
        certificate: The certificate.
        listeners: For each listener its load balancer's ARN and its certificates' ARNs.
    """
    for load_balancer_arn, certificate_arns in listeners:
        if certificate.arn in certificate_arns:
            return load_balancer_arn
    return None


def is_in_distribution(certificate: ServerCertificate, configurations: Iterable[str]) -> bool:
    """
    Check whether a CloudFront distribution refers to the certificate.

    Args:
        certificate: The certificate.
        configurations: The DistributionConfig of each distribution as XML.
    """
    return any(
        # The emulator wrote it from a request that it had parsed with defusedxml.
        certificate.certificate_id in iam_certificate_ids(ET.fromstring(configuration))  # noqa: S314
        for configuration in configurations
        if configuration
    )


def iam_certificate_ids(configuration: ET.Element) -> set[str]:
    """Return the ids of the IAM certificates that a DistributionConfig refers to."""
    texts = (
        (node.text or "").strip()
        for node in configuration.iter()
        if node.tag.rpartition("}")[2] == "IAMCertificateId"
    )
    return {text for text in texts if text}
