"""What Lambda's Python runtime brings with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dev.acceptance.findings import Question, compared, recorded

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dev.acceptance.findings import Finding
    from dev.acceptance.inquiry import Inquiry

_ACTIONS = 8


def _ask(inquiry: Inquiry) -> Iterator[Finding]:
    runtime = inquiry.recorder().runtime
    yield compared(
        "How many of IAM's actions on server certificates does the runtime's boto3 know?",
        expected="all eight",
        seen=str(runtime.iam_actions),
        matches=runtime.iam_actions == _ACTIONS,
    )
    yield recorded(
        "Which Python and which boto3 does the runtime python3.13 have?",
        seen=f"Python {runtime.python}, boto3 {runtime.boto3}",
    )


QUESTION = Question(
    key="runtime",
    title="The Python runtime of Lambda",
    relies="The function bundles no boto3, so the runtime's boto3 must know every action that it calls.",
    ask=_ask,
)
