"""What is known about each certificate: its entry in IAM, its tags, its stack and its consumers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from server_certificate_cli.aws.certificates import Details

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from server_certificate_cli.aws.account import Account
    from server_certificate_cli.aws.certificates import CertificateDetails, CertificateSummary
    from server_certificate_cli.aws.consumers import Consumers
    from server_certificate_cli.aws.owner import OwningStack
    from server_certificate_cli.aws.ownership import Ownership
    from server_certificate_cli.aws.secret_versions import ReadFrom, Secrets


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A certificate, and what is known about it."""

    listed: CertificateSummary
    details: CertificateDetails | None
    """None if it can't be read."""

    ownership: Ownership
    secret: ReadFrom | None = None
    """The secret that it was read from; None if there is none, or it isn't known."""

    consumers: tuple[str, ...] | None = None
    """The ARNs of what uses it, as far as they could be read; None if they were not asked for."""

    @property
    def owner(self) -> OwningStack | None:
        """The stack that owns it; None if there is none, or if it can't be read."""
        return None if self.details is None else self.details.owner

    @property
    def domains(self) -> tuple[str, ...] | None:
        """The names that it is valid for; None if they can't be read."""
        return None if self.details is None else self.details.domains

    @property
    def state_text(self) -> str:
        """The state for people, such as ``current, newer secret``."""
        marks = ("newer secret",) if self.secret is not None and self.secret.newer else ()
        return ", ".join((self.ownership.text, *marks))

    def as_json(self, at: datetime) -> dict[str, object]:
        """
        Return it as JSON.

        Args:
            at: The time from which to count the days.
        """
        is_known = self.details is not None
        return {
            **self.listed.as_json(at),
            "domains": None if self.domains is None else list(self.domains),
            "state": self.ownership.state.value,
            "reason": self.ownership.reason,
            "adopted": self.ownership.adopted if is_known else None,
            "retained": self.ownership.retained if is_known else None,
            "owner": self.owner and self.owner.as_json(),
            "secret": self.secret and self.secret.as_json(),
            "consumers": None if self.consumers is None else list(self.consumers),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Inventory:
    """Certificates, and why something about them is unknown."""

    entries: tuple[Entry, ...]
    problems: tuple[str, ...] = ()
    """What could not be read, each as a sentence."""


def take_inventory(
    account: Account,
    listed: Sequence[CertificateSummary],
    consumers: Consumers | None,
    *,
    secrets: Secrets | None = None,
) -> Inventory:
    """
    Read the tags and the stacks of certificates.

    Args:
        account: The account.
        listed: The certificates.
        consumers: What uses certificates; None if that was not asked for.
        secrets: Reads which versions of secrets are current; None if that was not asked for.
    """
    read = account.certificates.details(listed) if listed else Details()
    details = [read.known.get(each.certificate_id) for each in listed]
    known = account.stacks.ownership(details)
    sources = (
        [None] * len(details) if secrets is None else secrets.of(zip(details, known, strict=True))
    )
    entries = tuple(
        Entry(
            listed=each,
            details=detail,
            ownership=state,
            secret=secret,
            consumers=None if consumers is None else consumers.of(each),
        )
        for each, detail, state, secret in zip(listed, details, known, sources, strict=True)
    )
    problems = dict.fromkeys(account.stacks.problems)
    if secrets is not None and secrets.problem is not None:
        problems[secrets.problem] = None
    if read.problem is not None:
        message = f"Some certificates can't be read. {read.problem.format_message()}"
        problems = {message: None, **problems}
    return Inventory(entries=entries, problems=tuple(problems))
