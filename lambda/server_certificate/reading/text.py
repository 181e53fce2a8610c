"""Read inputs that are text: PEM, and what is mistaken for it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from server_certificate import openssl_commands, pem
from server_certificate.inputs import Input
from server_certificate.reading import rules
from server_certificate.reading.certificates import read_certificate
from server_certificate.reading.containers import read_pkcs7_bundle, read_pkcs12_bundle
from server_certificate.reading.contents import Contents, joined
from server_certificate.reading.input_context import MAX_BLOCKS
from server_certificate.reading.private_keys import key_among_certificates, read_key, unreadable
from server_certificate.reading.recognition.formats import recognize_binary
from server_certificate.reading.recognition.kinds import Kind, kind_of
from server_certificate.reading.recognition.naming import (
    SUPERFLUOUS,
    holds_private_key,
    is_foreign_key,
    is_private_key,
    recognize_block,
    recognize_text,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from server_certificate.findings import Finding
    from server_certificate.reading.input_context import InputContext

_HARMLESS = {"EC PARAMETERS", "DH PARAMETERS", "DSA PARAMETERS", "X9.42 DH PARAMETERS"}
_BUNDLES = {"PKCS7", "CMS", "PKCS12"}
_LABELS = {
    Kind.CERTIFICATE: "CERTIFICATE",
    Kind.PRIVATE_KEY: "PRIVATE KEY",
    Kind.ENCRYPTED_PRIVATE_KEY: "ENCRYPTED PRIVATE KEY",
    Kind.PKCS7: "PKCS7",
    Kind.PKCS12: "PKCS12",
    Kind.REQUEST: "CERTIFICATE REQUEST",
    Kind.REVOCATION_LIST: "X509 CRL",
    Kind.PUBLIC_KEY: "PUBLIC KEY",
    Kind.PARAMETERS: "DH PARAMETERS",
}
_PROMISES = {
    "CERTIFICATE": Kind.CERTIFICATE,
    "X509 CERTIFICATE": Kind.CERTIFICATE,
    "TRUSTED CERTIFICATE": Kind.CERTIFICATE,
    "CERTIFICATE REQUEST": Kind.REQUEST,
    "NEW CERTIFICATE REQUEST": Kind.REQUEST,
    "PKCS7": Kind.PKCS7,
    "CMS": Kind.PKCS7,
    "PKCS12": Kind.PKCS12,
    "PUBLIC KEY": Kind.PUBLIC_KEY,
    "X509 CRL": Kind.REVOCATION_LIST,
}
"""The content that labels promise. Some CA portals label PKCS#7 bundles as CERTIFICATE."""


def read_text(text: str, context: InputContext) -> Contents | None:
    """
    Read the PEM blocks of a text.

    Args:
        text: The text.
        context: The input, and what it should contain.

    Returns:
        The content of the blocks; None if there are none.
    """
    if (count := pem.count(text)) > MAX_BLOCKS:
        return Contents(kind="PEM", findings=(context.too_many(count, "PEM blocks"),))
    parsed = pem.parse(text)
    if not parsed.blocks:
        return None
    if (count := len(parsed.blocks)) > MAX_BLOCKS:
        return Contents(kind="PEM", findings=(context.too_many(count, "PEM blocks"),))
    read = _every_block if context.allows_certificates else _only_key
    blocks = tuple([_by_content(block) for block in parsed.blocks])
    findings = (*_layout(parsed, context.subject), *_labels(parsed.blocks, blocks, context))
    layout = [Contents(findings=findings)] if findings else []
    return joined([*layout, *read(blocks, context)], kind="PEM")


def report_text(text: str, context: InputContext) -> Contents:
    """Report what a text without readable content is."""
    it = recognize_text(text, expected=context.expected)
    if not context.allows_keys and (it.is_private_key or holds_private_key(text)):
        return key_among_certificates(context.subject)._replace(kind=it.name)
    form = "" if context.allows_certificates and context.allows_keys else " in PEM"
    source = openssl_commands.source_of(context.given, it.usual)
    fix = it.fix.replace("{source}", source)
    return Contents(kind=it.name, findings=(context.wrong_kind(it.name, fix, form=form),))


def _by_content(block: pem.Block) -> pem.Block:
    """Return a block with the label of its content, if its own label is wrong."""
    kind = kind_of(block.der) if block.der else None
    if kind is None or block.label == _LABELS[kind] or kind in _promised(block):
        return block
    return replace(block, label=_LABELS[kind])


def _promised(block: pem.Block) -> Collection[Kind]:
    if block.is_private_key and not is_foreign_key(block):
        return (Kind.PRIVATE_KEY, Kind.ENCRYPTED_PRIVATE_KEY)
    return (_PROMISES[block.label],) if block.label in _PROMISES else tuple(Kind)


def _labels(
    given: Sequence[pem.Block], blocks: Sequence[pem.Block], context: InputContext
) -> Iterator[Finding]:
    if blocks == given:
        return
    for index, (before, block) in enumerate(zip(given, blocks, strict=True)):
        if before is not block:
            where = _place(context, index, len(blocks))
            message = f"its label is {before.label}, but it contains {block.label}."
            yield rules.LABEL.finding(where, message)


def _place(context: InputContext, index: int, count: int) -> str:
    return (
        context.subject
        if count == 1 or not context.allows_certificates
        else f"{context.subject}[{index}]"
    )


def _layout(parsed: pem.PemText, subject: str) -> Iterator[Finding]:
    if parsed.has_other_text:
        message = "there is text or a byte order mark outside the PEM blocks."
        yield rules.TEXT_AROUND.finding(subject, message)
    if not all(block.is_laid_out or block.problem for block in parsed.blocks):
        message = "its line breaks are not those of PEM: lines are too long, indented or joined."
        yield rules.PEM_LAYOUT.finding(subject, message)
    for spelling in parsed.escapes:
        message = f"its line breaks are escaped as {spelling}."
        yield rules.ESCAPED_LINE_BREAKS.finding(subject, message)


