"""From the octets of one block or file to a private key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server_certificate import pem
from server_certificate.budget import Budget
from server_certificate.der import SEQUENCE, DerError, header
from server_certificate.material import PrivateKey
from server_certificate.reading.decryption.secret import WrongPassphraseError, secrets_of
from server_certificate.reading.key_forms import load
from server_certificate.reading.sizes import check_key_size

if TYPE_CHECKING:
    from server_certificate.findings import Finding

_ALGORITHM = bytes([SEQUENCE])


class UnreadableError(ValueError):
    """A block does not hold what its label says; the message says why, and quotes nothing."""


class TooLongError(ValueError):
    """A private key is longer than IAM takes."""

    def __init__(self, finding: Finding) -> None:
        self.finding = finding
        """What there is to say about it."""
        super().__init__(finding.message)


class PassphraseError(ValueError):
    """Something is encrypted, and the passphrase does not open it."""

    def __init__(self, *, missing: bool) -> None:
        self.is_missing = missing
        """Whether none was given at all."""
        super().__init__("the passphrase is missing" if missing else "the passphrase is another")


def load_private_key(
    block: pem.Block,
    passphrase: str | None = None,
    *,
    budget: Budget | None = None,
    parameters: bytes | None = None,
) -> PrivateKey:
    """
    Load a private key, and decrypt it if need be.

    Args:
        block: The block that holds it.
        passphrase: What opens it; None when there is none.
        budget: What the work is taken from. Default: a budget of its own.
        parameters: What the ``EC PARAMETERS`` block before it holds. Default: there is none.

    Raises:
        BudgetExceededError: It takes more than is left.
        PassphraseError: It is encrypted, and the passphrase is missing or another.
        TooLongError: It is longer than IAM takes.
        UnknownEncryptionError: It is encrypted in a way that is not known.
        UnreadableError: It is damaged. What the library says about it is left out on purpose: it
            must never carry a part of the key.
        UnsupportedKeyError: It is of a kind that is not read.
    """
    budget = budget or Budget()
    budget.spend_private_key()
    try:
        encrypted = is_encrypted(block)
        octets = _decrypted(block, passphrase, budget) if encrypted else block.der
        # Not even loaded: the time that takes grows with the square of the length and more.
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
    """Tell whether a block holds an encrypted key, whatever its label says."""
    if block.armour is not None:
        return True
    try:
        _, start, _ = header(block.der, 0, len(block.der))
    except DerError:
        return False
    # The algorithm, and what it encrypts (RFC 5958, 3); other keys begin with a version.
    return block.der[start : start + 1] == _ALGORITHM


def _decrypted(block: pem.Block, passphrase: str | None, budget: Budget) -> bytes:
    # Imported when needed: few keys are encrypted, and ciphers cost every start some time.
    from server_certificate.reading.decryption.encrypted_keys import decrypt  # noqa: PLC0415

    if passphrase is None:
        raise PassphraseError(missing=True)
    try:
        return decrypt(block, secrets_of(passphrase), budget)
    except WrongPassphraseError:
        raise PassphraseError(missing=False) from None
