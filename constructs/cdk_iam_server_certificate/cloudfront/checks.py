"""Checks at synth whether CloudFront accepts a certificate."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import jsii
from aws_cdk import Annotations, Stack
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk.region_info import RegionInfo
from constructs import Construct, IConstruct, IValidation

from cdk_iam_server_certificate.cloudfront.configuration import (
    domain_names,
    is_multi_tenant,
    known_names,
)
from cdk_iam_server_certificate.imported import ImportedServerCertificate
from cdk_iam_server_certificate.server_certificate import ServerCertificate
from cdk_iam_server_certificate.tokens import holds_token
from server_certificate.certificates.host_coverage import not_covered
from server_certificate.certificates.subject_names import dns_names, quoted
from server_certificate.findings import Severity, acknowledge, condensed, errors
from server_certificate.naming import check_path
from server_certificate.rules.consumers import Consumer, check_cloudfront_path, check_consumer
from server_certificate.rules.usage import DOMAIN_NOT_COVERED

if TYPE_CHECKING:
    from cdk_iam_server_certificate.interface import IServerCertificate
    from server_certificate.findings import Finding

_OURS: Final = (ServerCertificate, ImportedServerCertificate)
_CHINA: Final = "aws-cn"
_MOST_NAMES: Final = 5
MULTI_TENANT: Final = (
    "Multi-tenant distributions and their tenants only accept certificates from ACM. Use one, or use a"
    " standard distribution, whose connection_mode is 'direct'."
)
"""Source of the rule: CloudFront API reference, ViewerCertificate, IAMCertificateId."""


@jsii.implements(IValidation)
class CloudFrontChecks:
    """
    The checks of a certificate that a distribution uses. The CDK reports the problems of all constructs together.

    Args:
        certificate: The certificate.
        method: How CloudFront selects the certificate.
        scope: The construct for which problems are reported: the distribution, or the certificate.
        served: The distribution, or the domain names of one that doesn't exist yet.
    """

    def __init__(
        self,
        certificate: IServerCertificate,
        method: cloudfront.SSLMethod,
        scope: IConstruct,
        served: cloudfront.CfnDistribution | list[str],
    ) -> None:
        self._certificate = certificate
        self._method = method
        self._served = served
        self._partition = _partition(scope)
        self._of_content = self._check_content()
        for finding in self._of_content:
            if finding.severity is Severity.WARNING:
                Annotations.of(scope).add_warning_v2(
                    f"cdk-iam-server-certificate:{finding.code}", _format(finding, certificate)
                )

    def validate(self) -> list[str]:
        """Return a line for each reason why CloudFront rejects the certificate, for the CDK to report."""
        # Read the distribution now: its configuration can change after it got the certificate.
        refused = errors((*self._of_content, *self._check_domain_names()))
        problems = path_problems(self._certificate)
        problems += [_format(finding, self._certificate) for finding in refused]
        if self._method is not cloudfront.SSLMethod.SNI and self._partition == _CHINA:
            problems.append(
                f"ssl_support_method is SSLMethod.{self._method.name}, but CloudFront in China"
                " supports only SNI. Omit ssl_support_method and minimum_protocol_version."
            )
        if not isinstance(self._served, list) and is_multi_tenant(self._served):
            problems.append(f"it is a multi-tenant distribution. {MULTI_TENANT}")
        return problems

    def _check_domain_names(self) -> tuple[Finding, ...]:
        """Check that the certificate covers the domain names, if the app knows both at synth."""
        if not isinstance(self._certificate, ServerCertificate):
            return ()
        leaf = self._certificate._checks.leaf  # noqa: SLF001 - private to users, not to this package
        if leaf is None:
            return ()
        names = (
            known_names(self._served)
            if isinstance(self._served, list)
            else domain_names(self._served)
        )
        covered = dns_names(leaf)
        found = [
            DOMAIN_NOT_COVERED.finding(
                "certificate",
                f"it doesn't cover the distribution's domain name {quoted(name)}. It is for"
                f" {_listed(covered) if covered else 'no domain name'}.",
            )
            for name in not_covered(names, covered)
        ]
        return acknowledge(condensed(found), self._certificate._acknowledged)  # noqa: SLF001 - as above

    def _check_content(self) -> tuple[Finding, ...]:
        """Return the findings about the key and the chain, if the app knows both at synth."""
        if not isinstance(self._certificate, ServerCertificate):
            return ()
        assessment = self._certificate._checks.assessment  # noqa: SLF001 - private to users, not to this package
        if assessment is None or assessment.leaf is None:
            return ()
        found = check_consumer(
            Consumer.CLOUDFRONT_CHINA if self._partition == _CHINA else Consumer.CLOUDFRONT,
            leaf=assessment.leaf,
            chain=assessment.chain,
            path=None,
            signatures=assessment.signatures,
        )
        return acknowledge(found, self._certificate._acknowledged)  # noqa: SLF001 - as above


def _listed(names: tuple[str, ...]) -> str:
    shown = ", ".join(quoted(name) for name in names[:_MOST_NAMES])
    more = len(names) - _MOST_NAMES
    return f"{shown} and {more} more" if more > 0 else shown


def path_problems(certificate: IServerCertificate) -> list[str]:
    """Return the problems of the path; none if the path is only known at deploy time."""
    path = _literal_path(certificate)
    if path is None:
        return []
    # Our own constructs already check their path against IAM's rules.
    invalid = () if isinstance(certificate, _OURS) else check_path(path)
    return [_format(finding, certificate) for finding in invalid or check_cloudfront_path(path)]


def _format(finding: Finding, certificate: IServerCertificate) -> str:
    if not isinstance(certificate, Construct):
        return str(finding)
    origin = f"certificate '{certificate.node.path}'"
    return finding.format(dict.fromkeys(("certificate", "chain", "path"), origin))


def _literal_path(certificate: IServerCertificate) -> str | None:
    path = (
        certificate._declared_path  # noqa: SLF001 - the public property is a token, or raises
        if isinstance(certificate, _OURS)
        else certificate.server_certificate_path
    )
    return path if isinstance(path, str) and not holds_token(path) else None


def _partition(scope: IConstruct) -> str | None:
    """Return the partition; None if the stack's Region is only known at deploy time."""
    region = Stack.of(scope).region
    return None if holds_token(region) else RegionInfo.get(region).partition
