"""Stacks with certificates that renew automatically."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from aws_cdk import App, CfnResource, Environment, NestedStack, Stack
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_elasticloadbalancing as elb
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_secretsmanager as secretsmanager
from aws_cdk.assertions import Template

from cdk_iam_server_certificate import (
    BundleSource,
    CertificateMaterial,
    DistributionCertificate,
    ServerCertificate,
)

if TYPE_CHECKING:
    from constructs import Construct

ARN = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:www-AbCdEf"
OTHER_LISTENER = "arn:aws:elasticloadbalancing:eu-central-1:111122223333:listener/app/x/1/2"
"""A listener that the app doesn't declare."""


def bundle(secret: secretsmanager.ISecret) -> CertificateMaterial:
    """Return the material in a secret."""
    return CertificateMaterial.from_bundle(BundleSource.from_secret(secret))


def renewing(
    scope: Construct,
    construct_id: str,
    arn: str = ARN,
    **arguments: Any,  # noqa: ANN401 - any arguments of the construct
) -> ServerCertificate:
    """Declare a certificate that renews with a secret."""
    secret = secretsmanager.Secret.from_secret_complete_arn(scope, f"{construct_id}Secret", arn)
    return ServerCertificate(
        scope,
        construct_id,
        **{"material": bundle(secret), "renew_automatically": True, **arguments},
    )


def listener(scope: Construct, construct_id: str, certificate: ServerCertificate) -> CfnResource:
    """Declare a listener that uses a certificate."""
    return elbv2.CfnListener(
        scope,
        construct_id,
        load_balancer_arn="arn:aws:elasticloadbalancing:eu-central-1:111122223333:loadbalancer/x",
        port=443,
        protocol="HTTPS",
        default_actions=[],
        certificates=[
            elbv2.CfnListener.CertificateProperty(
                certificate_arn=certificate.server_certificate_arn
            )
        ],
    )


def use(stack: Stack, certificate: ServerCertificate) -> None:
    """Declare a consumer of each kind, and a load balancer that doesn't use the certificate."""
    listener(stack, "Listener", certificate)
    elbv2.CfnListenerCertificate(
        stack,
        "InList",
        listener_arn=OTHER_LISTENER,
        certificates=[
            elbv2.CfnListenerCertificate.CertificateProperty(
                certificate_arn=certificate.server_certificate_arn
            )
        ],
    )
    for name, arn in (
        ("Classic", certificate.server_certificate_arn),
        ("Unrelated", OTHER_LISTENER),
    ):
        elb.CfnLoadBalancer(
            stack,
            name,
            listeners=[
                elb.CfnLoadBalancer.ListenersProperty(
                    instance_port="80",
                    load_balancer_port="443",
                    protocol="HTTPS",
                    ssl_certificate_id=arn,
                )
            ],
        )
    behavior = cloudfront.CfnDistribution.DefaultCacheBehaviorProperty(
        target_origin_id="o", viewer_protocol_policy="https-only"
    )
    distribution = cloudfront.CfnDistribution(
        stack,
        "Distribution",
        distribution_config=cloudfront.CfnDistribution.DistributionConfigProperty(
            enabled=True, default_cache_behavior=behavior
        ),
    )
    DistributionCertificate(certificate).apply_to(distribution)


class Synthesized:
    """The templates of an app with nested stacks."""

    def __init__(self) -> None:
        app = App(context={"aws:cdk:bundling-stacks": []})
        env = Environment(account="111122223333", region="eu-central-1")
        stack = Stack(app, "Web", env=env)
        nested = NestedStack(stack, "Nested")
        inner = NestedStack(nested, "Inner")
        twin = NestedStack(stack, "Twin")
        listener(stack, "Listener", renewing(stack, "Certificate"))
        certificate = renewing(inner, "Certificate")
        listener(inner, "Listener", certificate)
        # Two secrets with the same logical ID, in two nested stacks.
        for each in (nested, twin):
            own = secretsmanager.Secret(each, "Own")
            ServerCertificate(each, "OfOwn", material=bundle(own), renew_automatically=True)
        s3.Bucket(inner, "Bucket").grant_read(certificate.renewal_role)
        self.root = Template.from_stack(stack).to_json()
        self.inner = Template.from_stack(inner).to_json()

    def of_type(self, kind: str) -> dict[str, dict[str, Any]]:
        """Return the properties of the root stack's resources of a type."""
        return {
            key: each["Properties"]
            for key, each in self.root["Resources"].items()
            if each["Type"] == kind
        }

    def statement(self, sid: str) -> dict[str, Any]:
        """Return a statement of the root stack's policies."""
        (found,) = [
            each
            for policy in self.of_type("AWS::IAM::Policy").values()
            for each in policy["PolicyDocument"]["Statement"]
            if each.get("Sid") == sid and "Renewal" in json.dumps(policy["Roles"])
        ]
        return dict(found)
