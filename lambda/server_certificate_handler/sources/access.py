"""One call to a service that holds a part of the material, and what its failures mean."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError

from server_certificate_handler.errors import SourceUnreadableError

if TYPE_CHECKING:
    from collections.abc import Callable

_DENIED = {"AccessDeniedException", "AccessDenied"}

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
    """What names and versions may look like, and what they are."""

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
            message = err.response.get("Error", {}).get("Message", "")
            if code in _DENIED:
                raise SourceDeniedError(
                    f"The function's role may not read the {self.subject}: {message} {self.denied}"
                ) from err
            sentence = self.explain(code, message)
            quoted = f"The {self.subject} could not be read: {code}: {message}"
            raise SourceUnreadableError(sentence or quoted) from err
        except ParamValidationError:
            # What botocore says about it may quote values.
            raise SourceUnreadableError(
                f"The {self.subject} cannot be asked for: {self.limits}"
            ) from None
        except BotoCoreError as err:
            raise SourceUnreadableError(
                f"The {self.subject} could not be read: {self.service} was not reached ({type(err).__name__})."
                f" If the function runs in a VPC, it needs a way to {self.service}."
            ) from err
