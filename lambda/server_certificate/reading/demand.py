"""An input, and what is wanted of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from server_certificate.budget import Budget
from server_certificate.openssl_commands import source_of
from server_certificate.reading.rules import TOO_MANY_BLOCKS, WRONG_KIND

if TYPE_CHECKING:
    from server_certificate.findings import Finding
    from server_certificate.inputs import Input
    from server_certificate.openssl_commands import KeyKind
    from server_certificate.reading.recognition.naming import Wanted

MAX_BLOCKS = 5_000
"""Blocks of one input that are read: more than the smallest certificates in IAM's longest chain."""


@dataclass(frozen=True, slots=True)
class Demand:
    """An input, and what is wanted of it."""

    given: Input
    """What the user gave."""

    subject: str
    """
    What findings are about. ``certificate`` and ``chain`` may hold certificates only,
    ``private-key`` a key only, ``bundle`` and everything else both.
    """

    passphrase: str | None = field(default=None, repr=False)
    """What opens an encrypted key or bundle; None when there is none."""

    key_kind: KeyKind = "pkey"
    """What an encrypted key may be expected to hold, for the command that decrypts it."""

    budget: Budget = field(default_factory=Budget, repr=False)
    """What reading it is taken from. Default: a budget of its own."""

    @property
    def wants_certificates(self) -> bool:
        """Whether certificates belong into it."""
        return self.subject != "private-key"

    @property
    def wants_keys(self) -> bool:
        """Whether private keys belong into it."""
        return self.subject not in {"certificate", "chain"}

    @property
    def wanted(self) -> Wanted:
        """What it should hold, in words."""
        if not self.wants_keys:
            return "certificate"
        if not self.wants_certificates:
            return "private key"
        whole = self.subject == "bundle"
        return "bundle of certificate and private key" if whole else "certificate or private key"

    def wrong_kind(
        self, name: str, fix: str, *, where: str | None = None, form: str = ""
    ) -> Finding:
        """
        Say that something else was given.

        Args:
            name: What it is, as a noun phrase.
            fix: What to do about it; ``{source}`` stands for the name of the file.
            where: Where it stands. Default: it is all of the input.
            form: What the wanted should be in: `` in PEM``. Default: nothing is said about that.
        """
        message = f"it is {name}, not a {self.wanted}{form}."
        source = source_of(self.given, self.wanted.replace(" ", "-"))
        return WRONG_KIND.finding(where or self.subject, message, fix.replace("{source}", source))

    def too_many(self, count: int, what: str) -> Finding:
        """Say that more of something was given than is read."""
        message = f"it has {count:,} {what}; up to {MAX_BLOCKS:,} are read."
        fix = None if self.wants_certificates else "Give the private key alone."
        return TOO_MANY_BLOCKS.finding(self.subject, message, fix)
