"""An input, and what it should contain."""

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
    from server_certificate.reading.recognition.naming import ExpectedContent

MAX_BLOCKS = 5_000
"""The maximum number of blocks in an input: more than fit into IAM's longest chain."""


@dataclass(frozen=True, slots=True)
class InputContext:
    """An input, and what it should contain."""

    given: Input
    """The input as the user gave it."""

    subject: str
    """
    The subject of findings. ``certificate`` and ``chain`` may only contain certificates,
    ``private-key`` only a private key, ``bundle`` and everything else both.
    """

    passphrase: str | None = field(default=None, repr=False)
    """The passphrase of an encrypted private key or bundle; None if there is none."""

    key_kind: KeyKind = "pkey"
    """The expected type of an encrypted private key, for the command that decrypts it."""

    budget: Budget = field(default_factory=Budget, repr=False)
    """The budget for reading it. Default: a new one."""

    @property
    def allows_certificates(self) -> bool:
        """Whether it may contain certificates."""
        return self.subject != "private-key"

    @property
    def allows_keys(self) -> bool:
        """Whether it may contain private keys."""
        return self.subject not in {"certificate", "chain"}

    @property
    def expected(self) -> ExpectedContent:
        """What it should contain, for messages."""
        if not self.allows_keys:
            return "certificate"
        if not self.allows_certificates:
            return "private key"
        whole = self.subject == "bundle"
        return "bundle of certificate and private key" if whole else "certificate or private key"

    def wrong_kind(
        self, name: str, fix: str, *, where: str | None = None, form: str = ""
    ) -> Finding:
        """
        Report that the input is something else.

        Args:
            name: What it is, as a noun phrase.
            fix: How to fix it; ``{source}`` is replaced with the name of the file.
            where: Its place in the input. Default: the whole input.
            form: The expected encoding: `` in PEM``. Default: not mentioned.
        """
        message = f"it is {name}, not a {self.expected}{form}."
        source = source_of(self.given, self.expected.replace(" ", "-"))
        return WRONG_KIND.finding(where or self.subject, message, fix.replace("{source}", source))

    def too_many(self, count: int, what: str) -> Finding:
        """Report that the input exceeds a limit."""
        message = f"it has {count:,} {what}; the limit is {MAX_BLOCKS:,}."
        fix = None if self.allows_certificates else "Provide only the private key."
        return TOO_MANY_BLOCKS.finding(self.subject, message, fix)
