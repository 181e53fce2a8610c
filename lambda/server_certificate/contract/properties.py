"""
The names and the format of the custom resource's properties and attributes.

Property names and the resource type never change: events with old names keep arriving as long as a
stack that was deployed with them exists.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from server_certificate.contract import combinations
from server_certificate.contract.combinations import InvalidCombination
from server_certificate.contract.sources import Parameter, Part, Secret, Source, StoredObject, part
from server_certificate.contract.values import PropertyError, text
from server_certificate.secrecy import quoted

RESOURCE_TYPE = "Custom::IamServerCertificate"

DEFAULT_PATH = "/"
"""IAM's own default for Path."""

DEFAULT_NAME_PREFIX = "certificate"
"""The default readable part of generated names."""

DEFAULT_PROPAGATION_SECONDS = 30
"""
The time to wait after an upload or a rename before responding. IAM is eventually consistent, and
load balancers were observed to report a new certificate as missing for 10 to 30 seconds."""

MAX_PROPAGATION_SECONDS = 600
"""The maximum wait, which must fit into the function's 15 minutes together with the work."""

MAX_DELETION_SECONDS = 840
"""The maximum wait for consumers before a deletion, which must fit into the same time."""

_SECONDS = re.compile("[0-9]{1,4}")
_SOURCE_DIGEST_LENGTH = 32


class Property(StrEnum):
    """Properties of the custom resource."""

    SERVER_CERTIFICATE_NAME = "ServerCertificateName"
    NAME_PREFIX = "NamePrefix"
    PATH = "Path"
    CERTIFICATE = "Certificate"
    CERTIFICATE_CHAIN = "CertificateChain"
    PRIVATE_KEY = "PrivateKey"
    BUNDLE = "Bundle"
    PASSPHRASE = "Passphrase"  # noqa: S105 (the name of a property)
    TAGS = "Tags"
    PROPAGATION_SECONDS = "PropagationSeconds"
    DELETION_SECONDS = "DeletionSeconds"
    ACKNOWLEDGE = "Acknowledge"
    RETAIN = "Retain"
    ADOPT = "Adopt"
    RENEW = "Renew"


_PARTS = (
    Property.CERTIFICATE,
    Property.CERTIFICATE_CHAIN,
    Property.PRIVATE_KEY,
    Property.BUNDLE,
    Property.PASSPHRASE,
)


class Attribute(StrEnum):
    """Attributes of the custom resource, for ``Fn::GetAtt``."""

    ARN = "Arn"
    SERVER_CERTIFICATE_ID = "ServerCertificateId"
    SERVER_CERTIFICATE_NAME = "ServerCertificateName"
    PATH = "Path"
    EXPIRATION = "Expiration"
    UPLOAD_DATE = "UploadDate"
    NOT_BEFORE = "NotBefore"
    FINGERPRINT = "Fingerprint"
    SUBJECT_ALTERNATIVE_NAMES = "SubjectAlternativeNames"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """The sources of the material; see ``combinations`` for the valid combinations."""

    certificate: Part | None = None
    """The leaf; None if it is in the bundle."""

    chain: Part | None = None
    """The chain; None if there is none, or if it is with the leaf or in the bundle."""

    private_key: Secret | Parameter | None = None
    """The private key; None if it is in the bundle."""

    bundle: Secret | StoredObject | None = None
    """The bundle with the certificate and possibly other parts; None if they are separate."""

    passphrase: Secret | Parameter | None = None
    """The passphrase of the bundle or the private key; None if neither needs one."""

    @property
    def leaf(self) -> Part | None:
        """The part that contains the leaf."""
        return self.bundle or self.certificate


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceProperties:
    """The properties of one event."""

    name: str | None
    """The explicit name; None to generate one from ``name_prefix``."""

    name_prefix: str
    """The readable part of a generated name."""

    path: str
    parts: Parts
    """The sources of the material."""

    tags: Mapping[str, str]
    propagation_seconds: int

    acknowledged: frozenset[str]
    """Codes of acknowledged findings. Unknown codes are ignored, because rules may be removed."""

    retain: bool
    """
    Whether CloudFormation retains replaced or removed certificates (DeletionPolicy,
    UpdateReplacePolicy). The construct passes this on, because CloudFormation doesn't."""

    adopt: bool
    """
    Whether to adopt an existing certificate instead of uploading one, if it has the explicit name
    and the declared content and belongs to no stack."""

    renew: bool
    """Whether it renews automatically, so that a new certificate must cover the hosts of the old one."""

    source_digest: str
    """The digest of the properties that specify the sources of the material."""


def parse_properties(properties: Mapping[str, object]) -> ResourceProperties:
    """
    Read the properties of an event, in which every scalar is a string.

    Raises:
        PropertyError: A property is missing, has the wrong type or contains an unresolved
            reference.
    """
    parts = _parts(properties)
    propagation = _seconds(
        properties, Property.PROPAGATION_SECONDS, maximum=MAX_PROPAGATION_SECONDS
    )
    # Only a Delete uses it, but a Delete can't report anything.
    deletion_seconds(properties)
    return ResourceProperties(
        name=text(properties, Property.SERVER_CERTIFICATE_NAME) or None,
        name_prefix=text(properties, Property.NAME_PREFIX) or DEFAULT_NAME_PREFIX,
        path=text(properties, Property.PATH) or DEFAULT_PATH,
        parts=parts,
        tags=_tags(properties.get(Property.TAGS)),
        propagation_seconds=DEFAULT_PROPAGATION_SECONDS if propagation is None else propagation,
        acknowledged=_codes(properties.get(Property.ACKNOWLEDGE)),
        retain=_flag(properties, Property.RETAIN),
        adopt=_adopts(properties),
        renew=_flag(properties, Property.RENEW),
        source_digest=source_digest(properties),
    )


