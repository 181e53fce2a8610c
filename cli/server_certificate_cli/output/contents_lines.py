"""What a file holds, as lines for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from server_certificate.description import (
    describe,
    describe_certified_key,
    describe_private_key,
    timestamp,
)
from server_certificate_cli.output.chain_picture import title
from server_certificate_cli.output.finding_lines import draw_finding
from server_certificate_cli.output.terminal import plain

if TYPE_CHECKING:
    from server_certificate.certificates.located_certificate import LocatedCertificate
    from server_certificate.certificates.signatures import Signatures
    from server_certificate.reading.reader import Contents
    from server_certificate_cli.output.terminal import Terminal

_MARGIN = Text("  ")
_WIDEST = 15
_MOST = 100
"""At most this many of a kind are drawn: more are for machines, and drawing them takes seconds."""

_ITSELF = {True: " (itself)", False: "", None: " (itself, not verified)"}


def draw_contents(
    console: Terminal,
    file: str,
    contents: Contents | None,
    problem: str,
    signatures: Signatures,
) -> None:
    """
    Draw what a file is and what it holds.

    Args:
        console: Where to.
        file: What the user calls it.
        contents: What it holds; None if it could not be read.
        problem: Why it could not be read.
        signatures: What is known about who certified whom, the same for all files.
    """
    if contents is None:
        console.say((console.sign("✗ ", "x "), "bold red"), plain(problem))
        return
    console.say(plain(file, "bold"), plain(f": {contents.kind}"))
    for element in contents.certificates[:_MOST]:
        _draw_certificate(console, element, signatures)
    _draw_number(console, len(contents.certificates) - _MOST, "more certificates")
    for key in contents.private_keys:
        encrypted = ", encrypted" if key.was_encrypted else ""
        kind = plain(f"  {describe_private_key(key)}{encrypted}")
        console.say()
        console.say(_MARGIN, ("private key", "bold"), kind)
    for other in contents.others[:_MOST]:
        console.say()
        console.say(_MARGIN, plain(other, "bold"))
    _draw_number(console, len(contents.others) - _MOST, "more of which nothing is read")
    if contents.findings:
        console.say()
    for finding in contents.findings:
        draw_finding(console, finding, margin=_MARGIN)


def _draw_number(console: Terminal, number: int, of_what: str) -> None:
    if number > 0:
        console.say()
        console.say(_MARGIN, plain(f"{number:,} {of_what}; --json lists them all", "bold"))


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
    }
    console.say()
    name = plain(title(element.certificate) or "(no name)", "bold")
    console.say(_MARGIN, name, plain(f"  ({element.subject})", "dim"))
    for label, value in rows.items():
        console.say(_MARGIN, _MARGIN, (label.ljust(_WIDEST), "dim"), plain(value))
