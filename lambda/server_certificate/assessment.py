"""
Read, convert and check material in one step: from a user's input to what IAM accepts.

The command calls it locally, the construct at synth for the public parts, and the handler at
deployment for everything.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from server_certificate.budget import Budget
from server_certificate.certificates.signatures import Signatures
from server_certificate.chain.conversion import convert, too_many
from server_certificate.chain.left_out import CERTIFICATE_IS_ISSUER
from server_certificate.findings import Severity, acknowledge, condensed, errors, in_order
from server_certificate.inputs import Input
from server_certificate.material import PublicMaterial
from server_certificate.naming import check_name, check_path
from server_certificate.openssl_commands import key_kind_of
from server_certificate.reading.passphrases import explain_wrong_passphrase
from server_certificate.reading.reader import Contents, read
from server_certificate.reading.rules import (
    BUNDLE,
    NO_CERTIFICATE,
    NO_PRIVATE_KEY,
    PASSPHRASE_UNUSED,
    SEVERAL_PRIVATE_KEYS,
)
from server_certificate.reading.sizes import check_sizes
from server_certificate.rules.certification_path import check_certification_path
from server_certificate.rules.consumers import Consumer, check_consumer
from server_certificate.rules.encoding import check_encoding
from server_certificate.rules.host_names import check_host_names
from server_certificate.rules.keys import check_key, check_private_key
from server_certificate.rules.leaf import check_leaf
from server_certificate.rules.served_host import check_host
from server_certificate.rules.validity import check_lifetime, check_validity

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from server_certificate.certificates.located_certificate import LocatedCertificate
    from server_certificate.chain.conversion import Conversion
    from server_certificate.findings import Finding
    from server_certificate.material import PrivateKey

__all__ = ["Assessment", "Criteria", "Given", "Input", "assess"]

DEFAULT_EXPIRY_DAYS = 30
"""Report a certificate that expires within this number of days."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """The inputs that a user gave: a certificate or a bundle, and the parts that belong to it."""

    certificate: Input | Contents | None = None
    """The leaf. The chain can follow it."""

    chain: Input | Contents | None = None
    """The chain; None if there is none, or if it follows the leaf."""

    private_key: Input | None = None
    """The private key; None if it is in the bundle, or should not be checked."""

    bundle: Input | None = None
    """Several parts in one input, including the certificate. The others can be given separately."""

    passphrase: str | None = field(default=None, repr=False)
    """The passphrase of an encrypted private key or bundle; None if none was given."""

    passphrase_notes: tuple[str, ...] = ()
    """What may explain why the passphrase is wrong; see ``Passphrase.notes``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Criteria:
    """The criteria that material is checked against."""

    at: datetime
    """The time to check validity at, with a time zone."""

    consumer: Consumer = Consumer.IAM
    """The AWS service that will use the certificate. Default: only IAM's own rules apply."""

    name: str | None = None
    """The ServerCertificateName to check; None to skip this check."""

    path: str | None = None
    """The Path to check; None to skip this check."""

    host: str | None = None
    """The DNS name or IP address that clients connect to; None to skip this check."""

    expiry_days: int = DEFAULT_EXPIRY_DAYS
    """Report a certificate that expires within this number of days. Default: 30."""

    acknowledged: frozenset[str] = frozenset()
    """Codes of the findings that the user acknowledges; see ``Rule.acknowledged``. Default: none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """The result of an assessment: the converted material and all findings."""

    findings: tuple[Finding, ...]
    """All findings, highest severity first."""

    leaf: LocatedCertificate | None
    """The leaf and its place in the input; None if none could be read."""

    chain: tuple[LocatedCertificate, ...]
    """The chain in IAM's order, with the place of each certificate in the input."""

    private_key: PrivateKey | None
    """The private key in IAM's format; None if none was given or it could not be read."""

    signatures: Signatures = field(repr=False, compare=False)
    """Verifies who signed which certificate, for describing the certificates."""

    @property
    def public(self) -> PublicMaterial | None:
        """Leaf and chain in IAM's format; None if no leaf could be read."""
        if self.leaf is None:
            return None
        return PublicMaterial(
            self.leaf.certificate, tuple(element.certificate for element in self.chain)
        )

    @property
    def accepted(self) -> bool:
        """Whether there is a certificate, and no finding prevents its upload once it is converted."""
        return self.leaf is not None and not errors(self.findings)

    @property
    def accepted_as_is(self) -> bool:
        """Whether no finding prevents the upload, and there is nothing to convert."""
        return self.accepted and not any(
            finding.rule.severity is Severity.FIXABLE for finding in self.findings
        )


