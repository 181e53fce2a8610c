"""A certificate that somebody uploaded is taken over, given back by a rollback, and then the stack's own."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from dev.certificates.authority import Authority
from support.neighbour import add_neighbour

if TYPE_CHECKING:
    from pathlib import Path

    from local_cloud import LocalCloud
    from support.projects import CheckOut, StartProject

pytestmark = pytest.mark.end_to_end


def seen(cloud: LocalCloud) -> dict[str, Any]:
    """Return what IAM says of the only certificate, tags included."""
    iam = cloud.client("iam")
    (metadata,) = iam.list_server_certificates()["ServerCertificateMetadataList"]
    name = metadata["ServerCertificateName"]
    tags = iam.list_server_certificate_tags(ServerCertificateName=name)["Tags"]
    return {
        "name": name,
        "path": metadata["Path"],
        "id": metadata["ServerCertificateId"],
        "tags": {tag["Key"]: tag["Value"] for tag in tags},
    }


def test_adoption_of_a_certificate_that_was_there(
    start_project: StartProject, check_out: CheckOut, tmp_path: Path
) -> None:
    """It keeps its id, goes back as it was when a neighbour fails, and goes with the stack in the end."""
    checkout = check_out(tmp_path / "checkout")
    add_neighbour(checkout)
    material = Authority.root(at=datetime.now(UTC)).intermediate().leaf("www.example.com")
    certificate, chain = material.write(tmp_path / "certificates")
    declared = {
        "certificate": str(certificate),
        "chain": str(chain),
        "secret": "legacy",
        "name": "legacy",
        "path": "/adopted/",
        "propagation": "0",
    }
    (tmp_path / "cloud").mkdir()
    with start_project(tmp_path / "cloud", auth=True) as project:
        project.store_key(material.key_pem(), name="legacy")
        project.cloud.client("iam").upload_server_certificate(
            ServerCertificateName="legacy",
            Path="/by-hand/",
            CertificateBody=material.pem,
            CertificateChain=material.chain_pem(),
            PrivateKey=material.key_pem(),
            Tags=[{"Key": "project", "Value": "before"}, {"Key": "owner", "Value": "ops"}],
        )
        before = seen(project.cloud)

        def uploads() -> int | None:
            return project.cloud.calls().get("UploadServerCertificate")

        cli = project.cli(root=checkout)
        options = ("--require-approval", "never")

        unasked = cli.on_app("deploy", *options, context=declared)
        assert unasked.exit_code == 1
        assert "adopt_existing=True" in unasked.output
        assert seen(project.cloud) == before
        cli.on_app("destroy", "--force", context=declared)

        adopting = declared | {"adopt": "yes"}
        failed = cli.on_app("deploy", *options, context=adopting | {"broken": "yes"})
        assert failed.exit_code == 1
        assert "function:missing" in failed.output, failed.output
        assert seen(project.cloud) == before
        cli.on_app("destroy", "--force", context=adopting)
        assert seen(project.cloud) == before

        before_adoption = uploads()
        adopted = cli.on_app("deploy", *options, context=adopting)
        assert adopted.exit_code == 0, adopted.output
        after = seen(project.cloud)
        assert (after["id"], after["path"]) == (before["id"], "/adopted/")
        assert after["tags"]["project"] == "cdk-iam-server-certificate"
        assert after["tags"]["owner"] == "ops"
        assert uploads() == before_adoption

        destroyed = cli.on_app("destroy", "--force", context=adopting)
        assert destroyed.exit_code == 0, destroyed.output
        left = project.cloud.client("iam").list_server_certificates()
        assert not left["ServerCertificateMetadataList"]
