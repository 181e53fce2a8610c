"""The closing table and sentence say what was wrong and what was not reached."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from dev.demo.facts import Evidence, Outcome, Snapshot, StoredCertificate
from dev.demo.report import Result, describe, has_passed, summary, table
from dev.demo.steps import Bootstrap, Step

STEPS = tuple(
    Step(title=title, expectation="well", action=Bootstrap(), checks=())
    for title in ("Begin", "Go on")
)


@pytest.fixture
def evidence() -> Evidence:
    """Nothing exists, and nothing was printed."""
    foreign = StoredCertificate(
        certificate_id="ASCAFOREIGN",
        name="foreign",
        path="/",
        arn="arn",
        certificate_der=b"",
        chain_der=(),
        tags={},
    )
    return Evidence(before=Snapshot(), outcome=Outcome(), after=Snapshot(), foreign=foreign)


def _result(step: Step, evidence: Evidence, *mismatches: str) -> Result:
    return Result(step=step, evidence=evidence, mismatches=mismatches, seconds=1.0)


def test_all_is_well_only_when_every_step_was_reached(evidence: Evidence) -> None:
    """A step that is wrong and one that was not reached both make the demo fail."""
    good = [_result(step, evidence) for step in STEPS]
    assert has_passed(STEPS, good)
    assert not has_passed(STEPS, good[:1])
    assert not has_passed(STEPS, [good[0], _result(STEPS[1], evidence, "It is wrong.")])
    assert summary(STEPS, good, seconds=2.0) == "All 2 steps went as expected, in 2 seconds."


def test_wrong_step_is_shown_with_the_cause(evidence: Evidence) -> None:
    """The table has a row for every step, and the closing sentence names the one that is wrong."""
    results = [_result(STEPS[0], evidence, "It is [wrong].")]
    text = io.StringIO()
    Console(file=text, width=100).print(table(STEPS, results))
    assert "WRONG: It is [wrong]." in text.getvalue()
    assert "2. Go on" in text.getvalue()
    assert "not reached" in text.getvalue()
    assert summary(STEPS, results, seconds=2.0) == ("Step 1 of 2, 'Begin', did not go as expected.")


def test_reason_of_a_failed_deployment_is_seen(evidence: Evidence) -> None:
    """Of all that the CDK CLI says, the row shows the sentence that explains the failure."""
    line = "Stack | 4/5 | 11:06 | UPDATE_FAILED        | Custom::It | Id (Id1) the key is wrong. Fix it."
    failed = Evidence(
        before=evidence.before,
        outcome=Outcome(exit_code=1, output=f"Deploying\n{line}\nFailed"),
        after=evidence.after,
        foreign=evidence.foreign,
    )
    assert "failed: the key is wrong. Fix it." in describe(failed)
