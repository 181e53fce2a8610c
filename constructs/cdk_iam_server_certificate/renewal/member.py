"""A certificate that is renewed or watched."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from cdk_iam_server_certificate.renewal.root import stack_id_of
from server_certificate.contract.renewal import RenewalInput

if TYPE_CHECKING:
    from cdk_iam_server_certificate.renewal.secret import RenewalSecret
    from cdk_iam_server_certificate.synth.consumers import Usage


@dataclass(frozen=True, kw_only=True)
class Member:
    """A certificate that is renewed or watched, together with others of its secret."""

    usage: Usage
    """The certificate, and what the app does with it."""

    secret: RenewalSecret | None
    """The secret with the leaf; None if the leaf isn't in a secret."""

    renews: bool
    notice_days: int

    function_arn: str
    """The function that manages the certificate."""

    @property
    def location(self) -> str | None:
        """What identifies the secret; None if the leaf isn't in a secret."""
        return None if self.secret is None else self.secret.location

    @property
    def is_nested(self) -> bool:
        """Whether the certificate is in a nested stack."""
        return self.usage.stack is not self.usage.root_stack

    @property
    def stack_id(self) -> str:
        """The ID of the certificate's stack."""
        return stack_id_of(self.usage.stack)

    @cached_property
    def rendered(self) -> dict[str, object]:
        """The certificate in the input of the renewal function."""
        found: dict[str, object] = {
            RenewalInput.PATH.value: self.usage.construct.node.path,
            RenewalInput.LOGICAL_ID.value: self.usage.resource.logical_id,
            RenewalInput.NOTICE_DAYS.value: self.notice_days,
        }
        if self.is_nested:
            found[RenewalInput.NESTED_STACK.value] = self.stack_id
        return found
