"""From what a user gave to certificates and keys, naming whatever cannot be used."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric import ec, rsa

from server_certificate import openssl_commands, pem
from server_certificate.inputs import Input
from server_certificate.located_certificate import LocatedCertificate
from server_certificate.reading import rules
from server_certificate.reading.der import Kind, TooMuchWorkError, kind_of, work
from server_certificate.reading.loading import (
    MAX_ITERATIONS,
    PassphraseError,
    UnreadableError,
    load_certificate,
    load_private_key,
)
from server_certificate.reading.pkcs7 import read_pkcs7
from server_certificate.reading.recognition import (
    Wanted,
    recognise_block,
    recognise_octets,
    recognise_text,
)
from server_certificate.reading.sizes import TOO_LARGE, check_key_size

if TYPE_CHECKING:
    from cryptography import x509

    from server_certificate.findings import Finding
    from server_certificate.material import PrivateKey

MAX_BYTES = pem.MAX_CHARACTERS
"""Larger inputs are not looked into: twice the longest chain that IAM takes."""

MAX_BLOCKS = 5_000
"""Blocks of one text that are read: more than the smallest certificates in IAM's longest chain."""

_HARMLESS = {"EC PARAMETERS", "DH PARAMETERS"}
_OPENSSH = "OPENSSH PRIVATE KEY"


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """What an input holds."""

    kind: str
    """What it is as a whole, as a noun phrase: ``PEM``, ``a PKCS#12 bundle``."""

    elements: tuple[LocatedCertificate, ...]
    """Its certificates, in the order in which they stand there."""

    private_keys: tuple[PrivateKey, ...]
    """Its private keys, decrypted if need be; those that could not be read are missing."""

    others: tuple[str, ...]
    """What else it holds, as noun phrases."""

    findings: tuple[Finding, ...]
    """What is to be said about it."""

    asks_for_passphrase: bool = False
    """Whether anything in it is encrypted."""


def read(
    given: Input,
    *,
    subject: str,
    passphrase: str | None = None,
    key_kind: openssl_commands.KeyKind = "pkey",
) -> Contents:
    """
    Read certificates and keys.

    Args:
        given: What the user gave, in whatever form.
        subject: What findings are about. ``certificate`` and ``chain`` may hold certificates only,
            ``private-key`` a key only, ``bundle`` and everything else both.
        passphrase: What opens an encrypted key or bundle; None when there is none.
        key_kind: What an encrypted key may be expected to hold, for the command that decrypts it.

    Returns:
        What it holds. Whatever that is, nothing is raised, and no finding holds key material.
    """
    reading = _Reading(given, subject, passphrase, key_kind)
    reading.run()
    return Contents(
        kind=reading.kind,
        elements=tuple(reading.elements),
        private_keys=tuple(reading.private_keys),
        others=tuple(reading.others),
        findings=tuple(reading.findings),
        asks_for_passphrase=reading.asks_for_passphrase,
    )


def read_certificates(
    text: str, *, subject: str
) -> tuple[tuple[x509.Certificate, ...], tuple[Finding, ...]]:
    """
    Read all certificates of a text.

    Args:
        text: What the user gave.
        subject: What findings are about: ``certificate`` or ``chain``.

    Returns:
        The certificates in the order of the text, and what was found about the text.
    """
    contents = read(Input.of_text(text), subject=subject)
    return tuple(element.certificate for element in contents.elements), contents.findings


def read_private_key(
    text: str, *, passphrase: str | None = None
) -> tuple[PrivateKey | None, tuple[Finding, ...]]:
    """
    Read the private key of a text.

    Args:
        text: What the user gave. Nothing of it is repeated in a finding.
        passphrase: What opens it; None when there is none.

    Returns:
        The key, or None when there is not exactly one that IAM could use; and what was found.
    """
    contents = read(Input.of_text(text), subject="private-key", passphrase=passphrase)
    return (contents.private_keys or (None,))[0], contents.findings


