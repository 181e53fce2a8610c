"""Why an event failed, in sentences for the person who reads the stack's events."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server_certificate.findings import errors

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from server_certificate.findings import Finding


def as_sentence(text: str) -> str:
    """Return a service's message as a sentence that others can follow; many end without a full stop."""
    text = text.strip()
    return text if not text or text.endswith((".", "!", "?")) else f"{text}."


class HandlerError(Exception):
    """Root of all failures that are explained to the user; the message becomes the reason."""


class InvalidRequestError(HandlerError):
    """The event or one of its properties cannot be used."""


class SourceUnreadableError(HandlerError):
    """A part of the material cannot be read from where it lies."""


class MaterialRejectedError(HandlerError):
    """The checks found that the upload must not be made."""

    def __init__(
        self, findings: Iterable[Finding], *, origins: Mapping[str, str] | None = None
    ) -> None:
        self.findings = errors(findings)
        super().__init__(" ".join(finding.format(origins or {}) for finding in self.findings))


class NameTakenError(HandlerError):
    """Another certificate has the name."""


class AdoptionRefusedError(HandlerError):
    """The certificate that is there cannot be taken over."""


class CertificateMissingError(HandlerError):
    """A certificate that should be there is gone."""


class CertificateInUseError(HandlerError):
    """A consumer still holds the certificate."""


class SupersededError(HandlerError):
    """CloudFormation does not wait for this event any more; what it did has been undone."""


class UndoneMeanwhileError(HandlerError):
    """Another delivery of the event has failed and undoes what it did."""


class StackUnreadableError(HandlerError):
    """The function's role may not read the stack's state."""


class OutOfTimeError(HandlerError):
    """The function's time is over before the work is done."""


class IamRefusedError(HandlerError):
    """
    IAM answered with an error, or not at all.

    Args:
        message: What a person reads.
        code: IAM's error code, or the kind of failure on the way to IAM.
        outcome_unknown: Whether the call may have taken effect all the same.
        retried: Whether it was the answer to a repeated try, so that an earlier one of the same
            call may have taken effect.
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
        """Whether the call, or an earlier try of it, may have changed something."""
        return self.outcome_unknown or self.retried

    def of_missing(self) -> IamRefusedError:
        """Return it as what it means where no certificate has the name."""
        return IamRefusedError(
            f"{self} There is no certificate with this name.",
            code="NoSuchEntity",
            retried=self.retried,
        )


class TagsRefusedError(IamRefusedError):
    """IAM takes no tags with an upload in this partition."""
