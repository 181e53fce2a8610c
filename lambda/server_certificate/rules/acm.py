"""The rule that recommends ACM for certificates that it supports."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server_certificate.description import describe_certified_key
from server_certificate.findings import Rule, Severity
from server_certificate.rules.consumers import CLOUDFRONT_PATH_PREFIX

if TYPE_CHECKING:
    from collections.abc import Iterator

    from server_certificate.certificates.located_certificate import LocatedCertificate
    from server_certificate.findings import Finding

ACM_SUFFICES = Rule(
    code="acm-suffices",
    severity=Severity.INFO,
    why="AWS recommends ACM wherever it supports a certificate. Load balancers and CloudFront"
    " outside China use ACM's certificates, and a certificate that you import again keeps its ARN."
    " Use IAM for CloudFront in the China Regions, and for certificates that ACM doesn't support.",
    fix="Import the certificate into ACM, or acknowledge the finding to keep it in IAM.",
    source="IAM user guide, managing server certificates; ACM user guide, prerequisites for importing"
    " certificates",
    acknowledged="The recommendation is not shown.",
)
RULES = (ACM_SUFFICES,)

_KEYS = frozenset(
    {"RSA 1024", "RSA 2048", "RSA 3072", "RSA 4096", "EC P-256", "EC P-384", "EC P-521"}
)
"""The keys that ACM can import (ACM user guide, prerequisites for importing certificates)."""

_ISOLATED = ("us-iso", "eu-iso")


def check_acm(leaf: LocatedCertificate, *, region: str, path: str) -> Iterator[Finding]:
    """
    Report a certificate that ACM supports.

    Args:
        leaf: The server's certificate.
        region: The Region of the stack, such as ``eu-west-1``.
        path: The path, which shows whether the certificate is for CloudFront.
    """
    is_for_cloudfront = path.startswith(CLOUDFRONT_PATH_PREFIX)
    if region.startswith(_ISOLATED) or (region.startswith("cn-") and is_for_cloudfront):
        return
    key = str(describe_certified_key(leaf.certificate))
    if key not in _KEYS:
        return
    where = "us-east-1, for CloudFront" if is_for_cloudfront else region
    yield ACM_SUFFICES.finding(
        "certificate",
        f"you can import a certificate with a key of {key} into ACM, and the services that use it"
        " support ACM.",
        f"Import it into ACM in {where}, unless you need it in IAM.",
    )
