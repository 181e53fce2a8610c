"""The same certificate and key in every form that people have."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import quote

from dev.certificates.authority import to_pem, to_pkcs7
from dev.certificates.documents import in_base64, kubernetes_json, vault_issue
from dev.certificates.keys import KeyType

if TYPE_CHECKING:
    from collections.abc import Callable

    from dev.certificates.authority import Issued
    from dev.certificates.keys import KeyForm

PASSPHRASE = "correct horse battery staple"  # noqa: S105 (it keeps nothing)

_PARAMETERS = b"-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n"
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_ON_CURVES = frozenset({KeyType.P224, KeyType.P256, KeyType.P384, KeyType.P521})
_RSA = frozenset(
    {KeyType.RSA, KeyType.RSA_1024, KeyType.RSA_3072, KeyType.RSA_4096, KeyType.RSA_PSS}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Handed:
    """An input: parts or a bundle, and a passphrase if anything is encrypted."""

    certificate: bytes | None = None
    chain: bytes | None = None
    private_key: bytes | None = None
    bundle: bytes | None = None
    passphrase: str | None = None


def plain(issued: Issued) -> Handed:
    """Return the parts as IAM accepts them, with the root."""
    return Handed(
        certificate=issued.pem.encode(),
        chain=issued.chain_pem().encode() or None,
        private_key=issued.key_pem().encode(),
    )


def forms_of(issued: Issued) -> dict[str, Handed]:
    """Return all forms by name, without those that the type of key doesn't have."""
    made = {name: form(issued) for name, form in _FORMS.items()}
    if issued.issuers:
        made |= {name: form(issued) for name, form in _FORMS_OF_CHAINS.items()}
    if issued.key_type in _ON_CURVES | _RSA:
        form: KeyForm = "sec1" if issued.key_type in _ON_CURVES else "pkcs1"
        encrypted = issued.key_pem(form, password=PASSPHRASE).encode()
        made |= {
            "traditional key": _with_key(issued, issued.key_pem(form).encode()),
            "traditional key in DER": _with_key(issued, issued.key_der(form)),
            "traditional key, encrypted": _with_key(issued, encrypted, is_encrypted=True),
        }
    if issued.key_type in _ON_CURVES:
        key = issued.key_pem("sec1").encode()
        made["parameters before the key"] = _with_key(issued, _PARAMETERS + key)
    return made


def _with_key(issued: Issued, key: bytes, *, is_encrypted: bool = False) -> Handed:
    passphrase = PASSPHRASE if is_encrypted else None
    return replace(plain(issued), private_key=key, passphrase=passphrase)


def _in_each(issued: Issued, change: Callable[[bytes], bytes]) -> Handed:
    """Change the text of every part."""
    handed = plain(issued)
    return Handed(
        certificate=change(handed.certificate or b""),
        chain=None if handed.chain is None else change(handed.chain),
        private_key=change(handed.private_key or b""),
    )


def _relabeled(issued: Issued, label: bytes) -> Handed:
    handed = plain(issued)
    old = b" CERTIFICATE-"
    new = b" " + label + b"-"
    return replace(
        handed,
        certificate=(handed.certificate or b"").replace(old, new),
        chain=handed.chain and handed.chain.replace(old, new),
    )


def _json(issued: Issued) -> bytes:
    parts = {"certificate": issued.pem, "privateKey": issued.key_pem()}
    if issued.issuers:
        parts["certificateChain"] = issued.chain_pem()
    return json.dumps(parts).encode()


_FORMS: dict[str, Callable[[Issued], Handed]] = {
    "PEM": plain,
    "CRLF": lambda it: _in_each(it, lambda text: text.replace(b"\n", b"\r\n")),
    "white space": lambda it: _in_each(it, lambda text: b"\n" + text.replace(b"\n", b" \n") + b" "),
    "no line break at the end": lambda it: _in_each(it, bytes.rstrip),
    "byte order mark": lambda it: _in_each(it, lambda text: _BYTE_ORDER_MARK + text),
    "text around": lambda it: _in_each(it, lambda text: b"Here it is:\n" + text + b"Bye\n"),
    "escaped line breaks": lambda it: _in_each(it, lambda text: text.replace(b"\n", b"\\n")),
    "other label": lambda it: _relabeled(it, b"X509 CERTIFICATE"),
    "trusted label": lambda it: _relabeled(it, b"TRUSTED CERTIFICATE"),
    "certificate in DER": lambda it: replace(plain(it), certificate=it.der),
    "certificate in PKCS#7": lambda it: replace(plain(it), certificate=to_pkcs7(it)),
    "key in DER": lambda it: _with_key(it, it.key_der()),
    "key encrypted": lambda it: _with_key(
        it, it.key_pem(password=PASSPHRASE).encode(), is_encrypted=True
    ),
    "key encrypted, in DER": lambda it: _with_key(
        it, it.key_der(password=PASSPHRASE), is_encrypted=True
    ),
    "bundle in PEM": lambda it: Handed(
        bundle=(it.key_pem() + it.fullchain_pem(root=True)).encode()
    ),
    "bundle in PEM, key last": lambda it: Handed(
        bundle=(it.fullchain_pem(root=True) + it.key_pem()).encode()
    ),
    "bundle in PEM, encrypted": lambda it: Handed(
        bundle=(it.fullchain_pem(root=True) + it.key_pem(password=PASSPHRASE)).encode(),
        passphrase=PASSPHRASE,
    ),
    "bundle in base64": lambda it: Handed(
        bundle=in_base64(it.key_pem() + it.fullchain_pem(root=True)).encode()
    ),
    "other hyphens": lambda it: _in_each(
        it, lambda text: text.replace(b"-----", "\u2014".encode())
    ),
    "URL": lambda it: _in_each(it, lambda text: quote(text).encode()),
    "bundle in JSON": lambda it: Handed(bundle=_json(it)),
    "PKCS#12": lambda it: Handed(bundle=it.pkcs12(PASSPHRASE), passphrase=PASSPHRASE),
    "PKCS#12, old": lambda it: Handed(
        bundle=it.pkcs12(PASSPHRASE, old=True), passphrase=PASSPHRASE
    ),
    "PKCS#12, not encrypted": lambda it: Handed(bundle=it.pkcs12(None)),
}
_FORMS_OF_CHAINS: dict[str, Callable[[Issued], Handed]] = {
    "fullchain": lambda it: replace(
        plain(it), certificate=it.fullchain_pem(root=True).encode(), chain=None
    ),
    "all in PKCS#7": lambda it: replace(
        plain(it), certificate=to_pkcs7(it, *it.issuers, encoding="DER"), chain=None
    ),
    "chain in PKCS#7": lambda it: replace(plain(it), chain=to_pkcs7(*it.issuers)),
    "chain in PKCS#7, in DER": lambda it: replace(
        plain(it), chain=to_pkcs7(*it.issuers, encoding="DER")
    ),
    "chain upside down": lambda it: replace(plain(it), chain=to_pem(*it.issuers[::-1]).encode()),
    "leaf in the chain": lambda it: replace(plain(it), chain=it.fullchain_pem(root=True).encode()),
    "secret of Kubernetes": lambda it: Handed(bundle=kubernetes_json(it).encode()),
    "answer of Vault": lambda it: Handed(bundle=vault_issue(it).encode()),
    "chain twice": lambda it: replace(plain(it), chain=it.chain_pem().encode() * 2),
}
