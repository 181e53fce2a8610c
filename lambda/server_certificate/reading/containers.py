"""Read PKCS#7 and PKCS#12 bundles."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from server_certificate import openssl_commands, pem
from server_certificate.budget import BudgetExceededError
from server_certificate.der import DerError
from server_certificate.reading import key_rules, rules
from server_certificate.reading.certificates import read_certificate
from server_certificate.reading.contents import Contents, joined
from server_certificate.reading.decryption.encoded_passphrase import UnknownEncryptionError
from server_certificate.reading.input_context import MAX_BLOCKS
from server_certificate.reading.loading import PassphraseError
from server_certificate.reading.padding import padding_findings, without_padding
from server_certificate.reading.pkcs7 import read_pkcs7
from server_certificate.reading.private_keys import (
    budget_finding,
    conversion_fix,
    encryption_unsupported,
    passphrase_finding,
    read_key,
)
from server_certificate.reading.recognition.kinds import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from server_certificate.findings import Finding
    from server_certificate.reading.input_context import InputContext
    from server_certificate.reading.pkcs12 import Bags


def read_pkcs7_bundle(
    content: bytes, where: str, context: InputContext, *, is_pem: bool
) -> Contents:
    """
    Read the certificates of a PKCS#7 bundle.

    Args:
        content: The bundle.
        where: Its place in the input.
        context: The input, and what it should contain.
        is_pem: Whether it is in a PEM block, for the command that extracts the certificates.
    """
    try:
        value = without_padding(content, context.budget)
        certificates, others = read_pkcs7(value, context.budget)
    except DerError as err:
        return Contents(findings=(_damaged(Kind.PKCS7, where, err),))
    except BudgetExceededError as err:
        return Contents(findings=(budget_finding(err, where),))
    contents = _read_certificates(certificates, where, context)
    if contents.is_unread:
        return contents
    left_out = _other_content(others, Kind.PKCS7, where, context, is_empty=not certificates)
    contents = contents.adding(*left_out)._replace(others=tuple(others))
    if not certificates:
        return contents
    command = openssl_commands.certificates_from_pkcs7(context.given, der=not is_pem)
    fix = conversion_fix(command, then=" (then remove the text between the blocks)")
    message = "it is a PKCS#7 bundle; IAM accepts only PEM."
    return contents.adding(
        *padding_findings(len(content) - len(value), "PKCS#7 bundle", where),
        rules.PKCS7.finding(where, message, fix),
    )


def read_pkcs12_bundle(content: bytes, where: str, context: InputContext) -> Contents:
    """
    Read the certificates and keys of a PKCS#12 bundle.

    Args:
        content: The bundle.
        where: Its place in the input.
        context: The input, and what it should contain.
    """
    # Imported lazily: few inputs are bundles, and importing ciphers slows down every start.
    from server_certificate.reading.pkcs12 import (  # noqa: PLC0415
        BundleModifiedError,
        BundlePassphraseError,
        read_bags,
    )

    command = openssl_commands.bundle_from_pkcs12(context.given)
    try:
        value = without_padding(content, context.budget)
        bags = read_bags(value, context.passphrase, context.budget)
    except DerError as err:
        return Contents(findings=(_damaged(Kind.PKCS12, where, err),))
    except UnknownEncryptionError as err:
        finding = encryption_unsupported(str(err), where, command)
    except BundleModifiedError:
        message = (
            "the given passphrase decrypts its content, but its MAC shows that it was modified"
            " after it was created."
        )
        finding = key_rules.BUNDLE_CHANGED.finding(where, message)
    except BundlePassphraseError:
        error = PassphraseError(missing=context.passphrase is None)
        finding = passphrase_finding(error, where, "an encrypted PKCS#12 bundle", command)
    except BudgetExceededError as err:
        finding = budget_finding(err, where)
    else:
        padding = padding_findings(len(content) - len(value), "PKCS#12 bundle", where)
        return _contents_of_bags(bags, where, context).adding(*padding)
    return Contents(findings=(finding,), asks_for_passphrase=True)


def _contents_of_bags(bags: Bags, where: str, context: InputContext) -> Contents:
    certificates = _read_certificates(bags.certificates, where, context)
    if certificates.is_unread:
        return certificates._replace(asks_for_passphrase=bags.needs_passphrase)
    keys = [read_key(pem.Block("PRIVATE KEY", key), where, context) for key in bags.private_keys]
    contents = joined([certificates, *keys], kind=Kind.PKCS12.value)
    command = openssl_commands.bundle_from_pkcs12(context.given)
    fix = conversion_fix(
        command, then=" (then split the file, without the text between the blocks)"
    )
    what = "an encrypted PKCS#12 bundle" if bags.needs_passphrase else "a PKCS#12 bundle"
    is_suspect = bool(context.passphrase and bags.private_keys and not bags.is_protected)
    is_empty = not (bags.certificates or bags.private_keys)
    contents = contents.adding(
        *(_not_encrypted(bags, where) if is_suspect else ()),
        *_other_content(bags.others, Kind.PKCS12, where, context, is_empty=is_empty),
        rules.PKCS12.finding(where, f"it is {what}; IAM accepts only PEM.", fix),
    )
    return contents._replace(
        others=tuple(bags.others),
        private_keys=tuple(
            replace(key, was_encrypted=bags.needs_passphrase) for key in contents.private_keys
        ),
        asks_for_passphrase=bags.needs_passphrase or is_suspect,
    )


def _not_encrypted(bags: Bags, where: str) -> Iterator[Finding]:
    reason = "its MAC uses an empty passphrase" if bags.has_mac else "it has no MAC"
    message = (
        "a passphrase was given, but the private key in the bundle is not encrypted with it, and"
        f" nothing else protects it: {reason}."
    )
    yield key_rules.BUNDLE_NOT_ENCRYPTED.finding(where, message)


def _other_content(
    others: Sequence[str], kind: Kind, where: str, context: InputContext, *, is_empty: bool
) -> Iterator[Finding]:
    """Report what else a bundle contains, or that it contains nothing useful."""
    if is_empty:
        contained = (
            f"contains {others[0]}, but no certificate" if others else "contains no certificate"
        )
        yield rules.NO_CERTIFICATE.finding(
            where,
            f"it is {kind.value} that {contained}.",
            f"Provide the {context.expected} instead.",
        )
        return
    for name in others:
        yield rules.EXTRA_BLOCK.finding(where, f"it contains {name}, which IAM doesn't accept.")


def _read_certificates(certificates: list[bytes], where: str, context: InputContext) -> Contents:
    if (count := len(certificates)) > MAX_BLOCKS:
        return Contents(findings=(context.too_many(count, "certificates"),))
    return joined(
        (
            read_certificate(
                pem.Block("CERTIFICATE", octets),
                where if count == 1 else f"{where}[{index}]",
                context,
            )
            for index, octets in enumerate(certificates)
        ),
        kind="certificates",
    )


def _damaged(kind: Kind, where: str, error: ValueError) -> Finding:
    return rules.UNREADABLE.finding(where, f"it is {kind.value} that can't be read: {error}.")
