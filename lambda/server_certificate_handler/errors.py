"""Why an event failed, in sentences for the person who reads the stack's events."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server_certificate.findings import errors

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from server_certificate.findings import Finding


class HandlerError(Exception):
    """Root of all failures that are explained to the user; the message becomes the reason."""


class InvalidRequestError(HandlerError):
    """The event or one of its properties cannot be used."""


class SourceUnreadableError(HandlerError):
    """A secret cannot be read."""


class MaterialRejectedError(HandlerError):
    """The checks found that the upload must not be made."""

    def __init__(
        self, findings: Iterable[Finding], *, origins: Mapping[str, str] | None = None
    ) -> None:
        self.findings = errors(findings)
        super().__init__(" ".join(finding.told(origins or {}) for finding in self.findings))


class NameTakenError(HandlerError):
    """Another certificate has the name."""


class CertificateMissingError(HandlerError):
    """A certificate that should be there is gone."""


class CertificateInUseError(HandlerError):
    """A consumer still holds the certificate."""


class IamRefusedError(HandlerError):
    """IAM answered with an error."""

    def __init__(self, message: str, *, code: str) -> None:
        self.code = code
        super().__init__(message)
