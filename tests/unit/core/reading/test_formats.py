"""Files and texts in other formats: each is named, with a fix that works."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import shutil
import subprocess
import tarfile
import zipfile
from base64 import urlsafe_b64encode
from typing import TYPE_CHECKING

import pytest

from dev.certificates.authority import Authority
from dev.certificates.documents import in_base64
from dev.certificates.keys import KeyType
from server_certificate import pem
from server_certificate.inputs import Input
from server_certificate.reading.reader import read
from support.findings import codes, only
from support.openssl import needs_openssl, openssl_octets

if TYPE_CHECKING:
    from pathlib import Path

LEAF = Authority.root().leaf()
RSA = Authority.root().leaf(key_type=KeyType.RSA)


def _zip(name: str) -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr(name, LEAF.pem)
    return archive.getvalue()


def _tar() -> bytes:
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w", format=tarfile.USTAR_FORMAT) as file:
        file.addfile(tarfile.TarInfo("certificate.pem"))
    return archive.getvalue()


OCTETS = {
    "a Java keystore (JCEKS)": b"\xce\xce\xce\xce\0\0\0\2",
    "a Bouncy Castle keystore (BKS)": b"\0\0\0\2\0\0\0\x14" + bytes(40),
    "a Bouncy Castle keystore (BKS or UBER)": b"\0\0\0\1\0\0\0\x14" + bytes(40),
    "a Bouncy Castle keystore (BCFKS)": bytes.fromhex("300f300530000401003006300030000400"),
    "a serialized certificate store (SST)": b"\0\0\0\0CERT" + bytes(20),
    "an SQLite database, such as cert9.db": b"SQLite format 3\0" + bytes(20),
    "a Berkeley database, such as cert8.db": b"\0\6\x15\x61" + bytes(20),
    "a file encrypted with git-crypt": b"\0GITCRYPT\0" + bytes(20),
    "a file encrypted with openssl enc": b"Salted__" + bytes(20),
    "data encrypted with AWS KMS": b"\1\2\2\0x" + bytes(20),
    "a bzip2 archive": bz2.compress(LEAF.pem.encode()),
    "an xz archive": lzma.compress(LEAF.pem.encode()),
    "a gzip archive": gzip.compress(LEAF.pem.encode()),
    "a Zstandard archive": b"\x28\xb5\x2f\xfd" + bytes(20),
    "a 7z archive": b"7z\xbc\xaf\x27\x1c" + bytes(20),
    "a RAR archive": b"Rar!\x1a\x07" + bytes(20),
    "a tar archive": _tar(),
    "a ZIP archive": _zip("certificate.pem"),
    "an office document": _zip("word/document.xml"),
    "a rich text document (RTF)": b"{\\rtf1\\ansi " + LEAF.pem.encode().replace(b"\n", b"\\\n"),
    "an AppleDouble file": b"\0\5\x16\7" + bytes(20),
    "an OpenPGP message": b"\x85\1\x0c\3" + bytes(20),
    "UTF-16 text": "\u8a3c\u660e\u66f8".encode("utf-16"),
    "EBCDIC text": LEAF.pem.encode("cp037"),
    "an OCSP response": bytes.fromhex("300a0a0100a0053003020101"),
    "a timestamp": bytes.fromhex("30133003020100300c06092a864886f70d010702"),
    "an encrypted message (CMS)": bytes.fromhex("300d06092a864886f70d010703a000"),
    "a compressed message (CMS)": bytes.fromhex("300f060b2a864886f70d0109100109a000"),
    "Diffie-Hellman or DSA parameters": bytes.fromhex("3009020400ffffff020102"),
    "a serialized Java object": b"\xac\xed\0\5sr",
}

TEXTS = {
    "an unresolved dynamic reference": "{{resolve:secretsmanager:tls}}",
    "an unresolved variable": "${TLS_CERTIFICATE}",
    "a placeholder": "<paste here>",
    "a file encrypted with ansible-vault": "$ANSIBLE_VAULT;1.1;AES256\n6162",
    "a file encrypted with SOPS": "certificate: ENC[AES256_GCM,data:eA==,type:str]",
    "a file encrypted with age": "age-encryption.org/v1\n-> X25519",
    "a Git LFS pointer": "version https://git-lfs.github.com/spec/v1\noid sha256:00",
    "an OpenSSH certificate": "ssh-rsa-cert-v01@openssh.com AAAA me",
    "an OpenSSH public key": "ssh-ed25519 AAAA me",
    "the ARN of an ACM certificate": "arn:aws:acm:us-east-1:111122223333:certificate/a-b",
    "the ARN of a secret": "arn:aws-cn:secretsmanager:cn-north-1:111122223333:secret:tls",
    "the ARN or the name of a parameter": "arn:aws:ssm:us-east-1:111122223333:parameter/tls",
    "an ARN": "arn:aws:iam::111122223333:server-certificate/www",
    "an Amazon S3 URI": "s3://bucket/certificate.pem",
    "a file:// URL": "fileb://certificate.pem",
    "a URL": "https://example.com/certificate.pem",
    "an RSA key in the XML": "<RSAKeyValue><Modulus>AA==</Modulus></RSAKeyValue>",
    "XML with a certificate": "<?xml version='1.0'?><md:E><ds:X509Certificate>MII</ds:X509Certificate>",
    "an error message in XML": "<?xml version='1.0'?>\n<Error><Code>AccessDenied</Code></Error>",
    "an error message in JSON": '{"__type": "ResourceNotFoundException"}',
    "a JSON Web Key": '{"crv": "P-256", "kty": "EC"}',
    "a JSON Web Token": f"eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxIn0.{'x' * 40}",
    "a reference to a secret": "op://vault/tls/key",
    "an OpenVPN static key": "-----BEGIN OpenVPN Static key V1-----\nabab\n",
    "output of kubectl about a secret": "Name:  tls\nType:  kubernetes.io/tls\n",
    "an order or a directory of an ACME server": '{"newAccount": "x", "newNonce": "y"}',
    "a Kubernetes manifest": "apiVersion: v1\nkind: Secret\nmetadata:\n  name: tls\n",
    "the error message of a command": "cat: certificate.pem: No such file or directory",
    "an error message": "Access Denied",
    "a directory listing": "total 4\n-rw-r--r-- 1 root root 1 Jan 1 00:00 certificate.pem",
    "an email": "Subject: your certificate\nMIME-Version: 1.0\n\nHello",
    "output of a program about a certificate": "subject=CN = www.example.com\n",
    "DER in hexadecimal digits": LEAF.der.hex(" "),
    "an HTML page": "<!DOCTYPE html><title>Forbidden</title>",
}
PLACEHOLDERS = (
    "(sensitive value)",
    "**REDACTED**",
    "REPLACE_ME",
    "changeme",
    "your-certificate-here",
    "TODO",
    "null",
    "***",
    "xxx",
    "...",
)


@pytest.mark.parametrize("name", OCTETS)
def test_files_of_other_formats_are_named(name: str) -> None:
    """It is named whichever part it is given as, and the finding has a fix."""
    for subject in ("certificate", "private-key", "bundle", "file"):
        finding = only(read(Input(OCTETS[name]), subject=subject).findings)
        assert finding.message.startswith(f"it is {name}")
        assert finding.fix
        assert "{source}" not in finding.fix


@pytest.mark.parametrize("name", TEXTS)
def test_texts_of_other_kinds_are_named(name: str) -> None:
    """Error messages, references and encrypted files are not mistaken for certificates."""
    for subject in ("certificate", "bundle"):
        finding = only(read(Input.of_text(TEXTS[name]), subject=subject).findings)
        assert finding.message.startswith(
            (f"it is {name}", f"it is {name.replace('the e', 'an e')}")
        )
        assert finding.fix


@pytest.mark.parametrize("text", PLACEHOLDERS)
def test_placeholders_are_named(text: str) -> None:
    """A placeholder that was never replaced is reported as a placeholder."""
    finding = only(read(Input.of_text(text), subject="private-key").findings)
    assert finding.message == "it is a placeholder, not a private key in PEM."


@pytest.mark.parametrize(
    "content",
    [
        b"\x1e\xf1\xb5\xb0" + bytes(20),
        b"\7\2\0\0\0\xa4\0\0RSA2",
        b"PuTTY-User-Key-File-3: ssh-ed25519\n",
        b"openssh-key-v1\0",
        LEAF.key_pem("openssh").encode(),
        b'{"d": "AA", "kty": "EC"}',
    ],
    ids=["PVK", "BLOB", "PuTTY", "OpenSSH", "OpenSSH in PEM", "JWK"],
)
def test_private_keys_of_other_formats(content: bytes) -> None:
    """As a key, they have a fix that converts them; as a certificate, they are reported as keys."""
    finding = only(read(Input(content), subject="private-key").findings)
    assert "private key" in finding.message
    assert finding.fix.startswith(("Convert it", "Provide it with its BEGIN and END lines"))
    among = read(Input(content), subject="certificate")
    assert codes(among.findings) == ["private-key-among-certificates"]


COMMANDS = {
    "gzip": (gzip.compress(LEAF.pem.encode()), "unpacked"),
    "bzip2": (bz2.compress(LEAF.pem.encode()), "unpacked"),
    "xz": (lzma.compress(LEAF.pem.encode()), "unpacked"),
    "xxd": (LEAF.der.hex(":").encode(), "converted.der"),
}


@pytest.mark.parametrize("tool", COMMANDS)
@pytest.mark.parametrize("file", ["www.crt", "a b'c", "-x"])
def test_commands_in_fixes_work(tmp_path: Path, tool: str, file: str) -> None:
    """The command writes the certificate, whatever the file's name is."""
    if not shutil.which(tool):
        pytest.skip(f"{tool} is not installed")
    content, target = COMMANDS[tool]
    (tmp_path / file).write_bytes(content)
    fix = only(read(Input(content, file), subject="certificate").findings).fix
    subprocess.run(fix.partition(": ")[2], shell=True, check=True, cwd=tmp_path)  # noqa: S602 (the test)
    again = read(Input((tmp_path / target).read_bytes()), subject="certificate")
    assert [element.certificate.der for element in again.certificates] == [LEAF.der]


