"""
A certificate with its outputs, and optionally a load balancer that uses it.

Context values (``cdk deploy -c key=value``):

* ``certificate``: PEM file with the certificate and optionally its chain. Default: ``certificate.pem``
* ``chain``: PEM file with the chain. Default: the chain in ``certificate``, if any
* ``secret``: name of the Secrets Manager secret with the private key. Default: ``www/private-key``
* ``bundle``: name of a secret with the certificate, its chain and the private key, to use instead of the
  other three, and to renew automatically. Default: none
* ``name``: name of the certificate. Default: generated
* ``path``: path of the certificate. Default: ``/``
* ``adopt``: set it to any value to adopt an existing certificate with this name
* ``propagation``: seconds to wait after an upload. Default: 30
* ``stack``: name of the stack. Default: ``Certificates``
* ``load-balancer``: set it to any value to add an Application Load Balancer with an HTTPS listener
"""

from __future__ import annotations

import os

from aws_cdk import App, CfnOutput, Duration, Environment, Stack, Tags
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from cdk_iam_server_certificate import (
    BundleSource,
    CertificateMaterial,
    CertificateSource,
    PrivateKeySource,
    ServerCertificate,
)


class CertificateStack(Stack):
    """An IAM server certificate, and optionally a load balancer that uses it."""

    def __init__(self, scope: Construct, construct_id: str, *, env: Environment) -> None:
        super().__init__(scope, construct_id, env=env)
        bundle = self._context("bundle")
        certificate = ServerCertificate(
            self,
            "Certificate",
            material=self._from_bundle(bundle) if bundle else self._from_parts(),
            renew_automatically=bool(bundle),
            server_certificate_name=self._context("name") or None,
            path=self._context("path", "/"),
            adopt_existing=bool(self._context("adopt")),
            propagation_time=Duration.seconds(int(self._context("propagation", "30"))),
        )
        CfnOutput(self, "Arn", value=certificate.server_certificate_arn)
        CfnOutput(self, "Id", value=certificate.server_certificate_id)
        CfnOutput(self, "Name", value=certificate.server_certificate_name)
        CfnOutput(self, "Expiration", value=certificate.server_certificate_expiration)
        if self._context("load-balancer"):
            self._serve(certificate)

    def _from_parts(self) -> CertificateMaterial:
        secret = secretsmanager.Secret.from_secret_name_v2(
            self, "PrivateKey", self._context("secret", "www/private-key")
        )
        chain = self._context("chain")
        return CertificateMaterial.from_parts(
            certificate=CertificateSource.from_file(
                self._context("certificate", "certificate.pem")
            ),
            chain=CertificateSource.from_file(chain) if chain else None,
            private_key=PrivateKeySource.from_secret(secret),
        )

    def _from_bundle(self, name: str) -> CertificateMaterial:
        secret = secretsmanager.Secret.from_secret_name_v2(self, "Bundle", name)
        return CertificateMaterial.from_bundle(BundleSource.from_secret(secret))

    def _serve(self, certificate: ServerCertificate) -> None:
        vpc = ec2.Vpc(self, "Vpc", max_azs=2, nat_gateways=0)
        balancer = elbv2.ApplicationLoadBalancer(
            self,
            "LoadBalancer",
            vpc=vpc,
            internet_facing=True,
            vpc_subnets=ec2.SubnetSelection(subnet_type=ec2.SubnetType.PUBLIC),
        )
        balancer.add_listener(
            "Https",
            port=443,
            certificates=[elbv2.ListenerCertificate.from_arn(certificate.server_certificate_arn)],
            default_action=elbv2.ListenerAction.fixed_response(
                200, content_type="text/plain", message_body="Served with an IAM certificate"
            ),
        )
        CfnOutput(self, "Url", value=f"https://{balancer.load_balancer_dns_name}")

    def _context(self, key: str, default: str = "") -> str:
        value = self.node.try_get_context(key)
        return default if value is None else str(value)


app = App()
stack = CertificateStack(
    app,
    app.node.try_get_context("stack") or "Certificates",
    env=Environment(
        account=os.environ.get("CDK_DEFAULT_ACCOUNT"),
        region=os.environ.get("CDK_DEFAULT_REGION"),
    ),
)
Tags.of(stack).add("project", "cdk-iam-server-certificate")
app.synth()
