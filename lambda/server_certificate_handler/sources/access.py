"""One call to a service that holds a part of the material, and what its failures mean."""

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
    "resource-based policy": "Allow it in the resource's own policy.",
    "service control policy": "A service control policy (SCP) of the organization forbids it.",
    "permissions boundary": "Allow it in the permissions boundary of the role.",
}
"""What helps, by the kind of policy that AWS names as the reason of a refusal."""

Answer = TypeVar("Answer")


class SourceDeniedError(SourceUnreadableError):
    """The role may not read the source, or not yet: a new permission takes seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """What holds a part, and how it speaks."""

    subject: str
    """The part's holder with its name, such as ``secret 'arn:…'``."""

    service: str
    """The service, as AWS writes it."""

    limits: str
    """How long names and versions may be, and what they are, as a sentence."""

    denied: str
    """What else a reader may need, as a sentence."""

    explain: Callable[[str, str], str | None]
    """Makes a sentence of an error's code and message; None to quote them."""

    def ask(self, call: Callable[[], Answer]) -> Answer:
        """
        Make a call.

        Raises:
            SourceDeniedError: The role may not read the source.
            SourceUnreadableError: It cannot be read.
        """
        try:
            return call()
        except ClientError as err:
            code = err.response.get("Error", {}).get("Code", "")
            message = as_sentence(err.response.get("Error", {}).get("Message", ""))
            if code in _DENIED:
                named = [fix for policy, fix in _POLICIES.items() if policy in message]
                raise SourceDeniedError(
                    f"The function's role is not allowed to read the {self.subject}: {message}"
                    f" {' '.join(named) or self.denied}"
                ) from err
            if code in _THROTTLED:
                raise SourceUnreadableError(
                    f"The {self.subject} could not be read: {self.service} throttles requests. Deploy again later."
                    f" {self.service} says: {message}"
                ) from err
            sentence = self.explain(code, message)
            quoted = f"The {self.subject} could not be read: {code}: {message}"
            raise SourceUnreadableError(sentence or quoted) from err
        except (ParamValidationError, UnicodeEncodeError):
            # What botocore says about it may quote values.
            raise SourceUnreadableError(
                f"The {self.subject} can't be requested: {self.limits}"
            ) from None
        except BotoCoreError as err:
            raise SourceUnreadableError(
                f"The {self.subject} could not be read: {self.service} could not be reached ({type(err).__name__})."
                f" If the function runs in a VPC, it needs a route to {self.service}, such as a VPC endpoint."
            ) from err
