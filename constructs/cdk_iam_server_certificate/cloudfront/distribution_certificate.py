"""Use a server certificate with CloudFront, which identifies it by its id and restricts its path."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar

import constructs
import jsii
from aws_cdk import aws_cloudfront as cloudfront
from constructs import Construct, IConstruct

from cdk_iam_server_certificate.cloudfront.arguments import (
    check_certificate,
    check_protocol,
    checked_aliases,
)
from cdk_iam_server_certificate.cloudfront.checks import (
    MULTI_TENANT,
    CloudFrontChecks,
    path_problems,
)
from cdk_iam_server_certificate.cloudfront.configuration import acm_certificate
from cdk_iam_server_certificate.server_certificate import ServerCertificate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cdk_iam_server_certificate.interface import IServerCertificate

_Class = TypeVar("_Class", bound=type)

_VIEWER_CERTIFICATE: Final = "DistributionConfig.ViewerCertificate"


def _mixin(made: _Class) -> _Class:
    """Declare that a class is a mixin, if the installed version of ``constructs`` supports mixins."""
    interface = getattr(constructs, "IMixin", None)
    return made if interface is None else jsii.implements(interface)(made)


@_mixin
class DistributionCertificate:
    """
    A mixin that makes a CloudFront distribution use an IAM server certificate.

    The CDK's ``Distribution`` only has a property for ACM certificates. To use an IAM server
    certificate, write ``distribution.with_(DistributionCertificate(certificate))``, or, if your
    version of the CDK doesn't support mixins,
    ``DistributionCertificate(certificate).apply_to(distribution)``. Set the domain names on the
    distribution; the certificate must cover them.

    An invalid path, an unsupported key and a domain name that the certificate doesn't cover stop the
    synthesis, if they are known at synth. So does a multi-tenant distribution, which only accepts
    certificates from ACM. A problem with the chain is a warning.

    Args:
        certificate: The certificate. Its path must begin with ``/cloudfront/``.
        minimum_protocol_version: The security policy for connections with viewers. SNI requires
            TLSv1 or later. Default: TLSv1.2_2021, which new CDK apps also use for ACM certificates.
            Required for ``SSLMethod.VIP``, which has no default because it is meant for SSLv3
            and TLSv1.
        ssl_support_method: How CloudFront selects the certificate. ``SSLMethod.SNI`` requires
            viewers that send the host name (SNI). ``SSLMethod.VIP`` uses dedicated IP addresses,
            which also work for other viewers, at an additional cost. The China Regions support only
            ``SSLMethod.SNI``. Default: ``SSLMethod.SNI``.

    Raises:
        TypeError: An argument has the wrong type.
        ValueError: The protocol version and the method can't be combined.

    Source of the rules: CloudFront API reference, ViewerCertificate; CloudFront developer guide,
    Requirements for using alternate domain names; the CDK's own check of
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
        check_certificate(certificate)
        check_protocol(minimum_protocol_version, ssl_support_method)
        self._certificate = certificate
        self._protocol = minimum_protocol_version or cloudfront.SecurityPolicyProtocol.TLS_V1_2_2021
        self._method = ssl_support_method

    def supports(self, construct: IConstruct) -> bool:
        """
        Return whether the mixin applies to a construct: true for L1 distributions.

        The CDK also applies a mixin to the children of the construct on which ``with_`` is called,
        so ``with_`` works on ``Distribution``, too.
        """
        return isinstance(construct, cloudfront.CfnDistribution)

    def apply_to(self, construct: IConstruct) -> None:
        """
        Make a distribution use the certificate.

        Args:
            construct: A ``Distribution``, ``CloudFrontWebDistribution`` or ``CfnDistribution`` in
                this app, without an ACM certificate.

        Raises:
            TypeError: It is something else, such as an imported distribution.
            ValueError: It has an ACM certificate.
        """
        distribution = _resource_of(construct)
        if arn := acm_certificate(distribution):
            raise ValueError(
                f"'{construct.node.path}' already has the ACM certificate {arn}, and a distribution"
                " can have only one certificate. Remove 'certificate' from the distribution."
            )
        distribution.add_property_override(
            _VIEWER_CERTIFICATE,
            {
                "IamCertificateId": self._certificate.server_certificate_id,
                "MinimumProtocolVersion": self._protocol,
                "SslSupportMethod": self._method,
            },
        )
        # CloudFrontWebDistribution always writes this property unless it has a certificate.
        distribution.add_property_deletion_override(
            f"{_VIEWER_CERTIFICATE}.CloudFrontDefaultCertificate"
        )
        consumer = _consumer(distribution)
        if isinstance(self._certificate, ServerCertificate):
            self._certificate._usage.distributions.append(consumer)  # noqa: SLF001 - private to users, not to this package
        checks = CloudFrontChecks(self._certificate, self._method, consumer, distribution)
        consumer.node.add_validation(checks)

    def viewer_certificate(self, *, aliases: Sequence[str] = ()) -> cloudfront.ViewerCertificate:
        """
        Return the certificate as the ``viewer_certificate`` of a ``CloudFrontWebDistribution``.

        Problems are reported under the path of the certificate, because the distribution doesn't
        exist yet.

        Args:
            aliases: The distribution's domain names. The certificate must cover them. Default: none.

        Raises:
            TypeError: The domain names are not a list of strings.
            ValueError: CloudFront doesn't accept the certificate, and the certificate isn't a
                construct for which the problem can be reported at synth.
        """
        names = checked_aliases(aliases)
        if isinstance(self._certificate, Construct):
            checks = CloudFrontChecks(self._certificate, self._method, self._certificate, names)
            self._certificate.node.add_validation(checks)
        elif problems := path_problems(self._certificate):
            raise ValueError(" ".join(problems))
        return cloudfront.ViewerCertificate.from_iam_certificate(
            self._certificate.server_certificate_id,
            aliases=names,
            security_policy=self._protocol,
            ssl_method=self._method,
        )


def _resource_of(construct: IConstruct) -> cloudfront.CfnDistribution:
    # For an imported distribution, Python gets a proxy that doesn't derive from Construct.
    if not hasattr(construct, "node"):
        raise TypeError(
            f"the construct is of type {type(construct).__name__}, but must be a Distribution,"
            " CloudFrontWebDistribution or CfnDistribution."
        )
    resource = construct.node.default_child or construct
    if isinstance(resource, cloudfront.CfnDistributionTenant):
        raise TypeError(f"'{construct.node.path}' is a distribution tenant. {MULTI_TENANT}")
    if not isinstance(resource, cloudfront.CfnDistribution):
        raise TypeError(
            f"'{construct.node.path}' is a {type(construct).__name__}, not a CloudFront distribution"
            " in this app. Apply the certificate to a Distribution, CloudFrontWebDistribution or"
            " CfnDistribution."
        )
    return resource


def _consumer(distribution: cloudfront.CfnDistribution) -> IConstruct:
    """Return the construct that the user declared: the L1 distribution, or the L2 that created it."""
    scope = distribution.node.scope
    child = scope.node.default_child if scope else None
    # Python gets a new proxy each time for constructs that the CDK created, so compare the paths.
    is_resource = child is not None and child.node.path == distribution.node.path
    return scope if scope and is_resource else distribution
