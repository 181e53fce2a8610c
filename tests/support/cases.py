"""Material with everything that can be wrong with it, by a name for each; made when called."""

from __future__ import annotations

from dataclasses import replace
from functools import cache, partial
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from dev.certificates.authority import NOW, SECOND, Authority, Fault, self_signed, to_pem
from dev.certificates.der import with_damaged_signature, with_other_algorithm_inside
from dev.certificates.extended import authority, server
from dev.certificates.forms import Handed, forms_of, plain
from dev.certificates.keys import KeyType, rsa_public_key

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from dev.certificates.authority import Issued

_ONLY_OF_LEAVES = frozenset({Fault.NO_NAMES, Fault.CLIENTS_ONLY, Fault.IS_AUTHORITY})


@cache
def root(key_type: KeyType = KeyType.P256) -> Authority:
    """Return the root of most cases, one for each kind of key."""
    return Authority.root("Root", key_type=key_type)


@cache
def leaf() -> Issued:
    """Return a flawless leaf with two intermediates and a root above it."""
    return root().intermediate("Upper").intermediate("Lower").leaf()


def _signed_by_root(fault: Fault) -> Issued:
    return root(_key_type(fault)).leaf(fault=fault)


def _signed_by_intermediate(fault: Fault) -> Issued:
    key_type = _key_type(fault)
    return root(key_type).intermediate(key_type=key_type).leaf(fault=fault)


def _below_faulty_intermediate(fault: Fault) -> Issued:
    return root(_key_type(fault)).intermediate(fault=fault).leaf()


def _below_faulty_root(fault: Fault) -> Issued:
    return Authority.root(key_type=_key_type(fault), fault=fault).intermediate().leaf()


def _key_type(fault: Fault) -> KeyType:
    return KeyType.RSA if fault is Fault.MD5 else KeyType.P256


def _root_of(key_type: KeyType) -> Issued:
    return root(key_type).leaf()


def _leaf_below(*issuers: x509.Certificate) -> Issued:
    return replace(leaf(), issuers=issuers)


def _renewed_by(name: str, *, not_after: datetime) -> x509.Certificate:
    crossed = authority(
        "Root", issuer=Authority.root(name), key=root().private_key, not_after=not_after
    )
    return crossed.certificate


_ONLY_ORG = (x509.NameConstraints([x509.DNSName("org")], None), True)
_UNKNOWN = (x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\x05\x00"), True)
_FOR_CLIENTS = (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), False)


def _other_algorithm_inside() -> Issued:
    signer = root(KeyType.RSA)
    issued = signer.leaf()
    changed = with_other_algorithm_inside(issued.certificate, signer.private_key)
    return replace(issued, certificate=changed)


def _with_names(count: int) -> Issued:
    return root().leaf(*(f"host-{number}.example.com" for number in range(count)))


MATERIAL: dict[str, Callable[[], Issued]] = {
    "flawless": leaf,
    **{f"a key of {kind.value}": partial(root().leaf, key_type=kind) for kind in KeyType},
    **{f"a root with a key of {kind.value}": partial(_root_of, kind) for kind in KeyType},
    **{f"leaf, {fault.name}": partial(_signed_by_intermediate, fault) for fault in Fault},
    **{f"leaf below the root, {fault.name}": partial(_signed_by_root, fault) for fault in Fault},
    **{
        f"intermediate, {fault.name}": partial(_below_faulty_intermediate, fault)
        for fault in Fault
        if fault not in _ONLY_OF_LEAVES
    },
    **{
        f"root, {fault.name}": partial(_below_faulty_root, fault)
        for fault in Fault
        if fault not in _ONLY_OF_LEAVES | {Fault.FORGED}
    },
    "self-signed": self_signed,
    "self-signed and expired": partial(self_signed, fault=Fault.EXPIRED),
    "no chain": _leaf_below,
    "no root": lambda: _leaf_below(*leaf().issuers[:-1]),
    "a gap": lambda: _leaf_below(leaf().issuers[0], leaf().issuers[2]),
    "no issuer": lambda: _leaf_below(*leaf().issuers[1:]),
    "a stranger last": lambda: _leaf_below(*leaf().issuers, self_signed().certificate),
    "a stranger first": lambda: _leaf_below(self_signed().certificate, *leaf().issuers),
    "a namesake of the issuer": lambda: _leaf_below(root().intermediate("Lower").certificate),
    "a namesake of the root": lambda: _leaf_below(
        *leaf().issuers[:-1], root().namesake().certificate
    ),
    "a root that is cross-signed, too": lambda: _leaf_below(
        *leaf().issuers, Authority.root("Other").cross_sign(root()).certificate
    ),
    "a path that is too long": lambda: (
        Authority.root(path_length=0).intermediate().intermediate().leaf()
    ),
    "names that the authority may not certify": lambda: server(
        authority("Issuer", _ONLY_ORG, issuer=root())
    ),
    "an unknown critical extension": lambda: server(root(), _UNKNOWN),
    "a precertificate": lambda: server(root(), (x509.PrecertPoison(), True)),
    "an authority for clients": lambda: server(authority("Issuer", _FOR_CLIENTS, issuer=root())),
    "another algorithm inside": _other_algorithm_inside,
    "a root that was changed": lambda: _leaf_below(
        *leaf().issuers[:-1], with_damaged_signature(root().certificate)
    ),
    "an expired path next to a valid one": lambda: _leaf_below(
        *leaf().issuers[:-1],
        _renewed_by("Old", not_after=NOW - SECOND),
        root().certificate,
    ),
    "an authority as the leaf": root().intermediate,
    "the last second": partial(root().leaf, not_after=NOW),
    "the first second": partial(root().leaf, not_before=NOW),
    "many names": partial(_with_names, 400),
    "too many names": partial(_with_names, 900),
}
"""Certificates, their chains and keys."""


def _given(name: str, content: str | bytes) -> Handed:
    octets = content.encode() if isinstance(content, str) else content
    return replace(plain(leaf()), **{name: octets})


MISTAKES: dict[str, Callable[[], Handed]] = {
    "another key": lambda: _given("private_key", root().leaf().key_pem()),
    "no key": lambda: _given("private_key", ""),
    "a public key": lambda: _given("private_key", "-----BEGIN PUBLIC KEY-----"),
    "two keys": lambda: _given("private_key", leaf().key_pem() * 2),
    "an OpenSSH key": lambda: _given("private_key", leaf().key_pem("openssh")),
    "a key among certificates": lambda: _given("chain", leaf().chain_pem() + leaf().key_pem()),
    "an indented certificate": lambda: _given("certificate", "  " + leaf().pem),
    "an empty chain": lambda: _given("chain", ""),
    "a chain of white space": lambda: _given("chain", " \n"),
    "a certificate of white space": lambda: _given("certificate", " \n"),
    "the root twice": lambda: _given("chain", to_pem(*leaf().issuers, leaf().issuers[-1])),
    "no passphrase": lambda: replace(forms_of(leaf())["key encrypted"], passphrase=None),
    "another passphrase": lambda: replace(forms_of(leaf())["key encrypted"], passphrase=""),
    "key and certificate interchanged": lambda: replace(
        plain(leaf()), certificate=leaf().key_pem().encode(), private_key=leaf().pem.encode()
    ),
    "leaf and chain interchanged": lambda: replace(
        plain(leaf()), certificate=leaf().chain_pem().encode(), chain=leaf().pem.encode()
    ),
    "the largest key, and no private one": lambda: replace(
        plain(root().leaf(public_key=rsa_public_key(16_384))), private_key=b"none"
    ),
}
"""Good material, given in the wrong place or with something else."""
