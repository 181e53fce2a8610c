"""Every source of material, deployed where policies are enforced and everything is encrypted."""

from __future__ import annotations

import shlex
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12

from cdk_iam_server_certificate._chain_asset import MAX_TEXT_IN_TEMPLATE
from demo.authority import Authority
from demo.cdk_cli import ROOT
from server_certificate.bundles import write_json_bundle
from support.certificates import Authority as IssuingAuthority

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Project, StartProject
    from demo.authority import Material
    from demo.facts import Outcome

pytestmark = pytest.mark.end_to_end

PASSPHRASE = "correct horse battery staple"  # noqa: S105 - of a test
BUCKET = "tls"


@dataclass(frozen=True, kw_only=True)
class Versions:
    """The versions in which a material was stored."""

    secret: str
    parameter: str
    object: str


class Sources:
    """The account's secrets, parameters and objects, all under one customer-managed key."""

    def __init__(self, project: Project) -> None:
        client = project.cloud.client
        self.key_arn = client("kms").create_key()["KeyMetadata"]["Arn"]
        self._secrets: Any = client("secretsmanager")
        self._parameters: Any = client("ssm")
        self._objects: Any = client("s3")
        location = {"LocationConstraint": project.cloud.region}
        self._objects.create_bucket(Bucket=BUCKET, CreateBucketConfiguration=location)
        enabled = {"Status": "Enabled"}
        self._objects.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration=enabled)
        for name in ("www/json", "www/pfx", "www/passphrase"):
            self._secrets.create_secret(Name=name, KmsKeyId=self.key_arn)
        self._secrets.put_secret_value(SecretId="www/passphrase", SecretString=PASSPHRASE)

    def store(self, material: Material) -> Versions:
        """Store a material everywhere, in new versions."""
        chain = material.chain_pem
        bundle = write_json_bundle(
            certificate=material.certificate_pem, chain=chain, private_key=material.private_key_pem
        )
        container = pkcs12.serialize_key_and_certificates(
            b"www",
            material.private_key,
            material.certificate,
            material.chain,
            BestAvailableEncryption(PASSPHRASE.encode()),
        )
        secret = self._secrets.put_secret_value(SecretId="www/json", SecretString=bundle)
        self._secrets.put_secret_value(SecretId="www/pfx", SecretBinary=container)
        parameter = self._parameters.put_parameter(
            Name="/www/private-key",
            Type="SecureString",
            KeyId=self.key_arn,
            Value=material.private_key_pem,
            Overwrite=True,
        )
        self._parameters.put_parameter(
            Name="/www/chain", Type="String", Value=chain, Overwrite=True
        )
        self._put("www.pem", material.certificate_pem.encode())
        return Versions(
            secret=secret["VersionId"],
            parameter=str(parameter["Version"]),
            object=self._put("www.pfx", container),
        )

    def _put(self, key: str, body: bytes) -> str:
        version: str = self._objects.put_object(
            Bucket=BUCKET,
            Key=key,
            Body=body,
            ServerSideEncryption="aws:kms",
            SSEKMSKeyId=self.key_arn,
        )["VersionId"]
        return version


def run(project: Project, command: str, *options: str, context: dict[str, str]) -> Outcome:
    """Run a command of the CDK CLI on the example."""
    cli = project.cli()
    app = shlex.join([sys.executable, str(ROOT / "examples/sources.py")])
    pairs = [part for key, value in context.items() for part in ("-c", f"{key}={value}")]
    output = ("--output", str(cli.output_directory))
    arguments = ("--app", app, *output, *options, *pairs)
    with cli.started(command, *arguments, cwd=cli.directory / "app") as wait:
        return wait()


def declared(project: Project, sources: Sources, material: Material, name: str) -> dict[str, str]:
    """Store a material in all sources, and return the context that declares it."""
    versions = sources.store(material)
    certificate, chain = material.write(project.directory / name)
    return {
        "certificate": str(certificate),
        "chain": str(chain),
        "bucket": BUCKET,
        "kms-key": sources.key_arn,
        "secret-version": versions.secret,
        "parameter-version": versions.parameter,
        "object-version": versions.object,
        "propagation": "0",
    }


def held(project: Project) -> dict[str, tuple[str, str]]:
    """Return id and body of IAM's certificates by the construct that they belong to."""
    iam = project.cloud.client("iam")
    found = {}
    for each in iam.list_server_certificates()["ServerCertificateMetadataList"]:
        name = each["ServerCertificateName"]
        certificate = iam.get_server_certificate(ServerCertificateName=name)["ServerCertificate"]
        body = certificate["CertificateBody"].strip()
        found[name.split("-")[1]] = (each["ServerCertificateId"], body)
    return found


def test_life_of_certificates_from_every_source(
    start_project: StartProject, tmp_path: Path
) -> None:
    """Each source is read under exactly its permissions; a new version is a new certificate."""
    authority = Authority(now=datetime.now(UTC))
    first, second = (authority.issue("www.example.com") for _ in range(2))
    with start_project(tmp_path, auth=True) as project:
        sources = Sources(project)
        context = declared(project, sources, first, "first")

        created = run(project, "deploy", "--require-approval", "never", context=context)
        assert created.exit_code == 0, created.output
        before = held(project)
        assert set(before) == {"Files", "Fields", "Stored", "Binary", "Object", "Mixed"}
        assert {body for _, body in before.values()} == {first.certificate_pem.strip()}

        context = declared(project, sources, second, "second")
        renewed = run(project, "deploy", "--require-approval", "never", context=context)
        assert renewed.exit_code == 0, renewed.output
        after = held(project)
        # A secret without a version in the template is read when something else changes.
        assert before["Binary"] == after.pop("Binary")
        assert {body for _, body in after.values()} == {second.certificate_pem.strip()}
        assert set(after) == set(before) - {"Binary"}

        log = b"".join(project.observer.logs().values())
        assert b"decision" in log
        assert b"not authorized" not in log
        for secret in (PASSPHRASE, *second.private_key_pem.splitlines()[1:-1]):
            assert secret.encode() not in log

        destroyed = run(project, "destroy", "--force", context=context)
        assert destroyed.exit_code == 0, destroyed.output
        assert not held(project)
        long_chain_as_an_asset(project)


def long_chain_as_an_asset(project: Project) -> None:
    """Deploy the README's app with a chain that the template has no room for."""
    authority = IssuingAuthority.root(at=datetime.now(UTC))
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
