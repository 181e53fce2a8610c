"""From the octets of one block or file to a certificate."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec

from server_certificate.budget import Budget, BudgetExceededError
from server_certificate.certificates.certificate import Certificate
from server_certificate.certificates.located_certificate import LocatedCertificate
from server_certificate.certificates.outline import outline
from server_certificate.certificates.refusals import REFUSALS, Quiet
from server_certificate.der import (
    OBJECT_IDENTIFIER,
    SEQUENCE,
    DerError,
    dotted,
    parts,
    whole,
)
from server_certificate.leniency.certificates import put_right
from server_certificate.reading import rules
from server_certificate.reading.certificate_rules import CERTIFICATE_UNSUPPORTED
from server_certificate.reading.contents import Contents
from server_certificate.reading.padding import WHITE_SPACE, ZEROS, end_of, padded, without_padding
from server_certificate.reading.sizes import MAX_CERTIFICATE_CHARACTERS, TOO_LARGE

if TYPE_CHECKING:
    from server_certificate import pem
    from server_certificate.reading.demand import Demand

MAX_OCTETS = 64 * 1024
"""Octets of a certificate that is read: five times what IAM takes as the leaf."""

_COST_OF_ATTRIBUTE = 4
"""ASN.1 values that may be looked at in the time that an attribute of a name takes."""

_KINDS_OF_KEYS = {
    "1.2.156.10197.1.301": "SM2",
    "1.2.643.2.2.19": "GOST R 34.10-2001",
    "1.2.643.7.1.1.1.1": "GOST R 34.10-2012",
    "1.2.643.7.1.1.1.2": "GOST R 34.10-2012",
    "2.16.840.1.101.3.4.3.17": "ML-DSA-44",
    "2.16.840.1.101.3.4.3.18": "ML-DSA-65",
    "2.16.840.1.101.3.4.3.19": "ML-DSA-87",
}
_EC = "1.2.840.10045.2.1"
_KNOWN_KINDS = {
    "1.2.840.113549.1.1.1",  # RSA
    "1.2.840.113549.1.1.10",  # RSA for RSASSA-PSS alone
    "1.2.840.10040.4.1",  # DSA
    *("1.3.101.110", "1.3.101.111", "1.3.101.112", "1.3.101.113"),  # RFC 8410
}
_PUBLIC_KEY = 4
"""Its place among the sequences of the signed part: algorithm, issuer, validity, subject, key."""


class UnsupportedCertificateError(ValueError):
    """A certificate has a public key of a kind that is not read; the message says of which."""


class CertificateTooLargeError(ValueError):
    """A certificate is larger than is read; the message is a clause."""


def read_certificate(
    block: pem.Block, where: str, demand: Demand, *, what: str = "the certificate"
) -> Contents:
    """
    Read a certificate.

    Args:
        block: The block that holds it.
        where: Where it stands.
        demand: The input, and what is wanted of it.
        what: What to call it in a sentence.

    Returns:
        The certificate, or why it is not there. Whatever the block holds, nothing is raised.
    """
    octets = block.der
    try:
        if block.label == "TRUSTED CERTIFICATE":
            # `openssl x509 -trustout` appends trust settings to the certificate: another value.
            octets = octets[: end_of(octets, demand.budget)]
        value = without_padding(octets, demand.budget, padding=WHITE_SPACE + ZEROS)
        certificate = load_certificate(value, demand.budget)
    except DerError as err:
        finding = rules.UNREADABLE.finding(where, f"{what} cannot be read: {err}.")
    except UnsupportedCertificateError as err:
        finding = CERTIFICATE_UNSUPPORTED.finding(where, f"{what} cannot be read: {err}.")
    except (CertificateTooLargeError, BudgetExceededError) as err:
        finding = TOO_LARGE.finding(where, f"{what} is not read: {err}.")
    else:
        return Contents(
            elements=(LocatedCertificate(certificate, where),),
            findings=tuple(padded(len(octets) - len(value), "certificate", where)),
        )
    return Contents(findings=(finding,))


def load_certificate(octets: bytes, budget: Budget | None = None) -> Certificate:
    """
    Load a certificate, and everything of it that the rules look at, so that they cannot fail.

    What OpenSSL reads and the library doesn't is read from a copy in which it is put right.

    Args:
        octets: The certificate, and nothing behind it.
        budget: What the work is taken from. Default: a budget of its own.

    Raises:
        BudgetExceededError: It takes more than is left.
        CertificateTooLargeError: It is larger than is read.
        DerError: It isn't a certificate, or it is damaged.
        UnsupportedCertificateError: Its public key is of a kind that is not read.
    """
    if len(octets) > MAX_OCTETS:
        raise CertificateTooLargeError(
            f"it has {len(octets):,} octets; up to {MAX_OCTETS:,} are read, and IAM takes a"
            f" certificate of {MAX_CERTIFICATE_CHARACTERS:,} characters in PEM"
        )
    budget = budget or Budget()
    with Quiet():
        try:
            readable = x509.load_der_x509_certificate(octets)
            signed, agree, attributes = outline(octets)
            budget.spend_values(_COST_OF_ATTRIBUTE * attributes)
            return Certificate(
                octets, readable, signed=signed, algorithms_agree=agree, budget=budget
            )
        except BudgetExceededError:
            raise
        except REFUSALS:
            return _load_leniently(octets, budget)


def _load_leniently(octets: bytes, budget: Budget) -> Certificate:
    try:
        copy = put_right(octets, budget)
        readable = x509.load_der_x509_certificate(copy.der)
    except (BudgetExceededError, DerError):
        raise
    except REFUSALS:
        raise DerError("its content is damaged") from None
    signed, _, attributes = outline(copy.der)
    budget.spend_values(_COST_OF_ATTRIBUTE * attributes)
    try:
        return Certificate(
            octets,
            readable,
            signed=copy.signed,
            algorithms_agree=copy.algorithms_agree,
            oddities=copy.oddities,
            budget=budget,
        )
    except REFUSALS as err:
        # Older versions of the library call keys of unknown kinds damaged.
        if isinstance(err, UnsupportedAlgorithm) or not _is_known(*_key_algorithm(signed)):
            kind = _kind_of_key(*_key_algorithm(signed))
            raise UnsupportedCertificateError(f"its public key is {kind}") from None
        raise DerError("its names, its validity or its public key are damaged") from None


def _key_algorithm(signed: bytes) -> tuple[str, str | None]:
    """Return the kind of the public key in a signed part that the library has read, and its curve."""
    fields = [part for part in parts(whole(signed)) if part.tag == SEQUENCE]
    algorithm, *parameters = parts(parts(fields[_PUBLIC_KEY])[0])
    has_name = bool(parameters) and parameters[0].tag == OBJECT_IDENTIFIER
    return dotted(algorithm), dotted(parameters[0]) if has_name else None


def _is_known(kind: str, curve: str | None) -> bool:
    if kind != _EC:
        return kind in _KNOWN_KINDS
    try:
        return curve is not None and bool(ec.get_curve_for_oid(x509.ObjectIdentifier(curve)))
    except LookupError:
        return False


def _kind_of_key(kind: str, curve: str | None) -> str:
    if kind != _EC:
        return f"of a kind that is not known, {_named(kind)}"
    return f"on a curve that is not {f'known, {_named(curve)}' if curve else 'named'}"


def _named(identifier: str) -> str:
    name = _KINDS_OF_KEYS.get(identifier)
    return f"{name} ({identifier})" if name else identifier
