"""
A certificate that outlives its stack, and another stack that adopts it.

``RemovalPolicy.RETAIN`` leaves the certificate in IAM when its stack is deleted, with the tags that name
this stack. No other stack takes it over by accident: its deployment fails, and the error shows the
command that takes these tags off. After that, ``adopt_existing=True`` adopts the certificate. It keeps its
id and its ARN, and nothing is uploaded::

    cdk deploy
    cdk destroy
    server-certificate release www
    cdk deploy -c successor=yes

Context values (``cdk deploy -c key=value``):

* ``successor``: ``yes`` declares the stack that adopts the certificate. Default: the one that leaves it behind
* ``certificate``: PEM file with the certificate. Default: ``certificate.pem``
* ``chain``: PEM file with the chain. Default: none
* ``secret``: name of the Secrets Manager secret with the private key. Default: ``www/private-key``
* ``name``: name of the certificate. Default: ``www``
* ``path``: path of the certificate. Default: ``/``
* ``propagation``: seconds to wait after an upload. Default: 30. Use 0 in the local cloud
"""

from __future__ import annotations

import os

from aws_cdk import App, CfnOutput, Duration, Environment, RemovalPolicy, Stack
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from cdk_iam_server_certificate import (
    CertificateMaterial,
    CertificateSource,
    PrivateKeySource,
    ServerCertificate,
)


class CertificateStack(Stack):
    """A certificate that stays in IAM when the stack is deleted."""

    def __init__(
        self, scope: Construct, construct_id: str, *, adopt_existing: bool, env: Environment
    ) -> None:
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
            # The name identifies the certificate to adopt, so it must be explicit.
            server_certificate_name=context("name") or "www",
            path=context("path") or "/",
            adopt_existing=adopt_existing,
            propagation_time=Duration.seconds(int(context("propagation") or "30")),
        )
        certificate.apply_removal_policy(RemovalPolicy.RETAIN)
        CfnOutput(self, "Arn", value=certificate.server_certificate_arn)


app = App()
is_successor = app.node.try_get_context("successor") == "yes"
CertificateStack(
    app,
    "Successor" if is_successor else "Former",
    adopt_existing=is_successor,
    env=Environment(
        account=os.environ.get("CDK_DEFAULT_ACCOUNT"),
        region=os.environ.get("CDK_DEFAULT_REGION"),
    ),
)
app.synth()
