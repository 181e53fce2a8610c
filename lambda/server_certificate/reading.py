"""From text to certificates and keys, naming whatever cannot be used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server_certificate import pem
from server_certificate.checks import check_key_size
from server_certificate.elements import Element
from server_certificate.findings import Finding
from server_certificate.loading import UnreadableError, load_certificate, load_private_key
from server_certificate.recognition import Wanted, recognise_block, recognise_text

if TYPE_CHECKING:
    from cryptography import x509

    from server_certificate.material import PrivateKey

MAX_BLOCKS = 32
"""Blocks of one text that are read. Chains have two or three; more than this is a trust store."""

_HARMLESS = {"EC PARAMETERS", "DH PARAMETERS"}
_NOT_FOR_IAM = {"OPENSSH PRIVATE KEY"}
_COPY_ANEW = "Copy the block anew, from its BEGIN line to its END line, both included."


def read_certificates(
    text: str, *, subject: str
) -> tuple[tuple[x509.Certificate, ...], tuple[Finding, ...]]:
    """
    Read all certificates of a text.

    Args:
        text: What the user gave.
        subject: What findings are about: ``certificate`` or ``chain``.

    Returns:
        The certificates in the order of the text, and what was found about the text.
    """
    elements, findings = read_elements(text, subject=subject)
    return tuple(element.certificate for element in elements), findings


def read_elements(text: str, *, subject: str) -> tuple[tuple[Element, ...], tuple[Finding, ...]]:
    """Read all certificates of a text as ``read_certificates`` does, and say where each stood."""
    blocks, findings = _blocks(text, subject=subject, wanted="certificate")
    elements: list[Element] = []
    for index, block in enumerate(blocks):
        where = subject if len(blocks) == 1 else f"{subject}[{index}]"
        if block.is_private_key:
            findings.append(
                Finding.error(
                    "private-key-among-certificates",
                    where,
                    "it is a private key, which must not stand among certificates.",
                    "Remove it, and regard it as disclosed if this text was stored or shared.",
                )
            )
        elif not block.is_certificate:
            findings.append(_stranger(block, where, wanted="certificate"))
        elif block.problem:
            findings.append(_unreadable(block, where, block.problem))
        else:
            try:
                elements.append(Element(load_certificate(block), where))
            except UnreadableError as err:
                findings.append(_unreadable(block, where, str(err)))
                continue
            findings.extend(_relabelled(block, where, "CERTIFICATE"))
    return tuple(elements), tuple(findings)


def read_private_key(text: str) -> tuple[PrivateKey | None, tuple[Finding, ...]]:
    """
    Read the private key of a text.

    Args:
        text: What the user gave. Nothing of it is repeated in a finding.

    Returns:
        The key, or None when there is not exactly one that IAM could use; and what was found.
    """
    subject = "private-key"
    blocks, findings = _blocks(text, subject=subject, wanted="private key")
    keys = [block for block in blocks if block.is_private_key and block.label not in _NOT_FOR_IAM]
    findings += [
        _stranger(block, subject, wanted="private key", beside=bool(keys))
        for block in blocks
        if block not in keys
    ]
    if len(keys) > 1:
        message = f"there are {len(keys)} private keys; IAM takes one."
        mend = "Keep the one that belongs to the certificate."
        findings.append(Finding.error("several-private-keys", subject, message, mend))
    if len(keys) != 1:
        return None, tuple(findings)
    (block,) = keys
    key: PrivateKey | None = None
    if block.encrypted:
        message = "it is encrypted; IAM takes unencrypted keys only."
        mend = "Decrypt it: openssl pkey -in encrypted-key.pem -out private-key.pem"
        findings.append(Finding.error("private-key-encrypted", subject, message, mend))
    elif block.problem:
        findings.append(_unreadable(block, subject, block.problem))
    elif too_large := tuple(check_key_size(block)):
        # Not even loaded: the time that takes grows with the square of the size and more.
        findings += too_large
    else:
        try:
            key = load_private_key(block)
        except UnreadableError as err:
            findings.append(_unreadable(block, subject, str(err)))
        else:
            findings.extend(_relabelled(block, subject, key.block.label))
    return key, tuple(findings)


def _blocks(
    text: str, *, subject: str, wanted: Wanted
) -> tuple[tuple[pem.Block, ...], list[Finding]]:
    if len(text) > pem.MAX_CHARACTERS:
        message = f"it has {len(text):,} characters; up to {pem.MAX_CHARACTERS:,} are read."
        return (), [Finding.error("too-large", subject, message, f"Give the {wanted} alone.")]
    if (count := pem.count(text)) > MAX_BLOCKS:
        message = f"it has {count:,} PEM blocks; up to {MAX_BLOCKS} are read."
        mend = "Give only the certificates that lead from the leaf to its root."
        if wanted == "private key":
            mend = "Give the private key alone."
        return (), [Finding.error("too-many-blocks", subject, message, mend)]
    parsed = pem.parse(text)
    if not parsed.blocks:
        it = recognise_text(text, wanted=wanted)
        message = f"it is {it.name}, not a {wanted} in PEM."
        return (), [Finding.error("not-pem", subject, message, it.mend)]
    findings: list[Finding] = []
    if parsed.has_other_text:
        message = "there is text, or a byte order mark, outside the PEM blocks."
        findings.append(Finding.fixable("text-around", subject, message, "It is left out."))
    if parsed.has_escapes:
        message = r"its line breaks are spelled '\n', as in a JSON string that was not decoded."
        mend = "They are made real ones."
        findings.append(Finding.fixable("escaped-line-breaks", subject, message, mend))
    return parsed.blocks, findings


def _stranger(block: pem.Block, subject: str, *, wanted: Wanted, beside: bool = False) -> Finding:
    if block.label in _HARMLESS:
        message = f"a block labelled {block.label} stands beside the {wanted}."
        return Finding.fixable("parameters-block", subject, message, "It is left out.")
    it = recognise_block(block, wanted=wanted)
    if beside:
        return Finding.error(
            "wrong-block", subject, f"{it.name} stands beside the {wanted}.", "Remove it."
        )
    return Finding.error("wrong-block", subject, f"it is {it.name}, not a {wanted}.", it.mend)


def _relabelled(block: pem.Block, subject: str, label: str) -> tuple[Finding, ...]:
    if block.label == label:
        return ()
    message = f"it is labelled {block.label}; IAM takes it as {label}."
    mend = "The label is changed."
    if block.label == "TRUSTED CERTIFICATE":
        mend = (
            "The label is changed, and the trust settings, which only OpenSSL reads, are left out."
        )
    return (Finding.fixable("label", subject, message, mend),)


def _unreadable(block: pem.Block, subject: str, problem: str) -> Finding:
    message = f"the {block.label} block cannot be read: {problem}."
    return Finding.error("unreadable", subject, message, _COPY_ANEW)
