"""The construct ``ServerCertificate``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import jsii
from aws_cdk import (
    Annotations,
    CfnResource,
    ITaggableV2,
    Lazy,
    Names,
    Resource,
    TagManager,
    TagType,
    Token,
)

from cdk_iam_server_certificate.imported import from_arn, from_attributes
from cdk_iam_server_certificate.interface import IServerCertificate
from cdk_iam_server_certificate.material import sources_of, usable
from cdk_iam_server_certificate.permissions import on_certificates
from cdk_iam_server_certificate.provider.provider import SERVICE_TIMEOUT_SECONDS, Provider
from cdk_iam_server_certificate.renewal.certificate import CertificateRenewal
from cdk_iam_server_certificate.synth.arguments import Arguments
from cdk_iam_server_certificate.synth.chain_asset import in_template_or_asset
from cdk_iam_server_certificate.synth.checks import SynthChecks
from cdk_iam_server_certificate.synth.consumers import Usage
from cdk_iam_server_certificate.synth.late_checks import LateCertificate
from cdk_iam_server_certificate.synth.name_claims import NameClaim
from cdk_iam_server_certificate.synth.notes import acknowledge_hint, note_once
from cdk_iam_server_certificate.synth.retained import Retained
from cdk_iam_server_certificate.synth.versions import without_version
from cdk_iam_server_certificate.tokens import checked_id, holds_token
from server_certificate.contract.properties import DEFAULT_PATH, RESOURCE_TYPE, Attribute, Property
from server_certificate.naming import MAX_READABLE_LENGTH
from server_certificate.rules.acm import ACM_SUFFICES

if TYPE_CHECKING:
    from collections.abc import Collection

    from aws_cdk import Duration
    from aws_cdk import aws_cloudwatch as cloudwatch
    from aws_cdk import aws_iam as iam
    from constructs import Construct

    from cdk_iam_server_certificate.material import CertificateMaterial

__all__ = ["IServerCertificate", "ServerCertificate"]

_ID_OF_FINDINGS = "cdk-iam-server-certificate"
_METADATA = "ServerCertificate"


@jsii.implements(ITaggableV2)
class ServerCertificate(Resource):
    """
    A server certificate in IAM.

    The certificate is checked and uploaded when the stack is created. Changes of the name, path and
    tags are made in place. When the content changes, a new certificate is uploaded and the old one
    is deleted. When the stack is deleted, the certificate is deleted, too. Use ACM instead if it
    supports your certificate.

    Args:
        scope: The parent construct.
        construct_id: The id in the parent. It becomes part of a name that is generated without a
            prefix.
        material: The leaf certificate, private key and chain.
        server_certificate_name: The name: 1 to 128 letters, digits and ``_+=,.@-``, unique in the
            account. A name that is only known at deploy time, such as a parameter's value, is
            escaped in the function's policy. Default: generated from the prefix or the construct
            path, the Region and the content, so that new content always gets a new name.
        server_certificate_name_prefix: The beginning of a generated name: 1 to 90 characters of a
            name. ``www`` gives a name like ``www-eu-central-1-0123456789abcdef``, whose last part
            is a fingerprint of the resource and the content. Certificates can share a prefix. Can't
            be combined with ``server_certificate_name``. Default: the construct path.
        path: ``/``, or up to 512 printable ASCII characters that begin and end with ``/``.
            CloudFront requires a path that begins with ``/cloudfront/``. Default: ``/``.
        propagation_time: How long to wait after an upload or rename, until other services see the
            change: whole seconds, at most 10 minutes. Default: 30 seconds, which load balancers
            need.
        deletion_timeout: How long a deletion waits for services that still use the certificate,
            before it fails and names one of them: whole seconds, at most 14 minutes; 0 doesn't
            wait. After a renewal, the old certificate is deleted with the timeout of the previous
            deployment. Default: as long as the function can, more than 14 minutes.
        adopt_existing: Whether to adopt an existing certificate that has the same name, path and
            content, instead of failing. The certificate keeps its id and ARN, and stays in IAM when
            the resource or the stack is deleted while this is true in the template. Requires a
            name. Default: False.
        renew_automatically: Whether a new version of the secret renews the certificate: CloudFormation
            updates the stack, and so everything that uses the certificate. The certificate, the
            private key and everything else except for a literal chain must come from one secret
            without ``version_id`` or ``version_stage``. Default: False.
        expiration_notice: How long before the end of the validity period an event is sent each day:
            whole days, from 1 to 365. The event ``Server Certificate Approaching Expiration`` goes to
            the default event bus. Default: 14 days if the certificate renews automatically or has a
            metric; otherwise, no event is sent.
        acknowledge: The codes of findings to accept, such as ``chain-missing``. Acknowledged
            findings stop neither the synthesis nor the deployment. Default: none.

    Invalid arguments stop the synthesis. They are reported under the path of the construct, together
    with all other findings of the app.

    Source of the rules: IAM API reference, UploadServerCertificate; IAM user guide, Manage server
    certificates.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        material: CertificateMaterial,
        server_certificate_name: str | None = None,
        server_certificate_name_prefix: str | None = None,
        path: str = DEFAULT_PATH,
        propagation_time: Duration | None = None,
        deletion_timeout: Duration | None = None,
        adopt_existing: bool = False,
        renew_automatically: bool = False,
        expiration_notice: Duration | None = None,
        acknowledge: Collection[str] = (),
    ) -> None:
        super().__init__(scope, checked_id(construct_id))
        provider = Provider.of(scope)
        arguments = Arguments.of(
            name=server_certificate_name,
            name_prefix=server_certificate_name_prefix,
            path=path,
            propagation_time=propagation_time,
            deletion_timeout=deletion_timeout,
            adopts=adopt_existing,
            renews=renew_automatically,
            expiration_notice=expiration_notice,
            acknowledge=acknowledge,
        )
        self._tag_manager = TagManager(TagType.KEY_VALUE, RESOURCE_TYPE)
        self._renewal = CertificateRenewal(
            usable(material),
            provider.root_stack,
            renews=arguments.renews,
            notice_days=arguments.notice_days,
        )
        self._material = self._renewal.material
        self._declared_path = arguments.path
        self._acknowledged = arguments.acknowledged
        self._checks = checks = SynthChecks(
            self._material,
            arguments,
            claim=self._claim(provider, arguments.name),
            resolve=provider.stack.resolve,
        )
        tags = self._tag_manager.rendered_tags
        self._annotate(checks, provider)
        readable = arguments.name_prefix or Names.unique_resource_name(
            self, max_length=MAX_READABLE_LENGTH, separator="-"
        )
        prefix = f"{readable}-{provider.region}"
        parts, of_assets = in_template_or_asset(self, checks.rendered())
        retained = Retained()
        properties: dict[str, object] = {
            "ServiceToken": provider.function_arn,
            "ServiceTimeout": str(SERVICE_TIMEOUT_SECONDS),
            Property.NAME_PREFIX: prefix,
            Property.SERVER_CERTIFICATE_NAME: arguments.name,
            Property.PATH: arguments.path,
            **{str(part): source for part, source in parts.items()},
            Property.TAGS: tags,
            Property.PROPAGATION_SECONDS: str(arguments.propagation_seconds),
            Property.DELETION_SECONDS: (
                None if arguments.deletion_seconds is None else str(arguments.deletion_seconds)
            ),
            Property.ADOPT: "true" if arguments.adopts else None,
            Property.RENEW: "true" if self._renewal.renews else None,
            Property.ACKNOWLEDGE: sorted(arguments.acknowledged) or None,
            # The CDK keeps an empty list and omits it, but asks again each time if it gets None.
            Property.RETAIN: Lazy.any(retained, omit_empty_array=True),
        }
        self._resource = _CustomResource(
            self,
            "Resource",
            type=RESOURCE_TYPE,
            properties={str(key): each for key, each in properties.items() if each is not None},
        )
        retained.options = self._resource.cfn_options
        self._usage = Usage(
            construct=self,
            resource=self._resource,
            stack=provider.stack,
            root_stack=provider.root_stack,
            is_named=arguments.name is not None,
            renews=self._renewal.renews,
            acknowledged=arguments.acknowledged,
        )
        provider.late_checks.add(
            LateCertificate(
                usage=self._usage,
                checks=checks,
                material=self._material,
                tags=tags,
                check_renewals=self._renewal.check_renewals,
            )
        )
        self._renewal.declare(self._usage, provider.function_arn)
        # Metadata, not a property: it is for people who read `cdk diff`, and must not cause an update.
        if description := checks.description():
            self._resource.add_metadata(_METADATA, description)
        policies = provider.allow(
            *on_certificates(provider.certificates_arn, name=arguments.name, name_prefix=prefix),
            *(
                permission
                for source in sources_of(self._material).values()
                for permission in source.permissions
            ),
            *of_assets,
        )
        # Without this dependency, the policy could be deleted before the certificate.
        self._resource.node.add_dependency(*policies)

    @staticmethod
    def from_server_certificate_arn(
        scope: Construct, construct_id: str, server_certificate_arn: str
    ) -> IServerCertificate:
        """
        Import an existing certificate by its ARN. The app doesn't change the certificate.

        Args:
            scope: The parent construct.
            construct_id: The id in the parent.
            server_certificate_arn: The ARN. A literal ARN also provides the name and the path, but
                not the ServerCertificateId, which CloudFront uses. For CloudFront, use
                ``from_server_certificate_attributes``.

        Raises:
            ValueError: It isn't the ARN of a server certificate.
        """
        return from_arn(scope, checked_id(construct_id), server_certificate_arn)

    @staticmethod
    def from_server_certificate_attributes(
        scope: Construct,
        construct_id: str,
        *,
        server_certificate_name: str,
        server_certificate_id: str | None = None,
        server_certificate_path: str = DEFAULT_PATH,
    ) -> IServerCertificate:
        """
        Import an existing certificate in the stack's account. The app doesn't change the certificate.

        Args:
            scope: The parent construct.
            construct_id: The id in the parent.
            server_certificate_name: The name.
            server_certificate_id: The ServerCertificateId (``ASCA…``), which CloudFront uses.
                Default: unknown; load balancers don't need it.
            server_certificate_path: The path. Default: ``/``.

        Raises:
            ValueError: The name, the path or the id is invalid.
        """
        return from_attributes(
            scope,
            checked_id(construct_id),
            name=server_certificate_name,
            certificate_id=server_certificate_id,
            path=server_certificate_path,
        )

    @property
    def server_certificate_arn(self) -> str:
        """The ARN, which load balancers and Elastic Beanstalk use."""
        return self._attribute(Attribute.ARN)

    @property
    def server_certificate_id(self) -> str:
        """The ServerCertificateId, which CloudFront uses. It stays the same when the name or path changes."""
        self._usage.attributes.add("Ref")
        return self._resource.ref

    @property
    def server_certificate_name(self) -> str:
        """The name, declared or generated."""
        return self._attribute(Attribute.SERVER_CERTIFICATE_NAME)

    @property
    def server_certificate_path(self) -> str:
        """The path."""
        return self._attribute(Attribute.PATH)

    @property
    def server_certificate_expiration(self) -> str:
        """The end of the validity period, in ISO 8601 and UTC, such as ``2027-01-31T12:00:00Z``."""
        return self._attribute(Attribute.EXPIRATION)

    @property
    def server_certificate_not_before(self) -> str:
        """The start of the validity period, in ISO 8601 and UTC."""
        return self._attribute(Attribute.NOT_BEFORE)

    @property
    def server_certificate_upload_date(self) -> str:
        """The time of the upload, in ISO 8601 and UTC."""
        return self._attribute(Attribute.UPLOAD_DATE)

    @property
    def server_certificate_fingerprint(self) -> str:
        """The SHA-256 fingerprint of the leaf certificate: uppercase hexadecimal pairs with colons."""
        return self._attribute(Attribute.FINGERPRINT)

    @property
    def server_certificate_subject_alternative_names(self) -> str:
        """
        The DNS names and IP addresses of the leaf certificate, separated by commas.

        A list that exceeds CloudFormation's limit for attributes is truncated.
        """
        return self._attribute(Attribute.SUBJECT_ALTERNATIVE_NAMES)

    @property
    def renewal_role(self) -> iam.IRole:
        """
        The role that CloudFormation assumes to renew the certificates of the stack.

        It may update listeners, Classic Load Balancers and CloudFront distributions that use the
        certificates. Grant it what other consumers need.

        Raises:
            ValueError: The certificate doesn't renew automatically.
        """
        return self._renewal.role

    def metric_days_to_expiry(self, **options: Any) -> cloudwatch.Metric:  # noqa: ANN401 (those of Metric)
        """
        Return the metric ``DaysToExpiry``: the days until the validity period ends.

        A function publishes it every 6 hours, also if the certificate doesn't renew automatically.

        Args:
            options: Options of ``aws_cloudwatch.Metric``. Default: the minimum over 1 day.
        """
        return self._renewal.days_to_expiry(options)

    def metric_renewal_lag(self, **options: Any) -> cloudwatch.Metric:  # noqa: ANN401 (as above)
        """
        Return the metric ``RenewalLagHours``: the hours since the secret got a newer version.

        It is 0 while the certificate comes from the current version of the secret. A function
        publishes it every 6 hours, also if the certificate doesn't renew automatically.

        Args:
            options: Options of ``aws_cloudwatch.Metric``. Default: the maximum over 6 hours.

        Raises:
            ValueError: The certificate isn't in a secret.
        """
        return self._renewal.lag(options)

    @property
    def cdk_tag_manager(self) -> TagManager:
        """The tag manager for ``Tags.of(...)``."""
        return self._tag_manager

    def _attribute(self, attribute: Attribute) -> str:
        self._usage.attributes.add(attribute.value)
        return Token.as_string(self._resource.get_att(attribute.value))

    def _claim(self, provider: Provider, name: str | None) -> NameClaim | None:
        if name is None or holds_token(name):
            return None
        claim = NameClaim(
            name=name,
            app=provider.app,
            account=provider.account,
            stack=provider.root_stack,
            construct=self,
        )
        claim.register()
        return claim

    def _annotate(self, checks: SynthChecks, provider: Provider) -> None:
        for warning in checks.warnings():
            Annotations.of(self).add_warning_v2(
                f"{_ID_OF_FINDINGS}:{warning.code}", checks.format(warning)
            )
        if hint := checks.hint(provider.region):
            note_once(provider.app, self, hint, checks.format(hint))
        if ACM_SUFFICES.code in self._acknowledged:
            acknowledge_hint(provider.app)
        for source, finding in without_version(self._material):
            if finding.code not in self._acknowledged:
                note_once(provider.app, self, finding, checks.format(finding), about=source)


class _CustomResource(CfnResource):
    """The resource in the template. The checks know its type by this class, without a call to the CDK."""
