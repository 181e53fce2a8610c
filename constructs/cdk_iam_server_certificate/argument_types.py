"""Findings about arguments of a wrong type, whatever their value is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server_certificate.reading.rules import ARGUMENT_UNUSABLE
from server_certificate.secrecy import MISPLACED, REMEDY, holds_material, quoted

if TYPE_CHECKING:
    from server_certificate.findings import Finding

_QUOTED = {bool, int, float, str, bytes, type(None)}
"""Types whose values are quoted. The representation of other objects could be anything."""

_MAX_BITS = 64
"""The size of the largest number that is quoted: Python refuses to print huge ones."""


def wrong_type(argument: str, value: object, wanted: str, fix: str) -> Finding:
    """
    Return the finding about an argument of a wrong type.

    Args:
        argument: The name of the argument.
        value: Its value.
        wanted: The name of the type that it must have.
        fix: What to provide instead.
    """
    is_quoted = type(value) in _QUOTED
    if isinstance(value, int) and value.bit_length() > _MAX_BITS:
        is_quoted = False
    subject = quoted(value) if is_quoted else "it"
    problem = f"{subject} is of type {type(value).__name__}, not {wanted}."
    return ARGUMENT_UNUSABLE.finding(argument, problem, fix)


def text_problem(argument: str, value: object) -> Finding | None:
    """Return why a value isn't a text that can become part of the template; None if it is one."""
    if not isinstance(value, str):
        return wrong_type(argument, value, "str", "Provide a string, or omit the argument.")
    if holds_material(value):
        return ARGUMENT_UNUSABLE.finding(argument, MISPLACED, REMEDY)
    return None
