"""Errors whose messages explain a failure to the reader of the stack's events."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server_certificate.findings import errors

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from server_certificate.findings import Finding


def as_sentence(text: str) -> str:
    """Return a service's message with a period at the end, which many lack."""
    text = text.strip()
    return text if not text or text.endswith((".", "!", "?")) else f"{text}."


class HandlerError(Exception):
    """The base class of all expected failures. The message becomes the reason of the response."""


class InvalidRequestError(HandlerError):
    """The event or one of its properties is invalid."""


class SourceUnreadableError(HandlerError):
    """A part of the material can't be read from its source."""


class MaterialRejectedError(HandlerError):
    """The checks found errors that prevent the upload."""

    def __init__(
        self, findings: Iterable[Finding], *, origins: Mapping[str, str] | None = None
    ) -> None:
        self.findings = errors(findings)
        super().__init__(" ".join(finding.format(origins or {}) for finding in self.findings))


class NameTakenError(HandlerError):
    """Another certificate has the name."""


class AdoptionRefusedError(HandlerError):
    """The existing certificate can't be adopted."""


class CertificateMissingError(HandlerError):
    """A certificate that should exist is missing."""


class CertificateInUseError(HandlerError):
    """A consumer still uses the certificate."""


class SupersededError(HandlerError):
    """CloudFormation no longer waits for this event. Its changes have been undone."""


class UndoneMeanwhileError(HandlerError):
    """Another delivery of the event has failed and is undoing its changes."""


class StackUnreadableError(HandlerError):
    """The function's role isn't allowed to read the state of the stack."""


class OutOfTimeError(HandlerError):
    """The function ran out of time before the work was done."""


class IamRefusedError(HandlerError):
    """
    IAM responded with an error, or not at all.

    Args:
        message: The message for the user.
        code: IAM's error code, or the name of botocore's error.
        outcome_unknown: Whether the call may have taken effect anyway.
        retried: Whether it was a retry, so that an earlier attempt may have taken effect.
    """

    def __init__(
        self, message: str, *, code: str, outcome_unknown: bool = False, retried: bool = False
    ) -> None:
        self.code = code
        self.outcome_unknown = outcome_unknown
        self.retried = retried
        super().__init__(message)

    @property
    def may_have_taken_effect(self) -> bool:
        """Whether the call, or an earlier attempt, may have changed something."""
        return self.outcome_unknown or self.retried

    def of_missing(self) -> IamRefusedError:
        """Return the error for a certificate that doesn't exist."""
        return IamRefusedError(
            f"{self} No certificate has this name.",
            code="NoSuchEntity",
            retried=self.retried,
        )


class TagsRefusedError(IamRefusedError):
    """IAM doesn't accept tags with an upload in this partition."""
