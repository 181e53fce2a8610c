"""Read a target and check it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from server_certificate.assessment import assess
from server_certificate.reading.files import FileUnreadableError
from server_certificate_cli.desk.leftovers import leftovers
from server_certificate_cli.desk.option_hints import with_options
from server_certificate_cli.desk.reading_files import is_folder
from server_certificate_cli.errors import OK, REJECTED, USAGE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from server_certificate.assessment import Assessment, Criteria
    from server_certificate.reading.passphrases import Passphrase
    from server_certificate_cli.desk.targets import Target


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A target, and what is to be said about it."""

    target: Target
    assessment: Assessment | None
    """None if it could not be read."""

    problem: str
    """Why it could not be read, in a sentence; empty when it was."""

    unused: Mapping[str, str] = field(default_factory=dict)
    """The files of a folder that are not used, each with what it holds."""

    def exit_code(self, *, strict: bool) -> int:
        """
        Return what the process ends with if this is the only target.

        Args:
            strict: Whether what has to be converted counts as rejected.
        """
        if self.assessment is None:
            return USAGE
        as_is = self.assessment.accepted_as_is
        return OK if (as_is if strict else self.assessment.accepted) else REJECTED


def judge(target: Target, criteria: Criteria, passphrase: Passphrase | None) -> Judged:
    """Read a target's files and check them; one that can't be read is no error here."""
    problem = target.problem
    if problem is None:
        try:
            assessment = assess(target.parts.read(passphrase), criteria)
        except FileUnreadableError as err:
            problem = str(err)
            if is_folder(err.path):
                problem += " A folder goes without an option before it."
        else:
            findings = tuple(map(with_options, assessment.findings))
            assessment = replace(assessment, findings=findings)
            unused = leftovers(target.unused, assessment)
            return Judged(target=target, assessment=assessment, problem="", unused=unused)
    return Judged(target=target, assessment=None, problem=problem)


def worst(codes: Iterable[int]) -> int:
    """Return the exit code of many: what could not be read weighs more than what is rejected."""
    return max(codes, default=OK)
