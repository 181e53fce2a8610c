"""Load a private key from the content of a block or file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server_certificate import pem
from server_certificate.budget import Budget
from server_certificate.der import SEQUENCE, DerError, header
from server_certificate.material import PrivateKey
from server_certificate.reading.decryption.encoded_passphrase import (
    WrongPassphraseError,
    encodings_of,
)
from server_certificate.reading.key_forms import load
from server_certificate.reading.sizes import check_key_size

if TYPE_CHECKING:
    from server_certificate.findings import Finding

_ALGORITHM = bytes([SEQUENCE])


class UnreadableError(ValueError):
    """A block doesn't contain what its label says. The message says why, without quoting it."""


class TooLongError(ValueError):
    """A private key is longer than IAM accepts."""

    def __init__(self, finding: Finding) -> None:
        self.finding = finding
        """The finding about it."""
        super().__init__(finding.message)


class PassphraseError(ValueError):
    """Something is encrypted, and the passphrase is missing or wrong."""

    def __init__(self, *, missing: bool) -> None:
        self.is_missing = missing
        """Whether no passphrase was given."""
        super().__init__("the passphrase is missing" if missing else "the passphrase is wrong")


def load_private_key(
    block: pem.Block,
    passphrase: str | None = None,
    *,
    budget: Budget | None = None,
    parameters: bytes | None = None,
) -> PrivateKey:
    """
    Load a private key, and decrypt it if necessary.

    Args:
        block: The block that contains it.
        passphrase: The passphrase; None if there is none.
        budget: The budget for the work. Default: a new one.
        parameters: The content of the ``EC PARAMETERS`` block before it. Default: there is none.

    Raises:
        BudgetExceededError: The work exceeds the budget.
        PassphraseError: It is encrypted, and the passphrase is missing or wrong.
        TooLongError: It is longer than IAM accepts.
        UnknownEncryptionError: The encryption is not supported.
        UnreadableError: It is damaged. The library's message is omitted on purpose, because it
            could contain a part of the key.
        UnsupportedKeyError: The type of key is not supported.
    """
    budget = budget or Budget()
    budget.spend_private_key()
    try:
        encrypted = is_encrypted(block)
        octets = _decrypted(block, passphrase, budget) if encrypted else block.der
        # Check before loading, which takes time that grows with at least the square of the length.
        _check_length(pem.Block("PRIVATE KEY", octets))
        key, written = load(octets, budget, parameters=parameters)
    except DerError as err:
        raise UnreadableError(str(err)) from None
    _check_length(written)
    return PrivateKey(key, written, was_encrypted=encrypted)


def _check_length(block: pem.Block) -> None:
    for finding in check_key_size(block):
        raise TooLongError(finding)


def is_encrypted(block: pem.Block) -> bool:
    """Return whether a block contains an encrypted key, regardless of its label."""
    if block.armor is not None:
        return True
    try:
        _, start, _ = header(block.der, 0, len(block.der))
    except DerError:
        return False
    # An algorithm and the encrypted data (RFC 5958, 3); other keys begin with a version.
    return block.der[start : start + 1] == _ALGORITHM


def _decrypted(block: pem.Block, passphrase: str | None, budget: Budget) -> bytes:
    # Imported lazily: few keys are encrypted, and importing ciphers slows down every start.
    from server_certificate.reading.decryption.encrypted_keys import decrypt  # noqa: PLC0415

    if passphrase is None:
        raise PassphraseError(missing=True)
    try:
        return decrypt(block, encodings_of(passphrase), budget)
    except WrongPassphraseError:
        raise PassphraseError(missing=False) from None
