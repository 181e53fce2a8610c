"""Bundles with separate parts: the command accepts the same combinations as the construct."""

from __future__ import annotations

import os
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from dev.certificates.authority import to_pkcs7
from dev.certificates.forms import PASSPHRASE
from server_certificate.rules.registry import RULES
from server_certificate_cli.local.option_hints import OPTIONS
from server_certificate_cli.main import group
from support.command import AT, run

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from dev.certificates.authority import Issued


@pytest.fixture
def files(here: Path, leaf: Issued) -> Path:
    """Write a certificate in all formats of its parts."""
    (here / "alone.pfx").write_bytes(replace(leaf, issuers=()).pkcs12(PASSPHRASE))
    (here / "chain.pem").write_text(leaf.chain_pem())
    (here / "chain.p7b").write_bytes(to_pkcs7(*leaf.issuers))
    (here / "root.p7b").write_bytes(to_pkcs7(leaf.issuers[-1], encoding="DER"))
    (here / "issuer.der").write_bytes(leaf.chain_der()[0])
    (here / "all.p7b").write_bytes(to_pkcs7(leaf, *leaf.issuers))
    (here / "fullchain.pem").write_text(leaf.fullchain_pem(root=True))
    (here / "key.pem").write_text(leaf.key_pem(password=PASSPHRASE))
    (here / "pw").write_text(PASSPHRASE)
    return here


@pytest.mark.parametrize(
    "words",
    [
        ["--bundle", "alone.pfx", "--chain", "chain.pem"],
        ["--bundle", "alone.pfx", "--chain", "chain.p7b"],
        ["alone.pfx", "--chain", "chain.pem"],
        ["--bundle", "fullchain.pem", "--private-key", "key.pem"],
        ["--bundle", "all.p7b", "--private-key", "key.pem"],
        ["all.p7b", "--private-key", "key.pem", "--chain", "chain.pem"],
        ["--certificate", "fullchain.pem", "--private-key", "key.pem"],
        ["--bundle", "alone.pfx", "--chain", "issuer.der", "--chain", "root.p7b"],
    ],
    ids=" ".join,
)
@pytest.mark.usefixtures("files")
def test_bundle_and_what_it_lacks(words: list[str], leaf: Issued, here: Path) -> None:
    """The combination is a complete certificate, and the suggested command works."""
    checked = run("check", *words, *AT, "--passphrase-file", "pw")
    assert checked.code == 0, checked.out
    proposed = checked.lines[-1].split()[1:]
    assert run(*proposed).code == 0
    assert (here / "converted/certificate.pem").read_text() == leaf.pem
    assert (here / "converted/certificate-chain.pem").read_text() == leaf.chain_pem()
    assert (here / "converted/private-key.pem").exists()
    assert run("check", "converted", *AT, "--strict").code == 0


@pytest.mark.usefixtures("files")
def test_bundle_with_another_certificate() -> None:
    """A second certificate is an error that says why."""
    ended = run("check", "--bundle", "alone.pfx", "--certificate", "fullchain.pem")
    assert ended.code == 2
    assert "--bundle and --certificate can't be combined" in ended.err


@pytest.mark.usefixtures("files")
def test_fix_names_the_option() -> None:
    """Both outputs name the option that a fix requires."""
    words = ["check", "--certificate", "alone.pfx", *AT]
    assert "→ Option: --bundle" in run(*words).lines
    (finding,) = run(*words, "--json").target["findings"]
    assert finding["fix"].endswith("\nOption: --bundle")
    assert "→ Options: --passphrase-file, --passphrase-env" in run("inspect", "alone.pfx").lines


def test_options_and_codes_exist() -> None:
    """The table of options contains existing rules and existing options."""
    assert {*OPTIONS} <= {*RULES}
    known = {
        option
        for name in ("check", "convert", "store")
        for parameter in group.get_command(None, name).params  # type: ignore[arg-type, union-attr]
        for option in parameter.opts
    }
    assert {option for options in OPTIONS.values() for option in options} <= known


@pytest.mark.usefixtures("files")
def test_what_the_shell_has_opened(leaf: Issued) -> None:
    """``<(command)`` is read once, and is not part of a suggested command."""
    contents = [replace(leaf, issuers=()).pkcs12(PASSPHRASE), leaf.chain_pem().encode()]
    with ExitStack() as opened:
        bundle, chain, passphrase = (
            opened.enter_context(opened_by_shell(content))
            for content in (*contents, PASSPHRASE.encode())
        )
        words = ["--bundle", bundle, "--chain", chain, "--passphrase-file", passphrase]
        checked = run("check", *words, *AT)
    assert checked.code == 0, checked.out
    assert "openssl pkcs12 -in bundle.p12 " in checked.out
    assert checked.lines[-1].endswith("pass the same input to server-certificate convert.")


@contextmanager
def opened_by_shell(content: bytes) -> Iterator[str]:
    """Write to a pipe like a shell, and yield its path."""
    reading, writing = os.pipe()
    try:
        os.write(writing, content)
        os.close(writing)
        yield f"/dev/fd/{reading}"
    finally:
        os.close(reading)
