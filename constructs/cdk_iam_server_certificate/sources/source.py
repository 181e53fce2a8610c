"""What all sources have in common."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from aws_cdk import Stack
from aws_cdk.region_info import RegionInfo

from cdk_iam_server_certificate.attributes import attribute
from cdk_iam_server_certificate.permissions import Permission
from cdk_iam_server_certificate.policy_literals import literal, special_characters
from cdk_iam_server_certificate.tokens import holds_token, without_tokens
from server_certificate.findings import listed
from server_certificate.reading.rules import ARGUMENT_UNUSABLE
from server_certificate.secrecy import MISPLACED, REMEDY, holds_material

if TYPE_CHECKING:
    from aws_cdk import IResource
    from aws_cdk import aws_kms as kms

    from server_certificate.contract.sources import Source as Key
    from server_certificate.findings import Finding, Rule
    from server_certificate.reading.contents import Contents


_DOCUMENTED_SUFFIX: Final = "amazonaws.com"


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a value is invalid, before it is known which part of a certificate it is for."""

    message: str
    fix: str
    rule: Rule = field(default=ARGUMENT_UNUSABLE)

    def about(self, subject: str) -> Finding:
        """Return the problem as a finding about a part of a certificate."""
        return self.rule.finding(subject, self.message, self.fix)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """
    The location of a part of the material.

    An invalid source has a problem and no content, so that the content can't get into a template by
    mistake.
    """

    keys: dict[Key, str | None] = field(default_factory=dict, repr=False, hash=False)
    """The fields for the custom resource. Fields without a value are omitted."""

    permissions: tuple[Permission, ...] = ()
    """The permissions to read this source, and nothing else."""

    given: Contents | None = None
    """The content, if it is known at synth."""

    origin: str | None = None
    """The name of the source in messages; None unless it is a file."""

    problem: Problem | None = None
    """Why the source is invalid; None if it is valid."""

    def render(self) -> dict[str, str]:
        """Return the source as a property of the custom resource."""
        return {key.value: value for key, value in self.keys.items() if value is not None}


@dataclass(frozen=True, slots=True)
class PartSource:
    """The base class of the public sources."""

    _source: Source


def wrong_type(value: object, wanted: str, fix: str) -> Problem:
    """Return the problem of a value of the wrong type. It is not quoted, because it could be a secret."""
    return Problem(f"it is of type {type(value).__name__}, but must be a {wanted}.", fix)


def misplaced_material(**names: object) -> Problem | None:
    """
    Return the problem of arguments that contain key material, which would get into the template.

    Args:
        names: The values of the arguments, by name. Values that are not strings are ignored.
    """
    for argument, value in names.items():
        if isinstance(value, str) and holds_material(value):
            return Problem(f"its {argument}: {MISPLACED}", REMEDY)
    return None


def pattern_problem(kind: str, name: str | None, allowed: str) -> Problem | None:
    """
    Return the problem of a name with characters that would make it a pattern in a policy.

    No service allows them in names.

    Args:
        kind: The kind of resource, for the message.
        name: The name or ARN; None if it has none.
        allowed: The characters that the service allows in the name.
    """
    if not name or not (found := special_characters(name)):
        return None
    return Problem(
        f"the name of the {kind} '{without_tokens(name, replacement='…')}' contains {listed(found)},"
        f" but can only contain {allowed}.",
        f"Provide the name of one {kind}; patterns are not supported.",
    )


def kms_key_problem(key: kms.IKey | None) -> Problem | None:
    """Return the problem of a KMS key whose ARN is a pattern; None for a valid key or no key."""
    arn = None if key is None else attribute(key, "keyArn")
    return pattern_problem("KMS key", arn, "letters, digits and /_-")


def decrypt_permissions(
    key: kms.IKey | None, service: str, holder: IResource
) -> tuple[Permission, ...]:
    """
    Return the permission to decrypt data in a service.

    Args:
        key: The customer managed key. None for the AWS managed key, which requires no permission.
        service: The service's name, as in its endpoints.
        holder: The encrypted resource, whose Region is used: it can differ from the stack's Region.
    """
    if key is None:
        return ()
    region = holder.env.region
    return (
        Permission(
            sid=f"DecryptFor{service.title()}",
            actions=("kms:Decrypt",),
            resource=literal(key.key_arn),
            condition=(
                "kms:ViaService",
                tuple(
                    f"{service}.{literal(region)}.{suffix}" for suffix in _suffixes(region, holder)
                ),
            ),
        ),
    )


def _suffixes(region: str, holder: IResource) -> tuple[str, ...]:
    """
    Return the possible domain suffixes of services in ``kms:ViaService``.

    KMS documents only ``amazonaws.com``. Where endpoints have a different suffix, as in China, both
    suffixes are allowed, because KMS doesn't document which one it uses.
    """
    own = None if holds_token(region) else RegionInfo.get(region).domain_suffix
    return tuple(dict.fromkeys((_DOCUMENTED_SUFFIX, own or Stack.of(holder).url_suffix)))
