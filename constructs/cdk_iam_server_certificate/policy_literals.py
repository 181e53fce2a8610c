"""Escape values for policies, so that every value matches only itself."""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, Final, cast

from aws_cdk import CfnResource, Fn, Reference, Tokenization

from cdk_iam_server_certificate.tokens import split_at_tokens

if TYPE_CHECKING:
    from aws_cdk import IResolvable

DYNAMIC_REFERENCE: Final = "{{resolve:"
"""The start of a dynamic reference, which CloudFormation resolves after all its functions."""

_SPECIAL: Final = "$*?"
"""Wildcards and the start of policy variables. ``$`` is first, because all escapes contain it."""

_SPECIAL_CHARACTER: Final = re.compile(f"[{_SPECIAL}]")

_PSEUDO_PARAMETER: Final = re.compile(
    r"\$\{Token\[AWS(?:\.|::)(?:AccountId|Partition|Region|URLSuffix)\.[0-9]+\]\}"
)
"""The CDK's token for a pseudo parameter of CloudFormation."""

_IDENTIFIERS: Final = {
    ("AWS::KMS::Key", "Arn"),
    ("AWS::S3::Bucket", "Arn"),
    ("AWS::S3::Bucket", "Ref"),
    ("AWS::SecretsManager::Secret", "Ref"),
    ("AWS::SSM::Parameter", "Ref"),
}
"""Attributes that contain a resource's name or ARN. These services allow no special characters in names."""


def literal(value: str) -> str:
    """
    Escape a value for a policy.

    In a policy, ``*`` and ``?`` are wildcards and ``${…}`` is a variable. The variables ``${*}``,
    ``${?}`` and ``${$}`` stand for the characters themselves. CloudFormation escapes values that
    are only known at deploy time, such as a parameter's.

    Source of the rules: IAM user guide, IAM policy elements: Variables and tags. Variables require
    policy version 2012-10-17, and are only allowed after the fifth colon of an ARN. A variable
    before it makes the policy invalid, and the deployment fails.
    """
    return "".join(
        _escaped_when_deployed(piece) if is_token else _escaped(piece)
        for piece, is_token in split_at_tokens(value)
    )


def special_characters(value: str) -> set[str]:
    """Return the characters of a value that have a special meaning in a policy, outside of tokens."""
    return {
        character
        for piece, is_token in split_at_tokens(value)
        if not is_token
        for character in _SPECIAL_CHARACTER.findall(piece)
    }


def may_be_anything(value: str) -> bool:
    """Return whether a value contains a token other than the name or ARN of a resource."""
    return any(is_token and not _is_identifier(piece) for piece, is_token in split_at_tokens(value))


def _escaped(text: str) -> str:
    return _SPECIAL_CHARACTER.sub(r"${\g<0>}", text)


@functools.cache
def _escaped_when_deployed(token: str) -> str:
    """Return a token that escapes the value of another token; always the same one for a token."""
    if _is_identifier(token):
        return token
    escaped = token
    for character in _SPECIAL:
        escaped = _replaced_when_deployed(escaped, character, _escaped(character))
    # Break dynamic references: CloudFormation would resolve them after it has escaped the value.
    escaped = _replaced_when_deployed(escaped, "{{", "{ { ")
    # Tools that read policies only understand an Fn::Join of a literal list, so add an Fn::Sub.
    return Fn.sub("${Literal}", {"Literal": escaped})


def _replaced_when_deployed(value: str, old: str, new: str) -> str:
    return Fn.join(new, Fn.split(old, value))


@functools.cache
def _is_identifier(token: str) -> bool:
    if _PSEUDO_PARAMETER.fullmatch(token):
        return True
    resolvable = cast("IResolvable", Tokenization.reverse_string(token).first_token)
    if not Reference.is_reference(resolvable):
        return False
    reference = cast("Reference", resolvable)
    target = reference.target
    return (
        CfnResource.is_cfn_resource(target)
        and (cast("CfnResource", target).cfn_resource_type, reference.display_name) in _IDENTIFIERS
    )
