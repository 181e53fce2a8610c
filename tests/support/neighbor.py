"""Resources next to the certificate of the example app: one that takes its name, one that fails."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_NEIGHBOR = """
from aws_cdk import CustomResource

certificate = stack.node.find_child("Certificate")
if name := app.node.try_get_context("taker"):
    taker = ServerCertificate(
        stack,
        "Taker",
        material=CertificateMaterial.from_parts(
            certificate=CertificateSource.from_file(app.node.get_context("takers-certificate")),
            chain=CertificateSource.from_file(app.node.get_context("takers-chain")),
            private_key=PrivateKeySource.from_secret(
                secretsmanager.Secret.from_secret_name_v2(
                    stack, "TakersKey", app.node.get_context("takers-secret")
                )
            ),
        ),
        server_certificate_name=name,
        propagation_time=Duration.seconds(0),
    )
    taker.node.add_dependency(certificate)
    certificate = taker
if app.node.try_get_context("broken"):
    missing = "arn:aws:lambda:eu-central-1:111122223333:function:missing"
    broken = CustomResource(stack, "Broken", service_token=missing)
    broken.node.add_dependency(certificate)
app.synth()
"""


def add_neighbor(checkout: Path) -> None:
    """
    Let the app of a checkout declare more resources next to the certificate, by context keys.

    ``-c taker=NAME`` adds a certificate that is created after it, from ``-c takers-certificate=FILE``,
    ``-c takers-chain=FILE`` and ``-c takers-secret=NAME``; ``-c broken=yes`` adds a last resource, which fails.
    """
    app = checkout / "app.py"
    app.write_text(app.read_text().replace("\napp.synth()\n", _NEIGHBOR))
