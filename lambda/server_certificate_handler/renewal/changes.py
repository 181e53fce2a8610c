"""A change set, as plain values (CloudFormation API reference, ResourceChange)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

NESTED_STACK = "AWS::CloudFormation::Stack"


@dataclass(frozen=True, slots=True)
class Cause:
    """Why a property, the tags or another attribute of a resource changes."""

    target: tuple[str, str]
    """The attribute, such as ``Properties``, and the name of the property."""

    source: str
    """Its ``ChangeSource``; empty if there is none."""

    entity: str
    """Its ``CausingEntity``; empty if there is none."""

    is_certain: bool
    """Whether its ``Evaluation`` is ``Static``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """The change of a resource."""

    logical_id: str
    resource_type: str
    action: str
    replacement: str
    causes: tuple[Cause, ...]

    nested: ChangeSet | None = None
    """The change set of a nested stack."""

    @property
    def description(self) -> str:
        """A noun phrase for the resource, for messages."""
        return f"the resource '{self.logical_id}' ({self.resource_type})"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeSet:
    """A change set, and those of the nested stacks."""

    changes: tuple[Change, ...]

    parameters: Mapping[str, str]
    """The values of its parameters, without those that are read from Systems Manager."""

    problem: str = ""
    """Why it can't be reviewed; empty if it can."""
