"""From text to certificates and keys, naming whatever cannot be used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization

from server_certificate import pem
from server_certificate.findings import Finding, Severity
from server_certificate.material import PrivateKey

if TYPE_CHECKING:
    from collections.abc import Iterator

_NOT_A_CERTIFICATE = {
    "CERTIFICATE REQUEST": "a certificate signing request",
    "NEW CERTIFICATE REQUEST": "a certificate signing request",
    "PUBLIC KEY": "a public key",
    "RSA PUBLIC KEY": "a public key",
    "X509 CRL": "a certificate revocation list",
    "PKCS7": "a PKCS#7 bundle",
    "OPENSSH PRIVATE KEY": "an OpenSSH private key",
}

_HARMLESS = {"EC PARAMETERS", "DH PARAMETERS"}


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
    parsed, findings = _parse(text, subject=subject, wanted="certificate", fix=_CERTIFICATE_FIX)
    certificates: list[x509.Certificate] = []
    for index, block in enumerate(parsed.blocks):
        element = subject if len(parsed.blocks) == 1 else f"{subject}[{index}]"
        if block.is_private_key:
            findings.append(
                _error(
                    "private-key-among-certificates",
                    element,
                    "it is a private key, which must not stand among certificates.",
                    "Remove it, and regard it as disclosed if this text was stored or shared.",
                )
            )
        elif not block.is_certificate:
            findings.extend(_stranger(block, element, wanted="certificate"))
        elif block.problem:
            findings.append(
                _error(
                    "unreadable",
                    element,
                    f"the {block.label} block cannot be read: {block.problem}.",
                    _CERTIFICATE_FIX,
                )
            )
        else:
            try:
                certificates.append(_load_certificate(block))
            except ValueError as err:
                findings.append(
                    _error(
                        "unreadable",
                        element,
                        f"the {block.label} block is no X.509 certificate: {err}.",
                        _CERTIFICATE_FIX,
                    )
                )
    return tuple(certificates), tuple(findings)


def read_private_key(text: str) -> tuple[PrivateKey | None, tuple[Finding, ...]]:
    """
    Read the private key of a text.

    Args:
        text: What the user gave. Nothing of it is repeated in a finding.

    Returns:
        The key, or None when there is not exactly one that IAM could use; and what was found.
    """
    subject = "private-key"
    parsed, findings = _parse(text, subject=subject, wanted="private key", fix=_KEY_FIX)
    keys = [block for block in parsed.blocks if block.is_private_key]
    for block in parsed.blocks:
        if not block.is_private_key:
            findings.extend(_stranger(block, subject, wanted="private key"))
    if len(keys) > 1:
        findings.append(
            _error(
                "several-private-keys",
                subject,
                f"there are {len(keys)}; IAM takes one.",
                "Keep the one that belongs to the certificate.",
            )
        )
        return None, tuple(findings)
    if not keys:
        return None, tuple(findings)
    block = keys[0]
    if block.encrypted:
        findings.append(
            _error(
                "private-key-encrypted",
                subject,
                "it is encrypted; IAM takes unencrypted keys only.",
                "Decrypt it: openssl pkey -in encrypted-key.pem -out private-key.pem",
            )
        )
        return None, tuple(findings)
    if block.problem:
        findings.append(
            _error(
                "unreadable",
                subject,
                f"the {block.label} block cannot be read: {block.problem}.",
                _KEY_FIX,
            )
        )
        return None, tuple(findings)
    try:
        key = serialization.load_der_private_key(block.der, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        # What the library says is left out on purpose: it must never carry a part of the key.
        findings.append(
            _error(
                "unreadable",
                subject,
                f"the {block.label} block holds no private key that can be read.",
                _KEY_FIX,
            )
        )
        return None, tuple(findings)
    return PrivateKey(key, block), tuple(findings)


_CERTIFICATE_FIX = (
    "Give PEM text that begins with -----BEGIN CERTIFICATE-----;"
    " openssl x509 -inform DER -in certificate.der -out certificate.pem converts DER."
)
_KEY_FIX = (
    "Give PEM text that begins with -----BEGIN PRIVATE KEY-----, BEGIN RSA PRIVATE KEY or BEGIN EC PRIVATE KEY;"
    " openssl pkey -inform DER -in private-key.der -out private-key.pem converts DER."
)


def _parse(text: str, *, subject: str, wanted: str, fix: str) -> tuple[pem.PemText, list[Finding]]:
    if len(text) > pem.MAX_CHARACTERS:
        message = (
            f"it has {len(text):,} characters; texts of up to {pem.MAX_CHARACTERS:,} are read."
        )
        return pem.parse(""), [_error("too-large", subject, message, "Use a smaller one.")]
    parsed = pem.parse(text)
    if not parsed.blocks:
        return parsed, [
            _error("not-pem", subject, f"it is {pem.what_it_is(text)}, not a {wanted} in PEM.", fix)
        ]
    if parsed.has_other_text or not parsed.is_canonical:
        finding = Finding(
            code="text-around",
            severity=Severity.FIXABLE,
            subject=subject,
            message="there is text around the PEM blocks, a byte order mark or CRLF.",
            fix="They are left out.",
        )
        return parsed, [finding]
    return parsed, []


def _stranger(block: pem.Block, subject: str, *, wanted: str) -> Iterator[Finding]:
    if block.label in _HARMLESS:
        yield Finding(
            code="parameters-block",
            severity=Severity.FIXABLE,
            subject=subject,
            message=f"an {block.label} block stands beside the {wanted}.",
            fix="It is left out.",
        )
        return
    name = _NOT_A_CERTIFICATE.get(block.label, f"a {block.label} block")
    if block.is_certificate:
        name = "a certificate"
    yield _error(
        "wrong-block", subject, f"it is {name}, not a {wanted}.", f"Give the {wanted} in PEM."
    )


def _load_certificate(block: pem.Block) -> x509.Certificate:
    """Load a certificate and everything of it that the rules look at, so that they cannot fail."""
    try:
        certificate = x509.load_der_x509_certificate(_without_trust(block))
        certificate.public_key()
        _ = certificate.subject, certificate.issuer, certificate.extensions
        _ = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    except x509.InvalidVersion as err:
        raise ValueError(str(err)) from err
    except (x509.DuplicateExtension, UnsupportedAlgorithm, TypeError) as err:
        raise ValueError(str(err).rstrip(".")) from err
    except ValueError as err:
        message = str(err).partition("\n")[0].rstrip(".")
        raise ValueError(message or "it is damaged") from err
    return certificate


_LONG_FORM = 0x80
"""First length octet of a DER value whose length takes more than one (X.690, 8.1.3.5)."""


def _without_trust(block: pem.Block) -> bytes:
    # `openssl x509 -trustout` appends trust settings to the certificate: a second DER value.
    if block.label != "TRUSTED CERTIFICATE":
        return block.der
    length_byte = block.der[1] if len(block.der) > 1 else 0
    if length_byte < _LONG_FORM:
        return block.der[: 2 + length_byte]
    count = length_byte & 0x7F
    return block.der[: 2 + count + int.from_bytes(block.der[2 : 2 + count], "big")]


def _error(code: str, subject: str, message: str, fix: str) -> Finding:
    return Finding(code=code, severity=Severity.ERROR, subject=subject, message=message, fix=fix)
