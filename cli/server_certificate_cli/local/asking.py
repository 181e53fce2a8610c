"""Ask for a passphrase on a terminal, if something is encrypted and no passphrase was given."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, TypeVar

import click

from server_certificate.reading.passphrases import Passphrase
from server_certificate_cli.printable import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from server_certificate.findings import Finding

_MISSING, _WRONG = "passphrase-missing", "passphrase-wrong"

Result = TypeVar("Result")


def can_ask() -> bool:
    """Return whether a person can answer: standard input and standard error are a terminal."""
    return all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stderr))


def ask(prompt: str) -> str:
    """
    Ask for a passphrase, which isn't shown. Nothing typed is an empty answer.

    Raises:
        click.Abort: The user pressed Ctrl-C or Ctrl-D.
    """
    answer: str = click.prompt(
        printable(prompt), default="", show_default=False, hide_input=True, err=True
    )
    return answer


def with_passphrase(
    read: Callable[[Passphrase | None], Result],
    findings: Callable[[Result], Iterable[Finding]],
    passphrase: Passphrase | None,
    files: Mapping[str, str],
) -> Result:
    """
    Read something. If it needs a passphrase, ask for it, and once more if it is wrong.

    Args:
        read: Reads with a passphrase, or without one.
        findings: Returns the findings of a result.
        passphrase: The passphrase that was given. If there is one, nothing is asked.
        files: The files of the subjects of findings.

    Raises:
        click.Abort: The user pressed Ctrl-C or Ctrl-D.
    """
    result = read(passphrase)
    if passphrase is not None or not can_ask():
        return result
    for code, introduction in ((_MISSING, ""), (_WRONG, "This passphrase is wrong. ")):
        found = next((finding for finding in findings(result) if finding.code == code), None)
        if found is None:
            break
        subject = found.subject.partition("[")[0]
        answer = ask(f"{introduction}Passphrase of '{files.get(subject, subject)}'")
        if not answer:
            break
        result = read(Passphrase(answer))
    return result
