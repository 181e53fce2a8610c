"""Find content in a template's values, apart from what is only known at deploy time."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Referred = Callable[[str, str | None], object]
    """Returns the value of a reference, by logical id and attribute; None if only CloudFormation knows it."""

UNKNOWN: Final = "\0"
"""Stands for a value that is only known at deploy time. No value contains it."""

_DYNAMIC_REFERENCE = re.compile(r"\{\{resolve:[^}]*\}\}")
_PLACEHOLDER = re.compile(r"\$\{(!?)([^}]*)\}")
_CERTIFICATE = re.compile(r"-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----")


def text_of(value: object, referred: Referred) -> str:
    """Return a resolved value of a template as text, with ``UNKNOWN`` for what is not known at synth."""
    if isinstance(value, str):
        return _DYNAMIC_REFERENCE.sub(UNKNOWN, value)
    if isinstance(value, list):
        return "".join(text_of(each, referred) for each in value)
    if isinstance(value, dict):
        if len(value) == 1:
            ((function, argument),) = value.items()
            return _of_function(function, argument, referred)
        return "".join(text_of(each, referred) for each in value.values())
    return "" if value is None else str(value)


def has_literal_content(text: str, field: str | None) -> bool:
    """
    Return whether a text from ``text_of`` contains anything but certificates, which are public.

    Args:
        text: The text.
        field: The field of a JSON object that is used; None for the whole text.
    """
    return any(
        _CERTIFICATE.sub("", each).replace(UNKNOWN, "").strip() for each in _used(text, field)
    )


def _of_function(function: str, argument: object, referred: Referred) -> str:  # noqa: PLR0911 (one for each function)
    match function, argument:
        case "Ref", str():
            return _referred(argument, None, referred)
        case "Fn::GetAtt", [str(name), str(attribute)]:
            return _referred(name, attribute, referred)
        case (("Fn::GetAtt" | "Fn::GetStackOutput" | "Fn::ImportValue"), _):
            return UNKNOWN
        case "Fn::Join", [str(separator), list(parts)]:
            return separator.join(text_of(part, referred) for part in parts)
        case "Fn::Sub", str():
            return _substituted(argument, {}, referred)
        case "Fn::Sub", [str(template), dict(variables)]:
            return _substituted(template, variables, referred)
        case (("Fn::If" | "Fn::Select" | "Fn::Split"), [_, *values]):
            return text_of(values, referred)
        case _:
            # The other functions have literals as arguments, such as the keys of a mapping.
            return text_of(argument, referred)


def _substituted(template: str, variables: dict[str, object], referred: Referred) -> str:
    def value_of(placeholder: re.Match[str]) -> str:
        is_literal, name = placeholder.groups()
        if is_literal:
            return f"${{{name}}}"
        if name in variables:
            return text_of(variables[name], referred)
        logical_id, _, attribute = name.partition(".")
        return _referred(logical_id, attribute or None, referred)

    return _PLACEHOLDER.sub(value_of, text_of(template, referred))


def _referred(name: str, attribute: str | None, referred: Referred) -> str:
    value = referred(name, attribute)
    return UNKNOWN if value is None else text_of(value, referred)


def _used(text: str, field: str | None) -> Iterator[str]:
    try:
        content = json.loads(text, strict=False)
    except (ValueError, RecursionError):
        content = None
    if not isinstance(content, dict):
        yield text
    else:
        yield from _leaves(content.get(field, content))


def _leaves(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for each in value.values():
            yield from _leaves(each)
    elif isinstance(value, list):
        for each in value:
            yield from _leaves(each)
    elif value is not None:
        yield str(value)
