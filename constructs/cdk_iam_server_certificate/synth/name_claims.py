"""Names that certificates of one app declare: two must not claim one name in an account."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cdk_iam_server_certificate.tokens import holds_token
from server_certificate.naming import NAME_DECLARED_TWICE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs import IConstruct

    from server_certificate.findings import Finding


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class NameClaim:
    """A name that a certificate declares in an account."""

    name: str
    app: IConstruct
    account: str
    stack: IConstruct
    construct: IConstruct

    def register(self) -> None:
        """Make the claim known to the others of the app."""
        _CLAIMS[self.app].append(self)

    def collisions(self) -> Iterator[Finding]:
        """Yield a finding for each other certificate of the app that claims the name."""
        for other in _CLAIMS[self.app]:
            if self._collides_with(other):
                yield NAME_DECLARED_TWICE.finding(
                    "name",
                    f"{self.name!r} is also declared by '{other.construct.node.path}', and a name is"
                    " unique in an account, in all its Regions.",
                )

    def _collides_with(self, other: NameClaim) -> bool:
        """Return whether both want one name in one account, as far as the accounts are known."""
        if self is other or self.name.casefold() != other.name.casefold():
            return False
        is_one_account = self.account == other.account and not holds_token(self.account)
        return self.stack is other.stack or is_one_account


_CLAIMS: defaultdict[IConstruct, list[NameClaim]] = defaultdict(list)
"""The claims of each app."""
