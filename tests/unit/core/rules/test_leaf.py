"""Rules about what a leaf is for."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from dev.certificates.authority import DAY, NOW, Authority, Fault, Issued, self_signed
from dev.certificates.issuing import sign, subject
from dev.certificates.keys import KeyType
from server_certificate.certificates.signatures import Signatures
from server_certificate.extension_names import name_of_extension
from server_certificate.findings import Finding, Severity
from server_certificate.rules.leaf import check_leaf
from support.certificates import leaf_of
from support.findings import codes, only
from support.openssl import needs_openssl, openssl

if TYPE_CHECKING:
    from pathlib import Path

ROOT = Authority.root("Root")
RSA_ROOT = Authority.root("Root", key_type=KeyType.RSA)


def check(leaf: Issued | x509.Certificate) -> tuple[Finding, ...]:
    """Check what a leaf is for."""
    return tuple(check_leaf(leaf_of(leaf), Signatures()))


def with_extensions(
    *extensions: x509.ExtensionType, key_type: KeyType = KeyType.P256
) -> x509.Certificate:
    """Issue a leaf with these extensions alone."""
    key = key_type.generate()
    builder = x509.CertificateBuilder(
        issuer_name=ROOT.certificate.subject,
        subject_name=subject("server.example.com"),
        public_key=key.public_key(),
    )
    for extension in extensions:
        builder = builder.add_extension(extension, critical=False)
    return sign(
        builder,
        validity=(NOW - DAY, NOW + DAY),
        signer=ROOT.private_key,
        signer_type=ROOT.key_type,
    )


NAMES = x509.SubjectAlternativeName([x509.DNSName("server.example.com")])


@pytest.mark.parametrize(
    "leaf", [ROOT.leaf(), self_signed(), ROOT.leaf("192.0.2.1", "2001:db8::1")]
)
def test_a_leaf_for_servers(leaf: Issued) -> None:
    """An ordinary leaf has no findings."""
    assert check(leaf) == ()


def test_no_name() -> None:
    """Clients need a subject alternative name; the fix proposes the common name."""
    found = only(check(ROOT.leaf("shop.example.com", fault=Fault.NO_NAMES)))
    assert (found.code, found.subject) == ("no-subject-alternative-name", "certificate")
    assert found.severity is Severity.WARNING
    assert found.message == (
        "'CN=shop.example.com' has no DNS name or IP address in its subject alternative name;"
        " clients ignore the common name."
    )
    assert found.fix == (
        "Request a certificate with its names: openssl req -new -out request.pem -newkey ec"
        " -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout new-private-key.pem -subj"
        " '/CN=shop.example.com' -addext 'subjectAltName=DNS:shop.example.com'"
    )


def test_no_name_in_what_signed_itself() -> None:
    """The fix makes another that signs itself."""
    found = only(check(self_signed(fault=Fault.NO_NAMES)))
    assert found.code == "no-subject-alternative-name"
    assert found.fix.startswith("Create a certificate with its names: openssl req -x509 ")


@pytest.mark.parametrize(
    ("names", "found"),
    [
        ([], ["no-subject-alternative-name"]),
        ([x509.RFC822Name("me@example.com")], ["no-subject-alternative-name"]),
        ([x509.RFC822Name("me@example.com"), x509.DNSName("server.example.com")], []),
    ],
)
def test_names_of_other_kinds(names: list[x509.GeneralName], found: list[str]) -> None:
    """Only DNS names and IP addresses are names of servers."""
    assert codes(check(with_extensions(x509.SubjectAlternativeName(names)))) == found


def key_usage(*uses: str) -> x509.KeyUsage:
    """Return the extension that allows these uses alone."""
    known = (
        "digital_signature",
        "content_commitment",
        "key_encipherment",
        "data_encipherment",
        "key_agreement",
        "key_cert_sign",
        "crl_sign",
        "encipher_only",
        "decipher_only",
    )
    return x509.KeyUsage(**{use: use in uses for use in known})


@pytest.mark.parametrize("key_type", [KeyType.P256, KeyType.RSA])
@pytest.mark.parametrize(
    ("extensions", "found"),
    [
        ([], []),
        ([key_usage("digital_signature")], []),
        ([key_usage("digital_signature", "key_encipherment")], []),
        ([key_usage("digital_signature", "key_cert_sign")], []),
        ([key_usage("key_encipherment")], ["key-usage"]),
        ([key_usage("key_agreement")], ["key-usage"]),
        ([key_usage("content_commitment")], ["key-usage"]),
        ([key_usage("key_cert_sign", "crl_sign")], ["key-usage"]),
        ([key_usage()], ["key-usage"]),
    ],
)
def test_key_usages(
    extensions: list[x509.ExtensionType], found: list[str], key_type: KeyType
) -> None:
    """A key usage must allow signatures; without one, everything is allowed."""
    assert codes(check(with_extensions(NAMES, *extensions, key_type=key_type))) == found


def test_what_a_key_usage_leaves() -> None:
    """An RSA key for encipherment only still serves old clients, other keys serve none."""
    usage = key_usage("key_encipherment")
    found = only(check(with_extensions(NAMES, usage, key_type=KeyType.RSA)))
    assert (found.severity, found.subject) == (Severity.WARNING, "certificate")
    assert found.message == (
        "the key usage of 'CN=server.example.com' allows keyEncipherment but not digitalSignature,"
        " so only old clients can connect."
    )
    assert (
        found.fix
        == "Request a certificate with the key usage digitalSignature, or without a key usage."
    )
    assert only(check(with_extensions(NAMES, usage))).message == (
        "the key usage of 'CN=server.example.com' doesn't allow digitalSignature, so clients reject"
        " it."
    )


@needs_openssl
def test_key_usage_of_what_signed_itself(tmp_path: Path) -> None:
    """The fix is a command that makes one that may sign."""
    usage = "keyUsage=critical,keyEncipherment"
    first, second = tmp_path / "first.pem", tmp_path / "new-certificate.pem"
    words = shlex.split(
        "req -x509 -newkey rsa:2048 -nodes -days 47 -subj /CN=a.example.com"
        " -addext subjectAltName=DNS:a.example.com -addext basicConstraints=critical,CA:FALSE"
    )
    openssl(*words, "-addext", usage, "-keyout", str(tmp_path / "key.pem"), "-out", str(first))
    found = only(check(x509.load_pem_x509_certificate(first.read_bytes())))
    assert found.code == "key-usage"
    command = shlex.split(found.fix.partition(": ")[2])
    openssl(*(str(tmp_path / word) if word.endswith(".pem") else word for word in command[1:]))
    assert check(x509.load_pem_x509_certificate(second.read_bytes())) == ()


def test_an_authority_as_the_leaf() -> None:
    """A CA certificate gets a warning; for a self-signed one, the fix creates a new one."""
    found = only(check(ROOT.leaf(fault=Fault.IS_AUTHORITY)))
    assert (found.code, found.severity) == ("certificate-is-ca", Severity.WARNING)
    assert found.message == "'CN=www.example.com' is the certificate of a CA, not of a server."
    found = only(check(self_signed(fault=Fault.IS_AUTHORITY)))
    assert found.code == "certificate-is-ca"
    assert "is a self-signed CA certificate" in found.message
    assert "openssl req -x509 " in found.fix
    assert "-addext basicConstraints=critical,CA:FALSE" in found.fix


def test_a_leaf_without_extensions() -> None:
    """The only finding about a version 1 certificate is its lack of names."""
    leaf = ROOT.leaf(fault=Fault.VERSION_1)
    assert leaf.certificate.version is x509.Version.v1
    assert codes(check(leaf)) == ["no-subject-alternative-name"]


@pytest.mark.parametrize(
    "extension",
    [
        x509.UnrecognizedExtension(x509.SubjectAlternativeName.oid, b"\xff"),
        x509.UnrecognizedExtension(x509.BasicConstraints.oid, b""),
        x509.UnrecognizedExtension(x509.KeyUsage.oid, b"\x05\x00"),
        x509.UnrecognizedExtension(x509.ExtendedKeyUsage.oid, b"\x30\x00"),
        x509.UnrecognizedExtension(x509.NameConstraints.oid, b"\x30\x00"),
        x509.UnrecognizedExtension(x509.TLSFeature.oid, b"\x30\x03\x02\x01\x7f"),
    ],
)
def test_damaged_extensions(extension: x509.UnrecognizedExtension) -> None:
    """An unreadable extension is named, rules that need it are skipped, and the others are checked."""
    names = () if extension.oid == NAMES.oid else (NAMES,)
    certificate = with_extensions(extension, *names)
    found = only(check(x509.load_pem_x509_certificate(certificate.public_bytes(Encoding.PEM))))
    is_needed = extension.oid != x509.TLSFeature.oid
    code = "needed-extension-unreadable" if is_needed else "extension-unreadable"
    assert (found.code, found.subject) == (code, "certificate")
    assert found.severity is (Severity.ERROR if is_needed else Severity.WARNING)
    assert found.message.startswith(
        f"the extension {name_of_extension(extension.oid.dotted_string)} of 'CN=server.example.com' can't be read"
    )


@needs_openssl
@pytest.mark.parametrize("leaf", [ROOT.leaf, RSA_ROOT.leaf, self_signed])
def test_commands_of_fixes_work(leaf: object, tmp_path: Path) -> None:
    """The command in a fix runs unchanged, and its result needs no more fixes."""
    assert callable(leaf)
    command = only(check(leaf("a.example.com", fault=Fault.NO_NAMES))).fix.partition(": ")[2]
    arguments = [argument.strip("'") for argument in command.split()]
    assert arguments[0] == "openssl"
    made = "new-certificate.pem" if "-x509" in arguments else "request.pem"
    openssl(
        *(
            str(tmp_path / argument) if argument.endswith(".pem") else argument
            for argument in arguments[1:]
        )
    )
    content = (tmp_path / made).read_bytes()
    assert (tmp_path / "new-private-key.pem").read_text().startswith("-----BEGIN PRIVATE KEY-----")
    if made == "request.pem":
        request = x509.load_pem_x509_csr(content)
        names = request.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        assert names.get_values_for_type(x509.DNSName) == ["a.example.com"]
    else:
        assert check(x509.load_pem_x509_certificate(content)) == ()
