"""From what a user gave to certificates and keys, naming whatever cannot be used."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from server_certificate import pem
from server_certificate.budget import Budget
from server_certificate.inputs import Input
from server_certificate.openssl_commands import source_of
from server_certificate.reading.contents import Contents
from server_certificate.reading.demand import Demand
from server_certificate.reading.octets import read_octets
from server_certificate.reading.private_keys import by_hand, key_among_certificates
from server_certificate.reading.recognition.formats import recognise_octets
from server_certificate.reading.recognition.kinds import kind_of
from server_certificate.reading.recognition.naming import holds_private_key
from server_certificate.reading.recognition.unwrapping import MAX_LAYERS, unwrap
from server_certificate.reading.recognition.wide_text import narrowed
from server_certificate.reading.rules import BASE64, UTF_16
from server_certificate.reading.sizes import TOO_LARGE
from server_certificate.reading.text import name_text, read_text

if TYPE_CHECKING:
    from server_certificate.certificates.certificate import Certificate
    from server_certificate.findings import Finding
    from server_certificate.material import PrivateKey
    from server_certificate.openssl_commands import KeyKind
    from server_certificate.reading.recognition.formats import Recognised

__all__ = ["MAX_BYTES", "Contents", "read", "read_certificates", "read_private_key"]

_PEM = b"-----BEGIN "

MAX_BYTES = pem.MAX_CHARACTERS
"""Larger inputs are not looked into: twice the longest chain that IAM takes."""


def read(
    given: Input,
    *,
    subject: str,
    passphrase: str | None = None,
    key_kind: KeyKind = "pkey",
    budget: Budget | None = None,
) -> Contents:
    """
    Read certificates and keys.

    Args:
        given: What the user gave, in whatever form.
        subject: What findings are about; see ``Demand.subject``.
        passphrase: What opens an encrypted key or bundle; None when there is none.
        key_kind: What an encrypted key may be expected to hold, for the command that decrypts it.
        budget: What reading it is taken from, shared by the inputs of one submission. Default: one
            of its own.

    Returns:
        What it holds. Whatever that is, nothing is raised, and no finding holds key material.
    """
    demand = Demand(given, subject, passphrase, key_kind, budget or Budget())
    content = given.content
    if len(content) > MAX_BYTES:
        message = f"it has {len(content):,} bytes; up to {MAX_BYTES:,} are read."
        finding = TOO_LARGE.finding(subject, message, f"Give the {demand.wanted} alone.")
        return Contents(findings=(finding,))
    return _contents(demand, layers=MAX_LAYERS)


def _contents(demand: Demand, *, layers: int) -> Contents:
    content = demand.given.content
    if bare := narrowed(content):
        return _narrowed(bare, demand, layers)
    if content.startswith(_PEM) and (
        contents := read_text(content.decode("utf-8", errors="replace"), demand)
    ):
        return contents
    if kind := kind_of(content):
        return read_octets(kind, demand)
    if it := recognise_octets(content):
        return _named(it, demand)
    text = content.decode("utf-8", errors="replace")
    return (
        (_of_fields(demand, layers) if layers else None)
        or read_text(text, demand)
        or (_of_base64(text, demand, layers) if layers else None)
        or name_text(text, demand)
    )


def _narrowed(bare: bytes, demand: Demand, layers: int) -> Contents:
    """Read a text in UTF-16, of which the ASCII is given."""
    converted = Input(bare, "converted.pem")
    contents = _contents(replace(demand, given=converted), layers=layers)
    source = source_of(demand.given, "original.pem")
    message = "it holds zero octets, as text in UTF-16 does; IAM takes ASCII."
    command = f"LC_ALL=C tr -d '\\000\\376\\377' < {source} > {converted.file}"
    return contents.adding(UTF_16.finding(demand.subject, message, by_hand(command)))


def _of_base64(text: str, demand: Demand, layers: int) -> Contents | None:
    inner = unwrap(text)
    if inner is None:
        return None
    decoded = Input(inner.octets, inner.target(demand.given))
    contents = _contents(replace(demand, given=decoded), layers=layers - 1)
    command = inner.command(demand.given)
    fix = by_hand(command) if command else "Converting decodes it."
    finding = BASE64.finding(demand.subject, "it is encoded in base64; IAM takes PEM.", fix)
    return contents.adding(finding)._replace(kind=f"{contents.kind} in base64")


def _of_fields(demand: Demand, layers: int) -> Contents | None:
    """Read the fields of JSON, or of what is like it; None if it is no such, or of no use."""
    # Imported when needed: few inputs are documents.
    from server_certificate.reading.documents.json_bundle import (  # noqa: PLC0415
        read_json_bundle,
    )

    document = read_json_bundle(demand.given)
    if document is None:
        return None
    findings = document.findings(demand.subject)
    kind = f"a bundle in {document.kind}"
    inner = document.together()
    if inner is None:
        return Contents(kind=kind, findings=findings)
    contents = _contents(replace(demand, given=inner), layers=layers - 1)
    return contents._replace(kind=kind, findings=(*findings, *contents.findings))


def _named(it: Recognised, demand: Demand) -> Contents:
    """Refuse what was recognised."""
    text = demand.given.content.decode("utf-8", errors="replace")
    if not demand.wants_keys and (it.is_private_key or holds_private_key(text)):
        return key_among_certificates(demand.subject)._replace(kind=it.name)
    fix = it.fix.replace("{source}", source_of(demand.given, it.usual))
    return Contents(kind=it.name, findings=(demand.wrong_kind(it.name, fix),))


def read_certificates(
    text: str, *, subject: str
) -> tuple[tuple[Certificate, ...], tuple[Finding, ...]]:
    """
    Read all certificates of a text.

    Args:
        text: What the user gave.
        subject: What findings are about: ``certificate`` or ``chain``.

    Returns:
        The certificates in the order of the text, and what was found about the text.
    """
    contents = read(Input.of_text(text), subject=subject)
    return tuple(element.certificate for element in contents.elements), contents.findings


def read_private_key(
    text: str, *, passphrase: str | None = None
) -> tuple[PrivateKey | None, tuple[Finding, ...]]:
    """
    Read the private key of a text.

    Args:
        text: What the user gave. Nothing of it is repeated in a finding.
        passphrase: What opens it; None when there is none.

    Returns:
        The key, or None when there is not exactly one that IAM could use; and what was found.
    """
    contents = read(Input.of_text(text), subject="private-key", passphrase=passphrase)
    return (contents.private_keys or (None,))[0], contents.findings
