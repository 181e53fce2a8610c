"""Files that keep the command busy, each of the largest size that is read."""

from __future__ import annotations

import random
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from dev.certificates import bombs, floods, odd
from dev.certificates.authority import NOW, Authority
from dev.certificates.extended import authority, server
from dev.certificates.floods import to_pem
from dev.certificates.keys import KeyType, rsa_public_key
from dev.certificates.pool import Pool
from dev.certificates.trees import Node

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes

    from dev.certificates.authority import Issued

MEBIBYTE = 1024 * 1024
_LARGEST = 4 * MEBIBYTE
"""The octets of a file that are read."""

_CHAIN = 2_097_152
"""The characters of a chain that IAM accepts (API reference, UploadServerCertificate)."""

_BLOCKS = 5_000
"""The PEM blocks of a file that are read."""

_ITERATIONS = 5_000_000
"""The iterations of key derivation for all files together."""

_MANY_OCTETS, _OCTETS_READ, _FEW_OCTETS = 2_600_000, 64_000, 800
"""The octets of a certificate: almost a whole file, almost the maximum that is read, and few."""

_KEYS = 20
_PASSPHRASE = "open sesame"  # noqa: S105 (it keeps nothing)


@dataclass(frozen=True, slots=True)
class HostileInput:
    """Files, the command for them, and its result."""

    what: str
    arguments: tuple[str, ...]
    """The command's arguments."""

    exit_code: int = 1

    seconds: int = 1
    """The time limit in seconds."""


def hostile_inputs(directory: Path, scale: float = 1) -> Iterator[HostileInput]:
    """
    Write the files, input by input.

    Args:
        directory: The folder for the files.
        scale: The factor for sizes and numbers.
    """
    writer = _Writer(directory, scale)
    return chain(
        _long_chains(writer),
        _namesakes(writer),
        _large_certificates(writer),
        _texts(writer),
        _keys(writer),
        _bundles(writer),
        _derivations(writer),
    )


class _Writer:
    """Writes files, in addition to those of a short, valid chain."""

    def __init__(self, directory: Path, scale: float) -> None:
        self._directory = directory
        self.scale = scale
        self.root = Authority.root()
        self.leaf = self.root.leaf()
        paths = self.leaf.write_with_key(directory / "short")
        self._certificate, self._chain, self._private_key = map(str, paths)
        self._passphrase = ("--passphrase-file", self._written("passphrase", _PASSPHRASE))

    def scaled(self, number: int) -> int:
        return max(1, int(number * self.scale))

    def parts(
        self,
        what: str,
        *,
        certificate: str | bytes | None = None,
        above: str | bytes | None = None,
        private_key: str | bytes | None = None,
        exit_code: int = 1,
        seconds: int = 1,
    ) -> HostileInput:
        """Check parts; those that aren't given are those of the short chain."""
        arguments = ["--certificate", self._or(self._certificate, "certificate", certificate)]
        arguments += ["--chain", self._or(self._chain, "chain", above)]
        arguments += ["--private-key", self._or(self._private_key, "private-key", private_key)]
        return self._checked(what, *arguments, exit_code=exit_code, seconds=seconds)

    def issued(self, what: str, issued: Issued) -> HostileInput:
        """Check a certificate with its chain, which is accepted."""
        certificate, above, key = issued.write_with_key(self._directory / "issued", root=False)
        arguments = ["--certificate", str(certificate), "--chain", str(above)]
        return self._checked(what, *arguments, "--private-key", str(key), exit_code=0)

    def bundle(self, what: str, content: str | bytes, *, seconds: int = 1) -> HostileInput:
        """Check a bundle."""
        return self._checked(what, "--bundle", self._written("bundle", content), seconds=seconds)

    def inspected(self, what: str, content: str | bytes, *, exit_code: int = 0) -> HostileInput:
        """Inspect a file."""
        arguments = ("inspect", self._written("file", content), *self._passphrase)
        return HostileInput(f"{what}, inspected", arguments, exit_code)

    def _checked(
        self, what: str, *arguments: str, exit_code: int = 1, seconds: int = 1
    ) -> HostileInput:
        given = ("check", "--at", NOW.isoformat(), *arguments, *self._passphrase)
        return HostileInput(what, given, exit_code, seconds)

    def _or(self, usual: str, name: str, content: str | bytes | None) -> str:
        return usual if content is None else self._written(name, content)

    def _written(self, name: str, content: str | bytes) -> str:
        path = self._directory / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return str(path)


