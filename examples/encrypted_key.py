"""
An encrypted private key in one secret, and its passphrase in another one.

Usually, the private key doesn't need a passphrase of its own: Secrets Manager encrypts each secret. If a
policy requires one, store the key encrypted. The function decrypts it in memory before the upload,
because IAM accepts only unencrypted keys. To use the private key, a person must then be able to read both
secrets.

Store them as they are, both as text::

    aws secretsmanager create-secret --name www/encrypted-key --secret-string file://private-key.pem
    aws secretsmanager create-secret --name www/passphrase --secret-string file://passphrase.txt

Context values (``cdk deploy -c key=value``):

* ``certificate``: PEM file with the certificate. Default: ``certificate.pem``
* ``chain``: PEM file with the chain. Default: none
* ``encrypted-key``: name of the secret with the encrypted private key. Default: ``www/encrypted-key``
* ``passphrase``: name of the secret with the passphrase. Default: ``www/passphrase``
* ``name``: name of the certificate. Default: generated
* ``path``: path of the certificate. Default: ``/``
* ``propagation``: seconds to wait after an upload. Default: 30. Use 0 in the local cloud
"""

from __future__ import annotations

import os

from aws_cdk import App, CfnOutput, Duration, Environment, Stack
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from cdk_iam_server_certificate import (
    CertificateMaterial,
    CertificateSource,
    PassphraseSource,
    PrivateKeySource,
    ServerCertificate,
)


class EncryptedKeyStack(Stack):
    """A certificate whose private key is stored encrypted."""

    def __init__(self, scope: Construct, construct_id: str, *, env: Environment) -> None:
        super().__init__(scope, construct_id, env=env)
        context = self.node.try_get_context
        key = secretsmanager.Secret.from_secret_name_v2(
            self, "PrivateKey", context("encrypted-key") or "www/encrypted-key"
        )
        passphrase = secretsmanager.Secret.from_secret_name_v2(
            self, "Passphrase", context("passphrase") or "www/passphrase"
        )
        chain = context("chain")
        certificate = ServerCertificate(
            self,
            "Certificate",
            material=CertificateMaterial.from_parts(
                certificate=CertificateSource.from_file(
                    context("certificate") or "certificate.pem"
                ),
                chain=CertificateSource.from_file(chain) if chain else None,
                private_key=PrivateKeySource.from_secret(key),
                passphrase=PassphraseSource.from_secret(passphrase),
            ),
            server_certificate_name=context("name"),
            path=context("path") or "/",
            propagation_time=Duration.seconds(int(context("propagation") or "30")),
        )
        CfnOutput(self, "Arn", value=certificate.server_certificate_arn)


app = App()
EncryptedKeyStack(
    app,
    "EncryptedKey",
    env=Environment(
        account=os.environ.get("CDK_DEFAULT_ACCOUNT"),
        region=os.environ.get("CDK_DEFAULT_REGION"),
    ),
)
app.synth()
