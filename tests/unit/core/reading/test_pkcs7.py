"""PKCS#7 bundles, as authorities, Windows and mail programs write them."""

from __future__ import annotations

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization

from dev.certificates.authority import NOW, Authority
from server_certificate import pem
from server_certificate.assessment import Criteria, Given, Input, assess
from server_certificate.der import encode, parts, whole
from server_certificate.findings import Severity
from server_certificate.reading.reader import Contents, read
from support.certificates import loaded
from support.findings import codes

OID, SEQUENCE, SET, INTEGER, OCTETS, CONTEXT_0, CONTEXT_1 = 6, 0x30, 0x31, 2, 4, 0xA0, 0xA1
ROOT = Authority.root("Root")
ISSUER = ROOT.intermediate("Issuer")
LEAF = ISSUER.leaf()
ALL = LEAF.der + b"".join(LEAF.chain_der())
SIGNED_DATA, DATA = (encode(OID, bytes.fromhex(f"2a864886f70d0107{end}")) for end in ("02", "01"))


def signed_data(
    certificates: bytes = ALL, *, content: bytes = b"", lists: bytes = b"", signers: bytes = b""
) -> bytes:
    """Write SignedData."""
    return encode(
        SEQUENCE,
        encode(INTEGER, b"\1"),
        encode(SET),
        encode(SEQUENCE, DATA, content),
        encode(CONTEXT_0, certificates) if certificates else b"",
        encode(CONTEXT_1, lists) if lists else b"",
        encode(SET, signers),
    )


def bundle_of(signed: bytes) -> bytes:
    """Write the ContentInfo around it."""
    return encode(SEQUENCE, SIGNED_DATA, encode(CONTEXT_0, signed))


def crl() -> bytes:
    """Make a revocation list."""
    builder = x509.CertificateRevocationListBuilder().issuer_name(ISSUER.certificate.subject)
    made = builder.last_update(NOW).next_update(NOW).sign(ISSUER.private_key, hashes.SHA256())
    return made.public_bytes(serialization.Encoding.DER)


def read_all(content: bytes) -> Contents:
    """Read a bundle that holds leaf and chain."""
    contents = read(Input(content), subject="certificate")
    found = [element.certificate for element in contents.certificates]
    assert found == [loaded(each) for each in (LEAF, ISSUER, ROOT)]
    return contents


@pytest.mark.parametrize(
    "content",
    [
        bundle_of(signed_data()),
        signed_data(),
        b"\x30\x80" + SIGNED_DATA + b"\xa0\x80" + signed_data() + bytes(4),
        b"\x30\x80" + signed_data()[4:] + bytes(2),
        pem.encode("PKCS7", bundle_of(signed_data())).encode(),
        pem.encode("PKCS7", signed_data()).encode(),
        pem.encode("CMS", bundle_of(signed_data())).encode(),
        bundle_of(signed_data(signers=encode(SEQUENCE, encode(INTEGER, b"\1")))),
    ],
    ids=["DER", "bare", "BER", "bare BER", "PEM", "bare PEM", "CMS", "signed"],
)
def test_forms_of_bundles(content: bytes) -> None:
    """A bundle is read with or without ContentInfo, in DER or BER, signed or not."""
    assert codes(read_all(content).findings) == ["pkcs7"]


@pytest.mark.parametrize(
    ("signed", "name"),
    [
        (signed_data(lists=crl()), "a certificate revocation list"),
        (signed_data(content=encode(CONTEXT_0, encode(OCTETS, b"text"))), "signed content"),
        (signed_data(ALL + encode(0xA1, b"")), "an attribute certificate of version 1"),
        (signed_data(ALL + encode(0xA2, b"")), "an attribute certificate"),
        (signed_data(ALL + encode(0xA3, b"")), "a certificate that is not an X.509 certificate"),
        (signed_data(ALL + encode(0x13, b"x")), "unknown content"),
    ],
    ids=["CRL", "content", "version 1", "attributes", "other", "text"],
)
def test_what_is_left_out_is_named(signed: bytes, name: str) -> None:
    """Other content doesn't prevent the upload, and each item left out is reported."""
    contents = read_all(bundle_of(signed))
    assert codes(contents.findings) == ["extra-block", "pkcs7"]
    assert contents.findings[0].severity is Severity.FIXABLE
    assert name in contents.findings[0].message
    assert contents.others == (name,)


def test_a_bundle_with_revocation_lists_and_a_separate_key_is_accepted() -> None:
    """A chain with its revocation lists, as a CA sends it, is accepted."""
    content = Input(bundle_of(signed_data(lists=crl() * 2)))
    given = Given(bundle=content, private_key=Input.of_text(LEAF.key_pem()))
    assert assess(given, Criteria(at=NOW)).accepted


@pytest.mark.parametrize(
    ("signed", "held"),
    [
        (signed_data(b""), "contains no certificate"),
        (
            signed_data(b"", lists=crl()),
            "contains a certificate revocation list, but no certificate",
        ),
    ],
    ids=["empty", "CRL"],
)
@pytest.mark.parametrize("subject", ["certificate", "chain", "bundle"])
def test_bundles_without_certificates(signed: bytes, held: str, subject: str) -> None:
    """A bundle without certificates is refused, whichever part it is given as."""
    part = {"bundle" if subject == "bundle" else subject: Input(bundle_of(signed))}
    rest = {} if subject != "chain" else {"certificate": Input.of_text(LEAF.pem)}
    result = assess(Given(**part, **rest), Criteria(at=NOW))
    (finding,) = (each for each in result.findings if each.code == "no-certificate")
    assert finding.subject == subject
    assert held in finding.message
    assert not result.accepted


@pytest.mark.parametrize(
    "content",
    [
        bundle_of(signed_data()) + b"\0",
        bundle_of(signed_data())[:-1],
        bundle_of(signed_data() + b"\x05\x00"),
        encode(SEQUENCE, SIGNED_DATA, encode(CONTEXT_0, b"")),
        bundle_of(encode(SEQUENCE, encode(INTEGER, b"\1"))),
        bundle_of(encode(SEQUENCE, *(part.encoded for part in parts(whole(signed_data()))[1:]))),
        b"\x30\x80" + SIGNED_DATA + b"\xa0\x80" + signed_data() + bytes(4) + b"more",
    ],
    ids=range(7),
)
def test_damaged_bundles(content: bytes) -> None:
    """Every octet belongs to a value, in its place."""
    contents = read(Input(content), subject="chain")
    assert codes(contents.findings) == ["unreadable"]
    assert contents.certificates == ()
