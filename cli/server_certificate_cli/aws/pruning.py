"""Carry out the plan of ``server-certificate prune``."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from server_certificate_cli.aws.changes import InUseError
from server_certificate_cli.aws.errors import AwsRefusedError
from server_certificate_cli.aws.inventory import Entry, take_inventory
from server_certificate_cli.aws.prune_plan import Decision, decide, plan

if TYPE_CHECKING:
    from datetime import datetime

    from server_certificate_cli.aws.account import Account
    from server_certificate_cli.aws.consumers import Consumers
    from server_certificate_cli.aws.prune_plan import Rules


class Outcome(StrEnum):
    """What happened to a certificate."""

    KEPT = "kept"
    PLANNED = "planned"
    DELETED = "deleted"
    IN_USE = "in-use"
    CHANGED = "changed"
    """It was to be deleted, but has changed since the plan was made."""

    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """A decision, and what came of it."""

    decision: Decision
    outcome: Outcome
    reason: str
    """A clause without a full stop."""

    @property
    def failed(self) -> bool:
        """Whether a request failed."""
        return self.outcome is Outcome.FAILED

    def as_json(self, at: datetime) -> dict[str, object]:
        """
        Return it as JSON.

        Args:
            at: The time from which to count the days.
        """
        return {
            **self.decision.entry.as_json(at),
            "outcome": self.outcome.value,
            "reason": self.reason,
        }


class Pruning:
    """Makes a plan, and carries it out."""

    def __init__(self, account: Account, rules: Rules) -> None:
        """
        Create a pruning without a plan.

        Args:
            account: The account.
            rules: What the user has asked for.
        """
        self._account = account
        self._rules = rules
        self.results: list[Result] = []
        """What is planned for each certificate, the first uploaded first; then what came of it."""
        self.problems: tuple[str, ...] = ()
        """What could not be read, each as a sentence."""

    @property
    def planned(self) -> list[Result]:
        """The certificates that are to be deleted."""
        return [result for result in self.results if result.outcome is Outcome.PLANNED]

    def make_plan(self, consumers: Consumers | None) -> None:
        """
        Decide for each certificate.

        Args:
            consumers: What uses certificates; None if that was not asked for.

        Raises:
            AwsRefusedError: The certificates can't be listed.
        """
        prefix = self._rules.prefix or ""
        listed = sorted(
            (each for each in self._account.certificates.all() if each.name.startswith(prefix)),
            key=lambda each: (str(each.upload_date), each.name),
        )
        inventory = take_inventory(self._account, listed, consumers)
        self.problems = inventory.problems
        self.results = [
            Result(
                decision=decision,
                outcome=Outcome.PLANNED if decision.deletes else Outcome.KEPT,
                reason=decision.reason,
            )
            for decision in plan(inventory.entries, self._rules)
        ]

    def carry_out(self) -> None:
        """Delete what is planned. A certificate that fails doesn't keep others from being deleted."""
        self.results = [
            self._delete(result) if result.outcome is Outcome.PLANNED else result
            for result in self.results
        ]

    def _delete(self, result: Result) -> Result:
        """Delete a certificate, after making the decision again from what AWS holds now."""
        entry = result.decision.entry
        try:
            obstacle = self._changed(entry)
            if obstacle is not None:
                return replace(result, outcome=Outcome.CHANGED, reason=obstacle)
            self._account.changes.delete(entry.listed.name)
        except InUseError as err:
            consumers = (*(entry.consumers or ()), err.consumer)
            used = replace(entry, consumers=tuple(dict.fromkeys(consumers)))
            return replace(
                result,
                decision=replace(result.decision, entry=used),
                outcome=Outcome.IN_USE,
                reason=f"in use by {err.consumer}",
            )
        except AwsRefusedError as err:
            return replace(result, outcome=Outcome.FAILED, reason=err.format_message().rstrip("."))
        return replace(result, outcome=Outcome.DELETED)

    def _changed(self, entry: Entry) -> str | None:
        """Return why a certificate is no longer to be deleted; None if it still is."""
        now = self._account.certificates.get(entry.listed.name)
        if now is None:
            return "it was deleted or renamed meanwhile"
        # AWS doesn't document whether GetServerCertificate leaves out the tags if the permission for
        # them is missing. Then a certificate of a stack would look like one without an owner.
        if now != entry.details or self._account.certificates.tags(entry.listed.name) != now.tags:
            return "it was changed meanwhile"
        (state,) = self._account.stacks.ownership([now])
        again = decide(replace(entry, details=now, ownership=state), self._rules)
        return None if again.deletes else again.reason
