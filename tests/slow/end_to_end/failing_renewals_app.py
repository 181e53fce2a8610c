"""The app of `test_renewals_that_fail.py`: certificates that renew themselves, and their listeners."""

from __future__ import annotations

import os

from aws_cdk import App, Duration, Environment, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from aws_cdk import aws_kms as kms
from aws_cdk import aws_secretsmanager as secretsmanager

from cdk_iam_server_certificate import BundleSource, CertificateMaterial, ServerCertificate

app = App()


def serve(stack: Stack, secret: secretsmanager.ISecret) -> ServerCertificate:
    """Declare a certificate that renews itself, and a listener that uses it."""
    certificate = ServerCertificate(
        stack,
        "Certificate",
        material=CertificateMaterial.from_bundle(BundleSource.from_secret(secret)),
        propagation_time=Duration.seconds(0),
        renew_automatically=True,
    )
    balancer = elbv2.CfnLoadBalancer(stack, "LoadBalancer", subnets=["subnet-1", "subnet-2"])
    elbv2.CfnListener(
        stack,
        "Https",
        load_balancer_arn=balancer.ref,
        port=443,
        protocol="HTTPS",
        certificates=[
            elbv2.CfnListener.CertificateProperty(
                certificate_arn=certificate.server_certificate_arn
            )
        ],
        default_actions=[
            elbv2.CfnListener.ActionProperty(
                type="fixed-response",
                fixed_response_config=elbv2.CfnListener.FixedResponseConfigProperty(
                    status_code="200"
                ),
            )
        ],
    )
    return certificate


web = Stack(app, "Web")
certificate = serve(web, secretsmanager.Secret.from_secret_name_v2(web, "Secret", "web"))
# The shortest lag that the function tells from none, in the shortest period: tests don't wait for hours.
certificate.metric_renewal_lag(period=Duration.seconds(10)).create_alarm(
    web,
    "RenewalIsLate",
    alarm_name="late",
    comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
    threshold=0,
    evaluation_periods=1,
    treat_missing_data=cloudwatch.TreatMissingData.BREACHING,
)

here = Environment(
    account=os.environ["CDK_DEFAULT_ACCOUNT"], region=os.environ["CDK_DEFAULT_REGION"]
)
foreign = Stack(app, "Foreign", env=here)
shared = secretsmanager.Secret.from_secret_attributes(
    foreign,
    "Secret",
    secret_complete_arn=app.node.get_context("secret"),
    encryption_key=kms.Key.from_key_arn(foreign, "Key", app.node.get_context("key")),
)
serve(foreign, shared)
app.synth()
