"""Questions and what was found, as plain data."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from dev.acceptance.inquiry import Inquiry


class Verdict(Enum):
    """How an answer compares with what was expected."""

    NOT_ASKED = "not asked"
    AS_EXPECTED = "as expected"
    OPEN = "open"
    """Nothing was expected: what was seen is the answer."""

    NOT_SUPPORTED = "not supported here"
    NOT_ANSWERED = "not answered"
    """The question couldn't be asked, or its answer not be read."""

    DIFFERS = "differs"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was asked."""

    asked: str
    expected: str
    """Empty if nothing is known, and nothing relies on it."""

    seen: str
    verdict: Verdict
    evidence: tuple[str, ...] = ()
    """Texts and times, as they came."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Some findings about one subject."""

    key: str
    title: str
    relies: str
    """What the project relies on, so that a difference tells what to change."""

    ask: Callable[[Inquiry], Iterator[Finding]]
    needs_load_balancer: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a question found."""

    question: Question
    findings: tuple[Finding, ...]
    seconds: float = 0.0

    @property
    def verdicts(self) -> str:
        """How often there is each verdict."""
        counted = Counter(finding.verdict for finding in self.findings)
        return ", ".join(f"{counted[each]} {each.value}" for each in Verdict if counted[each])


def compared(
    asked: str, *, expected: str, seen: str, matches: bool, evidence: tuple[str, ...] = ()
) -> Finding:
    """Return a finding about something that is known, or assumed."""
    verdict = Verdict.AS_EXPECTED if matches else Verdict.DIFFERS
    return Finding(asked=asked, expected=expected, seen=seen, verdict=verdict, evidence=evidence)


def recorded(asked: str, *, seen: str, evidence: tuple[str, ...] = ()) -> Finding:
    """Return a finding about something that nobody knew."""
    return Finding(asked=asked, expected="", seen=seen, verdict=Verdict.OPEN, evidence=evidence)


def unsupported(asked: str, *, seen: str) -> Finding:
    """Return a finding about something that this endpoint doesn't offer."""
    return Finding(asked=asked, expected="", seen=seen, verdict=Verdict.NOT_SUPPORTED)


def left_out(asked: str, *, seen: str) -> Finding:
    """Return a finding about something that wasn't asked, and why."""
    return Finding(asked=asked, expected="", seen=seen, verdict=Verdict.NOT_ASKED)


def unanswered(asked: str, *, seen: str) -> Finding:
    """Return a finding about something that couldn't be asked."""
    return Finding(asked=asked, expected="", seen=seen, verdict=Verdict.NOT_ANSWERED)
