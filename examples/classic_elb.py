"""
A Classic Load Balancer that serves HTTPS with an IAM certificate.

The listener refers to the certificate by its ARN. Of EC keys, it supports P-256 and P-384. The local
cloud has no Classic Load Balancers: you can synthesize this example there, but deploy it to an AWS
account.

Context values (``cdk deploy -c key=value``):

* ``certificate``: PEM file with the certificate. Default: ``certificate.pem``
* ``chain``: PEM file with the chain. Default: none
* ``secret``: name of the Secrets Manager secret with the private key. Default: ``www/private-key``
* ``name``: name of the certificate. Default: generated
* ``path``: path of the certificate. Default: ``/``
* ``propagation``: seconds to wait after an upload. Default: 30
"""

from __future__ import annotations

import os

from aws_cdk import App, CfnOutput, Duration, Environment, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticloadbalancing as elb
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from cdk_iam_server_certificate import (
    CertificateMaterial,
    CertificateSource,
    PrivateKeySource,
    ServerCertificate,
)


class ClassicStack(Stack):
    """A certificate, and the load balancer that uses it."""

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
            path=context("path") or "/",
            propagation_time=Duration.seconds(int(context("propagation") or "30")),
        )
        balancer = elb.LoadBalancer(
            self,
            "LoadBalancer",
            vpc=ec2.Vpc(self, "Vpc", max_azs=2, nat_gateways=0),
            internet_facing=True,
            listeners=[
                elb.LoadBalancerListener(
                    external_port=443,
                    external_protocol=elb.LoadBalancingProtocol.HTTPS,
                    internal_port=80,
                    internal_protocol=elb.LoadBalancingProtocol.HTTP,
                    ssl_certificate_arn=certificate.server_certificate_arn,
                )
            ],
        )
        CfnOutput(self, "Url", value=f"https://{balancer.load_balancer_dns_name}")


app = App()
ClassicStack(
    app,
    "ClassicElb",
    env=Environment(
        account=os.environ.get("CDK_DEFAULT_ACCOUNT"),
        region=os.environ.get("CDK_DEFAULT_REGION"),
    ),
)
app.synth()
