"""From what a user gave to certificates and keys, naming whatever cannot be used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server_certificate import pem
from server_certificate.budget import Budget
from server_certificate.inputs import Input
from server_certificate.reading.contents import Contents
from server_certificate.reading.demand import Demand
from server_certificate.reading.kinds import kind_of
from server_certificate.reading.octets import read_octets
from server_certificate.reading.recognition import recognise_octets
from server_certificate.reading.sizes import TOO_LARGE
from server_certificate.reading.text import read_text

if TYPE_CHECKING:
    from server_certificate.certificate import Certificate
    from server_certificate.findings import Finding
    from server_certificate.material import PrivateKey
    from server_certificate.openssl_commands import KeyKind

__all__ = ["MAX_BYTES", "Contents", "read", "read_certificates", "read_private_key"]

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
    if kind := kind_of(content):
        return read_octets(kind, demand)
    if it := recognise_octets(content):
        return Contents(kind=it.name, findings=(demand.wrong_kind(it.name, it.fix),))
    return read_text(content.decode("utf-8", errors="replace"), demand)


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
