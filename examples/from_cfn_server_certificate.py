"""
A certificate of CloudFormation's own resource, adopted by this construct, while a listener uses it.

It takes two deployments. The first one tells CloudFormation to keep the certificate. The second one
replaces the resource in the template. The certificate keeps its id and its ARN, nothing is uploaded,
and the listener isn't affected::

    cdk deploy -c native=yes
    cdk deploy

The construct needs the certificate's name. If CloudFormation generated it, find it with
``server-certificate list``.

Context values (``cdk deploy -c key=value``):

* ``native``: ``yes`` declares ``AWS::IAM::ServerCertificate``. Default: this construct
* ``certificate``: PEM file with the certificate. Default: ``certificate.pem``
* ``chain``: PEM file with the chain. Default: none
* ``secret``: name of the Secrets Manager secret with the private key. Default: ``www/private-key``
* ``name``: name of the certificate. Default: ``www``
* ``path``: path of the certificate. Default: ``/``
* ``propagation``: seconds to wait after an upload. Default: 30. Use 0 in the local cloud
"""

from __future__ import annotations

import os
from pathlib import Path

from aws_cdk import App, Duration, Environment, RemovalPolicy, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from cdk_iam_server_certificate import (
    CertificateMaterial,
    CertificateSource,
    PrivateKeySource,
    ServerCertificate,
)


class WebStack(Stack):
    """A load balancer, and the certificate that is adopted."""

    def __init__(self, scope: Construct, construct_id: str, *, env: Environment) -> None:
        super().__init__(scope, construct_id, env=env)
        context = self.node.try_get_context
        self._certificate = context("certificate") or "certificate.pem"
        self._chain = context("chain")
        self._name = context("name") or "www"
        self._path = context("path") or "/"
        self._secret = secretsmanager.Secret.from_secret_name_v2(
            self, "PrivateKey", context("secret") or "www/private-key"
        )
        balancer = elbv2.ApplicationLoadBalancer(
            self,
            "LoadBalancer",
            vpc=ec2.Vpc(self, "Vpc", max_azs=2, nat_gateways=0),
            internet_facing=True,
        )
        arn = self._native() if context("native") else self._adopted()
        balancer.add_listener(
            "Https",
            port=443,
            certificates=[elbv2.ListenerCertificate.from_arn(arn)],
            ssl_policy=elbv2.SslPolicy.RECOMMENDED_TLS,
            default_action=elbv2.ListenerAction.fixed_response(200, message_body="It works"),
        )

    def _native(self) -> str:
        """Declare the resource that you have, with the policy that keeps the certificate."""
        native = iam.CfnServerCertificate(
            self,
            "Native",
            server_certificate_name=self._name,
            path=self._path,
            certificate_body=Path(self._certificate).read_text(encoding="ascii"),
            certificate_chain=(
                Path(self._chain).read_text(encoding="ascii") if self._chain else None
            ),
            private_key=self._secret.secret_value.unsafe_unwrap(),
        )
        native.apply_removal_policy(RemovalPolicy.RETAIN)
        return native.attr_arn

    def _adopted(self) -> str:
        """Declare the same certificate with this construct, instead of the resource."""
        seconds = int(self.node.try_get_context("propagation") or "30")
        certificate = ServerCertificate(
            self,
            "Certificate",
            material=CertificateMaterial.from_parts(
                certificate=CertificateSource.from_file(self._certificate),
                chain=CertificateSource.from_file(self._chain) if self._chain else None,
                private_key=PrivateKeySource.from_secret(self._secret),
            ),
            server_certificate_name=self._name,
            path=self._path,
            adopt_existing=True,
            propagation_time=Duration.seconds(seconds),
        )
        return certificate.server_certificate_arn


app = App()
WebStack(
    app,
    "FromCfn",
    env=Environment(
        account=os.environ.get("CDK_DEFAULT_ACCOUNT"),
        region=os.environ.get("CDK_DEFAULT_REGION"),
    ),
)
app.synth()
