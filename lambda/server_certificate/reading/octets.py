"""Inputs that are octets and no text: certificates and keys in DER, and bundles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from server_certificate import openssl_commands, pem
from server_certificate.reading import rules
from server_certificate.reading.certificates import read_certificate
from server_certificate.reading.containers import read_pkcs7_bundle, read_pkcs12_bundle
from server_certificate.reading.contents import Contents
from server_certificate.reading.private_keys import by_hand, key_among_certificates, read_key
from server_certificate.reading.recognition.kinds import Kind

if TYPE_CHECKING:
    from server_certificate.findings import Finding
    from server_certificate.reading.demand import Demand


def read_octets(kind: Kind, demand: Demand) -> Contents:
    """
    Read an input in DER.

    Args:
        kind: What it is.
        demand: The input, and what is wanted of it.
    """
    form = f"{kind.value} in DER"
    match kind:
        case Kind.CERTIFICATE if demand.wants_certificates:
            contents = _certificate(demand)
        case Kind.PRIVATE_KEY | Kind.ENCRYPTED_PRIVATE_KEY:
            contents = _key(demand, encrypted=kind is Kind.ENCRYPTED_PRIVATE_KEY)
        case Kind.PKCS7 if demand.wants_certificates:
            form = kind.value
            contents = read_pkcs7_bundle(demand.given.content, demand.subject, demand, is_pem=False)
        case Kind.PKCS12:
            form = kind.value
            is_wanted = demand.wants_certificates and demand.wants_keys
            contents = (
                read_pkcs12_bundle(demand.given.content, demand.subject, demand)
                if is_wanted
                else _stranger(kind, demand)
            )
        case _:
            contents = _stranger(kind, demand)
    return contents._replace(kind=form)


def _certificate(demand: Demand) -> Contents:
    contents = read_certificate(
        pem.Block("CERTIFICATE", demand.given.content),
        demand.subject,
        demand,
        what="it is a certificate in DER that",
    )
    if not contents.elements:
        return contents
    return contents.adding(
        _in_der(
            demand,
            openssl_commands.certificate_from_der(demand.given, is_chain=demand.subject == "chain"),
        )
    )


def _key(demand: Demand, *, encrypted: bool) -> Contents:
    if not demand.wants_keys:
        return key_among_certificates(demand.subject)
    label = "ENCRYPTED PRIVATE KEY" if encrypted else "PRIVATE KEY"
    block = pem.Block(label, demand.given.content)
    contents = read_key(block, demand.subject, demand, is_der=True)
    if encrypted or not contents.private_keys:
        return contents
    kind = openssl_commands.key_kind_of(contents.private_keys[0].key)
    return contents.adding(_in_der(demand, openssl_commands.key_from_der(demand.given, kind)))


def _stranger(kind: Kind, demand: Demand) -> Contents:
    fix = f"Give a {demand.wanted} instead."
    if kind is Kind.PKCS12:
        is_chain = demand.subject == "chain"
        part: Literal["-nokeys", "-nocerts"] = (
            "-nokeys" if demand.wants_certificates else "-nocerts"
        )
        command = openssl_commands.bundle_from_pkcs12(demand.given, part, is_chain=is_chain)
        # Beside a chain's certificate, or the bundle that holds it, no bundle can be given.
        way = "Take it apart" if is_chain else "Give it as the bundle, or take it apart"
        fix = f"{way}: {command}"
    return Contents(others=(kind.value,), findings=(demand.wrong_kind(kind.value, fix),))


def _in_der(demand: Demand, command: str) -> Finding:
    return rules.DER.finding(demand.subject, "it is in DER; IAM takes PEM.", by_hand(command))
