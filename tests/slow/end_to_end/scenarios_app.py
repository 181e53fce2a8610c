"""The app of `test_scenarios.py`: a stack for each way in which people use a certificate."""

from __future__ import annotations

from typing import Any

from aws_cdk import App, CustomResource, Duration, Stack
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_cloudfront_origins as origins
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from aws_cdk import aws_secretsmanager as secretsmanager

from cdk_iam_server_certificate import (
    BundleSource,
    CertificateMaterial,
    CertificateSource,
    DistributionCertificate,
    PassphraseSource,
    PrivateKeySource,
    ServerCertificate,
)

app = App()
context = app.node.try_get_context
AT_ONCE = Duration.seconds(0)
"""In the local cloud, other services see a certificate at once."""


def certify(
    stack: Stack,
    construct_id: str,
    material: CertificateMaterial,
    **more: Any,  # noqa: ANN401 - the construct checks its arguments
) -> ServerCertificate:
    """Declare a certificate."""
    return ServerCertificate(
        stack, construct_id, material=material, propagation_time=AT_ONCE, **more
    )


def secret(stack: Stack, name: str) -> secretsmanager.ISecret:
    """Refer to a secret by its name."""
    return secretsmanager.Secret.from_secret_name_v2(stack, name, name)


def stored(stack: Stack) -> CertificateMaterial:
    """Return what `server-certificate store` has stored."""
    return CertificateMaterial.from_bundle(
        BundleSource.from_secret(secret(stack, "www/certificate"), version_id=context("version"))
    )


def load_balancer(stack: Stack) -> elbv2.ApplicationLoadBalancer:
    """Declare a load balancer."""
    vpc = ec2.Vpc(stack, "Vpc", max_azs=2, nat_gateways=0)
    return elbv2.ApplicationLoadBalancer(stack, "LoadBalancer", vpc=vpc)


def serve(
    stack: Stack, balancer: elbv2.IApplicationLoadBalancer, certificate: ServerCertificate
) -> None:
    """Declare a listener in the certificate's stack."""
    elbv2.ApplicationListener(
        stack,
        "Https",
        load_balancer=balancer,
        port=443,
        certificates=[elbv2.ListenerCertificate.from_arn(certificate.server_certificate_arn)],
        default_action=elbv2.ListenerAction.fixed_response(200),
    )


web = Stack(app, "Web")
web_certificate = certify(
    web,
    "Certificate",
    stored(web),
    server_certificate_name=context("name"),
    path=context("path") or "/",
)
serve(web, load_balancer(web), web_certificate)

cdn = Stack(app, "Cdn")
distribution = cloudfront.Distribution(
    cdn,
    "Distribution",
    default_behavior=cloudfront.BehaviorOptions(origin=origins.HttpOrigin("origin.example.com")),
    domain_names=["www.example.com"],
)
distribution.with_(
    DistributionCertificate(certify(cdn, "Certificate", stored(cdn), path="/cloudfront/"))
)

bundles = Stack(app, "Bundles")
passphrase = PassphraseSource.from_secret(secret(bundles, "www/passphrase"))
certify(
    bundles,
    "Pfx",
    CertificateMaterial.from_bundle(
        BundleSource.from_secret(secret(bundles, "www/pfx"), version_id=context("pfx-version")),
        passphrase=passphrase,
    ),
)
certify(
    bundles,
    "EncryptedKey",
    CertificateMaterial.from_parts(
        certificate=CertificateSource.from_file(context("certificate")),
        chain=CertificateSource.from_file(context("chain")),
        private_key=PrivateKeySource.from_secret(
            secret(bundles, "www/encrypted-key"), version_id=context("key-version")
        ),
        passphrase=passphrase,
    ),
)

network = Stack(app, "Network")
shared_balancer = load_balancer(network)
prefixed = Stack(app, "Prefixed")
certify(prefixed, "Certificate", stored(prefixed), server_certificate_name_prefix="shop")

consumer = Stack(app, "Consumer")
serve(consumer, shared_balancer, certify(consumer, "Certificate", stored(consumer)))

failing = Stack(app, "Failing")
broken = CustomResource(
    failing,
    "Broken",
    service_token="arn:aws:lambda:eu-central-1:111122223333:function:missing",  # noqa: S106
)
broken.node.add_dependency(certify(failing, "Certificate", stored(failing)))
app.synth()
