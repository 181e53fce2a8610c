"""A chain that is too long for the template, deployed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from cdk_iam_server_certificate.synth.chain_asset import MAX_TEXT_IN_TEMPLATE
from dev.certificates.authority import Authority

if TYPE_CHECKING:
    from support.projects import Project

pytestmark = pytest.mark.end_to_end


def test_long_chain(project: Project) -> None:
    """It reaches IAM as an asset, because the template has no room for it."""
    authority = Authority.root(at=datetime.now(UTC))
    for number in range(32):
        authority = authority.intermediate(f"Example Intermediate {number}")
    leaf = authority.leaf("www.example.com")
    project.store_key(leaf.key_pem())
    certificate, chain = project.directory / "leaf.pem", project.directory / "chain.pem"
    certificate.write_text(leaf.pem)
    chain.write_text(leaf.chain_pem())
    deployed = project.deploy(
        {"certificate": str(certificate), "chain": str(chain), "propagation": "0", "name": "long"}
    )
    assert deployed.exit_code == 0, deployed.output
    stored = project.cloud.client("iam").get_server_certificate(ServerCertificateName="long")
    sent = stored["ServerCertificate"]["CertificateChain"]
    assert len(sent) > MAX_TEXT_IN_TEMPLATE
    assert sent.strip() == leaf.chain_pem().strip()
