"""The app of `test_renewals_that_fail.py`: a certificate that renews itself, a listener, and an alarm."""

from __future__ import annotations

from aws_cdk import App, Duration, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from aws_cdk import aws_secretsmanager as secretsmanager

from cdk_iam_server_certificate import BundleSource, CertificateMaterial, ServerCertificate

app = App()
stack = Stack(app, "Web")
secret = secretsmanager.Secret.from_secret_name_v2(stack, "Secret", "web")
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
        elbv2.CfnListener.CertificateProperty(certificate_arn=certificate.server_certificate_arn)
    ],
    default_actions=[
        elbv2.CfnListener.ActionProperty(
            type="fixed-response",
            fixed_response_config=elbv2.CfnListener.FixedResponseConfigProperty(status_code="200"),
        )
    ],
)
# The shortest lag that the function tells from none, in the shortest period: tests don't wait for hours.
certificate.metric_renewal_lag(period=Duration.seconds(10)).create_alarm(
    stack,
    "RenewalIsLate",
    alarm_name="late",
    comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
    threshold=0,
    evaluation_periods=1,
    treat_missing_data=cloudwatch.TreatMissingData.BREACHING,
)
app.synth()
