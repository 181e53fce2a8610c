"""The app of `test_renewal.py`: stacks whose certificates renew themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import App, CfnParameter, Duration, NestedStack, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from aws_cdk import aws_secretsmanager as secretsmanager
from aws_cdk import aws_ssm as ssm

from cdk_iam_server_certificate import BundleSource, CertificateMaterial, ServerCertificate

if TYPE_CHECKING:
    from constructs import Construct

app = App()


def certify(
    scope: Construct, construct_id: str, secret: secretsmanager.ISecret
) -> ServerCertificate:
    """Declare a certificate that renews itself."""
    return ServerCertificate(
        scope,
        construct_id,
        material=CertificateMaterial.from_bundle(BundleSource.from_secret(secret)),
        propagation_time=Duration.seconds(0),
        renew_automatically=True,
    )


def bundle(scope: Construct, name: str) -> secretsmanager.ISecret:
    """Refer to a secret by its name."""
    return secretsmanager.Secret.from_secret_name_v2(scope, f"Secret-{name}", name)


def serve(scope: Construct, *certificates: ServerCertificate) -> None:
    """Declare a load balancer whose listener has the certificates."""
    vpc = ec2.Vpc(scope, "Vpc", max_azs=2, nat_gateways=0)
    balancer = elbv2.ApplicationLoadBalancer(scope, "LoadBalancer", vpc=vpc)
    elbv2.ApplicationListener(
        scope,
        "Https",
        load_balancer=balancer,
        port=443,
        certificates=[
            elbv2.ListenerCertificate.from_arn(each.server_certificate_arn) for each in certificates
        ],
        default_action=elbv2.ListenerAction.fixed_response(200),
    )


web = Stack(app, "Web")
shared = bundle(web, "web")
serve(web, certify(web, "First", shared), certify(web, "Second", shared))

outer = Stack(app, "Outer")
inner = NestedStack(outer, "Inner")
serve(inner, certify(inner, "Certificate", bundle(inner, "nested")))

# CloudFormation reads the parameter in each update, so a renewal would change the other resource, too.
drifting = Stack(app, "Drifting")
image = CfnParameter(drifting, "Image", type="AWS::SSM::Parameter::Value<String>", default="/image")
ssm.StringParameter(drifting, "Copy", string_value=image.value_as_string)
certify(drifting, "Certificate", bundle(drifting, "drifting"))
app.synth()
