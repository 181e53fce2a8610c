"""The fuzzer's first inputs: every form that is read, and some that aren't."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from dev.certificates.authority import NOW, Authority, Fault, self_signed, to_pem
from dev.certificates.forms import PASSPHRASE, forms_of
from dev.certificates.keys import KeyType
from dev.fuzzing.structure import Node, parse
from dev.fuzzing.trial import Bystanders, Part, encode, fragments

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cryptography import x509

    from dev.certificates.authority import Issued

_ROOT = Authority.root()
_ISSUER = _ROOT.intermediate("Upper").intermediate("Lower")
_LEAF = _ISSUER.leaf()


def bystanders() -> Bystanders:
    """Return the parts that are passed with the tried one, and the secrets of all seeds."""
    return Bystanders(
        certificate=_LEAF.pem.encode(),
        chain=_LEAF.chain_pem().encode(),
        private_key=_LEAF.key_pem().encode(),
        at=NOW,
        secrets=_secrets(_LEAF),
    )


def seeds() -> Iterator[bytes]:
    """Make all seeds."""
    for issued in (_LEAF, self_signed(), *_leaves()):
        yield from _forms(issued)
    yield from _bundles(_LEAF)
    yield from _chains()
    yield from _strangers()


def _leaves() -> Iterator[Issued]:
    for key_type in (KeyType.RSA, KeyType.P384, KeyType.ED25519, KeyType.RSA_PSS):
        yield Authority.root(key_type=key_type).leaf("*.example.com", "::1", key_type=key_type)
    for fault in Fault:
        if fault not in {Fault.SHA1, Fault.MD5, Fault.NO_AUTHORITY, Fault.MAY_NOT_SIGN}:
            yield _ISSUER.leaf(fault=fault)


def _forms(issued: Issued) -> Iterator[bytes]:
    """Return every form of one certificate with its key, and every part of it."""
    for handed in forms_of(issued).values():
        with_passphrase = handed.passphrase is not None
        parts = {
            Part.BUNDLE: handed.bundle,
            Part.CERTIFICATE: handed.certificate,
            Part.CHAIN: handed.chain,
            Part.PRIVATE_KEY: handed.private_key,
        }
        for part, content in parts.items():
            if content is not None:
                yield encode(part, content, passphrase=with_passphrase)
        if handed.certificate and handed.private_key:
            contents = (handed.certificate, handed.chain or b"", handed.private_key)
            yield encode(Part.ALL, *contents, passphrase=with_passphrase)


def _bundles(issued: Issued) -> Iterator[bytes]:
    """Return PKCS#12 bundles without a MAC, so that changed ones are read too."""
    for password in (None, PASSPHRASE):
        bundle = issued.pkcs12(password)
        for whole in parse(bundle) or ():
            # Version and safes, without the MAC.
            without = Node(whole.tag, children=whole.children[:2]).encoded()
            for content in (bundle, without):
                yield encode(Part.BUNDLE, content, passphrase=password is not None)


def _chains() -> Iterator[bytes]:
    upper, lower = _ROOT.intermediate("Upper"), _ISSUER
    chains: tuple[tuple[Issued | x509.Certificate, ...], ...] = (
        (lower, *lower.chain()),
        (*lower.chain(), lower),
        (lower, lower, upper, _LEAF),
        (_ROOT,),
        (lower, _ISSUER.namesake()),
        (_ROOT.cross_sign(_ISSUER), lower, *lower.chain()),
    )
    for chain in chains:
        yield encode(Part.CHAIN, to_pem(*chain).encode())
        yield encode(Part.ALL, _LEAF.pem.encode() + to_pem(*chain).encode(), to_pem(_ROOT).encode())


def _strangers() -> Iterator[bytes]:
    for part in (Part.BUNDLE, Part.CERTIFICATE, Part.CHAIN, Part.PRIVATE_KEY):
        for content in (
            b"",
            b"{{resolve:secretsmanager:name}}",
            b"<!doctype html><html></html>",
            b'{"certificate": 1}',
            _LEAF.pem.encode("utf-16"),
            base64.b64encode(_LEAF.der),
            base64.b64encode(_LEAF.pem.encode()),
            b"/etc/ssl/private/key.pem",
            b"\xfe\xed\xfe\xed" + bytes(20),
            b"ssh-ed25519 AAAA",
            _LEAF.key_pem("openssh").encode(),
            _LEAF.pem.replace("\n", "\\n").encode(),
            b"-----BEGIN CERTIFICATE REQUEST-----\nMAA=\n-----END CERTIFICATE REQUEST-----\n",
            b"-----BEGIN PUBLIC KEY-----\nMAA=\n-----END PUBLIC KEY-----\n",
            b"---BEGIN CERTIFICATE---\nMAA=\n",
        ):
            yield encode(part, content)


def _secrets(issued: Issued) -> frozenset[str]:
    content = "".join(issued.key_pem().splitlines()[1:-1])
    # All keys of a kind begin the same, and end with the public half.
    secret = issued.key_der("sec1")[7:39]
    return fragments(PASSPHRASE, base64.b64encode(secret).decode(), content[48:92], secret.hex())