def assess(given: Given, criteria: Criteria) -> Assessment:
    """
    Read, convert and check material.

    Args:
        given: The inputs. At least a certificate or a bundle is required.
        criteria: The criteria to check them against.

    Returns:
        The assessment. No input raises an exception.
    """
    # Once for all certificates; see ``library_errors.Quiet``.
    with warnings.catch_warnings(action="ignore"):
        return _assessed(given, criteria)


def _assessed(given: Given, criteria: Criteria) -> Assessment:
    given, of_bundle = _unpacked(given)
    budget = Budget()
    parts = _read(given, budget)
    findings = [*of_bundle, *(finding for part in parts.values() for finding in part.findings)]
    findings += _form(given, parts, is_taken_apart=bool(of_bundle))
    # An input that could not be read may contain the leaf, or a certificate that seems to be
    # missing.
    complete = not any(part.is_unread for name, part in parts.items() if name != "private-key")
    key = _key(parts)
    body = [*_elements(parts, "certificate"), *_elements(parts, "bundle")]
    conversion: Conversion | None = None
    signatures = Signatures(budget)
    if body:
        above = _elements(parts, "chain")
        conversion, of_conversion = convert(
            body,
            above,
            signatures=signatures,
            at=criteria.at,
            objections=lambda leaf, chain: check_certification_path(
                leaf, chain, signatures, at=criteria.at
            ),
            complete=complete,
            key=key,
        )
        findings += of_conversion
        findings += check_validity(
            conversion.leaf, at=criteria.at, expiry_days=criteria.expiry_days
        )
        findings += check_sizes(conversion.material)
        if complete and not any(item.rule is CERTIFICATE_IS_ISSUER for item in of_conversion):
            findings += _rules(conversion, key, signatures, criteria)
        if signatures.is_exhausted:
            findings.append(too_many(len(body) + len(above)))
    if criteria.name is not None:
        findings += check_name(criteria.name)
    if criteria.path is not None:
        findings += check_path(criteria.path)
    findings = [*explain_wrong_passphrase(findings, given.passphrase_notes)]
    return Assessment(
        findings=condensed(in_order(acknowledge(findings, criteria.acknowledged))),
        leaf=conversion.leaf if conversion else None,
        chain=conversion.chain if conversion else (),
        private_key=key,
        signatures=signatures,
    )


def _unpacked(given: Given) -> tuple[Given, tuple[Finding, ...]]:
    if given.bundle is None:
        return given, ()
    # Imported lazily: few inputs are documents.
    from server_certificate.reading.documents.json_bundle import (  # noqa: PLC0415
        read_json_bundle,
    )

    bundle = read_json_bundle(given.bundle)
    if bundle is None:
        return given, ()
    if bundle.certificate is None:
        return replace(given, bundle=bundle.bundle), bundle.findings("bundle")
    certificate, chain = bundle.certificate, bundle.chain
    if chain is not None and given.chain is not None:
        # Use both: conversion sorts the certificates that follow the leaf into the chain, and drops
        # repetitions.
        joined = b"\n".join((certificate.content, chain.content))
        certificate, chain = replace(certificate, content=joined), None
    parts = replace(
        given,
        certificate=certificate,
        chain=chain or given.chain,
        private_key=given.private_key or bundle.private_key,
        # With a key of its own, the other one is compared with it.
        bundle=bundle.private_key if given.private_key else None,
    )
    findings = bundle.findings("bundle")
    if parts.private_key is None and not bundle.problems:
        message = "it has no field with the private key."
        findings += (NO_PRIVATE_KEY.finding("bundle", message),)
    return parts, findings


