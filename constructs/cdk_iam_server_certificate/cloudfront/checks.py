"""Checks at synth whether CloudFront accepts a certificate."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import jsii
from aws_cdk import Annotations, Stack
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk.region_info import RegionInfo
from constructs import Construct, IConstruct, IValidation

from cdk_iam_server_certificate.imported import ImportedServerCertificate
from cdk_iam_server_certificate.material import sources_of
from cdk_iam_server_certificate.server_certificate import ServerCertificate
from cdk_iam_server_certificate.tokens import holds_token
from server_certificate.assessment import Criteria, Given, assess
from server_certificate.contract.properties import Property
from server_certificate.findings import Severity
from server_certificate.naming import check_path
from server_certificate.rules.consumers import RULES, Consumer, check_cloudfront_path

if TYPE_CHECKING:
    from cdk_iam_server_certificate.interface import IServerCertificate
    from server_certificate.findings import Finding

_OURS: Final = (ServerCertificate, ImportedServerCertificate)
_CHINA: Final = "aws-cn"


@jsii.implements(IValidation)
class CloudFrontChecks:
    """
    The checks of a certificate that a distribution uses. The CDK reports the problems of all constructs together.

    Args:
        certificate: The certificate.
        method: How CloudFront selects the certificate.
        scope: The construct for which problems are reported: the distribution, or the certificate.
    """

    def __init__(
        self, certificate: IServerCertificate, method: cloudfront.SSLMethod, scope: IConstruct
    ) -> None:
        self._certificate = certificate
        self._method = method
        self._partition = _partition(scope)
        self._of_content = tuple(self._check_content())
        for finding in self._of_content:
            if finding.severity is Severity.WARNING:
                Annotations.of(scope).add_warning_v2(
                    f"cdk-iam-server-certificate:{finding.code}", _format(finding, certificate)
                )

    def validate(self) -> list[str]:
        """Return a line for each reason why CloudFront rejects the certificate, for the CDK to report."""
        refused = [each for each in self._of_content if each.severity is Severity.ERROR]
        problems = path_problems(self._certificate)
        problems += [_format(finding, self._certificate) for finding in refused]
        if self._method is not cloudfront.SSLMethod.SNI and self._partition == _CHINA:
            problems.append(
                f"ssl_support_method is SSLMethod.{self._method.name}, but CloudFront in China"
                " supports only SNI. Omit ssl_support_method and minimum_protocol_version."
            )
        return problems

    def _check_content(self) -> list[Finding]:
        """Check the key and the chain, if the app knows both at synth."""
        if not isinstance(self._certificate, ServerCertificate):
            return []
        sources = sources_of(self._certificate._material)  # noqa: SLF001 - private to users, not to this package
        leaf, chain = (
            sources.get(part) for part in (Property.CERTIFICATE, Property.CERTIFICATE_CHAIN)
        )
        if leaf is None or leaf.given is None or (chain is not None and chain.given is None):
            return []
        criteria = Criteria(
            at=datetime.now(UTC),
            consumer=Consumer.CLOUDFRONT_CHINA
            if self._partition == _CHINA
            else Consumer.CLOUDFRONT,
            acknowledged=self._certificate._acknowledged,  # noqa: SLF001 - as above
        )
        given = Given(certificate=leaf.given, chain=chain.given if chain else None)
        return [each for each in assess(given, criteria).findings if each.rule in RULES]


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
