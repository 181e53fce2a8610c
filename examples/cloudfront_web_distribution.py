"""
The CDK's older ``CloudFrontWebDistribution`` with an IAM certificate.

Its ``viewer_certificate`` contains both the certificate and the domain names. The construct is
deprecated: use this example for existing apps, and ``cloudfront_distribution.py`` for new ones.

Context values (``cdk deploy -c key=value``):

* ``certificate``: PEM file with the certificate. Default: ``certificate.pem``
* ``chain``: PEM file with the chain. Default: none
* ``secret``: name of the Secrets Manager secret with the private key. Default: ``www/private-key``
* ``name``: name of the certificate. Default: generated
* ``path``: path of the certificate. Default: ``/cloudfront/www/``
* ``propagation``: seconds to wait after an upload. Default: 30. Use 0 in the local cloud
* ``domain``: domain name of the distribution. Default: ``www.example.com``
* ``origin``: domain name of the origin. Default: ``origin.example.com``
"""

from __future__ import annotations

import os

from aws_cdk import App, CfnOutput, Duration, Environment, Stack
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from cdk_iam_server_certificate import (
    CertificateMaterial,
    CertificateSource,
    DistributionCertificate,
    PrivateKeySource,
    ServerCertificate,
)


class CdnStack(Stack):
    """A certificate, and the distribution that uses it."""

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
            server_certificate_name=context("name"),
            path=context("path") or "/cloudfront/www/",
            propagation_time=Duration.seconds(int(context("propagation") or "30")),
        )
        distribution = cloudfront.CloudFrontWebDistribution(
            self,
            "Distribution",
            origin_configs=[
                cloudfront.SourceConfiguration(
                    custom_origin_source=cloudfront.CustomOriginConfig(
                        domain_name=context("origin") or "origin.example.com"
                    ),
                    behaviors=[cloudfront.Behavior(is_default_behavior=True)],
                )
            ],
            viewer_certificate=DistributionCertificate(certificate).viewer_certificate(
                aliases=[context("domain") or "www.example.com"]
            ),
        )
        CfnOutput(self, "Address", value=distribution.distribution_domain_name)


app = App()
CdnStack(
    app,
    "CloudFrontWebDistribution",
    env=Environment(
        account=os.environ.get("CDK_DEFAULT_ACCOUNT"),
        region=os.environ.get("CDK_DEFAULT_REGION"),
    ),
)
app.synth()
