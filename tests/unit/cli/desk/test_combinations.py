"""Bundles with what they lack, on the command line: what the construct takes, the command takes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from dev.certificates.authority import to_pkcs7
from dev.certificates.forms import PASSPHRASE
from server_certificate.rules.registry import RULES
from server_certificate_cli.desk.option_hints import OPTIONS
from server_certificate_cli.main import group
from support.command import AT, run

if TYPE_CHECKING:
    from pathlib import Path

    from dev.certificates.authority import Issued


@pytest.fixture
def files(here: Path, leaf: Issued) -> Path:
    """Write a certificate in the forms that its parts come in."""
    (here / "alone.pfx").write_bytes(replace(leaf, issuers=()).pkcs12(PASSPHRASE))
    (here / "chain.pem").write_text(leaf.chain_pem())
    (here / "chain.p7b").write_bytes(to_pkcs7(*leaf.issuers))
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
    ],
    ids=" ".join,
)
@pytest.mark.usefixtures("files")
def test_bundle_and_what_it_lacks(words: list[str], leaf: Issued, here: Path) -> None:
    """Checked and converted, they give the whole certificate, and the command that is proposed works."""
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
    """A second certificate is refused with the reason."""
    ended = run("check", "--bundle", "alone.pfx", "--certificate", "fullchain.pem")
    assert ended.code == 2
    assert "--bundle holds the certificate, so --certificate can't be given as well." in ended.err


@pytest.mark.usefixtures("files")
def test_fix_names_the_option() -> None:
    """What a fix asks for is named as the option that gives it, in both outputs."""
    words = ["check", "--certificate", "alone.pfx", *AT]
    assert "→ Option: --bundle" in run(*words).lines
    (finding,) = run(*words, "--json").json["findings"]
    assert finding["fix"].endswith("\nOption: --bundle")
    assert "→ Options: --passphrase-file, --passphrase-env" in run("inspect", "alone.pfx").lines


def test_options_and_codes_exist() -> None:
    """The table of options names rules that exist, and options that the commands have."""
    assert {*OPTIONS} <= {*RULES}
    known = {
        option
        for name in ("check", "convert", "store")
        for parameter in group.get_command(None, name).params  # type: ignore[arg-type, union-attr]
        for option in parameter.opts
    }
    assert {option for options in OPTIONS.values() for option in options} <= known
