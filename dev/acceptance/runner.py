"""Asks the questions, some at a time."""

from __future__ import annotations

import contextlib
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final

from dev.acceptance.findings import Answer, left_out, unanswered
from dev.acceptance.patience import StoppedError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from concurrent.futures import Future

    from dev.acceptance.findings import Finding, Question
    from dev.acceptance.inquiry import Inquiry
    from dev.demo.display import Display

_AT_A_TIME: Final = 4
_STOPPED: Final = "The run was stopped before this."


class Asking:
    """
    The questions of one run.

    Args:
        inquiry: What they have at hand.
        questions: The questions.
        display: Shows each answer when it is there.
    """

    def __init__(self, inquiry: Inquiry, questions: Sequence[Question], display: Display) -> None:
        self._inquiry = inquiry
        self._questions = questions
        self._display = display
        self._answers: dict[str, Answer] = {}

    @property
    def answers(self) -> list[Answer]:
        """The answers in the order of the questions, also of those that weren't reached."""
        return [
            self._answers.get(
                question.key,
                Answer(
                    question=question,
                    findings=(unanswered(question.title, seen=_STOPPED),),
                ),
            )
            for question in self._questions
        ]

    def run(self) -> None:
        """
        Ask all questions, some at a time.

        The life cycle runs in this thread: only there can a signal interrupt the CDK CLI.
        """
        first, *others = self._questions
        executor = ThreadPoolExecutor(_AT_A_TIME, thread_name_prefix="question")
        try:
            futures: list[Future[None]] = [executor.submit(self._ask, each) for each in others]
            self._ask(first)
            for future in futures:
                future.result()
        except BaseException:
            self._inquiry.patience.stop()
            raise
        finally:
            executor.shutdown(cancel_futures=True)

    def _ask(self, question: Question) -> None:
        begin = time.monotonic()
        findings: list[Finding] = []
        try:
            if question.needs_load_balancer and not self._inquiry.with_load_balancer:
                findings.append(left_out(question.title, seen="It needs --with-load-balancer."))
            else:
                # One by one: what was found before an error counts.
                for finding in question.ask(self._inquiry):
                    findings.append(finding)  # noqa: PERF402 - the same
        except BaseException as error:
            is_stopped = isinstance(error, StoppedError) or not isinstance(error, Exception)
            seen = _STOPPED if is_stopped else f"{type(error).__name__}: {error}"
            findings.append(unanswered("The rest of this question", seen=seen))
            # A failing question must not end the others; a signal must end them all.
            if not isinstance(error, Exception):
                raise
        finally:
            seconds = time.monotonic() - begin
            answer = Answer(question=question, findings=tuple(findings), seconds=seconds)
            self._answers[question.key] = answer
            tell(self._display, f"{question.key}: {answer.verdicts} ({seconds:.1f} s)")


def tell(display: Display, text: str) -> None:
    """Print a line, if anybody is there: a closed terminal must not keep the clean-up."""
    # For a closed pipe, rich raises SystemExit.
    with contextlib.suppress(OSError, SystemExit):
        display.line(text)