@dataclass(slots=True)
class _Reading:
    """One input on its way."""

    given: Input
    subject: str
    passphrase: str | None
    key_kind: openssl_commands.KeyKind
    iterations: int = MAX_ITERATIONS
    kind: str = "nothing that is known"
    asks_for_passphrase: bool = False
    elements: list[LocatedCertificate] = field(default_factory=list)
    private_keys: list[PrivateKey] = field(default_factory=list)
    others: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    @property
    def wants_certificates(self) -> bool:
        return self.subject != "private-key"

    @property
    def wants_keys(self) -> bool:
        return self.subject not in {"certificate", "chain"}

    @property
    def wanted(self) -> Wanted:
        if not self.wants_keys:
            return "certificate"
        if not self.wants_certificates:
            return "private key"
        whole = self.subject == "bundle"
        return "bundle of certificate and private key" if whole else "certificate or private key"

    def run(self) -> None:
        content = self.given.content
        if len(content) > MAX_BYTES:
            message = f"it has {len(content):,} bytes; up to {MAX_BYTES:,} are read."
            self.find(TOO_LARGE.finding(self.subject, message, f"Give the {self.wanted} alone."))
        elif kind := kind_of(content):
            self.octets(kind)
        elif it := recognise_octets(content):
            self.kind = it.name
            self.strange(f"it is {it.name}, not {self.a_wanted}.", it.fix)
        else:
            self.text(content.decode("utf-8", errors="replace"))

    @property
    def a_wanted(self) -> str:
        return f"a {self.wanted}"

    def find(self, *findings: Finding) -> None:
        self.findings.extend(findings)

    def strange(self, message: str, fix: str) -> None:
        self.find(rules.WRONG_KIND.finding(self.subject, message, fix))

    # Octets: DER, and the containers.

    def octets(self, kind: Kind) -> None:
        content = self.given.content
        match kind:
            case Kind.CERTIFICATE if self.wants_certificates:
                self.kind = "a certificate in DER"
                self.der_certificate(content)
            case Kind.PRIVATE_KEY | Kind.ENCRYPTED_PRIVATE_KEY:
                self.kind = f"{kind.value} in DER"
                self.der_key(content, encrypted=kind is Kind.ENCRYPTED_PRIVATE_KEY)
            case Kind.PKCS7 if self.wants_certificates:
                self.kind = kind.value
                self.pkcs7(content, self.subject, is_pem=False)
            case Kind.PKCS12 if self.wants_certificates and self.wants_keys:
                self.kind = kind.value
                self.pkcs12(content)
            case _:
                self.kind = kind.value if kind is Kind.PKCS12 else f"{kind.value} in DER"
                self.others.append(kind.value)
                self.strange(f"it is {kind.value}, not {self.a_wanted}.", self.way_out(kind))

    def way_out(self, kind: Kind) -> str:
        if kind is Kind.PKCS12:
            part = openssl_commands.bundle_from_pkcs12(
                self.given, "-nocerts" if self.wanted == "private key" else "-nokeys"
            )
            return f"Give it as the bundle, or take it apart: {part}"
        return f"Give {self.a_wanted} instead."

    def der_certificate(self, content: bytes) -> None:
        try:
            certificate = load_certificate(pem.Block("CERTIFICATE", content))
        except UnreadableError as err:
            message = f"it is a certificate in DER that cannot be read: {err}."
            self.find(rules.UNREADABLE.finding(self.subject, message))
            return
        self.elements.append(LocatedCertificate(certificate, self.subject))
        command = openssl_commands.certificate_from_der(self.given)
        self.find(_in_der(self.subject, command))

    def der_key(self, content: bytes, *, encrypted: bool) -> None:
        block = pem.Block("ENCRYPTED PRIVATE KEY" if encrypted else "PRIVATE KEY", content)
        if not self.wants_keys:
            self.key_among_certificates(self.subject)
        elif key := self.key(block, self.subject, is_der=True):
            if not encrypted:
                command = openssl_commands.key_from_der(self.given, openssl_name(key.key))
                self.find(_in_der(self.subject, command))
            self.private_keys.append(key)

    def pkcs7(self, content: bytes, where: str, *, is_pem: bool) -> None:
        try:
            certificates, others = read_pkcs7(content)
        except ValueError as err:
            message = f"it is a PKCS#7 bundle that cannot be read: {err}."
            self.find(rules.UNREADABLE.finding(where, message))
            return
        if self.contained(certificates, others, where):
            command = openssl_commands.certificates_from_pkcs7(self.given, der=not is_pem)
            self.find(
                rules.PKCS7.finding(
                    where,
                    "it is a PKCS#7 bundle; IAM takes PEM.",
                    f"Converting does it; by hand, and then without the text between the blocks:"
                    f" {command}",
                )
            )

    def pkcs12(self, content: bytes) -> None:
        # Imported when needed: few inputs are bundles, and ciphers cost every start some time.
        from server_certificate.reading.encryption import (  # noqa: PLC0415
            UnknownEncryptionError,
            WrongPassphraseError,
        )
        from server_certificate.reading.pkcs12 import DamagedError, read_bags  # noqa: PLC0415

        command = openssl_commands.bundle_from_pkcs12(self.given)
        try:
            bags = read_bags(content, self.passphrase, iterations=self.iterations)
        except (DamagedError, UnknownEncryptionError) as err:
            message = f"it is a PKCS#12 bundle that cannot be read: {err}."
            self.find(rules.UNREADABLE.finding(self.subject, message))
        except WrongPassphraseError:
            self.asks_for_passphrase = True
            error = PassphraseError(missing=self.passphrase is None)
            self.find(_passphrase(error, self.subject, "an encrypted PKCS#12 bundle", command))
        except TooMuchWorkError as err:
            self.find(_too_much_work(err, self.subject))
        else:
            self.asks_for_passphrase = bags.was_encrypted
            if not self.contained(bags.certificates, bags.others, self.subject):
                return
            for octets in bags.private_keys:
                if key := self.key(pem.Block("PRIVATE KEY", octets), self.subject):
                    self.private_keys.append(replace(key, was_encrypted=bags.was_encrypted))
            how = "an encrypted PKCS#12 bundle" if bags.was_encrypted else "a PKCS#12 bundle"
            self.find(
                rules.PKCS12.finding(
                    self.subject,
                    f"it is {how}; IAM takes PEM.",
                    "Converting does it; by hand, and then block by block, without the text between"
                    f" them: {command}",
                )
            )

    def contained(self, certificates: list[bytes], others: list[str], where: str) -> bool:
        """Read what a container holds; False when that is too much, or damaged."""
        if (count := len(certificates)) > MAX_BLOCKS:
            self.too_many(count, "certificates")
            return False
        for name in others:
            self.others.append(name)
            message = f"{name} stands among certificates and keys."
            self.find(rules.WRONG_BLOCK.finding(where, message))
        is_whole = True
        for index, octets in enumerate(certificates):
            place = where if count == 1 else f"{where}[{index}]"
            try:
                loaded = load_certificate(pem.Block("CERTIFICATE", octets))
            except UnreadableError as err:
                message = f"the certificate cannot be read: {err}."
                self.find(rules.UNREADABLE.finding(place, message))
                is_whole = False
            else:
                self.elements.append(LocatedCertificate(loaded, place))
        return is_whole

    def too_many(self, count: int, what: str) -> None:
        message = f"it has {count:,} {what}; up to {MAX_BLOCKS:,} are read."
        fix = None if self.wants_certificates else "Give the private key alone."
        self.find(rules.TOO_MANY_BLOCKS.finding(self.subject, message, fix))

    # Text: PEM, and what people take for it.

    def text(self, text: str) -> None:
        if (count := pem.count(text)) > MAX_BLOCKS:
            self.kind = "PEM"
            self.too_many(count, "PEM blocks")
            return
        parsed = pem.parse(text)
        if not parsed.blocks:
            self.no_blocks(text)
            return
        self.kind = "PEM"
        if parsed.has_other_text:
            message = "there is text, or a byte order mark, outside the PEM blocks."
            self.find(rules.TEXT_AROUND.finding(self.subject, message))
        if not all(block.is_laid_out for block in parsed.blocks):
            message = "its lines are not those of PEM: some are too long, indented or run together."
            self.find(rules.PEM_LAYOUT.finding(self.subject, message))
        if parsed.has_escapes:
            message = r"its line breaks are spelled '\n', as in a JSON string that was not decoded."
            self.find(rules.ESCAPED_LINE_BREAKS.finding(self.subject, message))
        if self.wants_certificates:
            self.certificates(parsed.blocks)
        else:
            self.only_key(parsed.blocks)

    def no_blocks(self, text: str) -> None:
        it = recognise_text(text, wanted=self.wanted)
        self.kind = it.name
        in_pem = "" if self.wants_certificates and self.wants_keys else " in PEM"
        self.strange(f"it is {it.name}, not {self.a_wanted}{in_pem}.", it.fix)

    def certificates(self, blocks: tuple[pem.Block, ...]) -> None:
        for index, block in enumerate(blocks):
            where = self.subject if len(blocks) == 1 else f"{self.subject}[{index}]"
            if block.is_private_key and not self.wants_keys:
                self.key_among_certificates(where)
            elif block.is_private_key:
                self.key_block(block, where)
            elif block.label in {"PKCS7", "CMS"} and not block.problem:
                self.pkcs7(block.der, where, is_pem=True)
            elif not block.is_certificate:
                self.stranger(block, where, beside=len(blocks) > 1)
            elif block.problem:
                self.find(_unreadable(block, where, block.problem))
            else:
                self.certificate(block, where)

    def certificate(self, block: pem.Block, where: str) -> None:
        try:
            self.elements.append(LocatedCertificate(load_certificate(block), where))
        except UnreadableError as err:
            self.find(_unreadable(block, where, str(err)))
        else:
            self.find(*_relabelled(block, where, "CERTIFICATE"))

    def only_key(self, blocks: tuple[pem.Block, ...]) -> None:
        keys = [block for block in blocks if block.is_private_key and block.label != _OPENSSH]
        for block in blocks:
            if block not in keys:
                self.stranger(block, self.subject, beside=bool(keys))
        if len(keys) > 1:
            message = f"there are {len(keys)} private keys; IAM takes one."
            self.find(rules.SEVERAL_PRIVATE_KEYS.finding(self.subject, message))
        elif keys:
            self.key_block(keys[0], self.subject)

    def key_block(self, block: pem.Block, where: str) -> None:
        if block.label == _OPENSSH:
            self.stranger(block, where, beside=False)
        elif block.problem:
            self.find(_unreadable(block, where, block.problem))
        elif key := self.key(block, where):
            self.private_keys.append(key)
            if not key.was_encrypted:
                self.find(*_relabelled(block, where, key.block.label))

    def key(self, block: pem.Block, where: str, *, is_der: bool = False) -> PrivateKey | None:
        if too_large := tuple(check_key_size(block)):
            # Not even loaded: the time that takes grows with the square of the size and more.
            self.find(*too_large)
            return None
        self.asks_for_passphrase |= block.is_encrypted
        iterations = (work(block.der) or 0) if block.is_encrypted else 0
        openssl_command: openssl_commands.KeyKind = (
            "rsa" if "RSA" in block.label else "ec" if "EC " in block.label else self.key_kind
        )
        key: PrivateKey | None = None
        try:
            key = load_private_key(block, self.passphrase, iterations=self.iterations)
        except UnreadableError as err:
            self.find(_unreadable(block, where, str(err)))
        except PassphraseError as err:
            command = openssl_commands.decrypted_key(self.given, openssl_command, der=is_der)
            self.find(_passphrase(err, where, "encrypted", command))
        except TooMuchWorkError as err:
            self.find(_too_much_work(err, where))
        finally:
            # Many keys in one input have as much time together as one alone.
            self.iterations -= min(iterations, self.iterations)
        if key is not None and key.was_encrypted:
            command = openssl_commands.decrypted_key(self.given, openssl_name(key.key), der=is_der)
            message = "it is encrypted, and the passphrase opens it; IAM takes unencrypted keys."
            fix = f"Converting does it; by hand: {command}"
            self.find(rules.PRIVATE_KEY_ENCRYPTED.finding(where, message, fix))
        return key

    def key_among_certificates(self, where: str) -> None:
        self.find(
            rules.PRIVATE_KEY_AMONG_CERTIFICATES.finding(
                where,
                "it is a private key, which must not stand among certificates.",
            )
        )

    def stranger(self, block: pem.Block, where: str, *, beside: bool) -> None:
        place = f"beside the {self.wanted}"
        if self.wants_certificates and self.wants_keys:
            place = "among certificates and keys"
        if block.label in _HARMLESS:
            message = f"a block labelled {block.label} stands {place}."
            self.find(rules.PARAMETERS_BLOCK.finding(where, message))
            return
        it = recognise_block(block, wanted=self.wanted)
        self.others.append(it.name)
        if beside and block.label != _OPENSSH:
            message = f"{it.name} stands {place}."
            self.find(rules.WRONG_BLOCK.finding(where, message))
        else:
            message = f"it is {it.name}, not {self.a_wanted}."
            self.find(rules.WRONG_KIND.finding(where, message, it.fix))


