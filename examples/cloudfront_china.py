"""
A CloudFront distribution in the China Regions, which only supports IAM certificates and SNI.

IAM is global in the partition ``aws-cn``, so the stack can be in Beijing (``cn-north-1``) or Ningxia
(``cn-northwest-1``). The construct generates the ARNs and policies for this partition. CloudFront in
China has no cache policies, but the CDK always adds one: the two overrides replace it with the older
settings. You can only serve content from your own domain name, which requires an ICP recordal. The
local cloud has no China Regions: you can synthesize this example there, but deploy it to an AWS
account.

Context values (``cdk deploy -c key=value``):

* ``certificate``: PEM file with the certificate. Default: ``certificate.pem``
* ``chain``: PEM file with the chain. Default: none
* ``secret``: name of the Secrets Manager secret with the private key. Default: ``www/private-key``
* ``name``: name of the certificate. Default: generated
* ``path``: path of the certificate. Default: ``/cloudfront/www/``
* ``propagation``: seconds to wait after an upload. Default: 30
* ``domain``: domain name of the distribution. Default: ``www.example.com.cn``
* ``origin``: domain name of the origin. Default: ``origin.example.com.cn``
* ``region``: Region of the stack. Default: ``cn-northwest-1``
"""

from __future__ import annotations

import os

from aws_cdk import App, CfnOutput, Duration, Environment, Stack
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_cloudfront_origins as origins
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from cdk_iam_server_certificate import (
    CertificateMaterial,
    CertificateSource,
    DistributionCertificate,
    PrivateKeySource,
    ServerCertificate,
)


class ChinaStack(Stack):
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
        distribution = cloudfront.Distribution(
            self,
            "Distribution",
            default_behavior=cloudfront.BehaviorOptions(
                origin=origins.HttpOrigin(context("origin") or "origin.example.com.cn"),
                viewer_protocol_policy=cloudfront.ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
            ),
            domain_names=[context("domain") or "www.example.com.cn"],
            enable_ipv6=False,
        )
        distribution.with_(DistributionCertificate(certificate))
        resource = distribution.node.default_child
        if isinstance(resource, cloudfront.CfnDistribution):
            behavior = "DistributionConfig.DefaultCacheBehavior"
            resource.add_property_deletion_override(f"{behavior}.CachePolicyId")
            resource.add_property_override(f"{behavior}.ForwardedValues", {"QueryString": True})
        CfnOutput(self, "Address", value=distribution.distribution_domain_name)


app = App()
ChinaStack(
    app,
    "CloudFrontChina",
    env=Environment(
        account=os.environ.get("CDK_DEFAULT_ACCOUNT"),
        region=app.node.try_get_context("region") or "cn-northwest-1",
    ),
)
app.synth()
