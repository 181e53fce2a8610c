"""The life of a certificate in an account that enforces policies, the function's role included."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import ClientError

from dev.certificates.authority import Authority
from support.neighbor import add_neighbor

if TYPE_CHECKING:
    from pathlib import Path

    from dev.certificates.authority import Issued
    from local_cloud import LocalCloud
    from support.projects import CheckOut, Project, StartProject

pytestmark = pytest.mark.end_to_end


def test_life_under_the_policy_of_the_template(
    start_project: StartProject, check_out: CheckOut, tmp_path: Path
) -> None:
    """The role may do what each step takes: move, replace under one name, undo that, and delete."""
    (tmp_path / "project").mkdir()
    with start_project(tmp_path / "project", auth=True) as project:
        assert_enforced(project.cloud)
        checkout = check_out(tmp_path / "checkout")
        add_neighbor(checkout)
        cli = project.cli(root=checkout)
        options = ("--require-approval", "never")
        authority = Authority.root(at=datetime.now(UTC)).intermediate()
        first, second, third = (
            declared(project, authority.leaf("www.example.com"), tmp_path / name)
            for name in ("first", "second", "third")
        )
        renamed = {"name": "web", "path": "/cloudfront/web/"}

        created = cli.on_app("deploy", *options, context=first | {"name": "www", "path": "/a/"})
        assert created.exit_code == 0, created.output
        (before,) = project.observer.snapshot().certificates
        moved = cli.on_app("deploy", *options, context=first | renamed)
        assert moved.exit_code == 0, moved.output
        (after,) = project.observer.snapshot().certificates
        assert after.certificate_id == before.certificate_id
        assert (after.name, after.path) == ("web", "/cloudfront/web/")

        renewed = cli.on_app("deploy", *options, context=second | renamed)
        assert renewed.exit_code == 0, renewed.output
        stood = project.observer.snapshot()
        (replacement,) = stood.certificates
        assert replacement.certificate_id != before.certificate_id
        assert replacement.name == "web"

        broken = third | renamed | {"path": "/renewed/", "broken": "yes"}
        failed = cli.on_app("deploy", *options, context=broken)
        assert failed.exit_code == 1, failed.output
        assert "function:missing" in failed.output
        assert project.observer.snapshot() == stood

        (log,) = project.observer.logs().values()
        assert b"decision" in log
        assert b"not authorized" not in log
        assert b"wait for a permission" not in log

        destroyed = cli.on_app("destroy", "--force", context=second | renamed)
        assert destroyed.exit_code == 0, destroyed.output
        assert project.observer.snapshot().certificates == ()


def assert_enforced(cloud: LocalCloud) -> None:
    """See that who was granted nothing may do nothing."""
    cloud.client("iam").create_user(UserName="nobody")
    key = cloud.client("iam").create_access_key(UserName="nobody")["AccessKey"]
    with pytest.raises(ClientError, match="not authorized to perform: iam:ListServerCertificates"):
        cloud.client("iam", credentials=key).list_server_certificates()


def declared(project: Project, material: Issued, directory: Path) -> dict[str, str]:
    """Store a key, and return the context that declares its certificate."""
    certificate, chain = material.write(directory)
    project.store_key(material.key_pem(), name=directory.name)
    return {
        "certificate": str(certificate),
        "chain": str(chain),
        "secret": directory.name,
        "propagation": "0",
    }
