"""A name that one certificate passed on to another comes back in a rollback."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from dev.certificates.authority import Authority
from support.neighbor import add_neighbor

if TYPE_CHECKING:
    from pathlib import Path

    from support.projects import CheckOut, StartProject

pytestmark = pytest.mark.end_to_end


def test_name_that_was_passed_on_comes_back(
    start_project: StartProject, check_out: CheckOut, tmp_path: Path
) -> None:
    """
    A certificate gives its name to a new one and something fails: it gets the name back.

    CloudFormation deletes the new one only after it has rolled the other back. All with the
    permissions of the synthesized policy alone.
    """
    checkout = check_out(tmp_path / "checkout")
    add_neighbor(checkout)
    authority = Authority.root(at=datetime.now(UTC)).intermediate()
    giver, taker = (authority.leaf(f"{name}.example.com") for name in ("giver", "taker"))
    certificate, chain = giver.write(tmp_path / "giver")
    takers_certificate, takers_chain = taker.write(tmp_path / "taker")
    declared = {
        "certificate": str(certificate),
        "chain": str(chain),
        "secret": "giver",
        "name": "www",
        "propagation": "0",
    }
    passed_on = declared | {
        "name": "shop",
        "taker": "www",
        "takers-certificate": str(takers_certificate),
        "takers-chain": str(takers_chain),
        "takers-secret": "taker",
    }
    (tmp_path / "cloud").mkdir()
    with start_project(tmp_path / "cloud", auth=True) as project:
        project.store_key(giver.key_pem(), name="giver")
        project.store_key(taker.key_pem(), name="taker")
        cli = project.cli(root=checkout)
        options = ("--require-approval", "never")
        created = cli.on_app("deploy", *options, context=declared)
        assert created.exit_code == 0, created.output
        before = project.observer.snapshot()
        failed = cli.on_app("deploy", *options, context=passed_on | {"broken": "yes"})
        assert failed.exit_code == 1, failed.output
        assert "function:missing" in failed.output, failed.output
        cloudformation = project.cloud.client("cloudformation")
        (stack,) = cloudformation.describe_stacks(StackName="Certificates")["Stacks"]
        assert stack["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
        assert project.observer.snapshot() == before
        succeeded = cli.on_app("deploy", *options, context=passed_on)
        assert succeeded.exit_code == 0, succeeded.output
        held = {
            each.name: each.certificate_der for each in project.observer.snapshot().certificates
        }
        assert held == {"shop": giver.der, "www": taker.der}
