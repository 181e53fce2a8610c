"""``check``: verdicts, exit codes and the report."""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from dev.certificates.authority import DAY, NOW, Authority, Fault, self_signed
from dev.certificates.forms import PASSPHRASE
from server_certificate.assessment import Criteria
from server_certificate_cli.local.convert_command import convert_command
from server_certificate_cli.local.material import Parts
from server_certificate_cli.local.passphrases import PassphraseSource
from server_certificate_cli.local.targets import Target
from support.command import AT, run, write_parts

if TYPE_CHECKING:
    from pathlib import Path

    from dev.certificates.authority import Issued

COMMAND = "  server-certificate convert"
BASH = shutil.which("bash") or ""


@pytest.mark.usefixtures("good")
def test_good_material_is_accepted() -> None:
    """The report of a valid certificate contains only the chain and the verdict, with exit code 0."""
    ended = run("check", "good", *AT)
    assert (ended.code, ended.err) == (0, "")
    assert ended.out == (
        "www.example.com  (certificate, good/certificate.pem)\n"
        "│  EC P-256, 45 days left, until 2030-07-30T12:00:00Z\n"
        "└─ Example Intermediate  (chain[0], good/certificate-chain.pem)\n"
        "   │  signs www.example.com\n"
        "   │  EC P-256, 1,825 days left, until 2035-06-14T12:00:00Z\n"
        "   └─ Example Root  (chain[1], good/certificate-chain.pem)\n"
        "         signs Example Intermediate and itself\n"
        "         EC P-256, 3,650 days left, until 2040-06-12T12:00:00Z\n"
        "\n"
        "private-key  EC P-256  (good/private-key.pem)\n"
        "\n"
        "✓ Accepted: no findings.\n"
    )


def test_parts_are_named_by_options(here: Path, leaf: Issued) -> None:
    """Options name the files of the certificate, the private key and the chain."""
    write_parts(here, leaf)
    ended = run(
        "check", *AT, "--certificate", "certificate.pem", "--private-key", "private-key.pem",
        "--chain", "certificate-chain.pem", "--json",
    )  # fmt: skip
    assert ended.code == 0
    assert ended.target["accepted_as_is"] is True
    assert len(ended.target["chain"]) == 2
    assert ended.target["private_key"] == {"algorithm": "EC P-256", "size": 256, "encrypted": False}


def test_errors_stand_under_the_element_they_concern(here: Path, authority: Authority) -> None:
    """A finding about the leaf is shown below the leaf, with its fix."""
    write_parts(here / "old", authority.leaf("www.example.com", fault=Fault.EXPIRED))
    ended = run("check", "old", *AT)
    assert ended.code == 1
    at = ended.lines.index
    error = next(line for line in ended.lines if "error certificate-expired:" in line)
    assert error.startswith("│  ✗ error certificate-expired: ")
    assert at(error) + 1 == at("│    → Renew the certificate.")
    assert at(error) < at("└─ Example Intermediate  (chain[0], old/certificate-chain.pem)")
    assert ended.lines[-1] == "✗ Rejected: 1 error."


def test_other_findings_stand_in_groups_of_their_own(here: Path, leaf: Issued) -> None:
    """Findings about the key, the name and the path are shown below the chain, with headings."""
    write_parts(here / "www", leaf.with_other_key())
    ended = run("check", "www", *AT, "--name", "a b", "--path", "www")
    assert ended.code == 1
    heads = [line for line in ended.out.splitlines() if line and not line.startswith(" ")]
    assert heads[-4:] == [
        "private-key  EC P-256  (www/private-key.pem)",
        "name  a b",
        "path  www",
        "✗ Rejected: 3 errors.",
    ]
    assert "→ Use '/www/'." in ended.lines


def test_missing_root_and_missing_key_are_said(here: Path, leaf: Issued) -> None:
    """The report shows what was not provided."""
    (here / "cert.pem").write_text(leaf.pem)
    (here / "chain.pem").write_text(leaf.chain_pem(root=False))
    ended = run("check", *AT, "--certificate", "cert.pem", "--chain", "chain.pem")
    assert ended.code == 0
    assert "└─ Example Root  (not provided)" in ended.lines
    assert "No private key was provided. Only the certificates were checked." in ended.lines


def test_self_signed_certificate_is_drawn_alone(here: Path) -> None:
    """A self-signed leaf has no issuer above it, and is marked."""
    write_parts(here / "self", self_signed())
    ended = run("check", "self", *AT)
    assert "signs itself" in ended.lines
    assert "not given" not in ended.out


def test_what_can_be_converted_comes_with_the_command(here: Path, leaf: Issued) -> None:
    """For a bundle, the last line is the command to convert it."""
    (here / "my certificate.p12").write_bytes(leaf.pkcs12(PASSPHRASE))
    (here / "passphrase").write_text(PASSPHRASE)
    bundle = ["--bundle", "my certificate.p12", "--passphrase-file", "passphrase"]
    ended = run("check", *AT, *bundle, "--ignore", "chain-missing")
    assert ended.code == 0
    assert "✓ Accepted after conversion: 1 fixable." in ended.lines
    assert ended.out.splitlines()[-1] == (
        f"{COMMAND} --bundle 'my certificate.p12' --passphrase-file passphrase --ignore"
        " chain-missing --at 2030-06-15T12:00:00Z --output converted"
    )


