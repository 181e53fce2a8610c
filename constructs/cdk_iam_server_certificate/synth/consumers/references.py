"""References in templates, as data: which attribute of a certificate do they return?"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

REF: Final = "Ref"
GET_ATT: Final = "Fn::GetAtt"
IMPORT_VALUE: Final = "Fn::ImportValue"
GET_STACK_OUTPUT: Final = "Fn::GetStackOutput"
"""The function behind the CDK's weak references, by the name of a stack and the logical id of an output."""

Reference = tuple[str, ...]
"""A function of CloudFormation and its arguments, such as ``("Fn::GetAtt", "Certificate", "Arn")``."""

_NOT_IN_IDS: Final = re.compile(r"[^A-Za-z0-9]")


def references(value: object) -> Iterator[Reference]:
    """Yield the references in a part of a template, with all their arguments as text."""
    if isinstance(value, list):
        for each in value:
            yield from references(each)
    elif isinstance(value, dict):
        for key, each in value.items():
            if reference := _reference(key, each):
                yield reference
            yield from references(each)


def _reference(function: object, argument: object) -> Reference | None:
    match function, argument:
        case ("Ref" | "Fn::ImportValue", str(name)):
            return str(function), name
        case ("Fn::GetAtt", [str(logical_id), str(attribute)]):
            return GET_ATT, logical_id, attribute
        case ("Fn::GetStackOutput", {"StackName": str(stack), "OutputName": str(output)}):
            return GET_STACK_OUTPUT, stack, output
        case _:
            return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What identifies a certificate's resource in the references of templates."""

    logical_id: str
    """The logical id in its own stack."""

    unique_id: str
    """The CDK's unique id, with which it passes references into and out of nested stacks."""

    def attribute(self, reference: Reference, *, is_in_its_stack: bool) -> str | None:
        """
        Return the attribute of the certificate that a reference returns; None for other references.

        Args:
            reference: A reference in the template of the certificate's stack, or of a stack that
                is nested in the same stack or contains it.
            is_in_its_stack: Whether it is in the template of the certificate's stack.
        """
        function, *arguments = reference
        if is_in_its_stack and arguments[0] == self.logical_id:
            return REF if function == REF else arguments[-1]
        if function in {REF, GET_ATT} and not is_in_its_stack:
            # The names of parameters and outputs that the CDK creates end with the unique id and the
            # attribute's name; outputs of outputs repeat them without dots.
            passed = _NOT_IN_IDS.sub("", arguments[-1])
            _, found, attribute = passed.rpartition(self.unique_id)
            return attribute if found and attribute else None
        return None