@needs_openssl
@pytest.mark.parametrize("form", ["PVK", "MSBLOB"])
def test_keys_of_microsoft_are_converted(tmp_path: Path, form: str) -> None:
    """The command writes the key in PEM."""
    more = ["-pvk-none"] if form == "PVK" else []
    content = openssl_octets("rsa", "-outform", form, *more, stdin=RSA.key_pem())
    (tmp_path / "key").write_bytes(content)
    fix = only(read(Input(content, "key"), subject="private-key").findings).fix
    subprocess.run(fix.partition(": ")[2], shell=True, check=True, cwd=tmp_path)  # noqa: S602 (the test)
    again = read(Input((tmp_path / "private-key.pem").read_bytes()), subject="private-key")
    assert [key.key.private_numbers() for key in again.private_keys] == [  # type: ignore[union-attr]
        RSA.private_key.private_numbers()  # type: ignore[union-attr]
    ]


@needs_openssl
@pytest.mark.parametrize(
    ("making", "form"),
    [("-data_create", "DER"), ("-digest_create", "DER"), ("-data_create", "PEM")],
)
def test_the_content_of_messages_is_taken_out(tmp_path: Path, making: str, form: str) -> None:
    """The command extracts the content of a message that is neither signed nor encrypted."""
    content = openssl_octets("cms", making, "-binary", "-outform", form, stdin=LEAF.pem)
    (tmp_path / "message").write_bytes(content)
    fix = only(read(Input(content, "message"), subject="certificate").findings).fix
    subprocess.run(fix.partition(": ")[2], shell=True, check=True, cwd=tmp_path)  # noqa: S602 (the test)
    assert (tmp_path / "content.pem").read_text() == LEAF.pem


