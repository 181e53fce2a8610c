"""Inputs that are text: PEM, and what people take for it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from server_certificate import openssl_commands, pem
from server_certificate.inputs import Input
from server_certificate.reading import rules
from server_certificate.reading.certificates import read_certificate
from server_certificate.reading.containers import read_pkcs7_bundle, read_pkcs12_bundle
from server_certificate.reading.contents import Contents, joined
from server_certificate.reading.demand import MAX_BLOCKS
from server_certificate.reading.private_keys import key_among_certificates, read_key, unreadable
from server_certificate.reading.recognition.formats import recognise_octets
from server_certificate.reading.recognition.kinds import Kind, kind_of
from server_certificate.reading.recognition.naming import (
    SUPERFLUOUS,
    holds_private_key,
    is_foreign_key,
    is_private_key,
    recognise_block,
    recognise_text,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from server_certificate.findings import Finding
    from server_certificate.reading.demand import Demand

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
"""What labels promise. Authorities' portals put PKCS#7 between lines that say CERTIFICATE."""


def read_text(text: str, demand: Demand) -> Contents | None:
    """
    Read the PEM blocks of a text.

    Args:
        text: What was given.
        demand: The same as an input, and what is wanted of it.

    Returns:
        What they hold; None when there is none.
    """
    if (count := pem.count(text)) > MAX_BLOCKS:
        return Contents(kind="PEM", findings=(demand.too_many(count, "PEM blocks"),))
    parsed = pem.parse(text)
    if not parsed.blocks:
        return None
    if (count := len(parsed.blocks)) > MAX_BLOCKS:
        return Contents(kind="PEM", findings=(demand.too_many(count, "PEM blocks"),))
    read = _every_block if demand.wants_certificates else _only_key
    blocks = tuple([_by_content(block) for block in parsed.blocks])
    findings = (*_layout(parsed, demand.subject), *_labels(parsed.blocks, blocks, demand))
    layout = [Contents(findings=findings)] if findings else []
    return joined([*layout, *read(blocks, demand)], kind="PEM")


def name_text(text: str, demand: Demand) -> Contents:
    """Say what a text is that holds nothing to read."""
    it = recognise_text(text, wanted=demand.wanted)
    if not demand.wants_keys and (it.is_private_key or holds_private_key(text)):
        return key_among_certificates(demand.subject)._replace(kind=it.name)
    form = "" if demand.wants_certificates and demand.wants_keys else " in PEM"
    source = openssl_commands.source_of(demand.given, it.usual)
    fix = it.fix.replace("{source}", source)
    return Contents(kind=it.name, findings=(demand.wrong_kind(it.name, fix, form=form),))


def _by_content(block: pem.Block) -> pem.Block:
    """Return a block with the label of what it holds, where its own says something else."""
    kind = kind_of(block.der) if block.der else None
    if kind is None or block.label == _LABELS[kind] or kind in _promised(block):
        return block
    return replace(block, label=_LABELS[kind])


def _promised(block: pem.Block) -> Collection[Kind]:
    if block.is_private_key and not is_foreign_key(block):
        return (Kind.PRIVATE_KEY, Kind.ENCRYPTED_PRIVATE_KEY)
    return (_PROMISES[block.label],) if block.label in _PROMISES else tuple(Kind)


def _labels(
    given: Sequence[pem.Block], blocks: Sequence[pem.Block], demand: Demand
) -> Iterator[Finding]:
    if blocks == given:
        return
    for index, (before, block) in enumerate(zip(given, blocks, strict=True)):
        if before is not block:
            where = _place(demand, index, len(blocks))
            message = f"it is labelled {before.label}, and holds {block.label}."
            yield rules.LABEL.finding(where, message)


def _place(demand: Demand, index: int, count: int) -> str:
    return (
        demand.subject
        if count == 1 or not demand.wants_certificates
        else f"{demand.subject}[{index}]"
    )


def _layout(parsed: pem.PemText, subject: str) -> Iterator[Finding]:
    if parsed.has_other_text:
        message = "there is text, or a byte order mark, outside the PEM blocks."
        yield rules.TEXT_AROUND.finding(subject, message)
    if not all(block.is_laid_out or block.problem for block in parsed.blocks):
        message = "its lines are not those of PEM: some are too long, indented or run together."
        yield rules.PEM_LAYOUT.finding(subject, message)
    for spelling in parsed.escapes:
        message = f"its line breaks are spelled {spelling}."
        yield rules.ESCAPED_LINE_BREAKS.finding(subject, message)


