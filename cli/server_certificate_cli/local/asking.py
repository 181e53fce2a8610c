"""Ask for a passphrase on a terminal, if something is encrypted and no passphrase was given."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from server_certificate.reading.passphrases import Passphrase
from server_certificate_cli.questions import ask, can_ask

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from server_certificate.findings import Finding

_MISSING, _WRONG = "passphrase-missing", "passphrase-wrong"

Result = TypeVar("Result")


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