@pytest.mark.skipif(not BASH, reason="needs bash")
def test_command_for_odd_file_names_can_be_copied(here: Path, leaf: Issued) -> None:
    """Control characters in a file name are escaped in the command for the shell."""
    name = "my\n$1\\ 'new' \x1b[31m\u202ez\u00fcrich7.p12"
    (here / name).write_bytes(leaf.pkcs12(None))
    ended = run("check", *AT, name)
    proposed = ended.out.splitlines()[-1]
    assert "To convert it to the format that IAM requires, run in bash or zsh:" in ended.lines
    assert proposed.strip().isprintable()
    printed = subprocess.run(
        [BASH, "-c", f"printf '%s\\0' {proposed}"], capture_output=True, check=True, timeout=60
    )
    words = printed.stdout.decode().split("\0")[1:-1]
    assert name in words
    assert run(*words).code == 0


def test_strict_rejects_what_has_to_be_converted(here: Path, leaf: Issued) -> None:
    """With --strict, input that must be converted is rejected."""
    (here / "bundle.p12").write_bytes(leaf.pkcs12(None))
    assert run("check", *AT, "bundle.p12").code == 0
    ended = run("check", *AT, "bundle.p12", "--strict")
    assert ended.code == 1
    assert "✗ Accepted after conversion: 1 fixable." in ended.lines
    assert "which --strict rejects" in ended.out


def test_strict_is_not_misled_by_ignoring(here: Path, leaf: Issued) -> None:
    """Ignored findings that require conversion still prevent acceptance without conversion."""
    (here / "bundle.p12").write_bytes(leaf.pkcs12(None))
    words = ["bundle.p12", *AT, "--ignore", "pkcs12"]
    assert run("check", *words).code == 0
    ended = run("check", *words, "--strict")
    assert ended.code == 1
    assert "✗ Accepted after conversion: 1 info." in ended.lines
    converted = run("convert", *words, "--output", "www")
    assert "✓ Converted: 1 fixed." in converted.lines


@pytest.mark.usefixtures("good")
def test_strict_accepts_what_is_right_as_it_is() -> None:
    """With --strict, input that needs no conversion is accepted."""
    assert run("check", *AT, "good", "--strict").code == 0


def test_instant_decides(here: Path, leaf: Issued) -> None:
    """The validity is checked at the time of --at, in any time zone."""
    write_parts(here / "www", leaf)
    after = (NOW + 46 * DAY).isoformat()
    assert "expired 1 day ago, on 2030-07-30T12:00:00Z" in run("check", "www", "--at", after).out
    for same in ("2030-06-15t14:00:00.5+02:00", "2030-06-15 12:00:00z"):
        assert run("check", "www", "--at", same).code == 0
    before = run("check", "www", "--at", "2030-06-01T00:00:00Z")
    assert "valid in 13 days, from 2030-06-14T12:00:00Z" in before.out
    assert before.code == 1


def test_days_of_warning_are_chosen(good: Path) -> None:
    """A certificate that expires within --expiry-days is reported."""
    assert "expires-soon" not in run("check", good, *AT).out
    assert "! warning expires-soon:" in run("check", good, *AT, "--expiry-days", "60").out


def test_consumer_decides(good: Path) -> None:
    """What a consumer doesn't support is an error if the consumer is named."""
    ended = run("check", good, *AT, "--for", "cloudfront", "--path", "/www/", "--json")
    found = {finding["code"] for finding in ended.target["findings"]}
    assert {"cloudfront-path", "cloudfront-root"} <= found


def test_ignored_finding_weighs_nothing(here: Path, leaf: Issued) -> None:
    """An acknowledged error is shown, but doesn't reject the certificate."""
    (here / "cert.pem").write_text(leaf.pem)
    check = ["check", *AT, "--certificate", "cert.pem"]
    assert run(*check).code == 1
    ended = run(*check, "--ignore", "chain-missing")
    assert ended.code == 0
    assert "· info, ignored chain-missing:" in ended.out


def test_standard_input_is_read_once(leaf: Issued) -> None:
    """A file named '-' is standard input, as an option or a target."""
    bundle = (leaf.key_pem() + leaf.fullchain_pem()).encode()
    for way in (["-"], ["--bundle", "-"]):
        assert run("check", *AT, *way, stdin=bundle).code == 0
    piped = run("check", *AT, "--certificate", "-", stdin=leaf.fullchain_pem().encode())
    assert piped.code == 0
    assert "(certificate[0], -)" in piped.out


