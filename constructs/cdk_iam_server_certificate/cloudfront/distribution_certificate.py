"""Server certificates for CloudFront, which takes them by id, and from some paths only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar

import constructs
import jsii
from aws_cdk import aws_cloudfront as cloudfront
from constructs import Construct, IConstruct

from cdk_iam_server_certificate.cloudfront.checks import CloudFrontChecks, path_problems

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cdk_iam_server_certificate.interface import IServerCertificate

_Class = TypeVar("_Class", bound=type)

_VIEWER_CERTIFICATE: Final = "DistributionConfig.ViewerCertificate"


def _mixin(made: _Class) -> _Class:
    """Declare that a class is a mixin, where the installed version of ``constructs`` has them."""
    interface = getattr(constructs, "IMixin", None)
    return made if interface is None else jsii.implements(interface)(made)


@_mixin
class DistributionCertificate:
    """
    A server certificate for CloudFront distributions.

    The CDK's ``Distribution`` has no property for certificates of IAM. This class is a mixin that
    gives it one: ``distribution.with_(DistributionCertificate(certificate))``, or, for versions of
    the CDK without mixins, ``DistributionCertificate(certificate).apply_to(distribution)``. Domain
    names are given to the distribution itself, and must be covered by the certificate.

    A path that CloudFront finds no certificate under stops the synthesis, and so does a key that it
    does not take, as far as both are known then; what is wrong with the chain is a warning.

    Args:
        certificate: The certificate. Its path must begin with ``/cloudfront/``.
        minimum_protocol_version: The security policy for connections with viewers; with SNI at
            least TLSv1. Default: TLSv1.2_2021, as for a certificate of ACM in new CDK apps. With
            ``SSLMethod.VIP`` there is no default, for it is made for SSLv3 and TLSv1.
        ssl_support_method: Whether viewers must name the host when they connect; ``SSLMethod.VIP``
            serves those that don't and costs more. China has ``SSLMethod.SNI`` only. Default:
            ``SSLMethod.SNI``, they must.

    Raises:
        ValueError: Protocol and method do not go together.

    Source of the rules: CloudFront API reference, ViewerCertificate; the CDK's own check of
    ``CloudFrontWebDistribution``; Getting Started with Amazon Web Services in China, Amazon
    CloudFront.
    """

    def __init__(
        self,
        certificate: IServerCertificate,
        *,
        minimum_protocol_version: cloudfront.SecurityPolicyProtocol | None = None,
        ssl_support_method: cloudfront.SSLMethod = cloudfront.SSLMethod.SNI,
    ) -> None:
        is_vip = ssl_support_method is cloudfront.SSLMethod.VIP
        if minimum_protocol_version is cloudfront.SecurityPolicyProtocol.SSL_V3 and not is_vip:
            raise ValueError(
                f"minimum_protocol_version is SSL_V3, and SSLMethod.{ssl_support_method.name} wants"
                " TLS; give TLS_V1 or later, or leave it out for TLS_V1_2_2021."
            )
        if is_vip and minimum_protocol_version is None:
            raise ValueError(
                "ssl_support_method is SSLMethod.VIP, and minimum_protocol_version is not given;"
                " give TLS_V1 or SSL_V3, or leave the method out for SSLMethod.SNI."
            )
        self._certificate = certificate
        self._protocol = minimum_protocol_version or cloudfront.SecurityPolicyProtocol.TLS_V1_2_2021
        self._method = ssl_support_method

    def supports(self, construct: IConstruct) -> bool:
        """
        Return whether the mixin applies to a construct.

        It does to distributions of the L1 level. The CDK looks for them below the construct that
        ``with_`` is called on, so ``with_`` works on ``Distribution`` as well.
        """
        return isinstance(construct, cloudfront.CfnDistribution)

    def apply_to(self, construct: IConstruct) -> None:
        """
        Make a distribution serve the certificate.

        Args:
            construct: A ``Distribution``, ``CloudFrontWebDistribution`` or ``CfnDistribution`` of
                this app, without a certificate of ACM.

        Raises:
            TypeError: It is something else, such as an imported distribution.
            ValueError: It has a certificate of ACM.
        """
        distribution = _resource_of(construct)
        if arn := _acm_certificate(distribution):
            raise ValueError(
                f"'{construct.node.path}' has a certificate of ACM already, {arn}; a distribution"
                " serves one certificate. Leave out the distribution's own 'certificate'."
            )
        distribution.add_property_override(
            _VIEWER_CERTIFICATE,
            {
                "IamCertificateId": self._certificate.server_certificate_id,
                "MinimumProtocolVersion": self._protocol,
                "SslSupportMethod": self._method,
            },
        )
        # CloudFrontWebDistribution always writes one or the other.
        distribution.add_property_deletion_override(
            f"{_VIEWER_CERTIFICATE}.CloudFrontDefaultCertificate"
        )
        consumer = _consumer(distribution)
        consumer.node.add_validation(CloudFrontChecks(self._certificate, self._method, consumer))

    def viewer_certificate(self, *, aliases: Sequence[str] = ()) -> cloudfront.ViewerCertificate:
        """
        Return the certificate as ``CloudFrontWebDistribution`` takes it.

        What is wrong with it is reported for the certificate, as the distribution is not there yet.

        Args:
            aliases: The distribution's domain names, which the certificate must cover. Default:
                none.

        Raises:
            ValueError: The certificate is no construct that something could be reported for, and
                CloudFront does not take it.
        """
        if isinstance(self._certificate, Construct):
            checks = CloudFrontChecks(self._certificate, self._method, self._certificate)
            self._certificate.node.add_validation(checks)
        elif problems := path_problems(self._certificate):
            raise ValueError(" ".join(problems))
        return cloudfront.ViewerCertificate.from_iam_certificate(
            self._certificate.server_certificate_id,
            aliases=list(aliases),
            security_policy=self._protocol,
            ssl_method=self._method,
        )


def _resource_of(construct: IConstruct) -> cloudfront.CfnDistribution:
    resource = construct.node.default_child or construct
    if not isinstance(resource, cloudfront.CfnDistribution):
        raise TypeError(
            f"'{construct.node.path}' is no CloudFront distribution of this app, but"
            f" {type(construct).__name__}; apply the certificate to a Distribution,"
            " CloudFrontWebDistribution or CfnDistribution."
        )
    return resource


def _consumer(distribution: cloudfront.CfnDistribution) -> IConstruct:
    """Return the construct that a person declared: the distribution, or what it is the resource of."""
    scope = distribution.node.scope
    child = scope.node.default_child if scope else None
    # What the CDK made itself has a new face for Python each time: paths tell what is the same.
    is_resource = child is not None and child.node.path == distribution.node.path
    return scope if scope and is_resource else distribution


def _acm_certificate(distribution: cloudfront.CfnDistribution) -> str | None:
    # The property itself cannot be read in Python: it holds what is only known after all is declared.
    config = distribution._cfn_properties.get("distributionConfig")  # noqa: SLF001 - protected, so for extensions
    viewer_certificate = config.get("viewerCertificate") if isinstance(config, dict) else None
    if not isinstance(viewer_certificate, dict):
        return None
    arn: str | None = viewer_certificate.get("acmCertificateArn")
    return arn
