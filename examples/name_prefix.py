"""
A generated name that begins with a prefix of your choice, such as ``www-eu-central-1-3f1c…``.

An explicit name stays when the certificate is renewed, and so does its ARN: a listener doesn't notice the
new certificate. A generated name contains a fingerprint of the content, so each renewal has a new ARN,
and CloudFormation moves the listener. By default, a generated name begins with the path of the construct.
With a prefix, it is easier to recognize in a list. Several certificates can have the same prefix.

Context values (``cdk deploy -c key=value``):

* ``certificate``: PEM file with the certificate. Default: ``certificate.pem``
* ``chain``: PEM file with the chain. Default: none
* ``secret``: name of the Secrets Manager secret with the private key. Default: ``www/private-key``
* ``prefix``: beginning of the certificate's name. Default: ``www``
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
    PrivateKeySource,
    ServerCertificate,
)


class PrefixStack(Stack):
    """A certificate whose name begins as you want."""

    def __init__(self, scope: Construct, construct_id: str, *, env: Environment) -> None:
        super().__init__(scope, construct_id, env=env)
        context = self.node.try_get_context
        secret = secretsmanager.Secret.from_secret_name_v2(
            self, "PrivateKey", context("secret") or "www/private-key"
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
                private_key=PrivateKeySource.from_secret(secret),
            ),
            server_certificate_name_prefix=context("prefix") or "www",
            path=context("path") or "/",
            propagation_time=Duration.seconds(int(context("propagation") or "30")),
        )
        CfnOutput(self, "Name", value=certificate.server_certificate_name)


app = App()
PrefixStack(
    app,
    "NamePrefix",
    env=Environment(
        account=os.environ.get("CDK_DEFAULT_ACCOUNT"),
        region=os.environ.get("CDK_DEFAULT_REGION"),
    ),
)
app.synth()
