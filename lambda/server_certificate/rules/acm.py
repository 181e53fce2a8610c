"""Where ACM would hold a certificate as well, and renew or rotate it with less to do."""

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
    why="AWS recommends ACM wherever it can hold a certificate: load balancers and CloudFront outside"
    " China take its certificates, and a certificate that is imported again keeps its ARN. IAM is"
    " for CloudFront in the China Regions and for what ACM does not take.",
    fix="Import the certificate into ACM, or acknowledge that it shall be in IAM.",
    source="IAM user guide, managing server certificates; ACM user guide, prerequisites for importing"
    " certificates",
    acknowledged="The hint is not given.",
)
RULES = (ACM_SUFFICES,)

_KEYS = frozenset(
    {"RSA 1024", "RSA 2048", "RSA 3072", "RSA 4096", "EC P-256", "EC P-384", "EC P-521"}
)
"""What ACM imports (ACM user guide, prerequisites for importing certificates)."""

_ISOLATED = ("us-iso", "eu-iso")


def check_acm(leaf: LocatedCertificate, *, region: str, path: str) -> Iterator[Finding]:
    """
    Tell where ACM would do.

    Args:
        leaf: The server's certificate.
        region: The Region of the stack, such as ``eu-west-1``.
        path: The Path, which says whether CloudFront shall use it.
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
        f"ACM imports a certificate with a key of {key}, and what uses it can take it from there.",
        f"Import it into ACM in {where}, unless there is a reason for IAM.",
    )
