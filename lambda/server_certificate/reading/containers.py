"""Bundles in PKCS#7 and PKCS#12: everything that they hold, and what takes them apart by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from server_certificate import openssl_commands, pem
from server_certificate.budget import BudgetExceededError
from server_certificate.der import DerError
from server_certificate.reading import key_rules, rules
from server_certificate.reading.certificates import read_certificate
from server_certificate.reading.contents import Contents, joined
from server_certificate.reading.decryption.secret import UnknownEncryptionError
from server_certificate.reading.demand import MAX_BLOCKS
from server_certificate.reading.loading import PassphraseError
from server_certificate.reading.padding import padded, without_padding
from server_certificate.reading.pkcs7 import read_pkcs7
from server_certificate.reading.private_keys import (
    by_hand,
    closed,
    encryption_unsupported,
    read_key,
    too_much_work,
)
from server_certificate.reading.recognition.kinds import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

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
        value = without_padding(content, demand.budget)
        certificates, others = read_pkcs7(value, demand.budget)
    except DerError as err:
        return Contents(findings=(_damaged(Kind.PKCS7, where, err),))
    except BudgetExceededError as err:
        return Contents(findings=(too_much_work(err, where),))
    contents = _held(certificates, where, demand)
    if contents.is_unread:
        return contents
    left_out = _left_out(others, Kind.PKCS7, where, demand, is_empty=not certificates)
    contents = contents.adding(*left_out)._replace(others=tuple(others))
    if not certificates:
        return contents
    command = openssl_commands.certificates_from_pkcs7(demand.given, der=not is_pem)
    fix = by_hand(command, then=", and then without the text between the blocks")
    message = "it is a PKCS#7 bundle; IAM takes PEM."
    return contents.adding(
        *padded(len(content) - len(value), "PKCS#7 bundle", where),
        rules.PKCS7.finding(where, message, fix),
    )


def read_pkcs12_bundle(content: bytes, where: str, demand: Demand) -> Contents:
    """
    Read the certificates and keys of a PKCS#12 bundle.

    Args:
        content: The bundle.
        where: Where it stands.
        demand: The input, and what is wanted of it.
    """
    # Imported when needed: few inputs are bundles, and ciphers cost every start some time.
    from server_certificate.reading.pkcs12 import (  # noqa: PLC0415
        ChangedError,
        OtherPassphraseError,
        read_bags,
    )

    command = openssl_commands.bundle_from_pkcs12(demand.given)
    try:
        value = without_padding(content, demand.budget)
        bags = read_bags(value, demand.passphrase, demand.budget)
    except DerError as err:
        return Contents(findings=(_damaged(Kind.PKCS12, where, err),))
    except UnknownEncryptionError as err:
        finding = encryption_unsupported(str(err), where, command)
    except ChangedError:
        message = (
            "the passphrase that was given opens what is in it, and its MAC says that it was changed"
            " after it was made."
        )
        finding = key_rules.BUNDLE_CHANGED.finding(where, message)
    except OtherPassphraseError:
        error = PassphraseError(missing=demand.passphrase is None)
        finding = closed(error, where, "an encrypted PKCS#12 bundle", command)
    except BudgetExceededError as err:
        finding = too_much_work(err, where)
    else:
        padding = padded(len(content) - len(value), "PKCS#12 bundle", where)
        return _held_in_bags(bags, where, demand).adding(*padding)
    return Contents(findings=(finding,), asks_for_passphrase=True)


def _held_in_bags(bags: Bags, where: str, demand: Demand) -> Contents:
    certificates = _held(bags.certificates, where, demand)
    if certificates.is_unread:
        return certificates._replace(asks_for_passphrase=bags.needs_passphrase)
    keys = [read_key(pem.Block("PRIVATE KEY", key), where, demand) for key in bags.private_keys]
    contents = joined([certificates, *keys], kind=Kind.PKCS12.value)
    command = openssl_commands.bundle_from_pkcs12(demand.given)
    fix = by_hand(command, then=", and then block by block, without the text between them")
    what = "an encrypted PKCS#12 bundle" if bags.needs_passphrase else "a PKCS#12 bundle"
    is_suspect = bool(demand.passphrase and bags.private_keys and not bags.is_protected)
    is_empty = not (bags.certificates or bags.private_keys)
    contents = contents.adding(
        *(_not_encrypted(bags, where) if is_suspect else ()),
        *_left_out(bags.others, Kind.PKCS12, where, demand, is_empty=is_empty),
        rules.PKCS12.finding(where, f"it is {what}; IAM takes PEM.", fix),
    )
    return contents._replace(
        others=tuple(bags.others),
        private_keys=tuple(
            replace(key, was_encrypted=bags.needs_passphrase) for key in contents.private_keys
        ),
        asks_for_passphrase=bags.needs_passphrase or is_suspect,
    )


def _not_encrypted(bags: Bags, where: str) -> Iterator[Finding]:
    vouched = "its MAC is made with no passphrase" if bags.has_mac else "it has no MAC"
    message = (
        "a passphrase was given, and the private key in the bundle is not encrypted with it; nor"
        f" does anything else protect it, for {vouched}."
    )
    yield key_rules.BUNDLE_NOT_ENCRYPTED.finding(where, message)


def _left_out(
    others: Sequence[str], kind: Kind, where: str, demand: Demand, *, is_empty: bool
) -> Iterator[Finding]:
    """Say what else a bundle holds; and if it is nothing else, that this is of no use."""
    if is_empty:
        held = f"holds {others[0]}, and no certificate" if others else "holds no certificate"
        yield rules.NO_CERTIFICATE.finding(
            where, f"it is {kind.value} that {held}.", f"Give the {demand.wanted} instead."
        )
        return
    for name in others:
        yield rules.EXTRA_BLOCK.finding(where, f"it holds {name}, which IAM does not take.")


def _held(certificates: list[bytes], where: str, demand: Demand) -> Contents:
    if (count := len(certificates)) > MAX_BLOCKS:
        return Contents(findings=(demand.too_many(count, "certificates"),))
    return joined(
        (
            read_certificate(
                pem.Block("CERTIFICATE", octets),
                where if count == 1 else f"{where}[{index}]",
                demand,
            )
            for index, octets in enumerate(certificates)
        ),
        kind="certificates",
    )


def _damaged(kind: Kind, where: str, error: ValueError) -> Finding:
    return rules.UNREADABLE.finding(where, f"it is {kind.value} that cannot be read: {error}.")
