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

    full_secret_arn: str | None = None
    """The complete ARN of the secret; None if only its name is known, or if it isn't a secret."""

    problem: Problem | None = None
    """Why the source is invalid; None if it is valid."""

    def render(self) -> dict[str, str]:
        """Return the source as a property of the custom resource."""
        return {key.value: value for key, value in self.keys.items() if value is not None}


@dataclass(frozen=True, slots=True)
class PartSource:
    """The base class of the public sources."""

    _source: Source


_FACTORIES: Final = {
    "secret_arn": "from_secret",
    "parameter_arn": "from_parameter",
    "bucket_arn": "from_bucket",
}
"""The factories by the attribute of what they accept."""


def wrong_type(value: object, wanted: str, fix: str, *, made_by: type | None = None) -> Problem:
    """
    Return the problem of a value of the wrong type. It is not quoted, because it could be a secret.

    Args:
        value: The value.
        wanted: The type that is accepted, as a noun without an article.
        fix: How to create it.
        made_by: The class of the source. If another factory of it accepts the value, the fix names it.
    """
    for name, factory in _FACTORIES.items():
        if made_by is not None and hasattr(made_by, factory) and hasattr(value, name):
            fix = f"Use {made_by.__name__}.{factory}."
    return Problem(f"it is of type {type(value).__name__}, but must be a {wanted}.", fix)


def text_problem(**texts: object) -> Problem | None:
    """
    Return the problem of arguments that aren't usable texts.

    A text that contains key material would get into the template, and isn't quoted.

    Args:
        texts: The values of the arguments, by name. None stands for an argument that is omitted.
    """
    for argument, value in texts.items():
        if value is None:
            continue
        if not isinstance(value, str):
            return Problem(
                f"its {argument} is of type {type(value).__name__}, not str.",
                "Provide a string, or omit the argument.",
            )
        if not value:
            return Problem(f"its {argument} is empty.", "Provide a value, or omit the argument.")
        if holds_material(value):
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


def kms_key_problem(key: object) -> Problem | None:
    """Return the problem of a KMS key: a wrong type, or an ARN that is a pattern."""
    if key is None:
        return None
    if not hasattr(key, "key_arn"):
        return Problem(
            f"its encryption_key is of type {type(key).__name__}, but must be a key from aws_kms.",
            "Import it with Key.from_key_arn.",
        )
    return pattern_problem("KMS key", attribute(key, "keyArn"), "letters, digits and /_-")


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
            conditions=(
                (
                    "StringEquals",
                    "kms:ViaService",
                    tuple(
                        f"{service}.{literal(region)}.{suffix}"
                        for suffix in _suffixes(region, holder)
                    ),
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
