"""Naming texts that are not PEM."""

from __future__ import annotations

import base64
import json

import pytest

from dev.certificates.authority import Authority
from server_certificate.reading.reader import read_certificates, read_private_key
from server_certificate.reading.recognition.naming import ExpectedContent, recognize_text
from support.findings import only

LEAF = Authority.root().leaf()
DOUBLE = base64.b64encode(LEAF.pem.encode()).decode()


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("", "an empty text"),
        (" \r\n\t", "an empty text"),
        ("\ufeff\n", "an empty text"),
        ("{{resolve:secretsmanager:tls:SecretString:key}}", "an unresolved dynamic reference"),
        (" {{resolve:ssm-secure:/tls/key}}\n", "an unresolved dynamic reference"),
        ("<!DOCTYPE html>\n<title>404</title>", "an HTML page"),
        ("<html><body>Forbidden", "an HTML page"),
        (json.dumps({"certificate": "…"}), "a JSON text"),
        ('["a"]', "a JSON text"),
        (LEAF.der.decode("latin-1"), "binary data"),
        (LEAF.der.decode("utf-8", errors="replace"), "binary data"),
        ("file://certificate.pem", "a file:// URL, which only the AWS CLI resolves"),
        ("FILE:///etc/tls/key.pem", "a file:// URL"),
        (LEAF.pem.replace("-----", "----"), "PEM with a damaged BEGIN line"),
        (LEAF.pem.replace("-----", "\u2014"), "PEM with a damaged BEGIN line"),
        (LEAF.pem.lower(), "PEM with a damaged BEGIN line"),
        ("certificate.pem", "a path or the name of a file"),
        ("/etc/ssl/certs/server.crt", "a path or the name of a file"),
        ("~/tls/server", "a path or the name of a file"),
        ("C:\\Users\\me\\server.key", "a path or the name of a file"),
        ("bundle.pfx", "a path or the name of a file"),
        ("ssh-ed25519 AAAAC3Nz me@host", "an OpenSSH public key"),
        ("ecdsa-sha2-nistp256 AAAAE2Vj me@host", "an OpenSSH public key"),
        (DOUBLE[4:], "base64 of an unknown format"),
        ("hello", "text in an unknown format"),
    ],
)
def test_names_what_it_is(text: str, name: str) -> None:
    """Texts that users often paste by mistake are named."""
    assert recognize_text(text, expected="certificate").name.startswith(name)


def test_names_it_in_a_finding() -> None:
    """The finding says what the text is, what was expected, and what to do."""
    _, findings = read_certificates("certs/server.pem", subject="certificate")
    assert str(only(findings)) == (
        "certificate: it is a path or the name of a file, not a certificate in PEM. Provide the"
        " content of the file instead."
    )


def test_der_is_converted_by_the_right_command() -> None:
    """The openssl command differs between certificates and keys."""
    text = LEAF.der.decode("latin-1")
    assert "openssl x509" in only(read_certificates(text, subject="chain")[1]).fix
    assert "openssl pkey" in only(read_private_key(text)[1]).fix


@pytest.mark.parametrize("expected", ["certificate", "private key"])
def test_nothing_is_quoted(expected: ExpectedContent) -> None:
    """A private key without its BEGIN and END lines isn't quoted."""
    text = "".join(LEAF.key_pem().splitlines()[1:-1])
    it = recognize_text(text, expected=expected)
    assert not any(text[start : start + 8] in it.name + it.fix for start in range(len(text) - 8))
