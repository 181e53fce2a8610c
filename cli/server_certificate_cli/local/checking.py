"""Read a target and check it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from server_certificate import pem
from server_certificate.assessment import assess
from server_certificate.inputs import Input
from server_certificate.reading.files import FileUnreadableError
from server_certificate_cli.errors import OK, REJECTED, USAGE
from server_certificate_cli.local.asking import with_passphrase
from server_certificate_cli.local.option_hints import with_options
from server_certificate_cli.local.reading_files import is_folder
from server_certificate_cli.local.targets import ServerError
from server_certificate_cli.local.unused_files import describe_unused
from server_certificate_cli.output.report import target_as_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from server_certificate.assessment import Assessment, Criteria, Given
    from server_certificate.reading.passphrases import Passphrase
    from server_certificate_cli.local.server_names import Server
    from server_certificate_cli.local.targets import Target


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedTarget:
    """A target and the result of its check."""

    target: Target
    assessment: Assessment | None
    """None if the target can't be read."""

    problem: str
    """Why the target can't be read, as a sentence; empty if it was read."""

    unused: Mapping[str, str] = field(default_factory=dict)
    """The unused files of a folder, each with a description of its content."""

    def as_json(self) -> dict[str, object]:
        """Return the JSON object for the target."""
        return target_as_json(
            self.target.name, self.assessment, problem=self.problem, unused=self.unused
        )

    def exit_code(self, *, strict: bool) -> int:
        """
        Return the exit code if this is the only target.

        Args:
            strict: Whether to reject input that must be converted.
        """
        if self.assessment is None:
            return USAGE
        as_is = self.assessment.accepted_as_is
        return OK if (as_is if strict else self.assessment.accepted) else REJECTED


def check_target(
    target: Target, criteria: Criteria, passphrase: Passphrase | None
) -> CheckedTarget:
    """Read and check a target's files. A target that can't be read is a result, not an exception."""
    problem = target.problem
    if problem is None:
        try:
            target = replace(target, parts=target.parts.resolved())
            given = target.parts.read(passphrase)
            if target.server is not None:
                given = _served(given, target.server, target.connect_to)
                criteria = replace(criteria, host=target.server.host)
        except ServerError as err:
            problem = str(err)
        except FileUnreadableError as err:
            problem = str(err)
            if is_folder(err.path):
                problem += " To check a folder, name it without an option."
        else:
            assessment = with_passphrase(
                lambda secret: assess(_with(given, secret), criteria),
                lambda result: result.findings,
                passphrase,
                target.files,
            )
            findings = assessment.findings
            if target.server is None:
                findings = tuple(map(with_options, findings))
            assessment = replace(assessment, findings=findings)
            unused = describe_unused(target.unused, assessment)
            return CheckedTarget(target=target, assessment=assessment, problem="", unused=unused)
    return CheckedTarget(target=target, assessment=None, problem=problem)


def _served(given: Given, server: Server, connect_to: Server | None) -> Given:
    """Return the certificates that a server sends, together with a private key from a file."""
    # Imported lazily: only needed for servers.
    from server_certificate_cli.local.tls import fetch  # noqa: PLC0415

    leaf, *others = (pem.encode("CERTIFICATE", each) for each in fetch(server, connect_to))
    chain = Input("".join(others).encode()) if others else None
    return replace(given, certificate=Input(leaf.encode()), chain=chain)


def _with(given: Given, passphrase: Passphrase | None) -> Given:
    if passphrase is None:
        return given
    return replace(given, passphrase=passphrase.text, passphrase_notes=passphrase.notes)


def verdicts_as_json(checked: Sequence[CheckedTarget]) -> dict[str, object]:
    """Return the verdicts about targets for JSON: about all, and about each."""
    return {
        "accepted": all(one.assessment is not None and one.assessment.accepted for one in checked),
        "accepted_as_is": all(
            one.assessment is not None and one.assessment.accepted_as_is for one in checked
        ),
        "targets": [one.as_json() for one in checked],
    }


def worst(codes: Iterable[int]) -> int:
    """Return the exit code of several targets: an unreadable target outweighs a rejected one."""
    return max(codes, default=OK)
