"""What certificates of one app have to know of each other."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cdk_iam_server_certificate.tokens import holds_token
from server_certificate.naming import NAME_DECLARED_TWICE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs import IConstruct

    from server_certificate.findings import Finding


@dataclass(frozen=True, slots=True, eq=False)
class Claim:
    """A name that a certificate declares in an account."""

    name: str
    account: str
    stack: IConstruct
    construct: IConstruct

    def collides_with(self, other: Claim) -> bool:
        """Tell whether both want one name in one account, as far as the accounts are known."""
        if self is other or self.name.casefold() != other.name.casefold():
            return False
        is_one_account = self.account == other.account and not holds_token(self.account)
        return self.stack is other.stack or is_one_account


@dataclass(slots=True)
class AppState:
    """The declared names, and what was said once."""

    claims: list[Claim] = field(default_factory=list)

    hinted: bool = False
    """Whether somebody was told of ACM."""

    def collisions(self, claim: Claim) -> Iterator[Finding]:
        """Yield a finding for each other certificate that claims the name."""
        for other in self.claims:
            if claim.collides_with(other):
                yield NAME_DECLARED_TWICE.finding(
                    "name",
                    f"{claim.name!r} is also declared by '{other.construct.node.path}', and a name is"
                    " unique in an account, in all its Regions.",
                )


_STATES: dict[IConstruct, AppState] = {}


def state_of(root: IConstruct) -> AppState:
    """Return the state of the app with this root."""
    return _STATES.setdefault(root, AppState())
