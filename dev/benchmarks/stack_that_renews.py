"""A stack whose certificate renews itself, from a CDK app."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import App, Duration, Environment, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from aws_cdk import aws_secretsmanager as secretsmanager

from cdk_iam_server_certificate import BundleSource, CertificateMaterial, ServerCertificate
from dev.benchmarks.stack_of_many import synthesized

if TYPE_CHECKING:
    from pathlib import Path

    from dev.benchmarks.stack_of_many import Synthesized

SECRET = "renewal/bundle"  # noqa: S105 (its name)


def synthesize(*, account: str, region: str, directory: Path) -> Synthesized:
    """
    Synthesize an app whose one stack has a certificate and a load balancer.

    Args:
        account: The account to deploy to.
        region: The Region to deploy to.
        directory: An empty folder.
    """
    app = App(outdir=str(directory))
    stack = Stack(app, "Renewal", env=Environment(account=account, region=region))
    secret = secretsmanager.Secret.from_secret_name_v2(stack, "Bundle", SECRET)
    certificate = ServerCertificate(
        stack,
        "Certificate",
        material=CertificateMaterial.from_bundle(BundleSource.from_secret(secret)),
        propagation_time=Duration.seconds(0),
        renew_automatically=True,
    )
    vpc = ec2.Vpc(stack, "Vpc", max_azs=2, nat_gateways=0, restrict_default_security_group=False)
    balancer = elbv2.ApplicationLoadBalancer(stack, "LoadBalancer", vpc=vpc)
    elbv2.ApplicationListener(
        stack,
        "Https",
        load_balancer=balancer,
        port=443,
        certificates=[elbv2.ListenerCertificate.from_arn(certificate.server_certificate_arn)],
        default_action=elbv2.ListenerAction.fixed_response(200),
    )
    return synthesized(app, "Renewal")
