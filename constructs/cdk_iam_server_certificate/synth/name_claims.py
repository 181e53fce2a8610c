"""Find certificates in an app that declare the same name in the same account."""

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
        """Add the claim to those of the app."""
        _CLAIMS[self.app].append(self)

    def collisions(self) -> Iterator[Finding]:
        """Yield a finding for each other certificate of the app that claims the name."""
        for other in _CLAIMS[self.app]:
            if self._collides_with(other):
                yield NAME_DECLARED_TWICE.finding(
                    "name",
                    f"'{other.construct.node.path}' also declares the name {self.name!r}, but a name must"
                    " be unique in an account, across all Regions.",
                )

    def _collides_with(self, other: NameClaim) -> bool:
        """Return whether both claim the same name in the same account, if the accounts are known."""
        if self is other or self.name.casefold() != other.name.casefold():
            return False
        is_one_account = self.account == other.account and not holds_token(self.account)
        return self.stack is other.stack or is_one_account


_CLAIMS: defaultdict[IConstruct, list[NameClaim]] = defaultdict(list)
"""The claims of each app."""
