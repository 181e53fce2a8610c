"""
The progress of an event: what is known, what was done, and whether it is being undone.

It is a plain value that each step transforms, so that tests can follow an event to its end without
IAM and CloudFormation.
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
from server_certificate_handler.kernel.event_status import EventStatus, event_status
from server_certificate_handler.kernel.observed import Observed, UnknownError
from server_certificate_handler.kernel.steps import Delete, Done, Move, Pause, Retag, Upload
from server_certificate_handler.kernel.undo import undo_of

if TYPE_CHECKING:
    from server_certificate_handler.kernel.desired import Desired
    from server_certificate_handler.kernel.steps import Act, Step

MAX_STEPS: Final = 200
"""Far more than any event needs, including observations and retries."""

MAX_RETRIES: Final = 4
RETRY_PAUSE_SECONDS: Final = 1.0
"""The pause before the state is read again, because changes may not be visible everywhere yet."""

_OUTDATED_CODES: Final = {"NoSuchEntity", "EntityAlreadyExists", "ConcurrentModification"}
"""Error codes that mean that the known state of IAM is outdated."""


@dataclass(frozen=True, slots=True)
class Failed:
    """The event has failed, and its changes have been undone as far as possible."""

    error: HandlerError


@dataclass(frozen=True, slots=True)
class Progress:
    """The progress of an event."""

    desired: Desired
    observed: Observed = field(default_factory=Observed)
    done: tuple[Act, ...] = ()
    """The undo log: actions that were or may have been executed, and have not been undone."""

    failure: HandlerError | None = None
    """Why the event has failed; None while it is in progress."""

    has_undone: bool = False
    is_outdated: bool = False
    retries: int = 0
    steps: int = 0

    @property
    def has_moved(self) -> bool:
        """Whether consumers need to learn about a new certificate, name or path."""
        return any(isinstance(act, Upload | Move) for act in self.done)

    def failed(self, error: HandlerError) -> Progress:
        """Return the progress after a failure, with the known state discarded."""
        return replace(
            self,
            failure=self.failure or error,
            observed=self.observed.forgetting(),
            is_outdated=False,
        )


def proceed(progress: Progress) -> tuple[Progress, Step | Done | Failed]:
    """Decide the next step, and return it with the new progress."""
    if progress.steps >= MAX_STEPS:
        error = CertificateMissingError(
            "Something else keeps changing the same certificates. Find out what it is, stop it, and"
            " deploy again."
        )
        return progress, Failed(progress.failure or error)
    progress = replace(progress, steps=progress.steps + 1)
    if progress.is_outdated:
        return replace(progress, is_outdated=False), Pause(RETRY_PAUSE_SECONDS)
    if progress.failure is None or progress.observed.is_redoing:
        return _go_on(progress)
    return _undo(progress, progress.failure)


def _go_on(progress: Progress) -> tuple[Progress, Step | Done | Failed]:
    try:
        step = decide(progress.observed, progress.desired)
    except HandlerError as error:
        if progress.failure is None:
            return proceed(progress.failed(error))
        return progress, Failed(progress.failure)
    if progress.failure is not None and isinstance(step, Done):
        return progress, Failed(progress.failure)
    return progress, step


def _undo(progress: Progress, failure: HandlerError) -> tuple[Progress, Step | Done | Failed]:
    """Undo the last action, unless another delivery of the event was successful."""
    if not progress.done and not progress.has_undone:
        return progress, Failed(failure)
    try:
        is_answered = event_status(progress.observed, progress.desired) is EventStatus.ANSWERED
        if is_answered and progress.has_undone:
            # Another delivery was successful while this one was undoing their common changes.
            return proceed(replace(progress, observed=replace(progress.observed, is_redoing=True)))
        while progress.done:
            act = progress.done[-1]
            is_upload = isinstance(act, Upload)
            stands = is_answered and not is_upload
            step = None if stands else undo_of(act, progress.observed, progress.desired)
            if step is not None:
                return replace(progress, has_undone=progress.has_undone or not is_upload), step
            progress = replace(progress, done=progress.done[:-1])
    except UnknownError as unknown:
        return progress, unknown.step
    return progress, Failed(failure)


def after(progress: Progress, step: Step, outcome: Observed | HandlerError) -> Progress:
    """
    Return the progress after a step.

    Args:
        progress: The progress before the step.
        step: The step.
        outcome: The new state, or the error of the step.
    """
    if isinstance(outcome, HandlerError):
        return _after_failure(progress, step, outcome)
    if isinstance(step, Upload | Move | Retag | Delete) and progress.failure is None:
        progress = replace(progress, done=(*progress.done, step))
    return replace(progress, observed=outcome)


def _after_failure(progress: Progress, step: Step, error: HandlerError) -> Progress:
    observed = progress.observed
    if isinstance(step, Upload | Move | Retag | Delete):
        observed = replace(observed, known_stack=None, has_acted=True)
        is_without_effect = isinstance(error, IamRefusedError) and not error.may_have_taken_effect
        if progress.failure is None and not is_without_effect:
            progress = replace(progress, done=(*progress.done, step))
    if isinstance(error, TagsRefusedError):
        return replace(progress, observed=replace(observed.forgetting(), tags_follow=True))
    if progress.failure is not None and isinstance(error, StackUnreadableError):
        # Another delivery may have been successful. The next event cleans up.
        return replace(
            progress, observed=replace(observed, is_redoing=False), done=(), has_undone=False
        )
    if progress.failure is not None and not progress.observed.is_redoing:
        # The next event cleans up what can't be undone.
        return replace(progress, observed=observed.forgetting(), done=progress.done[:-1])
    is_retriable = isinstance(error, IamRefusedError) and (
        error.outcome_unknown
        or error.code in _OUTDATED_CODES
        # The tags that grant access to the certificate may already have been removed.
        or (error.code == "AccessDenied" and error.retried)
    )
    if is_retriable and progress.retries < MAX_RETRIES:
        return replace(
            progress,
            observed=observed.forgetting(),
            is_outdated=True,
            retries=progress.retries + 1,
        )
    if isinstance(step, Move | Retag | Delete) and step.is_optional:
        skipped = observed.skipped | {step.stored.certificate_id}
        return replace(progress, observed=replace(observed.forgetting(), skipped=skipped))
    if progress.desired.request is Request.DELETE or progress.observed.is_redoing:
        observed = replace(observed, is_redoing=False)
        progress = replace(progress, done=(), has_undone=False)
    return replace(progress, observed=observed).failed(error)
