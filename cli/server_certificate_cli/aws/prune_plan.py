"""Decide which certificates ``server-certificate prune`` deletes. No call is made here."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from server_certificate_cli.aws.owner import is_retained, other_manager, own_tags
from server_certificate_cli.aws.ownership import State
from server_certificate_cli.output.validity import ago

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime, timedelta

    from server_certificate_cli.aws.certificates import CertificateDetails, CertificateSummary
    from server_certificate_cli.aws.inventory import Entry
    from server_certificate_cli.aws.ownership import Ownership

_PRUNED = {State.LEFT_BEHIND, State.STACK_GONE}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What the user has asked for."""

    at: datetime
    older_than: timedelta
    expired: bool = False
    keep: int = 0
    prefix: str | None = None
    """If it is set, only names that begin with it are pruned, also those without ownership tags."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """Whether a certificate is deleted, and why."""

    entry: Entry
    deletes: bool
    reason: str
    """A clause without a full stop."""


def plan(entries: Iterable[Entry], rules: Rules) -> list[Decision]:
    """Return the decision for each certificate, in their order."""
    decisions = [decide(entry, rules) for entry in entries]
    newest: dict[object, list[Decision]] = {}
    for decision in decisions:
        if decision.deletes:
            newest.setdefault(_group(decision.entry), []).append(decision)
    kept = {
        decision.entry.listed.certificate_id: number
        for group in newest.values()
        for number, decision in enumerate(sorted(group, key=_upload, reverse=True), start=1)
        if number <= rules.keep
    }
    return [
        replace(decision, deletes=False, reason=f"--keep {rules.keep}: number {kept[key]} by age")
        if (key := decision.entry.listed.certificate_id) in kept
        else decision
        for decision in decisions
    ]


def decide(entry: Entry, rules: Rules) -> Decision:
    """Return the decision for a certificate, without ``--keep``."""
    obstacle = _obstacle(entry, rules)
    if obstacle is not None:
        return Decision(entry=entry, deletes=False, reason=obstacle)
    uploaded = entry.listed.upload_date
    age = f", uploaded {ago(uploaded, rules.at)}" if uploaded else ""
    return Decision(entry=entry, deletes=True, reason=f"{entry.ownership.reason}{age}")


def _obstacle(entry: Entry, rules: Rules) -> str | None:
    """Return why a certificate must not be deleted; None if nothing is against it."""
    return (
        _whose(entry, rules.prefix)
        or _too_young(entry.listed, rules)
        or (f"in use by {', '.join(entry.consumers)}" if entry.consumers else None)
    )


def _whose(entry: Entry, prefix: str | None) -> str | None:
    """Return who needs a certificate, or why that is unknown; None if nobody is known to."""
    details, state = entry.details, entry.ownership
    if details is None:
        return state.reason
    if prefix is not None and not entry.listed.name.startswith(prefix):
        return f"its name doesn't begin with '{prefix}'"
    if state.state is State.CURRENT:
        return state.reason
    return _protection(details, state) or (
        _unmanaged(details, prefix)
        if state.state is State.UNMANAGED
        else (None if state.state in _PRUNED else state.reason)
    )


def _protection(details: CertificateDetails, state: Ownership) -> str | None:
    if state.adopted:
        return "it was adopted: it existed before its stack"
    if is_retained(details.tags):
        return "its stack retains it (removal policy RETAIN)"
    if state.retained:
        return "CloudFormation retained it instead of deleting it (DELETE_SKIPPED)"
    manager = other_manager(details.tags)
    return f"{manager} manages it" if manager else None


def _unmanaged(details: CertificateDetails, prefix: str | None) -> str | None:
    if own_tags(details.tags):
        return "its ownership tags are incomplete"
    return "it has no ownership tags" if prefix is None else None


def _too_young(listed: CertificateSummary, rules: Rules) -> str | None:
    if listed.upload_date is None:
        return "its upload date is unknown"
    if rules.at - listed.upload_date < rules.older_than:
        return f"it was uploaded {ago(listed.upload_date, rules.at)} (--older-than)"
    if rules.expired and (listed.expiration is None or listed.expiration >= rules.at):
        return "it has not expired (--expired)"
    return None


def _group(entry: Entry) -> object:
    """Return what ``--keep`` counts: the certificates of one resource, or those without an owner."""
    return entry.owner


def _upload(decision: Decision) -> tuple[object, str]:
    listed = decision.entry.listed
    return listed.upload_date, listed.certificate_id
