"""One trial: an input is read, and invariants are checked."""

from __future__ import annotations

import resource
import time
import warnings
from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING

from dev.certificates.forms import PASSPHRASE
from server_certificate.assessment import Criteria, Given, Input, assess
from server_certificate.findings import Severity
from server_certificate.reading.reader import read

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from server_certificate.assessment import Assessment

MAX_SECONDS = 1.0
"""The processor time that one input may take."""

MAX_SECONDS_WITH_DERIVATION = 4.0
"""The same with a passphrase, which allows key derivation within its budget."""

MAX_KIBIBYTES = 150_000
"""The memory that one input may take beyond the process's previous peak."""

SEPARATOR = b"\n\x00\n"
"""Separates the parts of one input."""

_FRAGMENT = 12
"""The number of characters of a key that count as a quotation."""


class Part(Enum):
    """How an input is passed; the values are the first octet of an input."""

    BUNDLE = 0
    CERTIFICATE = 1
    CHAIN = 2
    PRIVATE_KEY = 3
    ALL = 4
    """Certificate, chain and key, with separators; an empty part is left out."""


class BrokenError(AssertionError):
    """An invariant is broken."""


@dataclass(frozen=True, slots=True)
class Bystanders:
    """Valid parts to pass with the tried one."""

    certificate: bytes
    chain: bytes
    private_key: bytes
    at: datetime
    secrets: frozenset[str]
    """Secrets that no message may contain."""


def encode(part: Part, *contents: bytes, passphrase: bool = False) -> bytes:
    """Write an input as the fuzzer saves it."""
    return bytes([part.value | passphrase << 3]) + SEPARATOR.join(contents)


def decode(octets: bytes) -> tuple[Part, tuple[bytes, ...], bool]:
    """Read an input: how it is passed, its parts, and whether there is a passphrase."""
    selector = octets[0] if octets else 0
    part = Part((selector & 7) % len(Part))
    content = octets[1:]
    contents = tuple(content.split(SEPARATOR, 2)) if part is Part.ALL else (content,)
    return part, contents, bool(selector & 8)


def fragments(*texts: str) -> frozenset[str]:
    """Return every piece of some texts that is long enough to count as a quotation."""
    return frozenset(
        text[start : start + _FRAGMENT]
        for text in texts
        for start in range(len(text) - _FRAGMENT + 1)
    )


def try_out(octets: bytes, bystanders: Bystanders) -> None:
    """
    Check an input.

    Raises:
        BrokenError: It took too long, a finding quotes a secret or can't be printed, or a converted
            certificate still needs conversion.
    """
    with warnings.catch_warnings():
        # A library's warning would appear in the command's output.
        warnings.simplefilter("error")
        _try_out(octets, bystanders)


def _try_out(octets: bytes, bystanders: Bystanders) -> None:
    given = _given(octets, bystanders)
    peak, start = _peak(), time.process_time()
    assessment = assess(given, Criteria(at=bystanders.at))
    for part in (given.certificate, given.chain, given.private_key, given.bundle):
        if isinstance(part, Input):
            read(part, subject="file", passphrase=given.passphrase)
    taken = time.process_time() - start
    if taken > (MAX_SECONDS if given.passphrase is None else MAX_SECONDS_WITH_DERIVATION):
        raise BrokenError(f"It took {taken:.1f} s.")
    if (grown := _peak() - peak) > MAX_KIBIBYTES:
        raise BrokenError(f"It took {grown:,} KiB of memory.")
    _check_sentences(assessment, bystanders.secrets)
    if assessment.accepted and assessment.public is not None:
        _check_converted(assessment, bystanders)


def _peak() -> int:
    """Return this process's peak memory, in KiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def _given(octets: bytes, bystanders: Bystanders) -> Given:
    part, contents, with_passphrase = decode(octets)
    inputs = [Input(content) for content in contents]
    given = Given(
        certificate=Input(bystanders.certificate),
        chain=Input(bystanders.chain),
        private_key=Input(bystanders.private_key),
        passphrase=PASSPHRASE if with_passphrase else None,
    )
    match part:
        case Part.BUNDLE:
            return Given(bundle=inputs[0], passphrase=given.passphrase)
        case Part.CERTIFICATE:
            return replace(given, certificate=inputs[0])
        case Part.CHAIN:
            return replace(given, chain=inputs[0])
        case Part.PRIVATE_KEY:
            return replace(given, private_key=inputs[0])
        case Part.ALL:
            certificate, chain, private_key = (
                one if one and one.content else None for one in (*inputs, None, None)[:3]
            )
            return replace(given, certificate=certificate, chain=chain, private_key=private_key)


def _check_sentences(assessment: Assessment, secrets: Iterable[str]) -> None:
    messages = [str(finding) for finding in assessment.findings]
    for sentence in messages:
        if "\n" in sentence or not sentence.isprintable():
            raise BrokenError(f"A finding can't be printed on one line: {sentence!r}")
        sentence.encode("utf-8")
    everything = "\n".join((*messages, repr(assessment)))
    if any(secret in everything for secret in secrets):
        raise BrokenError("A finding quotes a secret.")  # and this does not


def _check_converted(assessment: Assessment, bystanders: Bystanders) -> None:
    public, key = assessment.public, assessment.private_key
    if public is None:
        return
    chain = public.chain_pem
    converted = Given(
        certificate=Input.of_text(public.certificate_pem),
        chain=None if chain is None else Input.of_text(chain),
        private_key=None if key is None else Input.of_text(key.pem),
    )
    again = assess(converted, Criteria(at=bystanders.at))
    left = [finding for finding in again.findings if finding.severity is Severity.FIXABLE]
    if left:
        raise BrokenError(
            f"After conversion, there is still something to convert: {', '.join(map(str, left))}"
        )
    if not again.accepted:
        refused = ", ".join(map(str, again.findings))
        raise BrokenError(f"Accepted input is refused after conversion: {refused}")
    if again.public != public or (key and again.private_key and again.private_key.pem != key.pem):
        raise BrokenError("A second conversion changes the result.")
