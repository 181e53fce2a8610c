"""Values in policies: each names one thing, whatever characters it holds."""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, Final, cast

from aws_cdk import CfnResource, Fn, Reference, Tokenization

from cdk_iam_server_certificate.tokens import split_at_tokens

if TYPE_CHECKING:
    from aws_cdk import IResolvable

DYNAMIC_REFERENCE: Final = "{{resolve:"
"""How a reference begins that CloudFormation resolves last, after all its functions."""

_SPECIAL: Final = "$*?"
"""Wildcards, and what policy variables begin with. ``$`` first: the others' escapes hold one."""

_SPECIAL_CHARACTER: Final = re.compile(f"[{_SPECIAL}]")

_PSEUDO_PARAMETER: Final = re.compile(
    r"\$\{Token\[AWS(?:\.|::)(?:AccountId|Partition|Region|URLSuffix)\.[0-9]+\]\}"
)
"""How the CDK writes what CloudFormation itself knows."""

_IDENTIFIERS: Final = {
    ("AWS::KMS::Key", "Arn"),
    ("AWS::S3::Bucket", "Arn"),
    ("AWS::S3::Bucket", "Ref"),
    ("AWS::SecretsManager::Secret", "Ref"),
    ("AWS::SSM::Parameter", "Ref"),
}
"""What AWS calls the resources of an app: no service takes a special character in these names."""


def literal(value: str) -> str:
    """
    Write a value so that a policy takes it for what it says.

    In a policy ``*`` and ``?`` are wildcards and ``${…}`` is a variable; the variables ``${*}``,
    ``${?}`` and ``${$}`` stand for the characters themselves. Values that are known at deploy time
    only, such as a parameter's, are written so by CloudFormation.

    Source of the rules: IAM user guide, IAM policy elements: Variables and tags. Variables need
    the policy's version 2012-10-17, and stand after the fifth colon of an ARN only: before it they
    make the policy invalid, and the deployment fails.
    """
    return "".join(
        _escaped_when_deployed(piece) if is_token else _escaped(piece)
        for piece, is_token in split_at_tokens(value)
    )


def special_characters(value: str) -> set[str]:
    """Return the characters of a value that mean something else in a policy; tokens have none."""
    return {
        character
        for piece, is_token in split_at_tokens(value)
        if not is_token
        for character in _SPECIAL_CHARACTER.findall(piece)
    }


def may_be_anything(value: str) -> bool:
    """Return whether a part of a value is neither literal nor what AWS calls something."""
    return any(is_token and not _is_identifier(piece) for piece, is_token in split_at_tokens(value))


def _escaped(text: str) -> str:
    return _SPECIAL_CHARACTER.sub(r"${\g<0>}", text)


@functools.cache
def _escaped_when_deployed(token: str) -> str:
    """Return a token for another's value as a literal; the same one each time it is asked for."""
    if _is_identifier(token):
        return token
    escaped = token
    for character in _SPECIAL:
        escaped = _replaced_when_deployed(escaped, character, _escaped(character))
    # A dynamic reference would be resolved after all this, to whatever it holds: it is broken.
    escaped = _replaced_when_deployed(escaped, "{{", "{ { ")
    # Tools that read policies know a join of a list that is written out, and no other.
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
