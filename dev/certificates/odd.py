"""Certificates that break the standards, and whether OpenSSL reads them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from dev.certificates.trees import Form, Node, Template, identifier

if TYPE_CHECKING:
    from cryptography import x509

    from dev.certificates.authority import Authority

Change = Callable[[Template], object]
"""Changes the signed part of a certificate before it is signed again."""

KEY_USAGE, NAMES, CONSTRAINTS, PURPOSES = "2.5.29.15", "2.5.29.17", "2.5.29.19", "2.5.29.37"
_NULL, _OCTETS = 0x05, 0x04


class Verdict(Enum):
    """What ``openssl x509`` and ``openssl verify`` say."""

    VERIFIED = "it reads the certificate, and verifies it"
    NOT_VERIFIED = "it reads the certificate, and does not verify it"
    REFUSED = "it does not read the certificate"


@dataclass(frozen=True, slots=True)
class Odd:
    """A way in which a certificate is unusual."""

    change: Change
    clause: str
    """What the finding must say."""

    verdict: Verdict = Verdict.VERIFIED


def changed(certificate: x509.Certificate, signer: Authority, change: Change) -> bytes:
    """Change a certificate in DER, and sign it again with ECDSA or RSA, and SHA-256."""
    template = Template.of(certificate)
    algorithm = template.algorithm
    change(template)
    signed = template.tree.encoded()
    bits = Node(0x03, b"\0" + _signature(signed, signer))
    return Node(0x30, signed + algorithm.encoded() + bits.encoded()).encoded()


def _signature(signed: bytes, signer: Authority) -> bytes:
    key = signer.private_key
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return key.sign(signed, ec.ECDSA(hashes.SHA256()))
    if isinstance(key, rsa.RSAPrivateKey):
        return key.sign(signed, padding.PKCS1v15(), hashes.SHA256())
    raise TypeError("Only RSA and ECDSA keys can sign such certificates.")


def common_name(tag: int, content: bytes) -> Change:
    """Write the common name as another type."""

    def change(template: Template) -> None:
        value = template.subject.parts[0].parts[0].parts[1]
        value.tag, value.content = tag, content

    return change


def attribute(dotted: str, value: Node) -> Node:
    """Return a part of a name with one attribute."""
    return Node(0x31, parts=[Node(0x30, parts=[identifier(dotted), value])])


def part_of_name(part: Node) -> Change:
    """Put a part in front of the subject."""
    return lambda template: template.subject.parts.insert(0, part)


def critical(content: bytes, dotted: str = PURPOSES) -> Change:
    """Write whether an extension is critical."""

    def change(template: Template) -> None:
        extension = template.extension(dotted)
        extension.parts = [extension.parts[0], Node(0x01, content), extension.parts[-1]]

    return change


def content_of(dotted: str, content: bytes) -> Change:
    """Write another content of an extension."""

    def change(template: Template) -> None:
        template.extension(dotted).parts[-1].content = content

    return change


def alternative_names(*names: Node, behind: bytes = b"", form: Form = Form.SHORTEST) -> Change:
    """Write other names into the subject alternative name, and something after them."""
    return content_of(NAMES, Node(0x30, parts=[*names], form=form).encoded() + behind)


def not_before(tag: int, content: bytes) -> Change:
    """Write the start of the validity in another way."""

    def change(template: Template) -> None:
        time = template.validity.parts[0]
        time.tag, time.content = tag, content

    return change


def version(content: bytes) -> Change:
    """Write another version number."""

    def change(template: Template) -> None:
        template.tree.parts[0].parts[0].content = content

    return change


def serial_number(content: bytes) -> Change:
    """Write a different serial number."""

    def change(template: Template) -> None:
        template.serial_number.content = content

    return change


def lengths(form: Form, of: Callable[[Template], Node]) -> Change:
    """Write the length of a value in another form."""

    def change(template: Template) -> None:
        of(template).form = form

    return change


def parameters(of: Callable[[Template], Node], *nodes: Node) -> Change:
    """Give an algorithm other parameters."""

    def change(template: Template) -> None:
        algorithm = of(template)
        algorithm.parts = [algorithm.parts[0], *nodes]

    return change


def rsa_modulus(to: Callable[[bytes], bytes]) -> Change:
    """Write the modulus of an RSA key in another way."""

    def change(template: Template) -> None:
        bits = template.public_key.parts[1]
        key = Node.of(bits.content[1:])
        key.parts[0].content = to(key.parts[0].content)
        bits.content = b"\0" + key.encoded()

    return change


def public_key(*algorithm: Node, bits: bytes) -> Change:
    """Certify another public key of any type."""

    def change(template: Template) -> None:
        template.public_key.parts = [Node(0x30, parts=[*algorithm]), Node(0x03, b"\0" + bits)]

    return change


def explicit_curve(*, seed: bool = True, cofactor: bool = True, compressed: bool = False) -> Change:
    """Spell the curve P-256 out instead of naming it (SEC 1, C.2; SEC 2, 2.4.2)."""

    def change(template: Template) -> None:
        prime = 2**256 - 2**224 + 2**192 + 2**96 - 1
        order = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
        b = bytes.fromhex("5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b")
        bits = Node(0x03, bytes.fromhex("00c49d360886e704936a6678e1139d26b7819f7e90"))
        base = ec.derive_private_key(1, ec.SECP256R1()).public_key()
        form = PublicFormat.CompressedPoint if compressed else PublicFormat.UncompressedPoint
        curve = [
            Node(_OCTETS, (prime - 3).to_bytes(32)),
            Node(_OCTETS, b),
            *([bits] if seed else []),
        ]
        field = [identifier("1.2.840.10045.1.1"), _number(prime)]
        parts = [_number(1), Node(0x30, parts=field), Node(0x30, parts=curve)]
        parts += [Node(_OCTETS, base.public_bytes(Encoding.X962, form)), _number(order)]
        parts += [_number(1)] if cofactor else []
        template.public_key.parts[0].parts[1] = Node(0x30, parts=parts)

    return change


def _number(number: int) -> Node:
    return Node(0x02, number.to_bytes(number.bit_length() // 8 + 1))


def fragments(template: Template) -> None:
    """Write the content of an extension in fragments, as BER allows it."""
    value = template.extension(PURPOSES).parts[-1]
    halves = (value.content[:3], value.content[3:])
    value.tag, value.content = 0x24, b""
    value.parts = [Node(_OCTETS, half) for half in halves]


def _without_version(template: Template) -> None:
    del template.tree.parts[0]


_DNS = Node(0x82, b"www.example.com")
_OTHER_NAME = Node(0xA0, parts=[identifier("1.2.3")])
_UNIT, _ORGANIZATION = (
    Node(0x30, parts=[identifier(dotted), Node(0x0C, b"x")]) for dotted in ("2.5.4.11", "2.5.4.10")
)
_BER = "its lengths are encoded in BER"
_FAILED, _REFUSED = Verdict.NOT_VERIFIED, Verdict.REFUSED

ODD: dict[str, Odd] = {
    "asterisk": Odd(common_name(0x13, b"*.example.com"), "PrintableString doesn't allow: '*'"),
    "at sign": Odd(common_name(0x13, b"me@example.com"), "PrintableString doesn't allow: '@'"),
    "Latin-1 as PrintableString": Odd(common_name(0x13, b"\xe4.example"), "doesn't allow: '\\xe4'"),
    "Latin-1 as IA5String": Odd(
        common_name(0x16, b"\xe4.example"),
        "its subject is of type IA5String and has characters outside ASCII",
    ),
    "Latin-1 as TeletexString": Odd(
        common_name(0x14, b"\xe4.de"), "is of type TeletexString and has characters outside ASCII"
    ),
    "Latin-1 as NumericString": Odd(
        common_name(0x12, b"\xe4"), "is of type NumericString and has characters outside ASCII"
    ),
    "name in fragments": Odd(
        common_name(0x2C, Node(0x0C, b"a").encoded() + Node(0x0C, b"b").encoded()), _BER
    ),
    "name that is a bit string": Odd(
        common_name(0x03, b"\0ab"), "an attribute that is not a string"
    ),
    "name with an empty part": Odd(part_of_name(Node(0x31)), "has a part without attributes"),
    "name that is not sorted": Odd(
        part_of_name(Node(0x31, parts=[_UNIT, _ORGANIZATION])), "that are out of order or repeated"
    ),
    "name with a repetition": Odd(
        part_of_name(Node(0x31, parts=[_UNIT, _UNIT])), "that are out of order or repeated"
    ),
    "critical FALSE": Odd(critical(b"\0"), "its extKeyUsage has critical FALSE"),
    "critical 1": Odd(critical(b"\1"), "its extKeyUsage has a TRUE that isn't encoded as 255"),
    "cA FALSE": Odd(
        content_of(CONSTRAINTS, b"\x30\x03\1\1\0"), "basicConstraints contains a default value"
    ),
    "unused bits of a key usage": Odd(
        content_of(KEY_USAGE, b"\x03\x02\x07\xff"), "its keyUsage has unused bits"
    ),
    "long length": Odd(lengths(Form.LONG, lambda template: template.tree), _BER),
    "long length of a number": Odd(
        lengths(Form.LONG, lambda template: template.serial_number), _BER
    ),
    "indefinite length": Odd(lengths(Form.INDEFINITE, lambda template: template.tree), _BER),
    "indefinite length of a name": Odd(
        lengths(Form.INDEFINITE, lambda template: template.subject), _BER
    ),
    "extension in fragments": Odd(fragments, _BER),
    "negative serial number": Odd(serial_number(b"\xff"), "its serial number is negative"),
    "long serial number": Odd(serial_number(b"\x7f" * 21), "its serial number is longer than 20"),
    "ECDSA with NULL": Odd(
        parameters(lambda template: template.algorithm, Node(_NULL)), "has NULL parameters"
    ),
    "ECDSA with parameters": Odd(
        parameters(lambda template: template.algorithm, Node(_OCTETS, b"x")),
        "its signature algorithm has parameters, but must not have any",
    ),
    "version 2": Odd(version(b"\1"), "has extensions, which only version 3 allows"),
    "version 4": Odd(version(b"\3"), "its version number is 3, but that of version 3 is 2"),
    "negative version": Odd(version(b"\xff"), "its version number is -1"),
    "no version": Odd(_without_version, "is of version 1 of X.509 but has extensions"),
    "unused bits of a unique identifier": Odd(
        lambda template: template.tree.parts.insert(7, Node(0x81, b"\5x")), "its unique identifiers"
    ),
    "time without seconds": Odd(not_before(0x17, b"3006141200Z"), "'3006141200Z'", _FAILED),
    "time with an offset": Odd(not_before(0x17, b"300614120000+0200"), "'300614120000+0", _FAILED),
    "time with a fraction": Odd(
        not_before(0x18, b"20300614120000.5Z"), "'20300614120000.", _FAILED
    ),
    "curve spelled out": Odd(explicit_curve(), "has explicit curve parameters", _FAILED),
    "curve without a seed": Odd(
        explicit_curve(seed=False), "has explicit curve parameters", _FAILED
    ),
    "curve without a cofactor": Odd(
        explicit_curve(seed=False, cofactor=False), "has explicit curve parameters", _FAILED
    ),
    "curve with a compressed base": Odd(
        explicit_curve(compressed=True), "has explicit curve parameters", _FAILED
    ),
    "x400Address": Odd(
        alternative_names(_DNS, Node(0xA3, parts=[Node(0x30)])),
        "its subjectAltName has an x400Address",
    ),
    "ediPartyName": Odd(
        alternative_names(_DNS, Node(0xA5, parts=[Node(0xA1, parts=[Node(0x0C, b"x")])])),
        "its subjectAltName has an ediPartyName",
    ),
    "damaged otherName": Odd(alternative_names(_DNS, _OTHER_NAME), "a damaged otherName", _FAILED),
    "damaged registeredID": Odd(
        alternative_names(_DNS, Node(0x88, b"\x80")), "damaged reg", _FAILED
    ),
    "unknown type of name": Odd(alternative_names(_DNS, Node(0x89, b"x")), "unknown type", _FAILED),
    "IP address of five octets": Odd(
        alternative_names(_DNS, Node(0x87, b"12345")), "an IP address of 5 bytes"
    ),
    "DNS name in Latin-1": Odd(
        alternative_names(_DNS, Node(0x82, b"\xe4.example")), "a DNS name that is not in ASCII"
    ),
    "octets behind the names": Odd(
        alternative_names(_DNS, behind=b"\0"), "its subjectAltName has extra bytes"
    ),
    "names with a long length": Odd(
        alternative_names(_DNS, form=Form.LONG), "its subjectAltName has lengths encoded in BER"
    ),
    "names of indefinite length": Odd(
        alternative_names(_DNS, form=Form.INDEFINITE),
        "its subjectAltName has lengths encoded in BER",
    ),
}
"""What is read, with a warning; for a certificate with an EC key, signed with ECDSA."""

ODD_RSA: dict[str, Odd] = {
    "RSA key with parameters": Odd(
        parameters(lambda template: template.public_key.parts[0], Node(_OCTETS, b"x")),
        "its RSA key has parameters other than NULL",
    ),
    "RSA signature with parameters": Odd(
        parameters(lambda template: template.algorithm, Node(_OCTETS, b"x")),
        "parameters that RSA signatures don't have",
    ),
    "negative modulus": Odd(rsa_modulus(lambda octets: octets[1:]), "numbers of its RSA key"),
    "long modulus": Odd(rsa_modulus(lambda octets: b"\0" + octets), "numbers of its RSA key"),
}
"""The same for a certificate with an RSA key, signed with RSA."""

REFUSED: dict[str, Odd] = {
    "Latin-1 as UTF8String": Odd(common_name(0x0C, b"\xe4"), "is not a valid UTF8String", _REFUSED),
    "half a surrogate pair": Odd(
        common_name(0x1E, b"\xd8\0"), "is not a valid BMPString", _REFUSED
    ),
    "name that is a GeneralString": Odd(common_name(0x1B, b"x"), "a type that OpenSSL", _REFUSED),
    "critical of two octets": Odd(critical(b"\xff\xff"), "its extKeyUsage is damaged", _REFUSED),
    "serial number with a zero in front": Odd(
        serial_number(b"\0\1"), "its serial number has a superfluous leading byte", _REFUSED
    ),
    "empty serial number": Odd(serial_number(b""), "its serial number is empty", _REFUSED),
    "NULL with content": Odd(
        parameters(lambda template: template.algorithm, Node(_NULL, b"x")), "is damaged", _REFUSED
    ),
    "an extension without content": Odd(
        lambda template: template.extension(PURPOSES).parts.pop(), "extensions is damaged", _REFUSED
    ),
    "unique identifiers in another order": Odd(
        lambda template: template.tree.parts.__setitem__(
            slice(7, 7), [Node(0x82, b"\0x"), Node(0x81, b"\0x")]
        ),
        "is damaged",
        _REFUSED,
    ),
    "something behind the extensions": Odd(
        lambda template: template.tree.parts.append(Node(_NULL)), "is damaged", _REFUSED
    ),
    "day that does not exist": Odd(
        not_before(0x17, b"300230120000Z"), "'300230120000Z', a time that doesn't exist", _FAILED
    ),
    "time without a zone": Odd(not_before(0x17, b"300614120000"), "is not a time", _FAILED),
}
"""What isn't read, and why; OpenSSL reads some of it, but never verifies it."""