@pytest.mark.skipif(not shutil.which("node"), reason="Node.js is not installed")
@pytest.mark.parametrize("wrapped", ["{}", '{{"keys": [{}]}}'])
def test_json_web_keys_are_converted(tmp_path: Path, wrapped: str) -> None:
    """A JSON Web Key is converted, and so is the first of a set."""
    numbers = LEAF.private_key.private_numbers()  # type: ignore[union-attr]
    x, y, d = (
        urlsafe_b64encode(number.to_bytes(32)).decode().rstrip("=")
        for number in (
            numbers.public_numbers.x,  # type: ignore[union-attr]
            numbers.public_numbers.y,  # type: ignore[union-attr]
            numbers.private_value,  # type: ignore[union-attr]
        )
    )
    key = json.dumps({"kty": "EC", "crv": "P-256", "x": x, "y": y, "d": d})
    (tmp_path / "it's.json").write_text(wrapped.format(key))
    given = Input(wrapped.format(key).encode(), "it's.json")
    fix = only(read(given, subject="private-key").findings).fix
    subprocess.run(fix.partition(": ")[2], shell=True, check=True, cwd=tmp_path)  # noqa: S602 (the test)
    again = read(Input((tmp_path / "private-key.pem").read_bytes()), subject="private-key")
    assert [each.pem for each in again.private_keys] == [LEAF.key_pem()]


