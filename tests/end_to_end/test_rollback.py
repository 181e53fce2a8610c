"""An update that another resource of the stack makes fail is undone, names included."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from demo.authority import Authority

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import CheckOut, Project
    from demo.authority import Material

pytestmark = pytest.mark.end_to_end

BROKEN_RESOURCE = """
if app.node.try_get_context("broken"):
    from aws_cdk import CustomResource

    missing = "arn:aws:lambda:eu-central-1:111122223333:function:missing"
    broken = CustomResource(stack, "Broken", service_token=missing)
    broken.node.add_dependency(stack.node.find_child("Certificate"))
app.synth()
"""


def test_rotation_that_is_rolled_back(
    project: Project, check_out: CheckOut, material: Material, tmp_path: Path
) -> None:
    """The certificate that was there has its id, its name and its path again; the new one is gone."""
    checkout = check_out(tmp_path / "checkout")
    app = checkout / "app.py"
    app.write_text(app.read_text().replace("\napp.synth()\n", BROKEN_RESOURCE))
    renewed = Authority(now=datetime.now(UTC)).issue("www.example.com")
    contexts = {}
    for name, each in {"first": material, "renewed": renewed}.items():
        certificate, chain = each.write(tmp_path / name)
        project.store_key(each.private_key_pem, name=name)
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
