"""An app with one certificate by cdk-proserve-lib, synthesized in its own process."""

from __future__ import annotations

import sys

from aws_cdk import App, Environment, Stack
from aws_cdk import aws_secretsmanager as secretsmanager
from cdklabs.cdk_proserve_lib.constructs import IamServerCertificate

ACCOUNT, REGION = "111122223333", "eu-central-1"


def main(output: str) -> None:
    """
    Synthesize.

    Args:
        output: An empty folder.
    """
    app = App(outdir=output)
    stack = Stack(app, "Peer", env=Environment(account=ACCOUNT, region=REGION))
    certificate, chain, private_key = (
        IamServerCertificate.SecretProps(
            secret=secretsmanager.Secret.from_secret_complete_arn(
                stack, name, f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:{name}-AbCdEf"
            )
        )
        for name in ("certificate", "chain", "key")
    )
    IamServerCertificate(
        stack,
        "Certificate",
        prefix="cold",
        certificate=certificate,
        certificate_chain=chain,
        private_key=private_key,
    )
    app.synth()


if __name__ == "__main__":
    main(*sys.argv[1:])
