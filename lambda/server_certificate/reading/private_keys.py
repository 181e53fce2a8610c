"""Read private keys, one block at a time, and decrypt them if necessary."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from server_certificate.budget import BudgetExceededError, DerivationExceededError
from server_certificate.der import DerError
from server_certificate.openssl_commands import decrypted_key, key_kind_of
from server_certificate.reading import key_rules, rules
from server_certificate.reading.contents import Contents
from server_certificate.reading.decryption.encoded_passphrase import UnknownEncryptionError
from server_certificate.reading.key_forms import UnsupportedKeyError
from server_certificate.reading.loading import (
    PassphraseError,
    TooLongError,
    UnreadableError,
    is_encrypted,
    load_private_key,
)
from server_certificate.reading.padding import padding_findings, without_padding

if TYPE_CHECKING:
    from server_certificate import pem
    from server_certificate.findings import Finding
    from server_certificate.openssl_commands import KeyKind
    from server_certificate.reading.input_context import InputContext


def read_key(
    block: pem.Block,
    where: str,
    context: InputContext,
    *,
    is_der: bool = False,
    parameters: bytes | None = None,
) -> Contents:
    """
    Read a private key.

    Args:
        block: The block that contains it.
        where: Its place in the input.
        context: The input, and what it should contain.
        is_der: Whether the input is in DER, for the command that decrypts it.
        parameters: The content of the ``EC PARAMETERS`` block before it, which names the curve if
            the key doesn't. Default: there is none.
    """
    given = len(block.der)
    encrypted = is_encrypted(block)
    kind = _likely_kind(block, context)
    decrypting = partial(
        decrypted_key,
        context.given,
        encrypted=block.der or (block.armor or "").encode(),
        der=is_der,
    )
    try:
        octets = without_padding(block.der, context.budget)
        if len(octets) < given:
            block = replace(block, der=octets)
        key = load_private_key(
            block, context.passphrase, budget=context.budget, parameters=parameters
        )
    except (UnreadableError, DerError) as err:
        finding = unreadable(block, where, str(err))
    except TooLongError as err:
        finding = err.finding
    except PassphraseError as err:
        finding = passphrase_finding(err, where, "encrypted", decrypting(kind))
    except UnknownEncryptionError as err:
        finding = encryption_unsupported(str(err), where, decrypting(kind))
    except UnsupportedKeyError as err:
        message = f"it is {err}, which is not supported."
        finding = key_rules.KEY_UNSUPPORTED.finding(where, message)
    except BudgetExceededError as err:
        finding = budget_finding(err, where)
    else:
        contents = Contents(
            private_keys=(key,),
            findings=tuple(padding_findings(given - len(block.der), "private key", where)),
            asks_for_passphrase=encrypted,
        )
        if not key.was_encrypted:
            return contents
        message = (
            "it is encrypted, and the passphrase decrypts it; IAM accepts only unencrypted keys."
        )
        fix = conversion_fix(decrypting(key_kind_of(key.key)))
        return contents.adding(rules.PRIVATE_KEY_ENCRYPTED.finding(where, message, fix))
    return Contents(findings=(finding,), asks_for_passphrase=encrypted)


def key_among_certificates(where: str) -> Contents:
    """Report a private key in place of a certificate, without reading it."""
    message = "it is a private key, but only certificates are allowed here."
    return Contents(findings=(rules.PRIVATE_KEY_AMONG_CERTIFICATES.finding(where, message),))


def unreadable(block: pem.Block, where: str, problem: str) -> Finding:
    """Report why a block can't be read."""
    message = f"the {block.label} block can't be read: {problem}."
    return rules.UNREADABLE.finding(where, message)


def passphrase_finding(error: PassphraseError, where: str, what: str, command: str) -> Finding:
    """
    Report why something can't be decrypted.

    Args:
        error: Whether the passphrase is missing or wrong.
        where: Its place in the input.
        what: What it is: ``encrypted``, ``an encrypted PKCS#12 bundle``.
        command: The command that decrypts it by hand.
    """
    if error.is_missing:
        # Elsewhere, such as in the certificate's place, a passphrase isn't accepted.
        takes_passphrase = where in {"bundle", "private-key"}
        fix = "Provide its passphrase, or decrypt it" if takes_passphrase else "Decrypt it"
        return rules.PASSPHRASE_MISSING.finding(
            where,
            f"it is {what}, but no passphrase was given; IAM accepts only unencrypted keys.",
            f"{fix}: {command}. You can also use server-certificate convert with the passphrase.",
        )
    message = f"it is {what}, but the given passphrase doesn't decrypt it."
    return rules.PASSPHRASE_WRONG.finding(where, message)


def encryption_unsupported(name: str, where: str, command: str) -> Finding:
    """
    Report an unsupported encryption.

    Args:
        name: The name or the object identifier of the encryption.
        where: Its place in the input.
        command: The command that decrypts it by hand.
    """
    return key_rules.ENCRYPTION_UNSUPPORTED.finding(
        where,
        f"it is encrypted with {name}, which is not supported.",
        f"Decrypt it, and provide the result: {command}",
    )


def budget_finding(error: BudgetExceededError, where: str) -> Finding:
    """Report that reading something would take too much work."""
    if isinstance(error, DerivationExceededError):
        return rules.TOO_MANY_ITERATIONS.finding(where, f"{error}.")
    return rules.TOO_MANY_BLOCKS.finding(
        where, f"{error}.", "Provide only what belongs to one certificate."
    )


def conversion_fix(command: str, *, then: str = "") -> str:
    """
    Return the fix for something that conversion handles.

    Args:
        command: The command that does the same.
        then: What is left to do after the command, as a clause in parentheses. Default: nothing.
    """
    return f"Conversion handles this. To convert by hand{then}: {command}"


def _likely_kind(block: pem.Block, context: InputContext) -> KeyKind:
    if "RSA" in block.label:
        return "rsa"
    return "ec" if "EC " in block.label else context.key_kind
