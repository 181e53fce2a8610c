"""Text in UTF-16 and UTF-32, as Windows writes it."""

from __future__ import annotations

import codecs
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from dev.certificates import documents
from dev.certificates.authority import NOW, Authority
from server_certificate.assessment import Criteria, Given, Input, assess
from server_certificate.reading.reader import read
from support.findings import codes, only

if TYPE_CHECKING:
    from pathlib import Path

LEAF = Authority.root("Root").intermediate("Issuer").leaf()
KEY, CERTIFICATES = LEAF.key_pem(), LEAF.fullchain_pem(root=True)
TEXT = KEY + CERTIFICATES


@pytest.mark.parametrize(
    "content",
    [
        *(TEXT.encode(f"utf-{form}") for form in ("16", "16-le", "16-be", "32", "32-le", "32-be")),
        codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"),
        codecs.BOM_UTF32_BE + TEXT.encode("utf-32-be"),
        ("Gr\u00fc\u00dfe\r\n" + TEXT.replace("\n", "\r\n")).encode("utf-16"),
        CERTIFICATES.encode() + KEY.encode("utf-16-le"),
        CERTIFICATES.encode("utf-16") + KEY.encode(),
        CERTIFICATES.encode("utf-16") + KEY.encode("utf-16"),
        TEXT.encode("utf-16").decode("latin-1").encode(),
        TEXT.encode("utf-16-be").decode("latin-1").encode(),
        documents.in_base64(TEXT.encode("utf-16-le")).encode(),
        documents.in_base64(LEAF.pkcs12(None)).encode("utf-16"),
        TEXT.encode() + bytes(20),
    ],
    ids=range(17),
)
def test_text_with_zero_octets_is_read(content: bytes) -> None:
    """Text in either byte order, even in parts of a file, is read and reported."""
    result = assess(Given(bundle=Input(content)), Criteria(at=NOW))
    assert result.accepted
    assert not result.accepted_as_is
    assert "utf-16" in codes(result.findings)
    assert result.private_key is not None
    assert result.private_key.pem == KEY


@pytest.mark.parametrize("name", documents.DOCUMENTS)
def test_documents_with_zero_octets_are_read(name: str) -> None:
    """JSON and YAML may be in UTF-16 as well."""
    content = documents.DOCUMENTS[name](LEAF).encode("utf-16")
    result = assess(Given(bundle=Input(content)), Criteria(at=NOW))
    assert result.accepted
    assert not result.accepted_as_is


def test_other_text_than_ascii_is_named() -> None:
    """UTF-16 text without PEM is reported as UTF-16 text."""
    for text in ("\u8a3c\u660e\u66f8", "\u0436" * 20):
        finding = only(read(Input(text.encode("utf-16")), subject="certificate").findings)
        assert finding.message.startswith("it is UTF-16 text")


def test_other_octets_with_zeros_are_left_alone() -> None:
    """A binary format is named as such, even if it contains PEM."""
    content = b"\0\0\0\2\0\0\0\x14" + TEXT.encode()
    finding = only(read(Input(content), subject="bundle").findings)
    assert "Bouncy Castle" in finding.message


@pytest.mark.skipif(not shutil.which("tr"), reason="the tr command is not installed")
@pytest.mark.parametrize("form", ["utf-16", "utf-16-be", "utf-32"])
def test_the_command_converts_it(tmp_path: Path, form: str) -> None:
    """The command in the fix writes the same text in ASCII."""
    (tmp_path / "a b.pem").write_bytes(LEAF.pem.encode(form))
    given = Input(LEAF.pem.encode(form), "a b.pem")
    command = only(read(given, subject="certificate").findings).fix.partition("by hand: ")[2]
    subprocess.run(command, shell=True, check=True, cwd=tmp_path)  # noqa: S602 (it is the test)
    assert (tmp_path / "converted.pem").read_text() == LEAF.pem
