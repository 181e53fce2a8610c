"""
How far an event has come: what is known, what was done, and whether it is being undone.

A plain value that each step leads to the next one, so that whoever can tell what a step would do
can follow an event to its end without IAM and without CloudFormation.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from server_certificate_handler.errors import (
    CertificateMissingError,
    HandlerError,
    IamRefusedError,
    StackUnreadableError,
    TagsRefusedError,
)
from server_certificate_handler.kernel.decide import decide
from server_certificate_handler.kernel.desired import Request
from server_certificate_handler.kernel.observed import Observed, UnknownError
from server_certificate_handler.kernel.standing import Standing, standing
from server_certificate_handler.kernel.steps import Delete, Done, Move, Pause, Retag, Upload
from server_certificate_handler.kernel.undo import undoing

if TYPE_CHECKING:
    from server_certificate_handler.kernel.desired import Desired
    from server_certificate_handler.kernel.steps import Act, Step

MOST_STEPS: Final = 200
"""Far more than any event takes, looks and surprises included."""

MOST_SURPRISES: Final = 4
SURPRISE_PAUSE_SECONDS: Final = 1.0
"""Before IAM is looked at anew: what surprised may not be visible everywhere yet."""

_SURPRISES: Final = {"NoSuchEntity", "EntityAlreadyExists", "ConcurrentModification"}
"""Codes that say that IAM holds something else than was known."""


@dataclass(frozen=True, slots=True)
class Failed:
    """The event has failed, and what it did has been undone as far as could be."""

    error: HandlerError


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an event has come."""

    want: Desired
    seen: Observed = field(default_factory=Observed)
    done: tuple[Act, ...] = ()
    """The undo log: what was done, or may have been, and not been undone."""

    failure: HandlerError | None = None
    """Why the event has failed; None while it is on its way."""

    has_undone: bool = False
    is_surprised: bool = False
    surprises: int = 0
    steps: int = 0

    @property
    def has_moved(self) -> bool:
        """Whether consumers have to learn of a new certificate, name or path."""
        return any(isinstance(act, Upload | Move) for act in self.done)

    def failed(self, error: HandlerError) -> Progress:
        """Return it turned round: what was known may not be so any more."""
        return replace(
            self,
            failure=self.failure or error,
            seen=self.seen.forgetting(),
            is_surprised=False,
        )


def proceed(progress: Progress) -> tuple[Progress, Step | Done | Failed]:
    """Decide what comes next, and return with it how far the event has come with that decision."""
    if progress.steps >= MOST_STEPS:
        error = CertificateMissingError(
            "Something else keeps changing the same certificates. Find out what it is, and deploy again."
        )
        return progress, Failed(progress.failure or error)
    progress = replace(progress, steps=progress.steps + 1)
    if progress.is_surprised:
        return replace(progress, is_surprised=False), Pause(SURPRISE_PAUSE_SECONDS)
    if progress.failure is None or progress.seen.is_redoing:
        return _go_on(progress)
    return _undo(progress, progress.failure)


def _go_on(progress: Progress) -> tuple[Progress, Step | Done | Failed]:
    try:
        step = decide(progress.seen, progress.want)
    except HandlerError as error:
        if progress.failure is None:
            return proceed(progress.failed(error))
        return progress, Failed(progress.failure)
    if progress.failure is not None and isinstance(step, Done):
        return progress, Failed(progress.failure)
    return progress, step


def _undo(progress: Progress, failure: HandlerError) -> tuple[Progress, Step | Done | Failed]:
    """Undo the last act that is not undone, unless another delivery of the event was answered."""
    if not progress.done and not progress.has_undone:
        return progress, Failed(failure)
    try:
        is_accepted = standing(progress.seen, progress.want) is Standing.ACCEPTED
        if is_accepted and progress.has_undone:
            # Another delivery was answered while this one was undoing what both had done.
            return proceed(replace(progress, seen=replace(progress.seen, is_redoing=True)))
        while progress.done:
            act = progress.done[-1]
            is_upload = isinstance(act, Upload)
            stands = is_accepted and not is_upload
            step = None if stands else undoing(act, progress.seen, progress.want)
            if step is not None:
                return replace(progress, has_undone=progress.has_undone or not is_upload), step
            progress = replace(progress, done=progress.done[:-1])
    except UnknownError as unknown:
        return progress, unknown.step
    return progress, Failed(failure)


def after(progress: Progress, step: Step, outcome: Observed | HandlerError) -> Progress:
    """
    Return how far the event has come when a step has been taken.

    Args:
        progress: How far it had come.
        step: The step.
        outcome: What is known now, or why the step has failed.
    """
    if isinstance(outcome, HandlerError):
        return _after_failure(progress, step, outcome)
    if isinstance(step, Upload | Move | Retag | Delete) and progress.failure is None:
        progress = replace(progress, done=(*progress.done, step))
    return replace(progress, seen=outcome)


def _after_failure(progress: Progress, step: Step, error: HandlerError) -> Progress:
    seen = progress.seen
    if isinstance(step, Upload | Move | Retag | Delete):
        seen = replace(seen, known_stack=None, has_acted=True)
        is_without_effect = isinstance(error, IamRefusedError) and not error.may_have_taken_effect
        if progress.failure is None and not is_without_effect:
            progress = replace(progress, done=(*progress.done, step))
    if isinstance(error, TagsRefusedError):
        return replace(progress, seen=replace(seen.forgetting(), tags_follow=True))
    if progress.failure is not None and isinstance(error, StackUnreadableError):
        # Perhaps another delivery was answered. The next event heals what this one has left.
        return replace(progress, seen=replace(seen, is_redoing=False), done=(), has_undone=False)
    if progress.failure is not None and not progress.seen.is_redoing:
        # What can't be undone is left to the next event.
        return replace(progress, seen=seen.forgetting(), done=progress.done[:-1])
    is_surprise = isinstance(error, IamRefusedError) and (
        error.outcome_unknown
        or error.code in _SURPRISES
        # The tags that gave the right to the certificate may be off already.
        or (error.code == "AccessDenied" and error.retried)
    )
    if is_surprise and progress.surprises < MOST_SURPRISES:
        return replace(
            progress,
            seen=seen.forgetting(),
            is_surprised=True,
            surprises=progress.surprises + 1,
        )
    if isinstance(step, Move | Retag | Delete) and step.is_optional:
        spared = seen.spared | {step.stored.certificate_id}
        return replace(progress, seen=replace(seen.forgetting(), spared=spared))
    if progress.want.request is Request.DELETE or progress.seen.is_redoing:
        seen = replace(seen, is_redoing=False)
        progress = replace(progress, done=(), has_undone=False)
    return replace(progress, seen=seen).failed(error)
