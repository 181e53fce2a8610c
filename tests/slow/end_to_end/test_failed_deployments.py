"""Mistakes that only the function can find: the deployment fails, says why, and leaves nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dev.certificates.forms import PASSPHRASE

if TYPE_CHECKING:
    from dev.certificates.authority import Issued
    from support.projects import Project

pytestmark = pytest.mark.end_to_end


def test_secret_that_does_not_exist(project: Project, context: dict[str, str]) -> None:
    """The secret is named, and what to check."""
    said = _failed(project, context | {"secret": "shop/private-key"})
    assert ":secret:shop/private-key" in said
    assert "doesn't exist in this account and Region. Check the ARN" in said


def test_secret_without_pem(project: Project, context: dict[str, str]) -> None:
    """A secret with other content is not quoted, and the error says how to fix it."""
    project.store_key("correct horse battery staple")
    said = _failed(project, context)
    assert "private-key (secret 'arn:" in said
    assert "not a private key in PEM" in said
    assert "correct horse" not in said


def test_encrypted_key(project: Project, context: dict[str, str], material: Issued) -> None:
    """A key with a passphrase is refused, with the command that removes it."""
    project.store_key(material.key_pem(password=PASSPHRASE))
    said = _failed(project, context)
    assert "it is encrypted, but no passphrase was given; IAM accepts only unencrypted keys" in said
    assert "Provide its passphrase, or decrypt it: openssl " in said


def test_name_of_a_foreign_certificate(
    project: Project, context: dict[str, str], material: Issued
) -> None:
    """The owner of the name is reported and not changed, and the error says what to do."""
    project.store_key(material.key_pem())
    project.cloud.client("iam").upload_server_certificate(
        ServerCertificateName="www",
        CertificateBody=material.pem,
        PrivateKey=material.key_pem(),
    )
    foreign = project.observer.certificate("www")
    said = _failed(project, context | {"name": "www"})
    assert f"The name 'www' is taken by the certificate {foreign.certificate_id}" in said
    assert "Choose a different server_certificate_name" in said
    assert project.observer.snapshot().certificates == (foreign,)


def _failed(project: Project, context: dict[str, str]) -> str:
    before = project.observer.snapshot().certificates
    outcome = project.deploy(context)
    assert outcome.exit_code == 1, outcome.output
    stacks = project.cloud.client("cloudformation")
    (stack,) = stacks.describe_stacks(StackName="Certificates")["Stacks"]
    assert stack["StackStatus"] == "ROLLBACK_COMPLETE"
    snapshot = project.observer.snapshot()
    assert snapshot.resource is None
    assert snapshot.certificates == before
    assert project.cloud.client("lambda").list_functions()["Functions"] == []
    return " ".join(outcome.output.split())
