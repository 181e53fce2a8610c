"""Bundles in PKCS#7 and PKCS#12: everything that they hold, and what takes them apart by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from server_certificate import openssl_commands, pem
from server_certificate.located_certificate import LocatedCertificate
from server_certificate.reading import rules
from server_certificate.reading.contents import Contents, joined
from server_certificate.reading.demand import MAX_BLOCKS
from server_certificate.reading.kinds import Kind
from server_certificate.reading.loading import (
    MAX_ITERATIONS,
    PassphraseError,
    UnreadableError,
    load_certificate,
)
from server_certificate.reading.old_der import TooMuchWorkError
from server_certificate.reading.pkcs7 import read_pkcs7
from server_certificate.reading.private_keys import by_hand, closed, read_key, too_much_work

if TYPE_CHECKING:
    from server_certificate.findings import Finding
    from server_certificate.reading.demand import Demand
    from server_certificate.reading.pkcs12 import Bags


def read_pkcs7_bundle(content: bytes, where: str, demand: Demand, *, is_pem: bool) -> Contents:
    """
    Read the certificates of a PKCS#7 bundle.

    Args:
        content: The bundle.
        where: Where it stands.
        demand: The input, and what is wanted of it.
        is_pem: Whether it stands in a PEM block, for the command that takes it apart.
    """
    try:
        certificates, others = read_pkcs7(content)
    except ValueError as err:
        return Contents(findings=(_damaged(Kind.PKCS7, where, err),))
    contents = _held(certificates, others, where, demand)
    if contents.is_unread:
        return contents
    command = openssl_commands.certificates_from_pkcs7(demand.given, der=not is_pem)
    fix = by_hand(command, then=", and then without the text between the blocks")
    message = "it is a PKCS#7 bundle; IAM takes PEM."
    return contents.adding(rules.PKCS7.finding(where, message, fix))


def read_pkcs12_bundle(demand: Demand) -> Contents:
    """Read the certificates and keys of an input that is a PKCS#12 bundle."""
    # Imported when needed: few inputs are bundles, and ciphers cost every start some time.
    from server_certificate.reading.encryption import (  # noqa: PLC0415
        UnknownEncryptionError,
        WrongPassphraseError,
    )
    from server_certificate.reading.pkcs12 import DamagedError, read_bags  # noqa: PLC0415

    where = demand.subject
    try:
        bags = read_bags(demand.given.content, demand.passphrase, iterations=MAX_ITERATIONS)
    except (DamagedError, UnknownEncryptionError) as err:
        return Contents(findings=(_damaged(Kind.PKCS12, where, err),))
    except WrongPassphraseError:
        error = PassphraseError(missing=demand.passphrase is None)
        command = openssl_commands.bundle_from_pkcs12(demand.given)
        finding = closed(error, where, "an encrypted PKCS#12 bundle", command)
        return Contents(findings=(finding,), asks_for_passphrase=True)
    except TooMuchWorkError as err:
        return Contents(findings=(too_much_work(err, where),))
    return replace(_held_in_bags(bags, demand), asks_for_passphrase=bags.was_encrypted)


def _held_in_bags(bags: Bags, demand: Demand) -> Contents:
    where = demand.subject
    certificates = _held(bags.certificates, bags.others, where, demand)
    if certificates.is_unread:
        return certificates
    keys = [read_key(pem.Block("PRIVATE KEY", key), where, demand) for key in bags.private_keys]
    contents = joined([certificates, *keys], kind=Kind.PKCS12.value)
    command = openssl_commands.bundle_from_pkcs12(demand.given)
    fix = by_hand(command, then=", and then block by block, without the text between them")
    what = "an encrypted PKCS#12 bundle" if bags.was_encrypted else "a PKCS#12 bundle"
    return replace(
        contents.adding(rules.PKCS12.finding(where, f"it is {what}; IAM takes PEM.", fix)),
        private_keys=tuple(
            replace(key, was_encrypted=bags.was_encrypted) for key in contents.private_keys
        ),
    )


def _held(certificates: list[bytes], others: list[str], where: str, demand: Demand) -> Contents:
    if (count := len(certificates)) > MAX_BLOCKS:
        return Contents(findings=(demand.too_many(count, "certificates"),))
    elements: list[LocatedCertificate] = []
    findings = [
        rules.WRONG_BLOCK.finding(where, f"{name} stands among certificates and keys.")
        for name in others
    ]
    for index, octets in enumerate(certificates):
        place = where if count == 1 else f"{where}[{index}]"
        try:
            loaded = load_certificate(pem.Block("CERTIFICATE", octets))
        except UnreadableError as err:
            message = f"the certificate cannot be read: {err}."
            findings.append(rules.UNREADABLE.finding(place, message))
        else:
            elements.append(LocatedCertificate(loaded, place))
    return Contents(elements=tuple(elements), others=tuple(others), findings=tuple(findings))


def _damaged(kind: Kind, where: str, error: ValueError) -> Finding:
    return rules.UNREADABLE.finding(where, f"it is {kind.value} that cannot be read: {error}.")
