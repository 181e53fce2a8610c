"""A stack with many certificates, from a CDK app."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aws_cdk import App, Duration, Environment, Stack
from aws_cdk import aws_secretsmanager as secretsmanager

from cdk_iam_server_certificate import (
    CertificateMaterial,
    CertificateSource,
    PrivateKeySource,
    ServerCertificate,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dev.certificates.authority import Issued


@dataclass(frozen=True, slots=True)
class Synthesized:
    """A template, and the function's code that it refers to."""

    template: dict[str, Any]
    code: Path
    """An archive, with its name in the template."""

    bucket: str

    def without(self, certificates: int) -> dict[str, Any]:
        """Return the template without some of its certificates."""
        resources = self.template["Resources"]
        names = [name for name, each in resources.items() if each["Type"].startswith("Custom::")]
        left_out = names[:certificates]
        kept = {name: each for name, each in resources.items() if name not in left_out}
        return {**self.template, "Resources": kept}


def synthesize(
    leaves: Sequence[Issued], *, account: str, region: str, directory: Path
) -> Synthesized:
    """
    Synthesize an app whose one stack has a certificate for each leaf.

    Args:
        leaves: The certificates; the key of the n-th is expected in the secret of ``secret_name(n)``.
        account: The account to deploy to.
        region: The Region to deploy to.
        directory: An empty folder.
    """
    app = App(outdir=str(directory))
    stack = Stack(app, "Many", env=Environment(account=account, region=region))
    for number, leaf in enumerate(leaves):
        secret = secretsmanager.Secret.from_secret_name_v2(
            stack, f"Key{number}", secret_name(number)
        )
        ServerCertificate(
            stack,
            f"Certificate{number}",
            material=CertificateMaterial.from_parts(
                certificate=CertificateSource.from_text(leaf.pem),
                chain=CertificateSource.from_text(leaf.chain_pem(root=False)),
                private_key=PrivateKeySource.from_secret(secret),
            ),
            propagation_time=Duration.seconds(0),
        )
    return synthesized(app, "Many")


def synthesized(app: App, stack: str) -> Synthesized:
    """Synthesize an app, and return its one stack, whose functions share one archive of code."""
    app.synth()
    directory = Path(app.outdir)
    template = json.loads((directory / f"{stack}.template.json").read_text("utf-8"))
    code = next(
        each["Properties"]["Code"]
        for each in template["Resources"].values()
        if each["Type"] == "AWS::Lambda::Function"
    )
    archive = directory / code["S3Key"]
    (staged,) = directory.glob("asset.*/")
    shutil.make_archive(str(archive.with_suffix("")), "zip", staged)
    # Only the CDK CLI needs the rule and its parameter; without them, the account needs no bootstrap stack.
    template.pop("Rules", None)
    template.get("Parameters", {}).pop("BootstrapVersion", None)
    return Synthesized(template, archive, code["S3Bucket"])


def secret_name(number: int) -> str:
    """Return the name of a key's secret."""
    return f"many/{number}"
