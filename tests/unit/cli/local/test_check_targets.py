"""``check`` with folders, and with several targets."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dev.certificates.authority import Fault
from support.command import AT, run, write_certbot, write_parts

if TYPE_CHECKING:
    from pathlib import Path

    from dev.certificates.authority import Authority, Issued


@pytest.fixture
def live(here: Path, authority: Authority, leaf: Issued) -> Path:
    """Return certbot's ``live`` folder with a valid and an expired certificate, and another file."""
    write_certbot(here / "live/a.example.com", leaf)
    expired = authority.leaf("b.example.com", fault=Fault.EXPIRED)
    write_certbot(here / "live/b.example.com", expired)
    (here / "live/other").mkdir()
    (here / "live/.hidden").mkdir()
    (here / "live/README").write_text("This directory contains your keys.\n")
    return here / "live"


def test_folder_of_certbot_is_known(here: Path, leaf: Issued) -> None:
    """Certbot's names are known, and the leaf comes from cert.pem, so no conversion is needed."""
    write_certbot(here / "www", leaf)
    ended = run("check", "www", *AT, "--strict")
    assert ended.code == 0
    assert "private-key  EC P-256  (www/privkey.pem)" in ended.lines


def test_fullchain_alone_is_enough(here: Path, leaf: Issued) -> None:
    """A folder with only fullchain.pem and privkey.pem is known, too."""
    folder = write_certbot(here / "www", leaf)
    (folder / "cert.pem").unlink()
    (folder / "chain.pem").unlink()
    ended = run("check", "www", *AT)
    assert ended.code == 0
    assert "fixable certificate-holds-chain" in ended.out
    assert ended.lines[-1].startswith("server-certificate convert www --at")


def test_our_names_come_first(here: Path, leaf: Issued, authority: Authority) -> None:
    """If two layouts contain the same certificate, ours is used; otherwise it is an error."""
    write_certbot(here / "www", leaf)
    write_parts(here / "www", leaf)
    assert "(certificate, www/certificate.pem)" in run("check", "www", *AT).lines[0]
    write_certbot(here / "www", authority.leaf("other.example.com"))
    assert "2 certificates: 'certificate.pem', 'cert.pem'." in run("check", "www", *AT).err


def test_links_are_followed_and_dangling_ones_told(here: Path, leaf: Issued) -> None:
    """Certbot's links to its archive are followed, and a broken link is an unreadable file."""
    archive = write_parts(here / "archive", leaf)
    folder = here / "www"
    folder.mkdir()
    for name in ("certificate.pem", "certificate-chain.pem", "private-key.pem"):
        (folder / name).symlink_to(archive / name)
    assert run("check", "www", *AT).code == 0
    (archive / "certificate-chain.pem").unlink()
    ended = run("check", "www", *AT)
    assert ended.code == 2
    assert "'www/certificate-chain.pem': it does not exist" in ended.err


def test_unknown_folder_says_what_was_looked_for(here: Path) -> None:
    """A folder without known names is an error that lists the known names."""
    (here / "www").mkdir()
    (here / "www/server.txt").write_text("")
    ended = run("check", "www")
    assert (ended.code, ended.out) == (2, "")
    for name in ("certificate.pem", "certificate-chain.pem", "private-key.pem", "cert.pem",
                 "chain.pem", "privkey.pem", "fullchain.pem", "tls.crt"):  # fmt: skip
        assert name in ended.err


@pytest.mark.usefixtures("live")
def test_folder_of_folders_gives_a_line_each() -> None:
    """Each folder has a line with verdict, name, days and first error, followed by the totals."""
    ended = run("check", "live", *AT)
    assert ended.code == 1
    assert ended.out == (
        "✓ accepted  live/a.example.com  www.example.com  45 days left\n"
        "✗ rejected  live/b.example.com  b.example.com    expired less than a minute ago  1 error"
        "  certificate-expired: 'CN=b.example.com' expired on 2030-06-15T11:59:59Z; IAM only"
        " accepts valid certificates.\n"
        "\n"
        "2 targets: 1 accepted, 1 rejected.\n"
        "To see all findings and the chains, use --verbose, or check a single target.\n"
    )
    assert ended.err == (
        "Skipped, because no file there has a known name: 'live/README', 'live/other'.\n"
    )


@pytest.mark.usefixtures("live")
def test_verbose_draws_each_target() -> None:
    """With --verbose, each target has a full report, followed by the totals."""
    ended = run("check", "live", *AT, "--verbose")
    assert ended.code == 1
    at = ended.lines.index
    assert at("━━ live/a.example.com") < at("✓ Accepted: no findings.")
    assert at("✓ Accepted: no findings.") < at("━━ live/b.example.com")
    assert at("━━ live/b.example.com") < at("✗ Rejected: 1 error.")
    assert ended.lines[-1] == "2 targets: 1 accepted, 1 rejected."


@pytest.mark.usefixtures("live")
def test_many_targets_as_json() -> None:
    """In JSON, several targets are one object with a list of targets."""
    ended = run("check", "live", *AT, "--json")
    assert ended.code == 1
    assert ended.json["accepted"] is ended.json["accepted_as_is"] is False
    alone = run("check", "live/a.example.com", *AT, "--json").target
    assert ended.json["targets"][0] == alone
    assert ended.json["targets"][1]["target"] == "live/b.example.com"


def test_unreadable_target_is_an_object_as_well(here: Path) -> None:
    """With --json, the only target can be unreadable, and the exit code says so."""
    ended = run("check", here / "missing", *AT, "--json")
    assert (ended.code, ended.err) == (2, "")
    assert "does not exist" in ended.target["unreadable"]
    assert ended.target["accepted"] is ended.json["accepted"] is False


def test_unreadable_target_leaves_the_others_their_verdicts(good: Path) -> None:
    """An unreadable target is reported with the others, and determines the exit code."""
    ended = run("check", "good", "missing", *AT)
    assert ended.code == 2
    assert ended.lines[0] == "✓ accepted    good     www.example.com  45 days left"
    assert ended.lines[1].startswith("✗ unreadable  missing  'missing': it does not exist")
    assert "2 targets: 1 accepted, 1 unreadable." in ended.lines
    assert run("check", "missing", "good", *AT).lines[1] == ended.lines[0]
    drawn = run("check", "good", "missing", *AT, "-v")
    assert any(line.startswith("✗ 'missing': it does not exist") for line in drawn.lines)
    missing = run("check", good, "missing", *AT, "--json").json["targets"][1]
    assert missing["accepted"] is False
    assert missing["unreadable"].startswith("'missing': it does not exist")


def test_strict_counts_for_each_of_many(good: Path, leaf: Issued) -> None:
    """With --strict, one target that must be converted results in exit code 1."""
    (good.parent / "bundle.p12").write_bytes(leaf.pkcs12(None))
    assert run("check", "good", "bundle.p12", *AT).code == 0
    ended = run("check", "good", "bundle.p12", *AT, "--strict")
    assert ended.code == 1
    assert "✗ accepted after conversion  bundle.p12" in ended.out


def test_target_without_certificate_has_a_line(good: Path) -> None:
    """A target without a certificate has its own line."""
    (good.parent / "page.html").write_text("<!DOCTYPE html>")
    line = run("check", "good", "page.html", *AT).lines[1]
    assert line.startswith("✗ rejected  page.html  no certificate")
    assert "1 error  wrong-kind:" in line