def _every_block(blocks: tuple[pem.Block, ...], context: InputContext) -> Iterator[Contents]:
    has_expected = any(_is_expected(block, context) for block in blocks)
    parameters = _parameters(blocks)
    for index, block in enumerate(blocks):
        where = _place(context, index, len(blocks))
        if block.is_certificate and not block.problem:
            # The label is reliable, because wrong labels have been replaced.
            yield _certificate(block, where, context)
        elif is_private_key(block):
            if not context.allows_keys:
                yield key_among_certificates(where)
            elif is_foreign_key(block):
                yield _unexpected(block, where, context, has_expected=False)
            else:
                yield _key(block, where, context, parameters)
        elif block.label in _BUNDLES and not block.problem:
            yield _bundle(block, where, context)
        elif block.is_certificate:
            yield _certificate(block, where, context)
        else:
            yield _unexpected(block, where, context, has_expected=has_expected)


def _only_key(blocks: tuple[pem.Block, ...], context: InputContext) -> Iterator[Contents]:
    keys = [block for block in blocks if _is_key(block)]
    for block in blocks:
        if not _is_key(block):
            yield _unexpected(block, context.subject, context, has_expected=bool(keys))
    if len(keys) > 1:
        message = f"there are {len(keys)} private keys; IAM accepts one."
        yield Contents(findings=(rules.SEVERAL_PRIVATE_KEYS.finding(context.subject, message),))
    elif keys:
        yield _key(keys[0], context.subject, context, _parameters(blocks))


def _parameters(blocks: Sequence[pem.Block]) -> bytes | None:
    """Return the parameters that name the curve of a key without a named curve."""
    found = (block.der for block in blocks if block.label == "EC PARAMETERS" and block.der)
    return next(found, None)


def _is_key(block: pem.Block) -> bool:
    return is_private_key(block) and not is_foreign_key(block)


def _is_expected(block: pem.Block, context: InputContext) -> bool:
    if block.is_certificate or block.label in _BUNDLES:
        return True
    return context.allows_keys and _is_key(block)


def _bundle(block: pem.Block, where: str, context: InputContext) -> Contents:
    if block.label != "PKCS12":
        if it := recognize_binary(block.der):
            fix = it.fix.replace("-inform DER", "-inform PEM")
            return Contents(others=(it.name,), findings=(context.wrong_kind(it.name, fix),))
        return read_pkcs7_bundle(block.der, where, context, is_pem=True)
    if not context.allows_keys:
        return _unexpected(block, where, context, has_expected=False)
    source = openssl_commands.source_of(context.given, "bundle.pem")
    decoded = "decoded-bundle.p12" if source == "bundle.p12" else "bundle.p12"
    contents = read_pkcs12_bundle(
        block.der, where, replace(context, given=Input(block.der, decoded))
    )
    command = f"sed -n '/BEGIN PKCS12/,/END PKCS12/p' {source} | sed /-----/d | base64 --decode > {decoded}"
    message = "it is a PKCS#12 bundle in base64 between BEGIN and END lines."
    fix = f"Conversion handles this. To decode by hand: {command}"
    return contents.adding(rules.BASE64.finding(where, message, fix))


def _certificate(block: pem.Block, where: str, context: InputContext) -> Contents:
    if block.problem:
        return Contents(findings=(unreadable(block, where, block.problem),))
    contents = read_certificate(block, where, context, what=f"the {block.label} block")
    return contents.adding(
        *_relabeled(block, where, "CERTIFICATE") if contents.certificates else ()
    )


def _key(block: pem.Block, where: str, context: InputContext, parameters: bytes | None) -> Contents:
    if block.problem:
        return Contents(findings=(unreadable(block, where, block.problem),))
    contents = read_key(block, where, context, parameters=parameters)
    for key in contents.private_keys:
        if not key.was_encrypted:
            return contents.adding(*_relabeled(block, where, key.block.label))
    return contents


def _unexpected(
    block: pem.Block, where: str, context: InputContext, *, has_expected: bool
) -> Contents:
    """
    Report a block that is neither a certificate nor a private key.

    Args:
        block: The block.
        where: Its place in the input.
        context: The input, and what it should contain.
        has_expected: Whether the same input contains something that was expected.
    """
    place = f"next to the {context.expected}"
    if context.allows_certificates and context.allows_keys:
        place = "among certificates and keys"
    if block.label in _HARMLESS and has_expected:
        message = f"there is a block labeled {block.label} {place}."
        return Contents(findings=(rules.PARAMETERS_BLOCK.finding(where, message),))
    it = recognize_block(block, expected=context.expected)
    if not has_expected or is_foreign_key(block):
        finding = context.wrong_kind(it.name, it.fix, where=where)
    elif block.label in SUPERFLUOUS:
        finding = rules.EXTRA_BLOCK.finding(where, f"there is {it.name} {place}.")
    else:
        finding = rules.WRONG_BLOCK.finding(where, f"there is {it.name} {place}.")
    return Contents(others=(it.name,), findings=(finding,))


def _relabeled(block: pem.Block, where: str, label: str) -> tuple[Finding, ...]:
    if block.label == label:
        return ()
    message = f"its label is {block.label}; IAM accepts it as {label}."
    fix: str | None = None
    if block.label == "TRUSTED CERTIFICATE":
        fix = (
            "Conversion changes the label, and removes the trust settings that only OpenSSL reads."
        )
    return (rules.LABEL.finding(where, message, fix),)
