"""Call a service that stores a part of the material, and explain its errors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError

from server_certificate_handler.errors import SourceUnreadableError, as_sentence

if TYPE_CHECKING:
    from collections.abc import Callable

_DENIED = {"AccessDeniedException", "AccessDenied"}
_THROTTLED = {"LimitExceededException", "SlowDown", "Throttling", "ThrottlingException"}

_POLICIES = {
    "VPC endpoint policy": "Allow it in the policy of the VPC endpoint that the function uses.",
    "resource-based policy": "Allow it in the resource-based policy.",
    "service control policy": "A service control policy (SCP) of the organization denies it.",
    "permissions boundary": "Allow it in the permissions boundary of the role.",
}
"""The fix by the type of policy that AWS names as the reason for a denial."""

Answer = TypeVar("Answer")


class SourceDeniedError(SourceUnreadableError):
    """The role isn't allowed to read the source, or a new permission isn't in effect yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceAccess:
    """Access to the source of a part, with explanations of its errors."""

    subject: str
    """The source with its name, such as ``secret 'arn:…'``."""

    service: str
    """The name of the service."""

    limits: str
    """The limits of names and versions, as a sentence."""

    denied: str
    """Other permissions that may be required, as a sentence."""

    explain: Callable[[str, str], str | None]
    """Returns a sentence for an error's code and message; None to quote them."""

    def call_service(self, call: Callable[[], Answer]) -> Answer:
        """
        Make a call.

        Raises:
            SourceDeniedError: The role isn't allowed to read the source.
            SourceUnreadableError: The source can't be read.
        """
        try:
            return call()
        except ClientError as err:
            code = err.response.get("Error", {}).get("Code", "")
            message = as_sentence(err.response.get("Error", {}).get("Message", ""))
            if code in _DENIED:
                named = [fix for policy, fix in _POLICIES.items() if policy in message]
                raise SourceDeniedError(
                    f"The function's role isn't allowed to read the {self.subject}: {message}"
                    f" {' '.join(named) or self.denied}"
                ) from err
            if code in _THROTTLED:
                raise SourceUnreadableError(
                    f"The {self.subject} could not be read: {self.service} throttles requests."
                    f" Deploy again later. Message from {self.service}: {message}"
                ) from err
            sentence = self.explain(code, message)
            quoted = f"The {self.subject} could not be read: {code}: {message}"
            raise SourceUnreadableError(sentence or quoted) from err
        except (ParamValidationError, UnicodeEncodeError):
            # botocore's message may quote values.
            raise SourceUnreadableError(
                f"The {self.subject} can't be read, because its name or version is invalid."
                f" {self.limits}"
            ) from None
        except BotoCoreError as err:
            raise SourceUnreadableError(
                f"The {self.subject} could not be read: {self.service} could not be reached ({type(err).__name__})."
                f" If the function runs in a VPC, it needs a route to {self.service}, such as a VPC endpoint."
            ) from err
