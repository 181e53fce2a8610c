"""The JSON output has exactly the documented keys."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from dev.certificates.authority import Fault
from dev.certificates.forms import PASSPHRASE
from server_certificate_cli.output.report import write_document
from support.command import AT, run, write_parts

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from dev.certificates.authority import Authority, Issued

OBJECT = [
    "target",
    "accepted",
    "accepted_as_is",
    "findings",
    "certificate",
    "chain",
    "private_key",
    "not_used",
    "unreadable",
]
CERTIFICATE = [
    "subject",
    "issuer",
    "serial_number",
    "not_before",
    "not_after",
    "sha256_fingerprint",
    "subject_alternative_names",
    "key_algorithm",
    "key_size",
    "signature_algorithm",
    "self_signed",
]


def test_object_has_exactly_the_promised_keys(here: Path, authority: Authority) -> None:
    """A target is an object, and all certificates and findings have the same keys."""
    write_parts(here / "old", authority.leaf("www.example.com", fault=Fault.EXPIRED))
    ended = run("check", "old", *AT, "--json")
    assert ended.code == 1
    assert list(ended.json) == ["schema_version", "accepted", "accepted_as_is", "targets"]
    assert list(ended.target) == OBJECT
    assert (ended.json["accepted"], ended.json["accepted_as_is"]) == (False, False)
    assert list(ended.target["certificate"]) == CERTIFICATE
    assert [list(element) for element in ended.target["chain"]] == [CERTIFICATE, CERTIFICATE]
    assert ended.target["findings"] == [
        {
            "code": "certificate-expired",
            "severity": "error",
            "subject": "certificate",
            "message": "'CN=www.example.com' expired on 2030-06-15T11:59:59Z; IAM only accepts"
            " valid certificates.",
            "fix": "Renew the certificate.",
        }
    ]


def test_values_are_those_of_the_certificate(good: Path, leaf: Issued) -> None:
    """Names are a list, dates are in UTC with a Z, and numbers are numbers."""
    certificate = run("check", good, *AT, "--json").target["certificate"]
    assert certificate["subject"] == "CN=www.example.com"
    assert certificate["not_before"] == "2030-06-14T12:00:00Z"
    assert certificate["not_after"] == leaf.certificate.not_valid_after_utc.strftime(
        "%Y-%m-%dT%H:%M:%SZ"
    )
    assert certificate["subject_alternative_names"] == ["www.example.com"]
    assert certificate["key_size"] == 256
    assert certificate["self_signed"] is False


def test_what_is_missing_is_null(here: Path) -> None:
    """Without a certificate and a key, the values are null, and the chain is empty."""
    (here / "nothing").write_text("nothing")
    found = run("check", "nothing", *AT, "--json").target
    assert list(found) == OBJECT
    assert found["certificate"] is found["private_key"] is None
    assert found["chain"] == []


def test_fixable_is_accepted_but_not_as_it_is(here: Path, leaf: Issued) -> None:
    """The two verdicts differ if a conversion is needed, and the key says that it was encrypted."""
    (here / "bundle.p12").write_bytes(leaf.pkcs12(PASSPHRASE))
    found = run(
        "check", "bundle.p12", *AT, "--passphrase-env", "P", "--json", env={"P": PASSPHRASE}
    ).target
    assert (found["accepted"], found["accepted_as_is"]) == (True, False)
    assert found["private_key"] == {"algorithm": "EC P-256", "size": 256, "encrypted": True}


def test_output_is_ascii(capsys: pytest.CaptureFixture[str]) -> None:
    """JSON is written in ASCII, so every encoding and terminal supports it."""
    names = {"subject": "Zürich \x1b[31m \u202e \udc80"}
    write_document(**names)
    out = capsys.readouterr().out
    assert out.isascii()
    assert "\x1b" not in out
    assert json.loads(out) == {"schema_version": 1, **names}
