"""The life cycle of the demo: the real construct, deployed with the CDK CLI."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from dev.acceptance.errors import code_of
from dev.acceptance.findings import Question, compared, unanswered
from dev.acceptance.run import TAG, Kind
from dev.demo import checks
from dev.demo.cdk_cli import missing_tools
from dev.demo.checks import mismatches
from dev.demo.driver import MATERIALS, Driver
from dev.demo.names import Names
from dev.demo.report import describe
from dev.demo.steps import Bootstrap, Deploy, Step, life_of_a_certificate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dev.acceptance.findings import Finding
    from dev.acceptance.inquiry import Inquiry
    from dev.acceptance.patience import Patience

_BOOTSTRAP_PARAMETER: Final = "/cdk-bootstrap/hnb659fds/version"
_LONGEST_SECONDS: Final = 1800.0
_SETTLING_SECONDS: Final = 60
_PAUSE_SECONDS: Final = 2.0
"""Faster looks would be throttled."""

_LISTENER_CHECKS: Final = (checks.listener_serves_it, checks.never_missing)


def _ask(inquiry: Inquiry) -> Iterator[Finding]:
    account = inquiry.account
    if missing := missing_tools():
        yield unanswered(
            "The life cycle", seen=f"It needs {' and '.join(missing)}: run make setup."
        )
        return
    if not _is_bootstrapped(inquiry):
        yield unanswered(
            "The life cycle",
            seen="The account isn't bootstrapped for the CDK in this Region: run"
            f" 'cdk bootstrap aws://{account.account_id}/{account.region}'. What that creates stays,"
            " because other apps use it too.",
        )
        return
    names = Names(inquiry.run.demo_prefix, account.region)
    inquiry.ledger.note(Kind.STACK, names.stack)
    for name in (names.foreign, names.explicit):
        inquiry.ledger.note(Kind.CERTIFICATE, name)
    for material in MATERIALS:
        inquiry.ledger.note(Kind.SECRET, names.secret(material))
    inquiry.ledger.note(Kind.SECRET, names.bundle)
    context = {"propagation": str(inquiry.propagation_seconds)}
    if inquiry.with_load_balancer:
        context["load-balancer"] = "yes"
    driver = Driver(
        inquiry.folder,
        account,
        inquiry.interruption,
        names=names,
        context=context,
        options=("--tags", f"{TAG}={inquiry.run.id}"),
        longest_seconds=_LONGEST_SECONDS,
        pause_seconds=_PAUSE_SECONDS,
    )
    for step in life_of_a_certificate(driver.materials, names):
        if isinstance(step.action, Bootstrap):
            continue
        finding = _take(
            inquiry.patience,
            driver,
            step if inquiry.with_load_balancer else _without_listener(step),
        )
        yield finding
        if finding.seen != _AS_EXPECTED:
            return


_AS_EXPECTED: Final = "all of it"


def _take(patience: Patience, driver: Driver, step: Step) -> Finding:
    evidence = driver.run(step.action)
    # IAM's answers and logs are some seconds behind.
    if mismatches(step.checks, evidence):
        evidence = patience.until(
            lambda: driver.seen_again(step.action, evidence),
            lambda seen: not mismatches(step.checks, seen),
            seconds=_SETTLING_SECONDS,
        )
    wrong = mismatches(step.checks, evidence)
    lines = tuple(describe(evidence).splitlines())
    if wrong:
        lines += tuple(evidence.outcome.output.splitlines()[-40:])
    return compared(
        step.title,
        expected=step.expectation,
        seen=" ".join(wrong) or _AS_EXPECTED,
        matches=not wrong,
        evidence=lines,
    )


def _without_listener(step: Step) -> Step:
    action = step.action
    return replace(
        step,
        action=replace(action, watched=False) if isinstance(action, Deploy) else action,
        checks=tuple(check for check in step.checks if check not in _LISTENER_CHECKS),
        title=step.title.removesuffix(", with a load balancer"),
        expectation=step.expectation.partition("; the listener")[0],
    )


def _is_bootstrapped(inquiry: Inquiry) -> bool:
    client: Any = inquiry.account.client("ssm")
    try:
        client.get_parameter(Name=_BOOTSTRAP_PARAMETER)
    except client.exceptions.ClientError as error:
        if code_of(error) != "ParameterNotFound":
            raise
        return False
    return True


QUESTION = Question(
    key="life-cycle",
    title="The life of a certificate, deployed with the CDK",
    relies="Everything that `make demo` shows in the local cloud.",
    ask=_ask,
)
