"""What the construct needs to know of a source, wherever the part lies."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, Protocol

from server_certificate.reading.rules import ARGUMENT_UNUSABLE

if TYPE_CHECKING:
    from cdk_iam_server_certificate.permissions import Permission
    from server_certificate.findings import Finding, Rule
    from server_certificate.inputs import Input


@dataclass(frozen=True, slots=True)
class Problem:
    """Why something cannot be used, before it is known what it is a part of."""

    message: str
    fix: str
    rule: Rule = field(default=ARGUMENT_UNUSABLE)

    def about(self, subject: str) -> Finding:
        """Return it as a finding about a part of a certificate."""
        return self.rule.finding(subject, self.message, self.fix)


class Source(Protocol):
    """Where a part of the material lies."""

    @property
    def given(self) -> Input | None:
        """Its content, if that is known when the app is synthesised."""

    @property
    def origin(self) -> str | None:
        """What to call the source in a sentence; None for a text."""

    @property
    def problem(self) -> Problem | None:
        """Why it cannot be used; None if it can be."""

    def render(self) -> dict[str, str]:
        """Return the source as a property of the custom resource."""

    def permissions(self) -> tuple[Permission, ...]:
        """Return what reading exactly this source takes."""


@dataclass(frozen=True, slots=True)
class Unusable:
    """
    A source that cannot be used. Its content is dropped.

    So no later mistake can bring it into a template.
    """

    problem: Problem
    origin: str | None = None
    given: ClassVar[None] = None

    def render(self) -> dict[str, str]:
        """Return nothing: the problem stops the synthesis."""
        return {}

    def permissions(self) -> tuple[Permission, ...]:
        """Return none."""
        return ()
