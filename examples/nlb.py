"""
A Network Load Balancer that terminates TLS with an IAM certificate.

The TLS listener refers to the certificate by its ARN. It supports RSA keys of 1,024, 2,048 and 3,072
bits, but not longer ones. To check this before the deployment, run
``server-certificate check --for nlb``.

Context values (``cdk deploy -c key=value``):

* ``certificate``: PEM file with the certificate. Default: ``certificate.pem``
* ``chain``: PEM file with the chain. Default: none
* ``secret``: name of the Secrets Manager secret with the private key. Default: ``www/private-key``
* ``name``: name of the certificate. Default: generated
* ``path``: path of the certificate. Default: ``/``
* ``propagation``: seconds to wait after an upload. Default: 30. Use 0 in the local cloud
"""

from __future__ import annotations

import os

from aws_cdk import App, CfnOutput, Duration, Environment, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from cdk_iam_server_certificate import (
    CertificateMaterial,
    CertificateSource,
    PrivateKeySource,
    ServerCertificate,
)


class TlsStack(Stack):
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
        vpc = ec2.Vpc(self, "Vpc", max_azs=2, nat_gateways=0)
        balancer = elbv2.NetworkLoadBalancer(self, "LoadBalancer", vpc=vpc, internet_facing=True)
        # Register your servers in this target group.
        targets = elbv2.NetworkTargetGroup(
            self, "Targets", vpc=vpc, port=80, target_type=elbv2.TargetType.IP
        )
        balancer.add_listener(
            "Tls",
            port=443,
            certificates=[elbv2.ListenerCertificate.from_arn(certificate.server_certificate_arn)],
            ssl_policy=elbv2.SslPolicy.RECOMMENDED_TLS,
            default_target_groups=[targets],
        )
        CfnOutput(self, "Address", value=balancer.load_balancer_dns_name)


app = App()
TlsStack(
    app,
    "Nlb",
    env=Environment(
        account=os.environ.get("CDK_DEFAULT_ACCOUNT"),
        region=os.environ.get("CDK_DEFAULT_REGION"),
    ),
)
app.synth()
