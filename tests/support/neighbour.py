"""A resource beside the certificate of the example app that fails on request."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_NEIGHBOUR = """
if app.node.try_get_context("broken"):
    from aws_cdk import CustomResource

    missing = "arn:aws:lambda:eu-central-1:111122223333:function:missing"
    broken = CustomResource(stack, "Broken", service_token=missing)
    broken.node.add_dependency(stack.node.find_child("Certificate"))
app.synth()
"""


def add_neighbour(checkout: Path) -> None:
    """Have the app of a checkout declare it with ``-c broken=yes``: it comes after the certificate."""
    app = checkout / "app.py"
    app.write_text(app.read_text().replace("\napp.synth()\n", _NEIGHBOUR))
