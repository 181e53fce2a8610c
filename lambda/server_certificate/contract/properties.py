"""
The contract between construct and handler: the only spelling of property and attribute names.

Property names and the resource type are for ever: events in the old spelling keep arriving for
as long as a stack that was deployed with it exists.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from server_certificate.contract import combinations
from server_certificate.contract.combinations import Misfit
from server_certificate.contract.sources import Parameter, Part, Secret, Source, StoredObject, part
from server_certificate.contract.values import PropertyError, text
from server_certificate.secrecy import quoted

RESOURCE_TYPE = "Custom::IamServerCertificate"

DEFAULT_PATH = "/"
"""IAM's own default for Path."""

DEFAULT_NAME_PREFIX = "certificate"
"""Readable part of generated names where an event names none."""

DEFAULT_PROPAGATION_SECONDS = 30
"""How long the answer is held back after an upload or a rename. IAM is eventually consistent, and
load balancers have been seen to report a new certificate as missing for 10 to 30 seconds."""

MAX_PROPAGATION_SECONDS = 600
"""Longest wait: it must fit into the function's 15 minutes beside the work itself."""

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
    ACKNOWLEDGE = "Acknowledge"
    RETAIN = "Retain"
    ADOPT = "Adopt"


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
    """Where the material is; ``combinations`` says which parts go together."""

    certificate: Part | None = None
    """The leaf; None when it is in the bundle."""

    chain: Part | None = None
    """The chain; None when there is none, or it stands with the leaf or in the bundle."""

    private_key: Secret | Parameter | None = None
    """The private key; None when it is in the bundle."""

    bundle: Secret | StoredObject | None = None
    """The certificate and perhaps the others in one; None when they come apart."""

    passphrase: Secret | Parameter | None = None
    """What opens the bundle or the private key; None when neither needs one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceProperties:
    """The properties of one event."""

    name: str | None
    """The explicit name; None to have one generated from ``name_prefix``."""

    name_prefix: str
    """Readable part of a generated name."""

    path: str
    parts: Parts
    """Where the material is."""

    tags: Mapping[str, str]
    propagation_seconds: int

    acknowledged: frozenset[str]
    """Codes of findings that the user knows of; unknown ones are no error, for rules may go."""

    retain: bool
    """Whether CloudFormation keeps certificates that are replaced or removed (DeletionPolicy,
    UpdateReplacePolicy); it does not tell the function, so the construct does."""

    adopt: bool
    """Whether a certificate that is there under the explicit name, has the declared content and
    belongs to no stack, is taken over instead of an upload."""

    source_digest: str
    """Digest of the properties that say where the material comes from."""


def parse_properties(properties: Mapping[str, object]) -> ResourceProperties:
    """
    Read the properties of an event, where every scalar is a string.

    Raises:
        PropertyError: One is missing, has the wrong type or holds an unresolved reference.
    """
    parts = _parts(properties)
    return ResourceProperties(
        name=text(properties, Property.SERVER_CERTIFICATE_NAME) or None,
        name_prefix=text(properties, Property.NAME_PREFIX) or DEFAULT_NAME_PREFIX,
        path=text(properties, Property.PATH) or DEFAULT_PATH,
        parts=parts,
        tags=_tags(properties.get(Property.TAGS)),
        propagation_seconds=_seconds(properties),
        acknowledged=_codes(properties.get(Property.ACKNOWLEDGE)),
        retain=_flag(properties, Property.RETAIN),
        adopt=_adopts(properties),
        source_digest=source_digest(properties),
    )


def source_digest(properties: Mapping[str, object]) -> str:
    """
    Return the digest of the properties that say where the material comes from.

    By it a certificate is recognised as what these properties produced, without reading a source
    whose content or version may be gone. It is no digest of the material.
    """
    sources = {key.value: properties.get(key) for key in _PARTS if key in properties}
    text = json.dumps(sources, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:_SOURCE_DIGEST_LENGTH]


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
    if problem := combinations.misfit(given, is_upload=True):
        raise PropertyError(_MISFITS[problem])
    return Parts(
        certificate=certificate,
        chain=chain,
        private_key=private_key,
        bundle=bundle,
        passphrase=passphrase,
    )


_MISFITS = {
    Misfit.TWO_CERTIFICATES: f"{Property.BUNDLE} and {Property.CERTIFICATE} name two sources for one"
    " part: give one of them.",
    Misfit.NO_CERTIFICATE: f"{Property.CERTIFICATE} is missing; without a {Property.BUNDLE} it is needed.",
    Misfit.NO_PRIVATE_KEY: f"{Property.PRIVATE_KEY} is missing; without a {Property.BUNDLE} it is needed.",
}
_CONFIDENTIAL = f"a secret ({Source.SECRET_ARN}) or a parameter ({Source.PARAMETER_NAME})"
_LARGE = (
    f"a secret ({Source.SECRET_ARN}) or an object of S3 ({Source.BUCKET_NAME}, {Source.OBJECT_KEY})"
)


def _misplaced(key: Property, content: str, allowed: str) -> PropertyError:
    return PropertyError(f"{key} must name {allowed}; {content} does not belong in a template.")


def _tags(value: object) -> dict[str, str]:
    if value is None:
        return {}
    if not isinstance(value, Sequence) or isinstance(value, str):
        raise PropertyError(f"{Property.TAGS} must be a list, not {type(value).__name__}.")
    tags: dict[str, str] = {}
    for index, tag in enumerate(value):
        key, content = _tag(tag, where=f"{Property.TAGS}[{index}]")
        if key in tags:
            raise PropertyError(f"{Property.TAGS} has the key {quoted(key)} twice.")
        tags[key] = content
    return tags


def _tag(tag: object, *, where: str) -> tuple[str, str]:
    if not isinstance(tag, Mapping):
        raise PropertyError(f"{where} must be an object of Key and Value.")
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
        raise PropertyError(f"{Property.ACKNOWLEDGE} must be a list of the codes of findings.")
    return frozenset(value)


def _seconds(properties: Mapping[str, object]) -> int:
    value = properties.get(Property.PROPAGATION_SECONDS)
    if value is None:
        return DEFAULT_PROPAGATION_SECONDS
    digits = str(value)
    if not _SECONDS.fullmatch(digits) or int(digits) > MAX_PROPAGATION_SECONDS:
        raise PropertyError(
            f"{Property.PROPAGATION_SECONDS} is {quoted(value)}; whole seconds from 0 to"
            f" {MAX_PROPAGATION_SECONDS} are allowed."
        )
    return int(digits)


def _adopts(properties: Mapping[str, object]) -> bool:
    adopts = _flag(properties, Property.ADOPT)
    if adopts and not properties.get(Property.SERVER_CERTIFICATE_NAME):
        raise PropertyError(
            f"{Property.ADOPT} is 'true' without a {Property.SERVER_CERTIFICATE_NAME}: give the name of the"
            " certificate that is to be adopted."
        )
    return adopts


def _flag(properties: Mapping[str, object], key: str) -> bool:
    value = str(properties.get(key, "false"))
    if value.lower() not in {"true", "false"}:
        raise PropertyError(f"{key} is {quoted(value)}; 'true' and 'false' are allowed.")
    return value.lower() == "true"
