"""The fault table: what it covers, that it holds where that is quickly shown, and that it has teeth."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from dev.resilience import fault_table
from dev.resilience.fault_table import Trial, cases, sweep
from dev.resilience.report import PAGE, by_disturbance, by_operation, page, total
from dev.resilience.scenarios import SCENARIOS, Scenario
from dev.simulator.disturbances import ONLY_ONCE, Extent, Kind
from server_certificate_handler.kernel import decide, deletion, progress, target
from server_certificate_handler.kernel.event_status import EventStatus
from server_certificate_handler.kernel.steps import Delete

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.no_cover
"""Nothing runs here that the tests of the life cycle don't run, and counting takes as long again."""

QUICK = (
    "create with a wrong key",
    "adopt, neighbor fails",
    "remove",
)


def scenario(name: str) -> Scenario:
    """Return a scenario, disturbed by one thing at a time."""
    (found,) = (each for each in SCENARIOS if each.name == name)
    return replace(found, is_delivered_twice=False)


@pytest.mark.parametrize("name", QUICK)
def test_every_disturbance_of_an_operation_is_survived(name: str) -> None:
    """Whatever happens to whichever call, IAM holds in the end what the template says."""
    outcomes = list(sweep(scenario(name)))
    assert len(outcomes) > 60
    assert [outcome for outcome in outcomes if outcome.problems] == []


def test_each_call_meets_each_disturbance() -> None:
    """Nothing is sampled: of each call there is a case of each kind and extent that applies."""
    trial = Trial()
    renewal = scenario("renew")
    calls = trial.calls(renewal)
    found = Counter(case.what for case in cases(trial, renewal))
    deletions = calls.count("DeleteServerCertificate")
    assert deletions == 1
    for kind in Kind:
        number = deletions if kind is Kind.IN_USE else len(calls)
        if kind in ONLY_ONCE:
            assert found[kind.value] == number
        else:
            assert all(found[f"{kind.value}, {extent.value}"] == number for extent in Extent)


def nothing(*_: object, **__: object) -> None:
    """Do nothing, in place of what is left out."""


@pytest.mark.parametrize(
    ("name", "where", "attribute", "instead"),
    [
        ("create", decide, "event_status", lambda *_: EventStatus.PENDING),
        ("create", deletion, "next_leftover", nothing),
        ("rename, re-path and retag", progress, "undo_of", nothing),
        (
            "renew under one name, rolled back by Delete alone",
            deletion,
            "_restore_name",
            nothing,
        ),
        (
            "renew from secrets, the old ones gone, neighbor fails",
            target,
            "_recognized",
            nothing,
        ),
        ("adopt, neighbor fails", deletion, "release", lambda _, __, stored: Delete(stored)),
        ("adopt other content", decide, "check_adoption", nothing),
        ("move the construct, neighbor fails", deletion, "hand_over", nothing),
    ],
)
def test_the_table_has_teeth(
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    where: object,
    attribute: str,
    instead: Callable[..., object],
) -> None:
    """A function that lacks one of its safeguards fails cases."""
    monkeypatch.setattr(where, attribute, instead)
    assert any(outcome.problems for outcome in sweep(scenario(name)))


def test_page_and_tables_add_up() -> None:
    """Both tables count the same cases, and include a failed one."""
    outcomes = list(sweep(scenario("create")))
    failed = fault_table.Outcome(outcomes[0].case, ("something is left over",), deployed=True)
    outcomes = [failed, *outcomes[1:]]
    for rows in (by_disturbance(outcomes), by_operation(outcomes)):
        assert sum(row.cases for row in rows) == total(outcomes).cases == len(outcomes)
        assert sum(row.failed for row in rows) == 1
    assert f"| all | {len(outcomes):,} |" in page(outcomes, steps="10 to 30")


def test_the_page_is_the_tables_own() -> None:
    """The documentation shows a table without a failed case, of all operations there are."""
    written = PAGE.read_text(encoding="utf-8")
    for each in SCENARIOS:
        assert f"| {each.name} |" in written
    totals = [line for line in written.splitlines() if line.startswith("| all |")]
    assert len(totals) == 2
    assert all(line.endswith("| 0 |") for line in totals)