def test_nothing_readable_still_ends_in_a_verdict(here: Path) -> None:
    """Without a certificate, the report contains only findings and a verdict."""
    (here / "page.html").write_text("<!DOCTYPE html><title>Sign in</title>")
    ended = run("check", "page.html", *AT)
    assert ended.code == 1
    assert ended.lines[0] == "No certificate could be read."
    assert ended.lines[-1] == "✗ Rejected: 1 error."


def test_unreadable_key_is_said(here: Path, leaf: Issued) -> None:
    """An unreadable private key is not reported as missing."""
    write_parts(here / "www", leaf)
    (here / "www/private-key.pem").write_text("no key")
    assert "private-key  can't be read  (www/private-key.pem)" in run("check", "www", *AT).lines


def test_names_of_others_are_shown_as_they_are(here: Path) -> None:
    """Markup in a certificate's names is not interpreted, and control characters are escaped."""
    hostile = "[red]evil[/]\x1b[31m\u202egro.live\n"
    root = Authority.root(hostile)
    write_parts(here / "www", root.leaf("www.example.com"))
    for env in ({}, {"FORCE_COLOR": "1"}):
        out = run("check", "www", *AT, env=env).out
        assert r"[red]evil[/]\x1b[31m\u202egro.live\n" in out
        assert "\x1b[31m" not in out


def test_further_names_are_listed_up_to_a_limit(here: Path, authority: Authority) -> None:
    """Names other than the common name are listed, up to a limit."""
    names = [f"n{number}.example.com" for number in range(12)]
    write_parts(here / "www", authority.leaf(*names))
    line = run("check", "www", *AT).lines[1]
    assert line.endswith(f", for {', '.join(names[:10])} and 2 more")


def test_deep_chain_stays_on_the_screen(here: Path) -> None:
    """The indentation of a deep chain is limited."""
    issuer = Authority.root()
    for number in range(16):
        issuer = issuer.intermediate(f"CA {number}")
    write_parts(here / "www", issuer.leaf("www.example.com"))
    out = run("check", "www", *AT).out.splitlines()
    depths = [line.index("└─ ") for line in out if "└─ " in line]
    assert depths == [*range(0, 36, 3), *[33] * 5]


def test_bundle_of_json_names_its_file(here: Path, leaf: Issued) -> None:
    """The parts of a JSON bundle are shown with the same file name."""
    parts = {
        "certificate": leaf.pem,
        "privateKey": leaf.key_pem(),
        "certificateChain": leaf.chain_pem(),
    }
    (here / "secret.json").write_text(json.dumps(parts))
    ended = run("check", "secret.json", *AT)
    assert ended.lines[0] == "www.example.com  (certificate, secret.json)"
    assert "private-key  EC P-256  (secret.json)" in ended.lines


def test_unreadable_key_of_a_bundle_is_said(here: Path, leaf: Issued) -> None:
    """An unreadable private key in a JSON bundle is not reported as missing."""
    parts = {"certificate": leaf.pem, "privateKey": "no key", "certificateChain": leaf.chain_pem()}
    (here / "secret.json").write_text(json.dumps(parts))
    assert "private-key  can't be read" in run("check", "secret.json", *AT).lines


def test_instant_of_today_is_not_repeated() -> None:
    """The suggested command has --at only if the option was used."""
    bundle = Target(name="a", parts=Parts(bundle="a"), arguments=("--bundle", "a"))
    words = convert_command(bundle, PassphraseSource(), Criteria(at=NOW))
    assert " ".join(words) == "server-certificate convert --bundle a --output converted"


def test_certificate_without_a_name_is_called_so(here: Path, authority: Authority) -> None:
    """A leaf without a subject is named by its first alternative name."""
    write_parts(here / "www", authority.leaf("www.example.com", common_name=""))
    assert run("check", "www", *AT).lines[0].startswith("www.example.com  (certificate,")


def test_long_commands_stay_on_one_line(here: Path, leaf: Issued) -> None:
    """In a pipe, a fix is on one line, regardless of its length."""
    name = "x" * 150 + ".p12"
    (here / name).write_bytes(leaf.pkcs12(None))
    ended = run("check", name, *AT)
    assert any(f"openssl pkcs12 -in {name} -out bundle.pem -nodes" in line for line in ended.lines)


def test_long_chains_are_drawn_in_part(tmp_path: Path) -> None:
    """Of a long chain, only the first and last certificates and those with findings are shown."""
    authorities = [Authority.root("0")]
    for number in range(1, 40):
        fault = Fault.EXPIRED if number == 10 else None
        authorities.append(authorities[-1].intermediate(str(number), fault=fault))
    folder = write_parts(tmp_path / "long", authorities[-1].leaf())
    ended = run("check", *AT, folder)
    assert ended.code == 1
    lines = [line.strip(" └─") for line in ended.lines]
    assert [line for line in lines if "more without findings" in line] == [
        "10 more without findings",
        "9 more without findings",
    ]
    assert any(line.startswith("10  (chain[29]") for line in lines)
    assert any(line.startswith("0  (chain[39]") for line in lines)