def _read(given: Given, budget: Budget) -> dict[str, Contents]:
    parts: dict[str, Contents] = {}
    for subject, part in (
        ("bundle", given.bundle),
        ("certificate", given.certificate),
        ("chain", given.chain),
    ):
        if isinstance(part, Contents):
            parts[subject] = part.about(subject)
        elif part is not None:
            parts[subject] = read(part, subject=subject, passphrase=given.passphrase, budget=budget)
    if given.private_key is not None:
        # An encrypted key doesn't reveal its algorithm, but the certificate does.
        leaves = _elements(parts, "certificate") or _elements(parts, "bundle")
        kind = key_kind_of(leaves[0].certificate.public_key) if leaves else "pkey"
        parts["private-key"] = read(
            given.private_key,
            subject="private-key",
            passphrase=given.passphrase,
            key_kind=kind,
            budget=budget,
        )
    return parts


def _elements(parts: dict[str, Contents], name: str) -> tuple[LocatedCertificate, ...]:
    return parts[name].certificates if name in parts else ()


def _key(parts: dict[str, Contents]) -> PrivateKey | None:
    keys = _different_keys(*parts.values())
    return keys[0] if len(keys) == 1 else None


def _different_keys(*parts: Contents) -> list[PrivateKey]:
    """Return the private keys without repetitions."""
    keys = [key for part in parts for key in part.private_keys]
    return list({key.public_key_der: key for key in keys}.values()) if len(keys) > 1 else keys


def _form(given: Given, parts: dict[str, Contents], *, is_taken_apart: bool) -> Iterator[Finding]:
    bundle = parts.get("bundle")
    if bundle is not None:
        keys = len(_different_keys(bundle))
        # A bundle of fields has been taken apart, so only its private key may be left here.
        is_told = given.certificate is not None or any(
            finding.rule is NO_CERTIFICATE for finding in bundle.findings
        )
        if not bundle.certificates and not bundle.is_unread and not is_told:
            message = f"it is {bundle.kind} without a certificate."
            yield NO_CERTIFICATE.finding("bundle", message)
        if not keys and given.private_key is None and bundle.certificates and not bundle.is_unread:
            message = f"it is {bundle.kind} without a private key."
            yield NO_PRIVATE_KEY.finding("bundle", message)
        if keys > 1:
            message = f"there are {keys} private keys; IAM accepts one."
            yield SEVERAL_PRIVATE_KEYS.finding("bundle", message)
        elif len(_different_keys(*parts.values())) > 1:
            yield SEVERAL_PRIVATE_KEYS.finding(
                "private-key",
                "it is not the same key as the one in the bundle; IAM accepts one.",
                "Omit the private key to use the one in the bundle, or provide a bundle without"
                " one.",
            )
        if not is_taken_apart and bundle.kind == "PEM" and len(bundle.certificates) + keys > 1:
            yield BUNDLE.finding(
                "bundle",
                f"it contains the certificates{' and the private key' if keys else ''} in one file;"
                " IAM requires them separately.",
            )
    is_unused = bool(given.passphrase) and not any(
        part.asks_for_passphrase or part.is_unread for part in parts.values()
    )
    if is_unused:
        subject = "bundle" if bundle else "private-key"
        message = "a passphrase was given, but nothing is encrypted."
        yield PASSPHRASE_UNUSED.finding(subject, message)


def _rules(
    conversion: Conversion, key: PrivateKey | None, signatures: Signatures, criteria: Criteria
) -> Iterator[Finding]:
    """Apply the rules that require a known leaf."""
    leaf, chain = conversion.leaf, conversion.chain
    yield from check_lifetime(leaf, signatures)
    yield from check_key(leaf)
    if key is not None:
        others = (*chain, *conversion.left_out)
        yield from check_private_key(key, leaf=leaf.certificate, others=others)
    yield from check_leaf(leaf, signatures)
    yield from check_host_names(leaf)
    if criteria.host is not None:
        yield from check_host(leaf, criteria.host)
    yield from check_encoding((leaf, *chain))
    yield from check_certification_path(leaf, chain, signatures, at=criteria.at)
    yield from check_consumer(
        criteria.consumer, leaf=leaf, chain=chain, path=criteria.path, signatures=signatures
    )
