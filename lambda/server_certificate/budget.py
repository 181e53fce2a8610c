"""Limits the work that a set of inputs can cause. All inputs share one budget."""

from __future__ import annotations

MAX_ITERATIONS = 5_000_000
"""
The maximum number of key-derivation iterations for all encrypted inputs and MACs: about two
seconds.

NSS, GnuTLS and OpenSSL use up to 600,000 for each key, safe and MAC, as OWASP recommends for PBKDF2
with HMAC-SHA-256.
"""

MAX_SCRYPT_OCTETS = 64 * 1024 * 1024
"""The maximum memory for one scrypt: four times what ``openssl pkcs8 -scrypt`` uses."""

MAX_VALUES = 200_000
"""The maximum number of ASN.1 values parsed in Python: a few tenths of a second."""

MAX_PRIVATE_KEYS = 10
"""
The maximum number of private keys to load.

IAM accepts one. A few are loaded to compare them; more are refused.
"""

MAX_VERIFICATIONS = 4_500
"""
The maximum number of signatures to verify, in units of ECDSA on P-256: about a third of a second.

The longest chain that IAM accepts, 2 MiB of the smallest certificates, has 4,000.
"""

_COST_OF_SCRYPT = 3
"""The number of hash iterations that a step of scrypt counts as, because it also takes memory."""

_OCTETS_PER_VALIDATED_ITERATION = 10_000
"""An RSA key of 4,096 bits has 2,400 bytes and takes half a second."""


class BudgetExceededError(ValueError):
    """Reading an input would take too much work. The message is a clause without a period."""


class DerivationExceededError(BudgetExceededError):
    """Deriving a key from a passphrase would take too much time or memory."""


class Budget:
    """The work that is left, by kind. Spend it before doing the work."""

    def __init__(self) -> None:
        self._iterations = MAX_ITERATIONS
        self._values = MAX_VALUES
        self._private_keys = MAX_PRIVATE_KEYS
        self._verifications = MAX_VERIFICATIONS

    def spend_iterations(self, number: int, *, cost: int = 1) -> None:
        """
        Spend the cost of an iterated hash: PBKDF2, PBKDF1, or the PKCS#12 key derivation.

        Args:
            number: The number of iterations.
            cost: The cost of one iteration, in iterations of PBKDF2 with HMAC-SHA-256. Default: 1.

        Raises:
            DerivationExceededError: The cost exceeds the budget. Nothing is spent.
        """
        if number * cost > self._iterations:
            raise DerivationExceededError(
                f"decrypting it takes {_counted(number)} iterations of key derivation; the limit"
                f" for all inputs is the work of {MAX_ITERATIONS:,} iterations of SHA-256"
            )
        self._iterations -= number * cost

    def spend_scrypt(self, n: int, r: int, p: int) -> None:
        """
        Spend the cost of scrypt (RFC 7914): memory and time.

        Raises:
            DerivationExceededError: The cost exceeds the budget. Nothing is spent.
        """
        octets = 128 * r * (n + p)
        if octets > MAX_SCRYPT_OCTETS:
            raise DerivationExceededError(
                f"decrypting it takes {_counted(octets)} bytes of memory for scrypt; the limit is"
                f" {MAX_SCRYPT_OCTETS:,} bytes"
            )
        self.spend_iterations(n * r * p, cost=_COST_OF_SCRYPT)

    def spend_validation(self, octets: int) -> None:
        """
        Spend the cost of OpenSSL's primality tests on an RSA key.

        Args:
            octets: Length of the key. The time grows with its third power.

        Raises:
            BudgetExceededError: The cost exceeds the budget. Nothing is spent.
        """
        cost = octets**3 // _OCTETS_PER_VALIDATED_ITERATION
        if cost > self._iterations:
            raise BudgetExceededError("checking a key of this length takes too long")
        self._iterations -= cost

    def spend_values(self, number: int) -> None:
        """
        Spend the cost of parsing ASN.1 values.

        Raises:
            BudgetExceededError: There are more than ``MAX_VALUES``.
        """
        self._values -= number
        if self._values < 0:
            raise BudgetExceededError(f"it has more than {MAX_VALUES:,} ASN.1 values")

    def spend_private_key(self) -> None:
        """
        Spend the cost of loading a private key.

        Raises:
            BudgetExceededError: There are more than ``MAX_PRIVATE_KEYS``.
        """
        self._private_keys -= 1
        if self._private_keys < 0:
            raise BudgetExceededError(f"there are more than {MAX_PRIVATE_KEYS} private keys")

    def spend_verification(self, cost: int) -> None:
        """
        Spend the cost of verifying a signature.

        Args:
            cost: The cost in units of ECDSA on P-256.

        Raises:
            BudgetExceededError: The cost exceeds the budget. The budget is then empty, so that the
                result doesn't depend on which signatures are cheap.
        """
        if cost > self._verifications:
            self._verifications = 0
            raise BudgetExceededError("too many signatures need to be verified")
        self._verifications -= cost


_LONGEST_NUMBER = 10**15


def _counted(number: int) -> str:
    # Formatting a number with thousands of digits takes time and helps nobody.
    return f"{number:,}" if number < _LONGEST_NUMBER else f"more than {_LONGEST_NUMBER:,}"
