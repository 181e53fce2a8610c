"""Load a certificate from the content of a block or file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec

from server_certificate.budget import Budget, BudgetExceededError
from server_certificate.certificates.certificate import Certificate
from server_certificate.certificates.library_errors import LIBRARY_ERRORS, Quiet
from server_certificate.certificates.located_certificate import LocatedCertificate
from server_certificate.certificates.outline import outline
from server_certificate.der import (
    OBJECT_IDENTIFIER,
    SEQUENCE,
    DerError,
    dotted,
    parts,
    whole,
)
from server_certificate.normalization.certificates import normalize
from server_certificate.reading import rules
from server_certificate.reading.certificate_rules import CERTIFICATE_UNSUPPORTED
from server_certificate.reading.contents import Contents
from server_certificate.reading.padding import (
    WHITE_SPACE,
    ZEROS,
    end_of,
    padding_findings,
    without_padding,
)
from server_certificate.reading.sizes import MAX_CERTIFICATE_CHARACTERS, TOO_LARGE

if TYPE_CHECKING:
    from server_certificate import pem
    from server_certificate.reading.input_context import InputContext

MAX_OCTETS = 64 * 1024
"""The maximum size of a certificate in bytes: five times what IAM accepts as the leaf."""

_COST_OF_ATTRIBUTE = 4
"""The cost of parsing an attribute of a name, in ASN.1 values."""

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
"""Its index among the sequences of the signed part: algorithm, issuer, validity, subject, key."""


class UnsupportedCertificateError(ValueError):
    """A certificate has a public key of an unsupported type. The message names it."""


class CertificateTooLargeError(ValueError):
    """A certificate exceeds the maximum size. The message is a clause."""


def read_certificate(
    block: pem.Block, where: str, context: InputContext, *, what: str = "the certificate"
) -> Contents:
    """
    Read a certificate.

    Args:
        block: The block that contains it.
        where: Its place in the input.
        context: The input, and what it should contain.
        what: A noun phrase for it, for messages.

    Returns:
        The certificate, or a finding that says why it can't be read. No input raises an exception.
    """
    octets = block.der
    try:
        if block.label == "TRUSTED CERTIFICATE":
            # `openssl x509 -trustout` appends trust settings to the certificate, as a second value.
            octets = octets[: end_of(octets, context.budget)]
        value = without_padding(octets, context.budget, padding=WHITE_SPACE + ZEROS)
        certificate = load_certificate(value, context.budget)
    except DerError as err:
        finding = rules.UNREADABLE.finding(where, f"{what} can't be read: {err}.")
    except UnsupportedCertificateError as err:
        finding = CERTIFICATE_UNSUPPORTED.finding(where, f"{what} can't be read: {err}.")
    except (CertificateTooLargeError, BudgetExceededError) as err:
        finding = TOO_LARGE.finding(where, f"{what} can't be read: {err}.")
    else:
        return Contents(
            certificates=(LocatedCertificate(certificate, where),),
            findings=tuple(padding_findings(len(octets) - len(value), "certificate", where)),
        )
    return Contents(findings=(finding,))


def load_certificate(octets: bytes, budget: Budget | None = None) -> Certificate:
    """
    Load a certificate and everything that the rules use, so that they can't fail.

    If OpenSSL can read the certificate but cryptography can't, read a normalized copy.

    Args:
        octets: The certificate, without anything after it.
        budget: The budget for the work. Default: a new one.

    Raises:
        BudgetExceededError: The work exceeds the budget.
        CertificateTooLargeError: It exceeds the maximum size.
        DerError: It isn't a certificate, or it is damaged.
        UnsupportedCertificateError: Its type of public key is not supported.
    """
    if len(octets) > MAX_OCTETS:
        raise CertificateTooLargeError(
            f"it has {len(octets):,} bytes; the limit is {MAX_OCTETS:,} bytes, and IAM accepts"
            f" {MAX_CERTIFICATE_CHARACTERS:,} characters of PEM"
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
        except LIBRARY_ERRORS:
            return _load_leniently(octets, budget)


def _load_leniently(octets: bytes, budget: Budget) -> Certificate:
    try:
        copy = normalize(octets, budget)
        readable = x509.load_der_x509_certificate(copy.der)
    except (BudgetExceededError, DerError):
        raise
    except LIBRARY_ERRORS:
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
    except LIBRARY_ERRORS as err:
        # Older versions of cryptography report unknown types of keys as damaged.
        if isinstance(err, UnsupportedAlgorithm) or not _is_known(*_key_algorithm(signed)):
            kind = _kind_of_key(*_key_algorithm(signed))
            raise UnsupportedCertificateError(f"its public key is {kind}") from None
        raise DerError("its names, its validity period or its public key are damaged") from None


def _key_algorithm(signed: bytes) -> tuple[str, str | None]:
    """Return the algorithm of the public key in a parsed signed part, and its curve."""
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
        return f"of an unknown type, {_named(kind)}"
    return f"on an {f'unknown curve, {_named(curve)}' if curve else 'unnamed curve'}"


def _named(identifier: str) -> str:
    name = _KINDS_OF_KEYS.get(identifier)
    return f"{name} ({identifier})" if name else identifier
