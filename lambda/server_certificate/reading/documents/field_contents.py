"""Detect the content of the fields of a document, regardless of their names."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cryptography import x509

from server_certificate import pem
from server_certificate.reading.certificates import load_certificate
from server_certificate.reading.key_forms import load
from server_certificate.reading.recognition.formats import recognize_binary
from server_certificate.reading.recognition.kinds import Kind, kind_of
from server_certificate.reading.recognition.naming import is_private_key
from server_certificate.reading.recognition.unwrapping import MAX_LAYERS, unwrap
from server_certificate.reading.recognition.wide_text import text_of

if TYPE_CHECKING:
    from server_certificate.budget import Budget
    from server_certificate.certificates.certificate import Certificate
    from server_certificate.reading.documents.fields import Text

_LABELS = {
    Kind.CERTIFICATE: "CERTIFICATE",
    Kind.PRIVATE_KEY: "PRIVATE KEY",
    Kind.ENCRYPTED_PRIVATE_KEY: "ENCRYPTED PRIVATE KEY",
    Kind.PKCS7: "PKCS7",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldContent:
    """The content of a field."""

    text: Text

    content: str = field(default="", repr=False)
    """The text, decoded from base64."""

    blocks: tuple[pem.Block, ...] = field(default=(), repr=False)
    """Its PEM blocks, or its other content as a block."""

    pkcs12: bytes | None = field(default=None, repr=False)
    """A PKCS#12 bundle."""

    other: str | None = None
    """What it is instead, as a noun phrase."""

    is_encoded: bool = False
    """Whether it is in base64."""

    @property
    def certificates(self) -> tuple[pem.Block, ...]:
        """The blocks that are certificates or PKCS#7 bundles."""
        return tuple(
            block
            for block in self.blocks
            if (block.is_certificate or block.label in {"PKCS7", "CMS"})
            and not is_private_key(block)
        )

    @property
    def private_keys(self) -> tuple[pem.Block, ...]:
        """The blocks that are private keys."""
        return tuple(block for block in self.blocks if is_private_key(block))

    @property
    def other_blocks(self) -> tuple[pem.Block, ...]:
        """The other blocks."""
        used = {*map(id, self.certificates), *map(id, self.private_keys)}
        return tuple(block for block in self.blocks if id(block) not in used)

    def leaf(self, budget: Budget) -> Certificate | None:
        """Return the first certificate, if it can be read and isn't a CA certificate."""
        for block in self.certificates[:1]:
            try:
                certificate = load_certificate(block.der, budget)
            except ValueError:
                # Reading the bundle reports the reason.
                return None
            constraints = certificate.extensions.value(x509.BasicConstraints)
            return None if constraints and constraints.ca else certificate
        return None

    def fits(self, leaf: Certificate, budget: Budget) -> bool:
        """Return whether one of its unencrypted keys belongs to a certificate."""
        for block in self.private_keys:
            try:
                budget.spend_private_key()
                key, _ = load(block.der, budget)
            except ValueError:
                # Reading the bundle reports the reason.
                continue
            if key.public_key() == leaf.public_key:
                return True
        return False


def field_content(text: Text) -> FieldContent | None:
    """Return the content of a text; None if it is irrelevant."""
    content, is_encoded = text.value, False
    for _ in range(MAX_LAYERS + 1):
        if "BEGIN" in content and (blocks := pem.parse(content).blocks):
            return FieldContent(text=text, content=content, blocks=blocks, is_encoded=is_encoded)
        inner = unwrap(content)
        if inner is None:
            return None
        is_encoded = True
        if kind := kind_of(inner.octets):
            return _of_kind(kind, inner.octets, text)
        if it := recognize_binary(inner.octets):
            return FieldContent(text=text, other=it.name, is_encoded=True)
        content = text_of(inner.octets)
    return None


def _of_kind(kind: Kind, octets: bytes, text: Text) -> FieldContent:
    if kind is Kind.PKCS12:
        return FieldContent(text=text, pkcs12=octets, is_encoded=True)
    if label := _LABELS.get(kind):
        block = pem.Block(label, octets)
        return FieldContent(text=text, content=written(block), blocks=(block,), is_encoded=True)
    return FieldContent(text=text, other=kind.value, is_encoded=True)


def written(block: pem.Block) -> str:
    """Return a valid block in PEM."""
    return block.armor or pem.encode(block.label, block.der)
