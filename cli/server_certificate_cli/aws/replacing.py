"""Show what ``server-certificate store`` replaces, and ask before it replaces something unrelated."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from server_certificate.description import timestamp
from server_certificate_cli.aws.table import draw_facts
from server_certificate_cli.errors import RefusedError
from server_certificate_cli.output.terminal import Terminal, plain
from server_certificate_cli.questions import can_ask, confirm

if TYPE_CHECKING:
    from rich.text import Text

    from server_certificate_cli.aws.replacement import PublicFacts, Replacement


def draw_replacement(secret: str, replacement: Replacement) -> None:
    """
    Print both certificates, without anything secret.

    Args:
        secret: The name or ARN of the secret.
        replacement: The certificates.
    """
    console = Terminal()
    console.write_line()
    console.write_line(plain(f"The secret {secret} has another certificate:"))
    facts = [("stored", _facts(replacement.stored)), ("new", _facts(replacement.new))]
    if missing := replacement.no_longer_covered:
        facts.append(("dropped", plain(", ".join(missing), "yellow")))
    draw_facts(console, facts)


def check_replacement(secret: str, replacement: Replacement, *, force: bool, may_ask: bool) -> None:
    """
    Ask before a certificate for other domains is replaced.

    Args:
        secret: The name or ARN of the secret.
        replacement: The certificates.
        force: Whether the user has agreed with ``--force``.
        may_ask: Whether to ask if there is a terminal.

    Raises:
        RefusedError: The user has not agreed.
    """
    if force or not replacement.is_unrelated:
        return
    if may_ask and can_ask():
        click.echo(err=True)
        if confirm(f"{replacement.question} Replace it?"):
            return
        raise RefusedError("Nothing was stored, because you answered no.")
    raise RefusedError(
        f"{printable_warning(replacement)} Nothing was written. Use another --secret than"
        f" '{secret}', or replace the certificate with --force."
    )


def printable_warning(replacement: Replacement) -> str:
    """Return the reason to ask, safe for a terminal."""
    return plain(replacement.warning).plain


def _facts(facts: PublicFacts | None) -> Text:
    if facts is None:
        return plain("a certificate that can't be read")
    names = ", ".join(facts.domains) or "no domain"
    return plain(f"{names}; {facts.subject}; until {timestamp(facts.not_after)}")
