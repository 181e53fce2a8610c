"""What check, inspect and convert show on a terminal, as recorded in ``tests/snapshots/screens``."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from dev.certificates.authority import Authority, Fault, to_pem
from support.command import write_parts

if TYPE_CHECKING:
    from pathlib import Path

    from dev.certificates.authority import Issued
    from support.screens import Screens


@pytest.mark.usefixtures("good")
def test_accepted_certificate(screens: Screens) -> None:
    """A certificate that is accepted is drawn with its chain."""
    screens.compare("check-accepted", "check", "good")


def test_certificate_without_a_key(screens: Screens, good: Path) -> None:
    """Without a private key, nothing says that there is one."""
    (good / "private-key.pem").unlink()
    screens.compare(
        "check-without-key",
        "check",
        "good/certificate.pem",
        "--chain",
        "good/certificate-chain.pem",
    )


def test_rejected_certificate(screens: Screens, here: Path) -> None:
    """Findings and commands stay next to the tree, and many names don't break it."""
    names = [f"host-{number}.department.example.com" for number in range(14)]
    leaf = Authority.root().intermediate("Example CA 1").leaf(*names, fault=Fault.EXPIRED)
    (here / "download").mkdir()
    (here / "download/certificate.crt").write_bytes(leaf.der)
    (here / "download/private.key").write_text(leaf.key_pem())
    (here / "download/ca_bundle.crt").write_text(to_pem(*reversed(leaf.chain())))
    screens.compare("check-rejected", "check", "download", "--for", "cloudfront", "--path", "/www/")


def test_several_targets(screens: Screens, good: Path, authority: Authority) -> None:
    """Each target has a row, whose cells are stacked if they don't fit."""
    write_parts(good.parent / "old", authority.leaf("api.example.com", fault=Fault.EXPIRED))
    (good.parent / "fullchain.pem").write_text(
        (good / "certificate.pem").read_text() + (good / "certificate-chain.pem").read_text()
    )
    os.mkfifo(good.parent / "pipe")
    screens.compare("check-several", "check", "good", "old", "fullchain.pem", "pipe")


def test_inspect(screens: Screens, here: Path, leaf: Issued) -> None:
    """Long values are wrapped next to their labels."""
    (here / "www.pfx").write_bytes(leaf.pkcs12(None))
    screens.compare("inspect", "inspect", "www.pfx")
