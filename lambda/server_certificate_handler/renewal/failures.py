"""Why a run can't do its work, or not now."""

from __future__ import annotations

from server_certificate_handler.errors import HandlerError


class CallError(HandlerError):
    """
    AWS answered with an error, or not at all.

    Args:
        message: The message, with the fix.
        code: The error's code, or the name of botocore's error.
        text: AWS's own message.
        is_passing: Whether the same call may work later.
    """

    def __init__(self, message: str, *, code: str, text: str = "", is_passing: bool) -> None:
        self.code = code
        self.text = text
        self.is_passing = is_passing
        super().__init__(message)


class ConflictError(HandlerError):
    """Another operation on the stack is in progress, so Lambda must retry the run."""


class RenewalFailedError(HandlerError):
    """A renewal was rolled back, or can't begin. A person has to do something."""


class RenewalRefusedError(HandlerError):
    """A renewal would have changed something else."""


class UnpublishedError(HandlerError):
    """EventBridge didn't accept an event."""


class RunError(HandlerError):
    """A run could not do all of its work. Lambda counts the error, and retries the run."""
