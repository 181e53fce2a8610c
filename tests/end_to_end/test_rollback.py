"""An update that another resource of the stack makes fail is undone, names included."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from dev.certificates.authority import Authority
from support.neighbor import add_neighbor

if TYPE_CHECKING:
    from pathlib import Path

    from dev.certificates.authority import Issued
    from support.projects import CheckOut, Project

pytestmark = pytest.mark.end_to_end


def test_rotation_that_is_rolled_back(
    project: Project, check_out: CheckOut, material: Issued, tmp_path: Path
) -> None:
    """The certificate that was there has its id, its name and its path again; the new one is gone."""
    checkout = check_out(tmp_path / "checkout")
    add_neighbor(checkout)
    renewed = Authority.root(at=datetime.now(UTC)).intermediate().leaf("www.example.com")
    contexts = {}
    for name, each in {"first": material, "renewed": renewed}.items():
        certificate, chain = each.write(tmp_path / name)
        project.store_key(each.key_pem(), name=name)
        contexts[name] = {
            "certificate": str(certificate),
            "chain": str(chain),
            "secret": name,
            "name": "www",
            "propagation": "0",
        }
    cli = project.cli(root=checkout)
    options = ("--require-approval", "never")
    created = cli.on_app("deploy", *options, context=contexts["first"])
    assert created.exit_code == 0, created.output
    before = project.observer.snapshot()
    failed = cli.on_app(
        "deploy", *options, context=contexts["renewed"] | {"path": "/renewed/", "broken": "yes"}
    )
    assert failed.exit_code == 1, failed.output
    assert "function:missing" in failed.output
    assert project.observer.snapshot() == before
