"""How much work one submission may cause, whatever its inputs hold: all of them share one budget."""

from __future__ import annotations

MAX_ITERATIONS = 5_000_000
"""
Iterations of key derivation, all encrypted inputs and MACs together: about two seconds of work.

NSS, GnuTLS and OpenSSL write up to 600,000 for each key, safe and MAC, as OWASP advises for
PBKDF2 with HMAC-SHA-256.
"""

MAX_SCRYPT_OCTETS = 64 * 1024 * 1024
"""Memory of one scrypt: four times what ``openssl pkcs8 -scrypt`` asks for."""

MAX_VALUES = 200_000
"""ASN.1 values that are looked at in Python: some tenths of a second of work."""

MAX_PRIVATE_KEYS = 10
"""Private keys that are loaded. IAM takes one; a few are told apart, a flood is counted only."""

_COST_OF_SCRYPT = 3
"""Iterations of a hash that a step of scrypt counts as: it takes memory, too."""

_OCTETS_PER_VALIDATED_ITERATION = 10_000
"""A key of RSA 4096 has 2,400 octets and takes half a second."""


class BudgetExceededError(ValueError):
    """Reading an input would take too much; the message is a clause without a full stop."""


class DerivationExceededError(BudgetExceededError):
    """Deriving a key from a passphrase would take too much time or memory."""


class Budget:
    """What is left of each kind of work. Whoever does the work spends it first."""

    def __init__(self) -> None:
        self._iterations = MAX_ITERATIONS
        self._values = MAX_VALUES
        self._private_keys = MAX_PRIVATE_KEYS

    def spend_iterations(self, number: int, *, cost: int = 1) -> None:
        """
        Spend what an iterated hash costs: PBKDF2, PBKDF1, or the derivation of PKCS#12.

        Args:
            number: Iterations that are carried out.
            cost: How many of PBKDF2 with HMAC-SHA-256 each takes as long as. Default: 1.

        Raises:
            DerivationExceededError: It is more than is left; nothing is spent then.
        """
        if number * cost > self._iterations:
            raise DerivationExceededError(
                f"opening it takes {_counted(number)} iterations of key derivation, which is more"
                f" work than {MAX_ITERATIONS:,} of SHA-256, the most that is done for everything"
                " together"
            )
        self._iterations -= number * cost

    def spend_scrypt(self, n: int, r: int, p: int) -> None:
        """
        Spend what scrypt costs (RFC 7914): memory, and time.

        Raises:
            DerivationExceededError: It is more than is left; nothing is spent then.
        """
        octets = 128 * r * (n + p)
        if octets > MAX_SCRYPT_OCTETS:
            raise DerivationExceededError(
                f"opening it takes {_counted(octets)} octets of memory for scrypt, and at most"
                f" {MAX_SCRYPT_OCTETS:,} are used"
            )
        self.spend_iterations(n * r * p, cost=_COST_OF_SCRYPT)

    def spend_validation(self, octets: int) -> None:
        """
        Spend what it costs to have OpenSSL look for the primes in an RSA key.

        Args:
            octets: Length of the key. The time grows with its third power.

        Raises:
            BudgetExceededError: It is more than is left; nothing is spent then.
        """
        cost = octets**3 // _OCTETS_PER_VALIDATED_ITERATION
        if cost > self._iterations:
            raise BudgetExceededError("checking a key of that length takes too long")
        self._iterations -= cost

    def spend_values(self, number: int) -> None:
        """
        Spend what looking at ASN.1 values costs.

        Raises:
            BudgetExceededError: There are more of them than are looked at.
        """
        self._values -= number
        if self._values < 0:
            raise BudgetExceededError(f"it has more than {MAX_VALUES:,} ASN.1 values")

    def spend_private_key(self) -> None:
        """
        Spend what loading a private key costs.

        Raises:
            BudgetExceededError: There are more of them than are loaded.
        """
        self._private_keys -= 1
        if self._private_keys < 0:
            raise BudgetExceededError(f"at most {MAX_PRIVATE_KEYS} private keys are loaded")


_LONGEST_NUMBER = 10**15


def _counted(number: int) -> str:
    # A number of thousands of digits is no news, and writing it out takes its time.
    return f"{number:,}" if number < _LONGEST_NUMBER else f"more than {_LONGEST_NUMBER:,}"
