"""Read certificates and private keys from a user's input, and report everything else."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from server_certificate import pem
from server_certificate.budget import Budget
from server_certificate.inputs import Input
from server_certificate.openssl_commands import source_of
from server_certificate.reading.binary import read_binary
from server_certificate.reading.contents import Contents
from server_certificate.reading.input_context import InputContext
from server_certificate.reading.private_keys import conversion_fix, key_among_certificates
from server_certificate.reading.recognition.formats import recognize_binary
from server_certificate.reading.recognition.kinds import kind_of
from server_certificate.reading.recognition.naming import holds_private_key
from server_certificate.reading.recognition.unwrapping import MAX_LAYERS, unwrap
from server_certificate.reading.recognition.wide_text import narrowed
from server_certificate.reading.rules import BASE64, UTF_16
from server_certificate.reading.sizes import TOO_LARGE
from server_certificate.reading.text import read_text, report_text

if TYPE_CHECKING:
    from server_certificate.certificates.certificate import Certificate
    from server_certificate.findings import Finding
    from server_certificate.material import PrivateKey
    from server_certificate.openssl_commands import KeyKind
    from server_certificate.reading.recognition.formats import RecognizedFormat

__all__ = ["MAX_BYTES", "Contents", "read", "read_certificates", "read_private_key"]

_PEM = b"-----BEGIN "

MAX_BYTES = pem.MAX_CHARACTERS
"""The maximum size of an input: twice the longest chain that IAM accepts."""


def read(
    given: Input,
    *,
    subject: str,
    passphrase: str | None = None,
    key_kind: KeyKind = "pkey",
    budget: Budget | None = None,
) -> Contents:
    """
    Read certificates and private keys.

    Args:
        given: The input, in any format.
        subject: The subject of findings; see ``InputContext.subject``.
        passphrase: The passphrase of an encrypted private key or bundle; None if there is none.
        key_kind: The expected type of an encrypted private key, for the command that decrypts it.
        budget: The budget for reading it, shared by all inputs. Default: a new one.

    Returns:
        The contents. No input raises an exception, and no finding contains key material.
    """
    context = InputContext(given, subject, passphrase, key_kind, budget or Budget())
    content = given.content
    if len(content) > MAX_BYTES:
        message = f"it has {len(content):,} bytes; the limit is {MAX_BYTES:,}."
        finding = TOO_LARGE.finding(subject, message, f"Provide only the {context.expected}.")
        return Contents(findings=(finding,))
    return _contents(context, layers=MAX_LAYERS)


def _contents(context: InputContext, *, layers: int) -> Contents:
    content = context.given.content
    if bare := narrowed(content):
        return _narrowed(bare, context, layers)
    if content.startswith(_PEM) and (
        contents := read_text(content.decode("utf-8", errors="replace"), context)
    ):
        return contents
    if kind := kind_of(content):
        return read_binary(kind, context)
    if it := recognize_binary(content):
        return _report_format(it, context)
    text = content.decode("utf-8", errors="replace")
    return (
        (_of_fields(context, layers) if layers else None)
        or read_text(text, context)
        or (_of_base64(text, context, layers) if layers else None)
        or report_text(text, context)
    )


def _narrowed(bare: bytes, context: InputContext, layers: int) -> Contents:
    """Read text in UTF-16 after its conversion to ASCII."""
    converted = Input(bare, "converted.pem")
    contents = _contents(replace(context, given=converted), layers=layers)
    source = source_of(context.given, "original.pem")
    message = "it contains null bytes, like UTF-16 text; IAM accepts only ASCII."
    command = f"LC_ALL=C tr -d '\\000\\376\\377' < {source} > {converted.file}"
    return contents.adding(UTF_16.finding(context.subject, message, conversion_fix(command)))


def _of_base64(text: str, context: InputContext, layers: int) -> Contents | None:
    inner = unwrap(text)
    if inner is None:
        return None
    decoded = Input(inner.octets, inner.target(context.given))
    contents = _contents(replace(context, given=decoded), layers=layers - 1)
    command = inner.command(context.given)
    fix = conversion_fix(command) if command else "Conversion decodes it."
    finding = BASE64.finding(context.subject, "it is encoded in base64; IAM accepts only PEM.", fix)
    return contents.adding(finding)._replace(kind=f"{contents.kind} in base64")


def _of_fields(context: InputContext, layers: int) -> Contents | None:
    """Read a document such as JSON or YAML; None if it isn't one, or contains nothing useful."""
    # Imported lazily: few inputs are documents.
    from server_certificate.reading.documents.json_bundle import (  # noqa: PLC0415
        read_json_bundle,
    )

    document = read_json_bundle(context.given)
    if document is None:
        return None
    findings = document.findings(context.subject)
    kind = f"a bundle in {document.kind}"
    inner = document.together()
    if inner is None:
        return Contents(kind=kind, findings=findings)
    contents = _contents(replace(context, given=inner), layers=layers - 1)
    return contents._replace(kind=kind, findings=(*findings, *contents.findings))


def _report_format(it: RecognizedFormat, context: InputContext) -> Contents:
    """Report a recognized format that can't be used."""
    text = context.given.content.decode("utf-8", errors="replace")
    if not context.allows_keys and (it.is_private_key or holds_private_key(text)):
        return key_among_certificates(context.subject)._replace(kind=it.name)
    fix = it.fix.replace("{source}", source_of(context.given, it.usual))
    return Contents(kind=it.name, findings=(context.wrong_kind(it.name, fix),))


def read_certificates(
    text: str, *, subject: str
) -> tuple[tuple[Certificate, ...], tuple[Finding, ...]]:
    """
    Read all certificates of a text.

    Args:
        text: The text.
        subject: The subject of findings: ``certificate`` or ``chain``.

    Returns:
        The certificates in the order of the text, and the findings about it.
    """
    contents = read(Input.of_text(text), subject=subject)
    return tuple(element.certificate for element in contents.certificates), contents.findings


def read_private_key(
    text: str, *, passphrase: str | None = None
) -> tuple[PrivateKey | None, tuple[Finding, ...]]:
    """
    Read the private key of a text.

    Args:
        text: The text. Nothing of it is repeated in a finding.
        passphrase: The passphrase; None if there is none.

    Returns:
        The private key, or None if there isn't exactly one that IAM could use; and the findings.
    """
    contents = read(Input.of_text(text), subject="private-key", passphrase=passphrase)
    return (contents.private_keys or (None,))[0], contents.findings