def _every_block(blocks: tuple[pem.Block, ...], demand: Demand) -> Iterator[Contents]:
    beside = any(_is_wanted(block, demand) for block in blocks)
    parameters = _parameters(blocks)
    for index, block in enumerate(blocks):
        where = _place(demand, index, len(blocks))
        if block.is_certificate and not block.problem:
            # Were it anything else, it would have another label by now.
            yield _certificate(block, where, demand)
        elif is_private_key(block):
            if not demand.wants_keys:
                yield key_among_certificates(where)
            elif is_foreign_key(block):
                yield _stranger(block, where, demand, beside=False)
            else:
                yield _key(block, where, demand, parameters)
        elif block.label in _BUNDLES and not block.problem:
            yield _bundle(block, where, demand)
        elif block.is_certificate:
            yield _certificate(block, where, demand)
        else:
            yield _stranger(block, where, demand, beside=beside)


def _only_key(blocks: tuple[pem.Block, ...], demand: Demand) -> Iterator[Contents]:
    keys = [block for block in blocks if _is_key(block)]
    for block in blocks:
        if not _is_key(block):
            yield _stranger(block, demand.subject, demand, beside=bool(keys))
    if len(keys) > 1:
        message = f"there are {len(keys)} private keys; IAM takes one."
        yield Contents(findings=(rules.SEVERAL_PRIVATE_KEYS.finding(demand.subject, message),))
    elif keys:
        yield _key(keys[0], demand.subject, demand, _parameters(blocks))


def _parameters(blocks: Sequence[pem.Block]) -> bytes | None:
    """Return what names the curve of a key that doesn't name it."""
    found = (block.der for block in blocks if block.label == "EC PARAMETERS" and block.der)
    return next(found, None)


def _is_key(block: pem.Block) -> bool:
    return is_private_key(block) and not is_foreign_key(block)


def _is_wanted(block: pem.Block, demand: Demand) -> bool:
    if block.is_certificate or block.label in _BUNDLES:
        return True
    return demand.wants_keys and _is_key(block)


def _bundle(block: pem.Block, where: str, demand: Demand) -> Contents:
    if block.label != "PKCS12":
        if it := recognise_octets(block.der):
            fix = it.fix.replace("-inform DER", "-inform PEM")
            return Contents(others=(it.name,), findings=(demand.wrong_kind(it.name, fix),))
        return read_pkcs7_bundle(block.der, where, demand, is_pem=True)
    if not demand.wants_keys:
        return _stranger(block, where, demand, beside=False)
    source = openssl_commands.source_of(demand.given, "bundle.pem")
    decoded = "decoded-bundle.p12" if source == "bundle.p12" else "bundle.p12"
    contents = read_pkcs12_bundle(
        block.der, where, replace(demand, given=Input(block.der, decoded))
    )
    command = f"sed -n '/BEGIN PKCS12/,/END PKCS12/p' {source} | sed /-----/d | base64 --decode > {decoded}"
    message = "it is a PKCS#12 bundle in base64, between BEGIN and END lines."
    fix = f"Converting does it; by hand: {command}"
    return contents.adding(rules.BASE64.finding(where, message, fix))


def _certificate(block: pem.Block, where: str, demand: Demand) -> Contents:
    if block.problem:
        return Contents(findings=(unreadable(block, where, block.problem),))
    contents = read_certificate(block, where, demand, what=f"the {block.label} block")
    return contents.adding(*_relabelled(block, where, "CERTIFICATE") if contents.elements else ())


def _key(block: pem.Block, where: str, demand: Demand, parameters: bytes | None) -> Contents:
    if block.problem:
        return Contents(findings=(unreadable(block, where, block.problem),))
    contents = read_key(block, where, demand, parameters=parameters)
    for key in contents.private_keys:
        if not key.was_encrypted:
            return contents.adding(*_relabelled(block, where, key.block.label))
    return contents


def _stranger(block: pem.Block, where: str, demand: Demand, *, beside: bool) -> Contents:
    """
    Name a block that is neither certificate nor key.

    Args:
        block: The block.
        where: Where it is.
        demand: The input, and what is wanted of it.
        beside: Whether something that is wanted is in the same input.
    """
    place = f"next to the {demand.wanted}"
    if demand.wants_certificates and demand.wants_keys:
        place = "among certificates and keys"
    if block.label in _HARMLESS and beside:
        message = f"a block labelled {block.label} is {place}."
        return Contents(findings=(rules.PARAMETERS_BLOCK.finding(where, message),))
    it = recognise_block(block, wanted=demand.wanted)
    if not beside or is_foreign_key(block):
        finding = demand.wrong_kind(it.name, it.fix, where=where)
    elif block.label in SUPERFLUOUS:
        finding = rules.EXTRA_BLOCK.finding(where, f"{it.name} is {place}.")
    else:
        finding = rules.WRONG_BLOCK.finding(where, f"{it.name} is {place}.")
    return Contents(others=(it.name,), findings=(finding,))


def _relabelled(block: pem.Block, where: str, label: str) -> tuple[Finding, ...]:
    if block.label == label:
        return ()
    message = f"it is labelled {block.label}; IAM takes it as {label}."
    fix: str | None = None
    if block.label == "TRUSTED CERTIFICATE":
        fix = "Converting changes the label, and leaves out the trust settings that only OpenSSL reads."
    return (rules.LABEL.finding(where, message, fix),)
