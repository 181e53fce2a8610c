"""The construct ``ServerCertificate``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import jsii
from aws_cdk import (
    Annotations,
    CfnDeletionPolicy,
    CfnResource,
    IStableAnyProducer,
    ITaggableV2,
    Lazy,
    Names,
    Resource,
    TagManager,
    TagType,
    Token,
)

from cdk_iam_server_certificate.attributes import attribute
from cdk_iam_server_certificate.imported import from_arn, from_attributes
from cdk_iam_server_certificate.interface import IServerCertificate
from cdk_iam_server_certificate.material import sources_of, usable
from cdk_iam_server_certificate.permissions import on_certificates
from cdk_iam_server_certificate.provider.provider import SERVICE_TIMEOUT_SECONDS, Provider
from cdk_iam_server_certificate.synth.arguments import Arguments
from cdk_iam_server_certificate.synth.chain_asset import in_template_or_asset
from cdk_iam_server_certificate.synth.checks import SynthChecks
from cdk_iam_server_certificate.synth.name_claims import NameClaim
from cdk_iam_server_certificate.tokens import harmless_id, holds_token
from server_certificate.contract.properties import DEFAULT_PATH, RESOURCE_TYPE, Attribute, Property
from server_certificate.naming import FINGERPRINT_LENGTH, MAX_NAME_LENGTH

if TYPE_CHECKING:
    from collections.abc import Collection

    from aws_cdk import Duration, ICfnResourceOptions
    from constructs import Construct, IConstruct

    from cdk_iam_server_certificate.material import CertificateMaterial

__all__ = ["IServerCertificate", "ServerCertificate"]

_LONGEST_REGION_NAME = 20
_READABLE_PART_LENGTH = MAX_NAME_LENGTH - FINGERPRINT_LENGTH - _LONGEST_REGION_NAME - len("--")
_ID_OF_FINDINGS = "cdk-iam-server-certificate"

_HINTED: set[IConstruct] = set()
"""The apps that were advised to use ACM: once is enough."""


@jsii.implements(ITaggableV2)
class ServerCertificate(Resource):
    """
    A server certificate in IAM.

    It is checked and uploaded when the stack is created, renamed, re-pathed and retagged in place,
    replaced by a new certificate when its content changes, and deleted with the stack. For
    certificates that ACM can hold, use ACM.

    Args:
        scope: The parent construct.
        construct_id: The id in the parent. It becomes part of a generated name.
        material: Leaf certificate, private key and chain.
        server_certificate_name: The name, 1 to 128 letters, digits and ``_+=,.@-``, unique in the
            account. One that is known at deploy time only, such as a parameter's value, is taken
            literally in the function's policy. Default: generated from the construct path, the
            Region and the content, so that a new content never meets the name of an old one.
        path: ``/``, or up to 512 printable ASCII characters that begin and end with ``/``.
            Certificates for CloudFront need one that begins with ``/cloudfront/``. Default: ``/``.
        propagation_time: How long to wait after an upload or rename until consumers know of it,
            whole seconds, up to 10 minutes. Default: 30 seconds, which load balancers need.
        adopt_existing: Whether a certificate that has the name already, and is the one that is
            declared here, path included, is taken over instead of being an error. It keeps its id
            and its ARN. As long as this stands in the template, the certificate stays in IAM when
            the resource or the stack is deleted. Needs a name. Default: no.
        acknowledge: Codes of findings that you know of and want so, such as ``chain-missing``: they
            stop neither the synthesis nor the deployment. Default: none.

    What is wrong with an argument stops the synthesis, with all other findings of the app and under the
    path of the construct.

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
        path: str = DEFAULT_PATH,
        propagation_time: Duration | None = None,
        adopt_existing: bool = False,
        acknowledge: Collection[str] = (),
    ) -> None:
        super().__init__(scope, harmless_id(construct_id))
        provider = Provider.of(self)
        arguments = Arguments.of(
            name=server_certificate_name,
            path=path,
            propagation_time=propagation_time,
            adopts=adopt_existing,
            acknowledge=acknowledge,
        )
        self._tag_manager = TagManager(TagType.KEY_VALUE, RESOURCE_TYPE)
        self._material = usable(material)
        self._declared_path = arguments.path
        self._acknowledged = arguments.acknowledged
        checks = SynthChecks(
            self._material,
            arguments,
            tags=self._tag_manager,
            claim=self._claim(provider, arguments.name),
            resolve=provider.stack.resolve,
        )
        self.node.add_validation(checks)
        self._annotate(checks, provider)
        readable = Names.unique_resource_name(self, max_length=_READABLE_PART_LENGTH, separator="-")
        prefix = f"{readable}-{provider.region}"
        parts, of_assets = in_template_or_asset(self, checks.rendered())
        retained = _Retained()
        properties: dict[str, object] = {
            "ServiceToken": provider.function_arn,
            "ServiceTimeout": str(SERVICE_TIMEOUT_SECONDS),
            Property.NAME_PREFIX: prefix,
            Property.SERVER_CERTIFICATE_NAME: arguments.name,
            Property.PATH: arguments.path,
            **{str(part): source for part, source in parts.items()},
            Property.TAGS: self._tag_manager.rendered_tags,
            Property.PROPAGATION_SECONDS: str(arguments.propagation_seconds),
            Property.ADOPT: "true" if arguments.adopts else None,
            Property.ACKNOWLEDGE: sorted(arguments.acknowledged) or None,
            Property.RETAIN: Lazy.any(retained),
        }
        self._resource = CfnResource(
            self,
            "Resource",
            type=RESOURCE_TYPE,
            properties={str(key): each for key, each in properties.items() if each is not None},
        )
        retained.options = self._resource.cfn_options
        policies = provider.allow(
            *on_certificates(provider.certificates_arn, name=arguments.name, name_prefix=prefix),
            *(
                permission
                for source in sources_of(self._material).values()
                for permission in source.permissions
            ),
            *of_assets,
        )
        # Without this the policy may be gone before the certificate is deleted.
        self._resource.node.add_dependency(*policies)

    @staticmethod
    def from_server_certificate_arn(
        scope: Construct, construct_id: str, server_certificate_arn: str
    ) -> IServerCertificate:
        """
        Import a certificate that is in IAM already; it is not changed.

        Args:
            scope: The parent construct.
            construct_id: The id in the parent.
            server_certificate_arn: The ARN. From a literal one, name and path are known, too; the
                ServerCertificateId, which CloudFront takes, stands in none: see
                ``from_server_certificate_attributes``.

        Raises:
            ValueError: It is no ARN of a server certificate.
        """
        return from_arn(scope, harmless_id(construct_id), server_certificate_arn)

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
        Import a certificate of the stack's account that is in IAM already; it is not changed.

        Args:
            scope: The parent construct.
            construct_id: The id in the parent.
            server_certificate_name: The name.
            server_certificate_id: The ServerCertificateId (``ASCA…``), which CloudFront takes.
                Default: unknown, which load balancers don't mind.
            server_certificate_path: The path. Default: ``/``.

        Raises:
            ValueError: Name or path are none that IAM takes.
        """
        return from_attributes(
            scope,
            harmless_id(construct_id),
            name=server_certificate_name,
            certificate_id=server_certificate_id,
            path=server_certificate_path,
        )

    @property
    def server_certificate_arn(self) -> str:
        """ARN, which load balancers and Elastic Beanstalk take."""
        return self._attribute(Attribute.ARN)

    @property
    def server_certificate_id(self) -> str:
        """ServerCertificateId, which CloudFront takes. Renaming and re-pathing keep it."""
        return self._resource.ref

    @property
    def server_certificate_name(self) -> str:
        """Name, given or generated."""
        return self._attribute(Attribute.SERVER_CERTIFICATE_NAME)

    @property
    def server_certificate_path(self) -> str:
        """Path."""
        return self._attribute(Attribute.PATH)

    @property
    def server_certificate_expiration(self) -> str:
        """End of validity, ISO 8601 in UTC, such as ``2027-01-31T12:00:00Z``."""
        return self._attribute(Attribute.EXPIRATION)

    @property
    def server_certificate_not_before(self) -> str:
        """Begin of validity, ISO 8601 in UTC."""
        return self._attribute(Attribute.NOT_BEFORE)

    @property
    def server_certificate_upload_date(self) -> str:
        """Instant of the upload, ISO 8601 in UTC."""
        return self._attribute(Attribute.UPLOAD_DATE)

    @property
    def server_certificate_fingerprint(self) -> str:
        """SHA-256 of the leaf's DER encoding, as upper-case hexadecimal pairs joined by colons."""
        return self._attribute(Attribute.FINGERPRINT)

    @property
    def server_certificate_subject_alternative_names(self) -> str:
        """DNS names and IP addresses of the leaf, joined by commas; cut where CloudFormation's limit is met."""
        return self._attribute(Attribute.SUBJECT_ALTERNATIVE_NAMES)

    @property
    def cdk_tag_manager(self) -> TagManager:
        """What ``Tags.of(...)`` writes to."""
        return self._tag_manager

    def _attribute(self, attribute: Attribute) -> str:
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
        if provider.app not in _HINTED and (hint := checks.hint(provider.region)):
            _HINTED.add(provider.app)
            Annotations.of(self).add_info_v2(f"{_ID_OF_FINDINGS}:{hint.code}", checks.format(hint))


@jsii.implements(IStableAnyProducer)
class _Retained:
    """Whether CloudFormation keeps what is replaced or removed, which it does not tell the function."""

    options: ICfnResourceOptions

    def produce(self) -> str | None:
        """Return ``true`` if a policy of the resource says so, once all aspects have run."""
        policies = {
            attribute(self.options, name) for name in ("deletionPolicy", "updateReplacePolicy")
        }
        kept = policies & {CfnDeletionPolicy.RETAIN, CfnDeletionPolicy.RETAIN_EXCEPT_ON_CREATE}
        return "true" if kept else None
