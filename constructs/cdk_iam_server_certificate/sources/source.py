"""What all sources have in common, whatever the place."""

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
    from server_certificate.inputs import Input


_DOCUMENTED_SUFFIX: Final = "amazonaws.com"


@dataclass(frozen=True, slots=True)
class Problem:
    """Why something cannot be used, before it is known what it is a part of."""

    message: str
    fix: str
    rule: Rule = field(default=ARGUMENT_UNUSABLE)

    def about(self, subject: str) -> Finding:
        """Return it as a finding about a part of a certificate."""
        return self.rule.finding(subject, self.message, self.fix)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """
    The place of a part of the material.

    A source that cannot be used has a problem and no content, so that no later mistake can bring
    the content into a template.
    """

    keys: dict[Key, str | None] = field(default_factory=dict, repr=False, hash=False)
    """What the custom resource is given; keys without a value are left out."""

    permissions: tuple[Permission, ...] = ()
    """What reading exactly this source takes."""

    given: Input | None = None
    """Its content, if that is known when the app is synthesised."""

    origin: str | None = None
    """What to call the source in a sentence; None for all but files."""

    problem: Problem | None = None
    """Why it cannot be used; None if it can be."""

    def render(self) -> dict[str, str]:
        """Return the source as a property of the custom resource."""
        return {key.value: value for key, value in self.keys.items() if value is not None}


@dataclass(frozen=True, slots=True)
class PartSource:
    """What users are given: a source, and factories to make it with."""

    _source: Source


def wrong_type(value: object, wanted: str, fix: str) -> Problem:
    """Return the problem of a value of another type; it is not quoted, for it may be a secret."""
    return Problem(f"{type(value).__name__} is no {wanted}.", fix)


def misplaced(**names: object) -> Problem | None:
    """
    Return the problem of names that hold key material, which would come into the template.

    Args:
        names: The values of arguments, by name. What is no text is no matter of this function.
    """
    for argument, value in names.items():
        if isinstance(value, str) and holds_material(value):
            return Problem(f"its {argument}: {MISPLACED}", REMEDY)
    return None


def pattern(kind: str, name: str | None, allowed: str) -> Problem | None:
    """
    Return the problem of a name that would be a pattern in a policy, and is the name of nothing.

    Args:
        kind: What has the name, for a sentence.
        name: Its name or ARN; None if it has none.
        allowed: The characters that the service takes in it.
    """
    if not name or not (found := special_characters(name)):
        return None
    return Problem(
        f"the {kind} '{without_tokens(name, replacement='…')}' has {listed(found)} in its name, which consists of"
        f" {allowed}.",
        f"Name one {kind}: the function reads exactly that, and its policy allows no other.",
    )


def not_a_key(key: kms.IKey | None) -> Problem | None:
    """Return the problem of a KMS key that is a pattern; None for a key, and for no key."""
    arn = None if key is None else attribute(key, "keyArn")
    return pattern("KMS key", arn, "letters, digits and /_-")


def decrypting(key: kms.IKey | None, service: str, holder: IResource) -> tuple[Permission, ...]:
    """
    Return the permission to decrypt what a service holds.

    Args:
        key: The customer-managed key. None for the service's own key, which takes no permission.
        service: The service, as in its endpoints.
        holder: What is encrypted. Its Region counts: an import by ARN may name another one.
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
    Return what the names of services may end with in ``kms:ViaService``.

    KMS documents ``amazonaws.com`` alone, and not what it is where endpoints end otherwise, as in
    China: either is allowed there.
    """
    own = None if holds_token(region) else RegionInfo.get(region).domain_suffix
    return tuple(dict.fromkeys((_DOCUMENTED_SUFFIX, own or Stack.of(holder).url_suffix)))
