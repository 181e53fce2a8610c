"""
A CloudFront distribution in China, which takes certificates of IAM only, and SNI only.

IAM is global in the partition ``aws-cn``, so the stack may be in Beijing (``cn-north-1``) or Ningxia
(``cn-northwest-1``); ARNs and policies are written for that partition. There are no cache policies in
China, and the CDK always writes one: the two overrides put the older settings in its place. Content
is served on your own domain name only, which needs an ICP recordal. The local cloud has no China
Regions: synthesise this example there, and deploy it to an account.

Context values (``cdk deploy -c key=value``): ``certificate`` and ``chain``, PEM files, default
``certificate.pem`` and no chain; ``secret``, the Secrets Manager secret with the private key, default
``www/private-key``; ``name`` and ``path`` of the certificate, default a generated name and ``/cloudfront/www/``;
``propagation``, seconds to wait until consumers know the certificate, default 30; ``domain``, the distribution's domain name, default ``www.example.com.cn``; ``origin``, where the content comes
from, default ``origin.example.com.cn``; ``region``, default
``cn-northwest-1``.
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
    """A certificate, and the distribution that serves it."""

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
