"""An app with certificates from files, synthesized in its own process, in two ways."""

from __future__ import annotations

import functools
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from aws_cdk import App, Environment, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_secretsmanager as secretsmanager

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

ACCOUNT = "111122223333"
REGION = "eu-central-1"


def declare(stack: Stack, number: int, folder: Path, secret: secretsmanager.ISecret) -> None:
    """Declare a certificate by the construct."""
    from cdk_iam_server_certificate import (  # noqa: PLC0415 - the other way doesn't import it
        CertificateMaterial,
        CertificateSource,
        PrivateKeySource,
        ServerCertificate,
    )

    ServerCertificate(
        stack,
        f"Certificate{number}",
        material=CertificateMaterial.from_parts(
            certificate=CertificateSource.from_file(folder / "certificate.pem"),
            chain=CertificateSource.from_file(folder / "certificate-chain.pem"),
            private_key=PrivateKeySource.from_secret(secret),
        ),
    )


def declare_natively(
    stack: Stack, number: int, folder: Path, secret: secretsmanager.ISecret
) -> None:
    """Declare a certificate by CloudFormation's resource, its key by a dynamic reference."""
    iam.CfnServerCertificate(
        stack,
        f"Certificate{number}",
        certificate_body=(folder / "certificate.pem").read_text("ascii"),
        certificate_chain=(folder / "certificate-chain.pem").read_text("ascii"),
        private_key=secret.secret_value.unsafe_unwrap(),
    )


def declare_from_secret(
    stack: Stack, number: int, folder: Path, secret: secretsmanager.ISecret, *, renews: bool
) -> None:
    """Declare a certificate whose parts are all in the secret."""
    del folder
    from cdk_iam_server_certificate import (  # noqa: PLC0415 - the other way doesn't import it
        BundleSource,
        CertificateMaterial,
        ServerCertificate,
    )

    ServerCertificate(
        stack,
        f"Certificate{number}",
        material=CertificateMaterial.from_bundle(BundleSource.from_secret(secret)),
        renew_automatically=renews,
    )


_WAYS: Mapping[str, Callable[[Stack, int, Path, secretsmanager.ISecret], None]] = {
    "construct": declare,
    "native": declare_natively,
    "from-secret": functools.partial(declare_from_secret, renews=False),
    "renewing": functools.partial(declare_from_secret, renews=True),
}


def main(way: str, count: str, material: str, output: str) -> None:
    """
    Synthesize.

    Args:
        way: ``construct``, ``native``, ``from-secret`` or ``renewing``.
        count: The number of certificates.
        material: A folder with a folder for each of them.
        output: An empty folder.
    """
    add = _WAYS[way]
    app = App(outdir=output)
    stack = Stack(app, "Many", env=Environment(account=ACCOUNT, region=REGION))
    for number in range(int(count)):
        secret = secretsmanager.Secret.from_secret_complete_arn(
            stack,
            f"Secret{number}",
            f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:key{number}-AbCdEf",
        )
        add(stack, number, Path(material) / str(number), secret)
    app.synth()


if __name__ == "__main__":
    main(*sys.argv[1:])