def source_digest(properties: Mapping[str, object]) -> str:
    """
    Return the digest of the properties that specify the sources of the material.

    Without reading the sources, whose content or version may be gone, it identifies a certificate
    that these properties produced. It is not a digest of the material.
    """
    sources = {key.value: properties.get(key) for key in _PARTS if key in properties}
    text = json.dumps(sources, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:_SOURCE_DIGEST_LENGTH]


def deletion_seconds(properties: Mapping[str, object]) -> int | None:
    """
    Return how long a deletion waits for consumers; None if the properties don't say it.

    Raises:
        PropertyError: It is not a number of seconds, or out of range.
    """
    return _seconds(properties, Property.DELETION_SECONDS, maximum=MAX_DELETION_SECONDS)


def _parts(properties: Mapping[str, object]) -> Parts:
    certificate = part(properties, Property.CERTIFICATE)
    chain = part(properties, Property.CERTIFICATE_CHAIN)
    private_key = part(properties, Property.PRIVATE_KEY)
    bundle = part(properties, Property.BUNDLE)
    passphrase = part(properties, Property.PASSPHRASE)
    if private_key is not None and not isinstance(private_key, Secret | Parameter):
        raise _misplaced(Property.PRIVATE_KEY, "a private key", _CONFIDENTIAL)
    if passphrase is not None and not isinstance(passphrase, Secret | Parameter):
        raise _misplaced(Property.PASSPHRASE, "a passphrase", _CONFIDENTIAL)
    if bundle is not None and not isinstance(bundle, Secret | StoredObject):
        raise _misplaced(Property.BUNDLE, "a private key", _LARGE)
    given = {
        subject: part
        for subject, part in (
            (combinations.CERTIFICATE, certificate),
            (combinations.PRIVATE_KEY, private_key),
            (combinations.BUNDLE, bundle),
        )
        if part is not None
    }
    if problem := combinations.check_combination(given, is_upload=True):
        raise PropertyError(_COMBINATION_ERRORS[problem])
    return Parts(
        certificate=certificate,
        chain=chain,
        private_key=private_key,
        bundle=bundle,
        passphrase=passphrase,
    )


_COMBINATION_ERRORS = {
    InvalidCombination.TWO_CERTIFICATES: f"{Property.BUNDLE} and {Property.CERTIFICATE} specify the same part"
    " twice. Provide only one of them.",
    InvalidCombination.NO_CERTIFICATE: f"{Property.CERTIFICATE} is missing. It is required without a"
    f" {Property.BUNDLE}.",
    InvalidCombination.NO_PRIVATE_KEY: f"{Property.PRIVATE_KEY} is missing. It is required without a"
    f" {Property.BUNDLE}.",
}
_CONFIDENTIAL = f"a secret ({Source.SECRET_ARN}) or a parameter ({Source.PARAMETER_NAME})"
_LARGE = (
    f"a secret ({Source.SECRET_ARN}) or an S3 object ({Source.BUCKET_NAME}, {Source.OBJECT_KEY})"
)


def _misplaced(key: Property, content: str, allowed: str) -> PropertyError:
    return PropertyError(f"{key} must reference {allowed}. Don't put {content} into a template.")


def _tags(value: object) -> dict[str, str]:
    if value is None:
        return {}
    if not isinstance(value, Sequence) or isinstance(value, str):
        raise PropertyError(f"{Property.TAGS} must be a list, not {type(value).__name__}.")
    tags: dict[str, str] = {}
    for index, tag in enumerate(value):
        key, content = _tag(tag, where=f"{Property.TAGS}[{index}]")
        if key in tags:
            raise PropertyError(f"{Property.TAGS} contains the key {quoted(key)} twice.")
        tags[key] = content
    return tags


def _tag(tag: object, *, where: str) -> tuple[str, str]:
    if not isinstance(tag, Mapping):
        raise PropertyError(f"{where} must be an object with Key and Value.")
    key, value = tag.get("Key"), tag.get("Value", "")
    if not isinstance(key, str) or not isinstance(value, str):
        raise PropertyError(f"{where} must have strings as Key and Value.")
    return key, value


def _codes(value: object) -> frozenset[str]:
    if value is None:
        return frozenset()
    if not isinstance(value, Sequence) or isinstance(value, str):
        raise PropertyError(f"{Property.ACKNOWLEDGE} must be a list, not {type(value).__name__}.")
    if not all(isinstance(code, str) for code in value):
        raise PropertyError(f"{Property.ACKNOWLEDGE} must be a list of finding codes.")
    return frozenset(value)


def _seconds(properties: Mapping[str, object], key: Property, *, maximum: int) -> int | None:
    value = properties.get(key)
    if value is None:
        return None
    digits = str(value)
    if not _SECONDS.fullmatch(digits) or int(digits) > maximum:
        raise PropertyError(
            f"{key} is {quoted(value)}. It must be a whole number of seconds from 0 to {maximum}."
        )
    return int(digits)


def _adopts(properties: Mapping[str, object]) -> bool:
    adopts = _flag(properties, Property.ADOPT)
    if adopts and not properties.get(Property.SERVER_CERTIFICATE_NAME):
        raise PropertyError(
            f"{Property.ADOPT} is 'true' without a {Property.SERVER_CERTIFICATE_NAME}. Provide the"
            " name of the certificate to adopt."
        )
    return adopts


def _flag(properties: Mapping[str, object], key: str) -> bool:
    value = str(properties.get(key, "false"))
    if value.lower() not in {"true", "false"}:
        raise PropertyError(f"{key} is {quoted(value)}. It must be 'true' or 'false'.")
    return value.lower() == "true"
