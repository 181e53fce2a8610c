"""Private keys: one block at a time, decrypted if need be."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from server_certificate.budget import BudgetExceededError, DerivationExceededError
from server_certificate.der import DerError
from server_certificate.openssl_commands import decrypted_key, key_kind_of
from server_certificate.reading import key_rules, rules
from server_certificate.reading.contents import Contents
from server_certificate.reading.decryption.secret import UnknownEncryptionError
from server_certificate.reading.key_forms import UnsupportedKeyError
from server_certificate.reading.loading import (
    PassphraseError,
    TooLongError,
    UnreadableError,
    is_encrypted,
    load_private_key,
)
from server_certificate.reading.padding import padded, without_padding

if TYPE_CHECKING:
    from server_certificate import pem
    from server_certificate.findings import Finding
    from server_certificate.openssl_commands import KeyKind
    from server_certificate.reading.demand import Demand


def read_key(
    block: pem.Block,
    where: str,
    demand: Demand,
    *,
    is_der: bool = False,
    parameters: bytes | None = None,
) -> Contents:
    """
    Read a private key.

    Args:
        block: The block that holds it.
        where: Where it stands.
        demand: The input, and what is wanted of it.
        is_der: Whether it was given in DER, for the command that decrypts it.
        parameters: What the ``EC PARAMETERS`` block before it holds, which names the curve of a key
            that doesn't. Default: there is none.
    """
    given = len(block.der)
    encrypted = is_encrypted(block)
    kind = _likely_kind(block, demand)
    decrypting = partial(
        decrypted_key,
        demand.given,
        encrypted=block.der or (block.armour or "").encode(),
        der=is_der,
    )
    try:
        octets = without_padding(block.der, demand.budget)
        if len(octets) < given:
            block = replace(block, der=octets)
        key = load_private_key(
            block, demand.passphrase, budget=demand.budget, parameters=parameters
        )
    except (UnreadableError, DerError) as err:
        finding = unreadable(block, where, str(err))
    except TooLongError as err:
        finding = err.finding
    except PassphraseError as err:
        finding = closed(err, where, "encrypted", decrypting(kind))
    except UnknownEncryptionError as err:
        finding = encryption_unsupported(str(err), where, decrypting(kind))
    except UnsupportedKeyError as err:
        message = f"it is {err}, which is not supported."
        finding = key_rules.KEY_UNSUPPORTED.finding(where, message)
    except BudgetExceededError as err:
        finding = too_much_work(err, where)
    else:
        contents = Contents(
            private_keys=(key,),
            findings=tuple(padded(given - len(block.der), "private key", where)),
            asks_for_passphrase=encrypted,
        )
        if not key.was_encrypted:
            return contents
        message = "it is encrypted, and the passphrase opens it; IAM takes unencrypted keys."
        fix = by_hand(decrypting(key_kind_of(key.key)))
        return contents.adding(rules.PRIVATE_KEY_ENCRYPTED.finding(where, message, fix))
    return Contents(findings=(finding,), asks_for_passphrase=encrypted)


def key_among_certificates(where: str) -> Contents:
    """Refuse a private key that stands where certificates belong; it is not even read."""
    message = "it is a private key, which must not stand among certificates."
    return Contents(findings=(rules.PRIVATE_KEY_AMONG_CERTIFICATES.finding(where, message),))


def unreadable(block: pem.Block, where: str, problem: str) -> Finding:
    """Say why a block can't be read."""
    message = f"the {block.label} block cannot be read: {problem}."
    return rules.UNREADABLE.finding(where, message)


def closed(error: PassphraseError, where: str, what: str, command: str) -> Finding:
    """
    Say why something encrypted stays closed.

    Args:
        error: Whether the passphrase is missing or another.
        where: Where it stands.
        what: What it is: ``encrypted``, ``an encrypted PKCS#12 bundle``.
        command: The command that decrypts it by hand.
    """
    if error.is_missing:
        # Only bundles may come with a passphrase everywhere.
        fix = "Give its passphrase, or decrypt it" if where == "bundle" else "Decrypt it"
        return rules.PASSPHRASE_MISSING.finding(
            where,
            f"it is {what}, and no passphrase was given; IAM takes unencrypted keys only.",
            f"{fix}: {command}. With its passphrase, server-certificate convert does so, too.",
        )
    message = f"it is {what}, and the passphrase that was given does not open it."
    return rules.PASSPHRASE_WRONG.finding(where, message)


def encryption_unsupported(name: str, where: str, command: str) -> Finding:
    """
    Say that something is encrypted in a way that is not known here.

    Args:
        name: The name or the object identifier of the encryption.
        where: Where it stands.
        command: The command that decrypts it by hand.
    """
    return key_rules.ENCRYPTION_UNSUPPORTED.finding(
        where,
        f"it is encrypted with {name}, which can't be decrypted here.",
        f"Decrypt it, and give the result: {command}",
    )


def too_much_work(error: BudgetExceededError, where: str) -> Finding:
    """Say how much work reading something would be."""
    if isinstance(error, DerivationExceededError):
        return rules.TOO_MANY_ITERATIONS.finding(where, f"{error}.")
    return rules.TOO_MANY_BLOCKS.finding(where, f"{error}.", "Give only what belongs together.")


def by_hand(command: str, *, then: str = "") -> str:
    """
    Return the fix of what converting does as well.

    Args:
        command: The command that does it by hand.
        then: What is left to do after the command. Default: nothing.
    """
    return f"Converting does it; by hand{then}: {command}"


def _likely_kind(block: pem.Block, demand: Demand) -> KeyKind:
    if "RSA" in block.label:
        return "rsa"
    return "ec" if "EC " in block.label else demand.key_kind
