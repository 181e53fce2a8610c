"""Inputs that are text: PEM, and what people take for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server_certificate import pem
from server_certificate.reading import rules
from server_certificate.reading.certificates import read_certificate
from server_certificate.reading.containers import read_pkcs7_bundle
from server_certificate.reading.contents import Contents, joined
from server_certificate.reading.demand import MAX_BLOCKS
from server_certificate.reading.private_keys import key_among_certificates, read_key, unreadable
from server_certificate.reading.recognition import recognise_block, recognise_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from server_certificate.findings import Finding
    from server_certificate.reading.demand import Demand

_HARMLESS = {"EC PARAMETERS", "DH PARAMETERS"}
_OPENSSH = "OPENSSH PRIVATE KEY"


def read_text(text: str, demand: Demand) -> Contents:
    """
    Read a text.

    Args:
        text: What was given.
        demand: The same as an input, and what is wanted of it.
    """
    if (count := pem.count(text)) > MAX_BLOCKS:
        return Contents(kind="PEM", findings=(demand.too_many(count, "PEM blocks"),))
    parsed = pem.parse(text)
    if not parsed.blocks:
        it = recognise_text(text, wanted=demand.wanted)
        form = "" if demand.wants_certificates and demand.wants_keys else " in PEM"
        return Contents(kind=it.name, findings=(demand.wrong_kind(it.name, it.fix, form=form),))
    read = _every_block if demand.wants_certificates else _only_key
    layout = Contents(findings=tuple(_layout(parsed, demand.subject)))
    return joined([layout, *read(parsed.blocks, demand)], kind="PEM")


def _layout(parsed: pem.PemText, subject: str) -> Iterator[Finding]:
    if parsed.has_other_text:
        message = "there is text, or a byte order mark, outside the PEM blocks."
        yield rules.TEXT_AROUND.finding(subject, message)
    if not all(block.is_laid_out for block in parsed.blocks):
        message = "its lines are not those of PEM: some are too long, indented or run together."
        yield rules.PEM_LAYOUT.finding(subject, message)
    if parsed.has_escapes:
        message = r"its line breaks are spelled '\n', as in a JSON string that was not decoded."
        yield rules.ESCAPED_LINE_BREAKS.finding(subject, message)


def _every_block(blocks: tuple[pem.Block, ...], demand: Demand) -> Iterator[Contents]:
    for index, block in enumerate(blocks):
        where = demand.subject if len(blocks) == 1 else f"{demand.subject}[{index}]"
        if block.is_private_key and not demand.wants_keys:
            yield key_among_certificates(where)
        elif block.is_private_key:
            yield _key(block, where, demand)
        elif block.label in {"PKCS7", "CMS"} and not block.problem:
            yield read_pkcs7_bundle(block.der, where, demand, is_pem=True)
        elif block.is_certificate:
            yield _certificate(block, where, demand)
        else:
            yield _stranger(block, where, demand, beside=len(blocks) > 1)


def _only_key(blocks: tuple[pem.Block, ...], demand: Demand) -> Iterator[Contents]:
    keys = [block for block in blocks if block.is_private_key and block.label != _OPENSSH]
    for block in blocks:
        if block not in keys:
            yield _stranger(block, demand.subject, demand, beside=bool(keys))
    if len(keys) > 1:
        message = f"there are {len(keys)} private keys; IAM takes one."
        yield Contents(findings=(rules.SEVERAL_PRIVATE_KEYS.finding(demand.subject, message),))
    elif keys:
        yield _key(keys[0], demand.subject, demand)


def _certificate(block: pem.Block, where: str, demand: Demand) -> Contents:
    if block.problem:
        return Contents(findings=(unreadable(block, where, block.problem),))
    contents = read_certificate(block, where, demand, what=f"the {block.label} block")
    return contents.adding(*_relabelled(block, where, "CERTIFICATE") if contents.elements else ())


def _key(block: pem.Block, where: str, demand: Demand) -> Contents:
    if block.label == _OPENSSH:
        return _stranger(block, where, demand, beside=False)
    if block.problem:
        return Contents(findings=(unreadable(block, where, block.problem),))
    contents = read_key(block, where, demand)
    for key in contents.private_keys:
        if not key.was_encrypted:
            return contents.adding(*_relabelled(block, where, key.block.label))
    return contents


def _stranger(block: pem.Block, where: str, demand: Demand, *, beside: bool) -> Contents:
    place = f"beside the {demand.wanted}"
    if demand.wants_certificates and demand.wants_keys:
        place = "among certificates and keys"
    if block.label in _HARMLESS:
        message = f"a block labelled {block.label} stands {place}."
        return Contents(findings=(rules.PARAMETERS_BLOCK.finding(where, message),))
    it = recognise_block(block, wanted=demand.wanted)
    if beside and block.label != _OPENSSH:
        finding = rules.WRONG_BLOCK.finding(where, f"{it.name} stands {place}.")
    else:
        finding = demand.wrong_kind(it.name, it.fix, where=where)
    return Contents(others=(it.name,), findings=(finding,))


def _relabelled(block: pem.Block, where: str, label: str) -> tuple[Finding, ...]:
    if block.label == label:
        return ()
    message = f"it is labelled {block.label}; IAM takes it as {label}."
    fix: str | None = None
    if block.label == "TRUSTED CERTIFICATE":
        fix = "Converting changes the label, and leaves out the trust settings that only OpenSSL reads."
    return (rules.LABEL.finding(where, message, fix),)
