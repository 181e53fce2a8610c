"""The report has every answer and no secret."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, cast

import pytest
from rich.console import Console

from dev.acceptance.findings import Finding, Question, Verdict, compared, recorded
from dev.acceptance.patience import Patience
from dev.acceptance.report import Mask, Report
from dev.acceptance.runner import Asking
from dev.demo.display import Display

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from dev.acceptance.inquiry import Inquiry

ACCOUNT = "123456789012"
CALLER = f"arn:aws:sts::{ACCOUNT}:assumed-role/Admin/jane"
KEY = "-----BEGIN PRIVATE KEY-----\nMIGHAgEAMBMGByqGSM49\n-----END PRIVATE KEY-----"


class _Inquiry:
    """What a question has at hand here."""

    with_load_balancer = False

    def __init__(self) -> None:
        self.patience = Patience()


def _question(
    key: str, ask: Callable[[Inquiry], Iterator[Finding]], *, needs_load_balancer: bool = False
) -> Question:
    return Question(
        key=key,
        title=f"Title of {key}",
        relies="Something.",
        ask=ask,
        needs_load_balancer=needs_load_balancer,
    )


def _fine(_: Inquiry) -> Iterator[Finding]:
    yield compared("Fine?", expected="yes", seen="yes", matches=True)


def _failing(_: Inquiry) -> Iterator[Finding]:
    yield recorded("First?", seen="so")
    raise ValueError("broken")


class _ClosedTerminal(io.StringIO):
    """What is left of a terminal after SIGHUP."""

    def write(self, _: str) -> int:
        raise OSError("Input/output error")


def _asked(*questions: Question, file: io.StringIO | None = None) -> Asking:
    display = Display()
    display.console = Console(file=file or io.StringIO())
    asking = Asking(cast("Inquiry", _Inquiry()), questions, display)
    asking.run()
    return asking


def _verdicts(asking: Asking) -> list[list[Verdict]]:
    return [[finding.verdict for finding in answer.findings] for answer in asking.answers]


def test_a_failing_question_ends_no_other() -> None:
    """What it found before counts, and the others are asked."""
    asking = _asked(_question("a", _failing), _question("b", _failing), _question("c", _fine))
    failed = [Verdict.OPEN, Verdict.NOT_ANSWERED]
    assert _verdicts(asking) == [failed, failed, [Verdict.AS_EXPECTED]]
    assert asking.answers[0].findings[1].seen == "ValueError: broken"


def test_nobody_has_to_watch() -> None:
    """Questions are asked, and things are removed afterwards, when the terminal is gone."""
    asking = _asked(_question("a", _fine), _question("b", _fine), file=_ClosedTerminal())
    assert _verdicts(asking) == [[Verdict.AS_EXPECTED]] * 2


def test_a_load_balancer_is_asked_for() -> None:
    """A question that needs one is left out, and says which option adds it."""
    asking = _asked(_question("a", _failing, needs_load_balancer=True))
    assert _verdicts(asking) == [[Verdict.NOT_ASKED]]
    assert asking.answers[0].findings[0].seen == "It needs --with-load-balancer."


def test_the_report_has_every_answer(tmp_path: Path) -> None:
    """What was asked, expected and seen, and how to remove what is left."""
    asking = _asked(_question("a", _fine), _question("b", _failing))
    left = {"aws iam delete-server-certificate": f"Denied to {ACCOUNT}"}
    report = Report(facts={"Region": "eu-central-1"}, answers=asking.answers, leftovers=left)
    report.write(tmp_path / "report.md", Mask(ACCOUNT, CALLER))
    text = (tmp_path / "report.md").read_text("utf-8")
    for phrase in (
        "| Region | eu-central-1 |",
        "| Title of b | 1 open, 1 not answered | 0 |",
        "### Fine?\n\nVerdict: **as expected**\n\n````text\nexpected: yes\nseen:     yes\n````",
        "seen:     ValueError: broken",
        "# Denied to <account>\naws iam delete-server-certificate",
    ):
        assert phrase in text
    assert not report.has_passed()


@pytest.mark.parametrize(
    ("verdict", "left", "passed"),
    [
        (Verdict.AS_EXPECTED, {}, True),
        (Verdict.OPEN, {}, True),
        (Verdict.NOT_SUPPORTED, {}, True),
        (Verdict.NOT_ASKED, {}, True),
        (Verdict.DIFFERS, {}, False),
        (Verdict.NOT_ANSWERED, {}, False),
        (Verdict.AS_EXPECTED, {"command": "reason"}, False),
    ],
)
def test_when_a_run_has_passed(verdict: Verdict, left: dict[str, str], *, passed: bool) -> None:
    """Only if nothing differs, everything that was asked is answered, and nothing is left."""

    def ask(_: Inquiry) -> Iterator[Finding]:
        yield Finding(asked="?", expected="", seen="", verdict=verdict)

    report = Report(facts={}, answers=_asked(_question("a", ask)).answers, leftovers=left)
    assert report.has_passed() is passed


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        pytest.param(
            f"arn:aws:iam::{ACCOUNT}:server-certificate/x",
            "arn:aws:iam::<account>:server-certificate/x",
            id="the account",
        ),
        pytest.param(f"User: {CALLER} may not", "User: <caller> may not", id="who calls"),
        pytest.param(
            "ASCAQXRQ45OGOXN4H7UIZ is not ASCAQXRQ45OGOXN4H7UIA",
            "<ASCA id 1> is not <ASCA id 2>",
            id="ids of certificates",
        ),
        pytest.param("AKIAIOSFODNN7EXAMPLE", "<id>", id="an access key"),
        pytest.param(f"{KEY} and more", "<private key> and more", id="a private key"),
        pytest.param(KEY[:50], "<private key>", id="the beginning of a private key"),
    ],
)
def test_what_is_masked(text: str, masked: str) -> None:
    """Neither the account nor a secret is in a report; ids of certificates can be told apart."""
    assert Mask(ACCOUNT, CALLER)(text) == masked
