"""DER as a tree that can be changed, to make what no library makes: unusual, damaged, or BER."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from cryptography import x509

_CONSTRUCTED, _LONG_FORM = 0x20, 0x80


class Form(Enum):
    """How a length is written."""

    SHORTEST = "as in DER"
    LONG = "with an octet too many, as in BER"
    INDEFINITE = "indefinite: an end-of-contents value ends the content, as in BER"


@dataclass(slots=True)
class Node:
    """A value, with its content."""

    tag: int
    content: bytes = b""
    """The content of a primitive value."""

    parts: list[Node] = field(default_factory=list)
    """The content of a constructed one."""

    form: Form = Form.SHORTEST

    @classmethod
    def of(cls, der: bytes) -> Node:
        """Read one value in DER."""
        (node,) = cls.all_of(der)
        return node

    @classmethod
    def all_of(cls, der: bytes) -> list[Node]:
        """Read the values in DER that follow one another."""
        nodes: list[Node] = []
        while der:
            length, start = der[1], 2
            if length > _LONG_FORM:
                start += length & ~_LONG_FORM
                length = int.from_bytes(der[2:start])
            content, tag = der[start : start + length], der[0]
            is_constructed = bool(tag & _CONSTRUCTED)
            nodes.append(
                cls(tag, parts=cls.all_of(content)) if is_constructed else cls(tag, content)
            )
            der = der[start + length :]
        return nodes

    def encoded(self) -> bytes:
        """Write it."""
        content = self.content + b"".join(part.encoded() for part in self.parts)
        length = len(content)
        if self.form is Form.INDEFINITE:
            return bytes([self.tag, _LONG_FORM]) + content + b"\0\0"
        if self.form is Form.SHORTEST and length < _LONG_FORM:
            return bytes([self.tag, length]) + content
        size = (length.bit_length() + 7) // 8 + (self.form is Form.LONG)
        return bytes([self.tag, _LONG_FORM | size]) + length.to_bytes(size) + content

    def everywhere(self) -> list[Node]:
        """Return it and everything in it."""
        return [self, *(node for part in self.parts for node in part.everywhere())]


@dataclass(slots=True)
class Template:
    """The signed part of a certificate of version 3 with extensions, taken apart."""

    tree: Node

    @classmethod
    def of(cls, certificate: x509.Certificate) -> Template:
        """Take a certificate apart."""
        return cls(Node.of(certificate.tbs_certificate_bytes))

    @property
    def serial_number(self) -> Node:
        """The serial number."""
        return self.tree.parts[1]

    @property
    def algorithm(self) -> Node:
        """The signature algorithm in the signed part."""
        return self.tree.parts[2]

    @property
    def issuer(self) -> Node:
        """The issuer's name."""
        return self.tree.parts[3]

    @property
    def validity(self) -> Node:
        """Start and end of the validity."""
        return self.tree.parts[4]

    @property
    def subject(self) -> Node:
        """The subject's name."""
        return self.tree.parts[5]

    @property
    def public_key(self) -> Node:
        """Algorithm and bits of the public key."""
        return self.tree.parts[6]

    @property
    def extensions(self) -> Node:
        """The list of extensions."""
        return self.tree.parts[-1].parts[0]

    def extension(self, dotted: str) -> Node:
        """Return one extension: identifier, whether it is critical, content."""
        wanted = identifier(dotted).encoded()
        return next(one for one in self.extensions.parts if one.parts[0].encoded() == wanted)


def identifier(dotted: str) -> Node:
    """Return an object identifier."""
    name = x509.Name([x509.NameAttribute(x509.ObjectIdentifier(dotted), "x", _validate=False)])
    return Node.of(name.public_bytes()).parts[0].parts[0].parts[0]