def _in_der(subject: str, command: str) -> Finding:
    return rules.DER.finding(
        subject, "it is in DER; IAM takes PEM.", f"Converting does it; by hand: {command}"
    )


def _relabelled(block: pem.Block, subject: str, label: str) -> tuple[Finding, ...]:
    if block.label == label:
        return ()
    message = f"it is labelled {block.label}; IAM takes it as {label}."
    fix: str | None = None
    if block.label == "TRUSTED CERTIFICATE":
        fix = "Converting changes the label, and leaves out the trust settings that only OpenSSL reads."
    return (rules.LABEL.finding(subject, message, fix),)


def _unreadable(block: pem.Block, subject: str, problem: str) -> Finding:
    message = f"the {block.label} block cannot be read: {problem}."
    return rules.UNREADABLE.finding(subject, message)


def _passphrase(error: PassphraseError, subject: str, what: str, command: str) -> Finding:
    if error.is_missing:
        # Only bundles may come with a passphrase everywhere.
        fix = "Give its passphrase, or decrypt it" if subject == "bundle" else "Decrypt it"
        return rules.PASSPHRASE_MISSING.finding(
            subject,
            f"it is {what}, and no passphrase was given; IAM takes unencrypted keys only.",
            f"{fix}: {command}. With its passphrase, server-certificate convert does so, too.",
        )
    return rules.PASSPHRASE_WRONG.finding(
        subject,
        f"it is {what}, and the passphrase that was given does not open it.",
    )


def _too_much_work(error: TooMuchWorkError, subject: str) -> Finding:
    asked = "more steps than can be counted"
    if error.iterations is not None:
        asked = f"{error.iterations:,} iterations of key derivation"
    return rules.TOO_MANY_ITERATIONS.finding(
        subject,
        f"opening it takes {asked}; up to {MAX_ITERATIONS:,} are carried out.",
    )


def openssl_name(key: object) -> openssl_commands.KeyKind:
    """Return the openssl command for a private or public key."""
    if isinstance(key, rsa.RSAPrivateKey | rsa.RSAPublicKey):
        return "rsa"
    on_curve = isinstance(key, ec.EllipticCurvePrivateKey | ec.EllipticCurvePublicKey)
    return "ec" if on_curve else "pkey"
