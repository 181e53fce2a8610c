"""Read the configuration of a distribution, as far as it is known at synth."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from aws_cdk import Token

if TYPE_CHECKING:
    from collections.abc import Iterable

    from aws_cdk import aws_cloudfront as cloudfront

_TENANT_ONLY: Final = "tenant-only"


def acm_certificate(distribution: cloudfront.CfnDistribution) -> str | None:
    """Return the ARN of the distribution's ACM certificate; None if it has none."""
    viewer_certificate = _config(distribution).get("viewerCertificate")
    if not isinstance(viewer_certificate, dict):
        return None
    arn: str | None = viewer_certificate.get("acmCertificateArn")
    return arn


def domain_names(distribution: cloudfront.CfnDistribution) -> list[str]:
    """Return the domain names that are known at synth."""
    aliases = _config(distribution).get("aliases")
    return known_names(aliases) if isinstance(aliases, list) else []


def known_names(aliases: Iterable[object]) -> list[str]:
    """Return the domain names that are not tokens."""
    return [each for each in aliases if isinstance(each, str) and not Token.is_unresolved(each)]


def is_multi_tenant(distribution: cloudfront.CfnDistribution) -> bool:
    """Return whether it is a multi-tenant distribution, which has no viewers and domain names of its own."""
    config = _config(distribution)
    return config.get("connectionMode") == _TENANT_ONLY or config.get("tenantConfig") is not None


def _config(distribution: cloudfront.CfnDistribution) -> dict[str, Any]:
    # Python can't read the property itself: it contains lazy values, which are not known yet.
    config = distribution._cfn_properties.get("distributionConfig")  # noqa: SLF001 - protected, for extensions
    return config if isinstance(config, dict) else {}
