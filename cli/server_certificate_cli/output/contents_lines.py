"""Print the content of a file."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rich.text import Text

from server_certificate.description import (
    describe,
    describe_certified_key,
    describe_private_key,
    timestamp,
)
from server_certificate_cli.output.chain_tree import title
from server_certificate_cli.output.finding_lines import draw_finding
from server_certificate_cli.output.terminal import plain
from server_certificate_cli.output.usages import usages_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from server_certificate.certificates.located_certificate import LocatedCertificate
    from server_certificate.certificates.signatures import Signatures
    from server_certificate.material import PrivateKey
    from server_certificate.reading.reader import Contents
    from server_certificate_cli.output.terminal import Terminal
    from server_certificate_cli.output.usages import Usages

_MARGIN = Text("  ")
_WIDEST = 15
_MOST = 100
"""The maximum number of items of each kind, because printing more takes seconds."""

_HEXADECIMAL = re.compile(r"-?[0-9A-F]{2}(:[0-9A-F]{2})*")
_ITSELF = {True: " (itself)", False: "", None: " (itself, not verified)"}


def draw_contents(
    console: Terminal,
    file: str,
    contents: Contents | None,
    problem: str,
    signatures: Signatures,
    *,
    owners: Callable[[PrivateKey], Sequence[str]] | None,
) -> None:
    """
    Print the format and the content of a file.

    Args:
        console: The terminal.
        file: The name from the command line.
        contents: The content; None if the file can't be read.
        problem: Why the file can't be read.
        signatures: The verified signatures, shared by all files.
        owners: Returns the certificates of a private key, in words; None if there are none at all.
    """
    if contents is None:
        console.write_wrapped((console.symbol("✗ ", "x "), "bold red"), plain(problem))
        return
    console.write_wrapped(plain(file, "bold"), plain(f": {contents.kind}"))
    for element in contents.certificates[:_MOST]:
        _draw_certificate(console, element, signatures)
    _draw_number(console, len(contents.certificates) - _MOST, "more certificates")
    for key in contents.private_keys:
        encrypted = ", encrypted" if key.was_encrypted else ""
        kind = plain(f"  {describe_private_key(key)}{encrypted}")
        console.write_line()
        console.write_line(_MARGIN, ("private key", "bold"), kind)
        if owners is not None:
            names = ", ".join(owners(key))
            draw_row(console, "belongs to", names or "(none of these certificates)")
    for other in contents.others[:_MOST]:
        console.write_line()
        console.write_line(_MARGIN, plain(other, "bold"))
    _draw_number(console, len(contents.others) - _MOST, "more items that are not read")
    if contents.findings:
        console.write_line()
    for finding in contents.findings:
        draw_finding(console, finding, margin=_MARGIN)


def _draw_number(console: Terminal, number: int, of_what: str) -> None:
    if number > 0:
        console.write_line()
        console.write_line(
            _MARGIN, plain(f"{number:,} {of_what}; use --json to list them all", "bold")
        )


def _draw_certificate(
    console: Terminal, element: LocatedCertificate, signatures: Signatures
) -> None:
    description = describe(element.certificate, signatures)
    key = describe_certified_key(element.certificate)
    rows = {
        "subject": description.subject or "(none)",
        "issuer": description.issuer + _ITSELF[description.self_signed],
        "serial number": description.serial_number,
        "valid from": timestamp(description.not_before),
        "valid until": timestamp(description.not_after),
        "names": ", ".join(description.subject_alternative_names) or "(none)",
        "key": str(key),
        "signed with": description.signature_algorithm,
        "SHA-256": description.sha256_fingerprint,
        **_usages(usages_of(element.certificate)),
    }
    console.write_line()
    name = plain(title(element.certificate) or "(no name)", "bold")
    console.write_line(_MARGIN, name, plain(f"  ({element.subject})", "dim"))
    for label, value in rows.items():
        draw_row(console, label, value)


def _usages(usages: Usages) -> dict[str, str]:
    """Return the rows about usages. A certificate needn't have any."""
    rows = {
        "key usage": None if usages.key_usage is None else ", ".join(usages.key_usage) or "(none)",
        "purposes": usages.extended_key_usage and ", ".join(usages.extended_key_usage),
        "key id": usages.subject_key_identifier,
        "issuer key id": usages.authority_key_identifier,
    }
    return {label: value for label, value in rows.items() if value}


def draw_row(console: Terminal, label: str, value: str) -> None:
    """Print a property of a certificate. On a terminal, a long value is wrapped next to its label."""
    first = Text.assemble(_MARGIN, _MARGIN, (label.ljust(_WIDEST), "dim"))
    further = Text(" " * first.cell_len)
    if _HEXADECIMAL.fullmatch(value) and console.writes_to_terminal:
        # Without spaces, the pairs would be broken.
        pairs = max(1, (console.width - first.cell_len) // 3)
        width = 3 * pairs
        lines = [value[start : start + width] for start in range(0, len(value), width)]
        for number, line in enumerate(lines):
            console.write_line(further if number else first, line)
        return
    console.write_paragraph(plain(value), first=first, further=further)
