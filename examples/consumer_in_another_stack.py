"""
A load balancer in one stack, and its HTTPS listener with the certificate in another one.

The certificate and its listener belong in the same stack. With a generated name, each renewal creates a
certificate with a new ARN, and CloudFormation moves the listener before it deletes the old certificate.
It can't do that across stacks: a value that another stack imports can't change
(https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-stack-exports.html).

So the ARN of the load balancer, which never changes, is what crosses the stacks here. If several stacks
need the certificate, declare it in each of them: the private key is stored only once, in the secret.

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


class NetworkStack(Stack):
    """A load balancer, which other stacks use."""

    def __init__(self, scope: Construct, construct_id: str, *, env: Environment) -> None:
        super().__init__(scope, construct_id, env=env)
        self.balancer = elbv2.ApplicationLoadBalancer(
            self,
            "LoadBalancer",
            vpc=ec2.Vpc(self, "Vpc", max_azs=2, nat_gateways=0),
            internet_facing=True,
        )
        CfnOutput(self, "Url", value=f"https://{self.balancer.load_balancer_dns_name}")


class WebStack(Stack):
    """A certificate, and the listener that uses it."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        balancer: elbv2.IApplicationLoadBalancer,
        env: Environment,
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
            server_certificate_name=context("name"),
            path=context("path") or "/",
            propagation_time=Duration.seconds(int(context("propagation") or "30")),
        )
        # `balancer.add_listener` would declare the listener in the load balancer's stack.
        elbv2.ApplicationListener(
            self,
            "Https",
            load_balancer=balancer,
            port=443,
            certificates=[elbv2.ListenerCertificate.from_arn(certificate.server_certificate_arn)],
            ssl_policy=elbv2.SslPolicy.RECOMMENDED_TLS,
            default_action=elbv2.ListenerAction.fixed_response(200, message_body="It works"),
        )


app = App()
environment = Environment(
    account=os.environ.get("CDK_DEFAULT_ACCOUNT"),
    region=os.environ.get("CDK_DEFAULT_REGION"),
)
network = NetworkStack(app, "ConsumerNetwork", env=environment)
WebStack(app, "ConsumerWeb", balancer=network.balancer, env=environment)
app.synth()