@pytest.mark.parametrize(
    "label",
    ["PGP PRIVATE KEY BLOCK", "SSH2 ENCRYPTED PRIVATE KEY", "TSS2 PRIVATE KEY", "ANY PRIVATE KEY"],
)
def test_private_keys_of_other_programs_are_not_called_damaged(label: str) -> None:
    """They have another format; among certificates, they are reported as private keys."""
    text = pem.encode(label, b"{}" * 30)
    for subject in ("private-key", "bundle"):
        assert codes(read(Input.of_text(text), subject=subject).findings) == ["wrong-kind"]
    among = read(Input.of_text(text), subject="certificate")
    assert codes(among.findings) == ["private-key-among-certificates"]


@pytest.mark.parametrize("label", ["DH PARAMETERS", "DSA PARAMETERS", "EC PARAMETERS"])
def test_parameters_alone_are_not_a_key(label: str) -> None:
    """Parameters can precede a key, but they don't replace it."""
    text = pem.encode(label, bytes.fromhex("3009020400ffffff020102"))
    for subject in ("certificate", "private-key", "bundle"):
        assert codes(read(Input.of_text(text), subject=subject).findings) == ["wrong-kind"]


def test_an_encrypted_message_in_pem_is_named() -> None:
    """Its label promises certificates; it is not damaged."""
    text = pem.encode("PKCS7", OCTETS["an encrypted message (CMS)"])
    finding = only(read(Input.of_text(text), subject="bundle").findings)
    assert finding.message.startswith("it is an encrypted message (CMS)")
    assert "-inform PEM" in finding.fix


@pytest.mark.parametrize("label", ["PGP MESSAGE", "AGE ENCRYPTED FILE", "SSH2 PUBLIC KEY"])
def test_blocks_of_other_programs_are_named(label: str) -> None:
    """A block of another standard is named by its label."""
    text = pem.encode(label, b"\x85\1\x0c\3" + bytes(20))
    finding = only(read(Input.of_text(text), subject="certificate").findings)
    assert finding.code == "wrong-kind"
    assert "a block labeled" not in finding.message


def test_a_text_is_not_taken_for_a_phrase_within_it() -> None:
    """PEM is read, whatever text surrounds it."""
    for text in TEXTS.values():
        contents = read(Input.of_text(f"{text}\n{LEAF.pem}"), subject="certificate")
        assert [element.certificate.der for element in contents.certificates] == [LEAF.der]


def test_nothing_of_an_unknown_text_is_repeated() -> None:
    """Unknown text isn't quoted: it may be a private key without its BEGIN and END lines."""
    secret = in_base64(LEAF.key_der())[20:]
    assert secret[:12] not in str(only(read(Input.of_text(secret), subject="bundle").findings))
