"""Read binary inputs: certificates and private keys in DER, and bundles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from server_certificate import openssl_commands, pem
from server_certificate.reading import rules
from server_certificate.reading.certificates import read_certificate
from server_certificate.reading.containers import read_pkcs7_bundle, read_pkcs12_bundle
from server_certificate.reading.contents import Contents
from server_certificate.reading.private_keys import conversion_fix, key_among_certificates, read_key
from server_certificate.reading.recognition.kinds import Kind

if TYPE_CHECKING:
    from server_certificate.findings import Finding
    from server_certificate.reading.input_context import InputContext


def read_binary(kind: Kind, context: InputContext) -> Contents:
    """
    Read an input in DER.

    Args:
        kind: What it is.
        context: The input, and what it should contain.
    """
    form = f"{kind.value} in DER"
    match kind:
        case Kind.CERTIFICATE if context.allows_certificates:
            contents = _certificate(context)
        case Kind.PRIVATE_KEY | Kind.ENCRYPTED_PRIVATE_KEY:
            contents = _key(context, encrypted=kind is Kind.ENCRYPTED_PRIVATE_KEY)
        case Kind.PKCS7 if context.allows_certificates:
            form = kind.value
            contents = read_pkcs7_bundle(
                context.given.content, context.subject, context, is_pem=False
            )
        case Kind.PKCS12:
            form = kind.value
            is_expected = context.allows_certificates and context.allows_keys
            contents = (
                read_pkcs12_bundle(context.given.content, context.subject, context)
                if is_expected
                else _unexpected(kind, context)
            )
        case _:
            contents = _unexpected(kind, context)
    return contents._replace(kind=form)


def _certificate(context: InputContext) -> Contents:
    contents = read_certificate(
        pem.Block("CERTIFICATE", context.given.content),
        context.subject,
        context,
        what="it is a certificate in DER that",
    )
    if not contents.certificates:
        return contents
    return contents.adding(
        _in_der(
            context,
            openssl_commands.certificate_from_der(
                context.given, is_chain=context.subject == "chain"
            ),
        )
    )


def _key(context: InputContext, *, encrypted: bool) -> Contents:
    if not context.allows_keys:
        return key_among_certificates(context.subject)
    label = "ENCRYPTED PRIVATE KEY" if encrypted else "PRIVATE KEY"
    block = pem.Block(label, context.given.content)
    contents = read_key(block, context.subject, context, is_der=True)
    if encrypted or not contents.private_keys:
        return contents
    kind = openssl_commands.key_kind_of(contents.private_keys[0].key)
    return contents.adding(_in_der(context, openssl_commands.key_from_der(context.given, kind)))


def _unexpected(kind: Kind, context: InputContext) -> Contents:
    fix = f"Provide a {context.expected} instead."
    if kind is Kind.PKCS12:
        is_chain = context.subject == "chain"
        part: Literal["-nokeys", "-nocerts"] = (
            "-nokeys" if context.allows_certificates else "-nocerts"
        )
        command = openssl_commands.bundle_from_pkcs12(context.given, part, is_chain=is_chain)
        # A chain comes with a certificate or a bundle, so a second bundle can't be used.
        way = (
            "Extract the certificates"
            if is_chain
            else "Provide it as the bundle, or extract this part"
        )
        fix = f"{way}: {command}"
    return Contents(others=(kind.value,), findings=(context.wrong_kind(kind.value, fix),))


def _in_der(context: InputContext, command: str) -> Finding:
    return rules.DER.finding(
        context.subject, "it is in DER; IAM accepts only PEM.", conversion_fix(command)
    )
