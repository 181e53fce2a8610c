"""The construct ``ServerCertificate``."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol

import jsii
from aws_cdk import (
    Annotations,
    CfnDeletionPolicy,
    CfnResource,
    Duration,
    IStableAnyProducer,
    ITaggableV2,
    Lazy,
    Names,
    Resource,
    Stack,
    TagManager,
    TagType,
    Token,
)
from aws_cdk import aws_iam as iam

from cdk_iam_server_certificate._permissions import certificate_resources
from cdk_iam_server_certificate._provider import SERVICE_TIMEOUT, Provider
from cdk_iam_server_certificate._synth_checks import SynthChecks
from server_certificate.catalogue import refusal
from server_certificate.naming import FINGERPRINT_LENGTH, MAX_NAME_LENGTH
from server_certificate.resource_contract import (
    DEFAULT_PATH,
    DEFAULT_PROPAGATION_SECONDS,
    MAX_PROPAGATION_SECONDS,
    RESOURCE_TYPE,
    Attribute,
    Property,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from constructs import Construct

    from cdk_iam_server_certificate.material import CertificateMaterial

_LONGEST_REGION_NAME = 20
_READABLE_PART_LENGTH = MAX_NAME_LENGTH - FINGERPRINT_LENGTH - _LONGEST_REGION_NAME - len("--")


class IServerCertificate(Protocol):
    """A server certificate in IAM, whether this app made it or not."""

    @property
    def server_certificate_arn(self) -> str:
        """ARN, which load balancers and Elastic Beanstalk take."""

    @property
    def server_certificate_id(self) -> str:
        """ServerCertificateId, which CloudFront takes."""

    @property
    def server_certificate_name(self) -> str:
        """Name, unique in the account."""


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
            account. Default: generated from the construct path, the Region and the content, so
            that a new content never meets the name of an old one.
        path: ``/``, or up to 512 printable ASCII characters that begin and end with ``/``.
            Certificates for CloudFront need one that begins with ``/cloudfront/``. Default: ``/``.
        propagation_time: How long to wait after an upload or rename until consumers know of it,
            whole seconds, up to 10 minutes. Default: 30 seconds, which load balancers need.
        acknowledge: Codes of findings that you know of and want so, such as ``chain-missing``: they
            stop neither the synthesis nor the deployment. Default: none.

    Raises:
        ValueError: ``propagation_time`` is out of bounds, or ``acknowledge`` names a finding that
            does not exist or that the upload is bound to fail with. What the checks find about the material,
            the name and the path stops the synthesis instead, all of it at once.

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
        acknowledge: Collection[str] = (),
    ) -> None:
        super().__init__(scope, construct_id)
        for code in acknowledge:
            if problem := refusal(code):
                raise ValueError(f"acknowledge: {problem}")
        self._tag_manager = TagManager(TagType.STANDARD, RESOURCE_TYPE)
        self._declared_path = path
        checks = SynthChecks(
            material,
            name=server_certificate_name,
            path=path,
            tags=self._tag_manager,
            acknowledged=acknowledge,
        )
        self.node.add_validation(checks)
        for warning in checks.warnings(at=datetime.now(UTC)):
            Annotations.of(self).add_warning_v2(
                f"cdk-iam-server-certificate:{warning.code}", checks.told(warning)
            )
        prefix = f"{Names.unique_resource_name(self, max_length=_READABLE_PART_LENGTH, separator='-')}-{Stack.of(self).region}"
        provider = Provider.of(self)
        certificate, chain = checks.rendered()
        properties: dict[str, object] = {
            "ServiceToken": provider.function.function_arn,
            "ServiceTimeout": str(int(SERVICE_TIMEOUT.to_seconds())),
            Property.NAME_PREFIX.value: prefix,
            Property.PATH.value: path,
            Property.CERTIFICATE.value: certificate,
            Property.PRIVATE_KEY.value: material.private_key.render(),
            Property.TAGS.value: Lazy.any(_RenderedTags(self._tag_manager), omit_empty_array=True),
            Property.PROPAGATION_SECONDS.value: str(_seconds(propagation_time)),
        }
        if server_certificate_name is not None:
            properties[Property.SERVER_CERTIFICATE_NAME.value] = server_certificate_name
        if chain is not None:
            properties[Property.CERTIFICATE_CHAIN.value] = chain
        if acknowledge:
            properties[Property.ACKNOWLEDGE.value] = sorted(set(acknowledge))
        properties[Property.RETAIN.value] = Lazy.any(_Retained(lambda: self._resource))
        self._resource = CfnResource(self, "Resource", type=RESOURCE_TYPE, properties=properties)
        names = certificate_resources(
            Stack.of(self), name=server_certificate_name, name_prefix=prefix
        )
        self._grant(provider, material, names)

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

    def _grant(
        self, provider: Provider, material: CertificateMaterial, resources: list[str]
    ) -> None:
        upload = provider.role.add_to_principal_policy(
            iam.PolicyStatement(
                actions=[
                    "iam:UploadServerCertificate",
                    "iam:UpdateServerCertificate",
                    "iam:DeleteServerCertificate",
                    "iam:TagServerCertificate",
                    "iam:UntagServerCertificate",
                ],
                resources=resources,
            )
        )
        for source in (material.certificate, material.chain, material.private_key):
            grant = source.grant_read(provider.role) if source else None
            if grant is not None:
                grant.apply_before(self._resource)
        # Without this the policy may be gone before the certificate is deleted.
        if upload.policy_dependable is not None:
            self._resource.node.add_dependency(upload.policy_dependable)


@jsii.implements(IStableAnyProducer)
class _RenderedTags:
    """The tags in CloudFormation's spelling, which CDK writes for its own resource types only."""

    def __init__(self, manager: TagManager) -> None:
        self._manager = manager

    def produce(self) -> list[dict[str, str]]:
        """Return the tags once all aspects have run."""
        values = self._manager.tag_values()
        return [{"Key": key, "Value": values[key]} for key in sorted(values)]


@jsii.implements(IStableAnyProducer)
class _Retained:
    """Whether CloudFormation keeps what is replaced or removed, which it does not tell the function."""

    def __init__(self, resource: Callable[[], CfnResource]) -> None:
        self._resource = resource

    def produce(self) -> str | None:
        """Return ``true`` if a policy of the resource says so, once all aspects have run."""
        options = self._resource().cfn_options
        keeping = {CfnDeletionPolicy.RETAIN, CfnDeletionPolicy.RETAIN_EXCEPT_ON_CREATE}
        kept = {options.deletion_policy, options.update_replace_policy} & keeping
        return "true" if kept else None


def _seconds(propagation_time: Duration | None) -> int:
    if propagation_time is None:
        return DEFAULT_PROPAGATION_SECONDS
    seconds = int(propagation_time.to_seconds())
    if seconds > MAX_PROPAGATION_SECONDS:
        raise ValueError(
            f"propagation_time is {seconds} seconds; up to {MAX_PROPAGATION_SECONDS} fit into the function's time."
        )
    return seconds
