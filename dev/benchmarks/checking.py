"""
A thousand triples checked in process.

Compared with the openssl commands that check the same, and with loading and verifying alone, by the
library that the checks use.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from dev.benchmarks.processes import FailedError
from dev.benchmarks.rows import Result, Row, milliseconds
from dev.certificates.authority import NOW
from dev.certificates.keys import KeyType
from dev.certificates.pool import Pool
from server_certificate.assessment import Criteria, Given, Input, assess

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dev.certificates.authority import Issued

_TARGET = 50
_MOST_OVER_LIBRARY = 3
_KEYS = 20
_ROUNDS = 10
_BEGIN = "-----BEGIN CERTIFICATE-----"


def run(*, triples: int = 1000, sample: int = 50, keys: int = _KEYS) -> Result:
    """
    Measure.

    Args:
        triples: The number that is checked in process.
        sample: How many of them are also checked with openssl.
        keys: The number of RSA keys that they share.
    """
    openssl = shutil.which("openssl")
    if openssl is None:
        raise FailedError("The command openssl isn't installed: install it for the comparison.")
    pool = Pool.make(KeyType.RSA, keys)
    leaves = [pool.leaf(number) for number in range(triples)]
    given = [_given(leaf) for leaf in leaves]
    rounds = min(_ROUNDS, sample)
    ours = theirs = alone = 0.0
    with tempfile.TemporaryDirectory() as directory:
        commands = [
            _commands(openssl, leaf, Path(directory, str(number)))
            for number, leaf in enumerate(leaves[:sample])
        ]
        _check(given[:1])
        _load(leaves[:1])
        # In turn, so that other load on the machine slows down both.
        for turn in range(rounds):
            ours += _check(given[turn::rounds])
            theirs += _compare(commands[turn::rounds])
            alone += _load(leaves[turn::rounds])
    each, each_by_openssl = ours / triples, theirs / sample
    ratio = each_by_openssl / each
    return Result(
        title="Checking",
        method=(
            f"{triples:,} triples (an RSA 2048 leaf with its key and two RSA 2048 intermediates), "
            f"each with its own names and serial numbers, signed with {keys} keys, read from "
            "memory and checked against all rules in one process. Compared with three openssl "
            "commands for each triple: `openssl verify -partial_chain -attime … -trusted UPPER "
            "-untrusted LOWER LEAF`, `openssl x509 -noout -pubkey` and `openssl pkey -pubout`, "
            f"whose public keys are compared; measured with {sample} of the triples, in turn, and "
            "scaled up. And compared with `cryptography` alone, for all triples: load the "
            "certificates and the key, verify both signatures, compare the public keys."
        ),
        rows=(
            Row(
                what=f"{triples:,} triples",
                measured=f"{milliseconds(ours)}, {milliseconds(each)} each",
                against=(
                    f"openssl: {milliseconds(each_by_openssl * triples)},"
                    f" {milliseconds(each_by_openssl)} each"
                ),
                ratio=ratio,
                target=f"at least {_TARGET} times faster",
                is_met=ratio >= _TARGET,
            ),
            Row(
                what=f"{triples:,} triples, over loading and verifying alone",
                measured=f"{milliseconds(ours)}, {milliseconds(each)} each",
                against=(
                    f"cryptography: {milliseconds(alone)}, {milliseconds(alone / triples)} each"
                ),
                ratio=ours / alone,
                target=f"at most {_MOST_OVER_LIBRARY} times as long",
                is_met=ours <= _MOST_OVER_LIBRARY * alone,
            ),
        ),
    )


def _given(leaf: Issued) -> Given:
    return Given(
        certificate=Input(leaf.pem.encode()),
        chain=Input(leaf.chain_pem(root=False).encode()),
        private_key=Input(leaf.key_pem().encode()),
    )


def _check(triples: Sequence[Given]) -> float:
    criteria = Criteria(at=NOW)
    start = time.perf_counter()
    for given in triples:
        assessment = assess(given, criteria)
        if assessment.findings or assessment.private_key is None or len(assessment.chain) != 2:  # noqa: PLR2004
            raise FailedError(f"A valid triple was refused: {assessment.findings}")
    return time.perf_counter() - start


def _load(triples: Sequence[Issued]) -> float:
    """Load and verify triples with the library alone."""
    texts = [
        (leaf.pem.encode(), leaf.chain_pem(root=False).encode(), leaf.key_pem().encode())
        for leaf in triples
    ]
    start = time.perf_counter()
    for certificate, chain, private_key in texts:
        leaf = x509.load_pem_x509_certificate(certificate)
        lower, upper = x509.load_pem_x509_certificates(chain)
        # As in the checks: checking the primes would take a hundred times as long as the rest.
        key = load_pem_private_key(private_key, None, unsafe_skip_rsa_key_validation=True)
        leaf.verify_directly_issued_by(lower)
        lower.verify_directly_issued_by(upper)
        if key.public_key() != leaf.public_key():
            raise FailedError("cryptography sees another public key in the certificate.")
    return time.perf_counter() - start


def _commands(openssl: str, leaf: Issued, directory: Path) -> tuple[list[str], ...]:
    certificate, chain, private_key = map(str, leaf.write_with_key(directory, root=False))
    # Two files, because with -partial_chain the search ends at the first trusted certificate.
    lower, upper = directory / "lower.pem", directory / "upper.pem"
    first, second = Path(chain).read_text("ascii").split(_BEGIN)[1:]
    lower.write_text(_BEGIN + first, "ascii")
    upper.write_text(_BEGIN + second, "ascii")
    instant = str(int(NOW.timestamp()))
    verify = ["verify", "-partial_chain", "-attime", instant, "-trusted", str(upper)]
    return (
        [openssl, *verify, "-untrusted", str(lower), certificate],
        [openssl, "x509", "-in", certificate, "-noout", "-pubkey"],
        [openssl, "pkey", "-in", private_key, "-pubout"],
    )


def _compare(commands: Sequence[tuple[list[str], ...]]) -> float:
    start = time.perf_counter()
    for triple in commands:
        _, of_certificate, of_key = (
            subprocess.run(command, check=True, capture_output=True).stdout for command in triple
        )
        if of_certificate != of_key:
            raise FailedError("openssl sees another public key in the certificate than in the key.")
    return time.perf_counter() - start