def _long_chains(writer: _Writer) -> Iterator[HostileInput]:
    for key_type in (KeyType.RSA, KeyType.P256):
        leaf = Pool.make(key_type, _KEYS).leaf_below_many(int(_CHAIN * writer.scale))
        count = len(leaf.chain(root=False))
        yield writer.issued(f"a chain of 2 MiB, {count:,} {key_type.value}", leaf)


def _namesakes(writer: _Writer) -> Iterator[HostileInput]:
    """Yield authorities, each of which may have signed any of them."""
    below = Authority.root(floods.NAME).leaf().pem
    for kind, key in _costly_keys():
        count = writer.scaled(min(_LARGEST // len(floods.namesakes(key, 1)), _BLOCKS))
        text = floods.namesakes(key, count)
        what = f"{count:,} authorities of one name, {kind}"
        yield writer.parts(what, certificate=text)
        yield writer.parts(f"{what}, as a chain", certificate=below, above=text)
        yield writer.inspected(what, text)


def _costly_keys() -> Iterator[tuple[str, CertificatePublicKeyTypes]]:
    yield KeyType.P256.value, KeyType.P256.generate().public_key()
    yield "ECDSA on brainpoolP512r1", ec.generate_private_key(ec.BrainpoolP512R1()).public_key()
    yield "DSA 2048", floods.dsa_public_key(2_048)
    for bits, exponent_bits in ((16_384, 64), (3_072, 3_071)):
        key = rsa_public_key(bits, exponent=(1 << exponent_bits - 1) + 1)
        yield f"RSA {bits:,} with an exponent of {exponent_bits:,} bits", key


def _large_certificates(writer: _Writer) -> Iterator[HostileInput]:
    count = writer.scaled(_BLOCKS)
    issuers = floods.namesakes(KeyType.P256.generate().public_key(), count)
    for octets in (_MANY_OCTETS, _OCTETS_READ):
        extension = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3"), bytes(octets))
        large = server(authority(floods.NAME), (extension, False)).pem
        what = f"a certificate of {octets:,} octets and {count:,} possible issuers"
        yield writer.parts(what, certificate=large, above=issuers)
    colons = floods.names(Node(0x82, b":" * 50_000), 1)
    yield writer.parts("a name of 50,000 colons", certificate=_changed(writer, colons))
    for what, repeat in _REPETITIONS.items():
        one = _changed(writer, repeat(_MANY_OCTETS))
        yield writer.parts(f"a certificate of {_MANY_OCTETS:,} octets, {what}", certificate=one)
        for octets in (_OCTETS_READ, _FEW_OCTETS):
            one = _changed(writer, repeat(octets))
            count = writer.scaled(min(_LARGEST // len(one), _BLOCKS))
            what_all = f"{count:,} certificates of {octets:,} octets, {what}"
            yield writer.inspected(what_all, one * count)


def _repeated(node: Node, change: Callable[[Node, int], odd.Change]) -> Callable[[int], odd.Change]:
    """Return a function that repeats a value up to a number of octets."""
    return lambda octets: change(node, octets // len(node.encoded()))


_REPETITIONS = {
    "all names of directories": _repeated(floods.DIRECTORY, floods.names),
    "all names that nobody knows": _repeated(Node(0xA3), floods.names),
    "all a subject": _repeated(floods.ATTRIBUTE, floods.attributes),
    "all an odd subject": _repeated(odd.attribute("2.5.4.11", Node(0x13, b"*")), floods.attributes),
}


def _changed(writer: _Writer, change: odd.Change) -> str:
    der = odd.changed(writer.leaf.certificate, writer.root, change)
    return to_pem("CERTIFICATE", der)


def _texts(writer: _Writer) -> Iterator[HostileInput]:
    """Yield long inputs."""
    noise = random.Random(1)  # noqa: S311 (the same every time, and no secret)
    count = writer.scaled(2 * _BLOCKS)
    blocks = "".join(to_pem("CERTIFICATE", noise.randbytes(120)) for _ in range(count))
    yield writer.parts(f"{count:,} blocks of noise", above=blocks)
    for size, exit_code in ((4, 1), (20, 2), (100, 2)):
        content = noise.randbytes(writer.scaled(size * MEBIBYTE))
        # If scaled down, nothing is too large.
        code = exit_code if writer.scale == 1 else 1
        yield writer.parts(f"{size} MiB of noise", above=content, exit_code=code)
    half = writer.scaled(_LARGEST) // 2
    for name, nested in (("a sequence", b"\x30\x80" * half), ("fragments", b"\x24\x80" * half)):
        yield writer.parts(f"4 MiB of {name} within another", above=nested)
        yield writer.bundle(f"4 MiB of {name} within another, as a bundle", nested)
    for label in ("CERTIFICATE", "PKCS7", "PKCS12"):
        nested = b"\x30\x80" * (half * 7 // 10)
        yield writer.bundle(f"the same in PEM, {label}", to_pem(label, nested))
    for name, value in (("objects", '{"a":1}'), ("empty objects", "{}"), ("texts", '"a"')):
        count = writer.scaled(_LARGEST // (len(value) + 1) - 1)
        yield writer.bundle(f"JSON of {count:,} {name}", f"[{','.join([value] * count)}]")
    count = writer.scaled(_LARGEST // 6)
    deep = '{"a":' * count + "1" + "}" * count
    yield writer.bundle(f"JSON, {count:,} objects one within another", deep)


def _keys(writer: _Writer) -> Iterator[HostileInput]:
    """Yield private keys, long or many."""
    key = bombs.traditional(floods.long_key(writer.scaled(340_000)), _PASSPHRASE)
    yield writer.parts("an RSA key of 5,400,000 bits, encrypted", private_key=key)
    count = writer.scaled(_BLOCKS)
    keys = floods.distinct_keys(count)
    yield writer.parts(f"{count:,} private keys", private_key=keys)
    yield writer.bundle(f"{count:,} private keys and a certificate", keys + writer.leaf.pem)
    yield writer.inspected(f"{count:,} private keys", keys)
    # With blanks before line ends, the end line never matches.
    lines = f"{'A' * 64} \r\n" * writer.scaled(60_000)
    text = f"-----BEGIN RSA PRIVATE KEY-----\r\n{lines} -----END RSA PRIVATE KEY-----\r\n"
    yield writer.parts("a key with CRLF and blanks", private_key=text)


def _bundles(writer: _Writer) -> Iterator[HostileInput]:
    certificate = bombs.certificate_bag(writer.leaf.der)
    safe = certificate * writer.scaled(_BLOCKS // 15)
    bundle = bombs.bundle_in_rc2(*[safe] * 15, passphrase=_PASSPHRASE)
    yield writer.bundle("PKCS#12 with 15 safes in RC2", bundle)


def _derivations(writer: _Writer) -> Iterator[HostileInput]:
    """Yield inputs that cause work: the maximum that is done, and more."""
    most = writer.scaled(_ITERATIONS)
    key = bombs.encrypted_key(writer.leaf.key_der(), _PASSPHRASE, most)
    yield writer.parts(
        f"{most:,} iterations of PBKDF2",
        private_key=to_pem("ENCRYPTED PRIVATE KEY", key),
        exit_code=0,
        seconds=3,
    )
    # Key, of two blocks of the digest, and vector.
    third = bombs.shrouded(bombs.locked_key_of_pkcs12(max(1, most // 3)))
    certificate = bombs.certificate_bag(writer.leaf.der)
    for name, bundle in (
        ("a key", bombs.bundle_of(certificate, third)),
        ("a MAC", bombs.bundle_with_mac(most, certificate)),
    ):
        yield writer.bundle(f"{most:,} iterations of PKCS#12, {name}", bundle, seconds=3)
    for megabytes, n, r, p in ((63, 2**15, 15, 3), (1_074, 2**20, 8, 1)):
        key = bombs.key_by_scrypt(n, r, p)
        yield writer.parts(f"scrypt in {megabytes:,} MB", private_key=key, seconds=3)
    huge = 2**31
    for is_text in (False, True):
        salt = "a text as salt" if is_text else "a salt"
        for name, key in (
            ("PBKDF2", bombs.locked_key(huge, is_salt_text=is_text)),
            ("PKCS#12", bombs.locked_key_of_pkcs12(huge, is_salt_text=is_text)),
        ):
            bundle = bombs.bundle_of(certificate, bombs.shrouded(key))
            yield writer.bundle(f"{huge:,} iterations of {name} with {salt}", bundle)
