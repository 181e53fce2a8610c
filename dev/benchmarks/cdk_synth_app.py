"""The app for measuring `cdk synth`: one certificate from files, its key in a secret."""

from __future__ import annotations

from aws_cdk import App, Environment, Stack
from aws_cdk import aws_secretsmanager as secretsmanager

from cdk_iam_server_certificate import (
    CertificateMaterial,
    CertificateSource,
    PrivateKeySource,
    ServerCertificate,
)

app = App()
stack = Stack(app, "Shop", env=Environment(account="111122223333", region="eu-central-1"))
secret = secretsmanager.Secret.from_secret_name_v2(stack, "PrivateKey", "shop/private-key")
ServerCertificate(
    stack,
    "Certificate",
    material=CertificateMaterial.from_parts(
        certificate=CertificateSource.from_file("certificate.pem"),
        chain=CertificateSource.from_file("certificate-chain.pem"),
        private_key=PrivateKeySource.from_secret(secret),
    ),
)
app.synth()
