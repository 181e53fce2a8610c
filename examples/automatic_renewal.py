"""
A load balancer whose certificate renews itself, with alarms and notifications.

The certificate, its chain and its private key are in one secret. When the secret gets a new version,
CloudFormation uploads the new certificate, moves the listener to it, and deletes the old one, without a
deployment. ``server-certificate store`` writes the secret, the first time and after each renewal by your
CA::

    server-certificate store --secret www/certificate /etc/letsencrypt/live/www.example.com

A topic gets the events about the certificate, and two alarms: the certificate expires soon, and the secret
has had a newer version for a day. Both alarms also go off if the metric is missing, because nothing is
watched then. After the first deployment, this is so until the first run of the renewal function, at most
six hours later.

Context values (``cdk deploy -c key=value``):

* ``bundle``: name of the secret, as written by ``server-certificate store``. Default: ``www/certificate``
* ``prefix``: beginning of the certificate's name. Default: ``www``
* ``path``: path of the certificate. Default: ``/``
* ``email``: address that is subscribed to the topic. Default: none
* ``propagation``: seconds to wait after an upload. Default: 30. Use 0 in the local cloud
"""

from __future__ import annotations

import os

from aws_cdk import App, CfnOutput, Duration, Environment, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_secretsmanager as secretsmanager
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from constructs import Construct

from cdk_iam_server_certificate import BundleSource, CertificateMaterial, ServerCertificate

NOTICE = Duration.days(10)


class WebStack(Stack):
    """A certificate that renews itself, the load balancer that uses it, and what watches it."""

    def __init__(self, scope: Construct, construct_id: str, *, env: Environment) -> None:
        super().__init__(scope, construct_id, env=env)
        context = self.node.try_get_context
        secret = secretsmanager.Secret.from_secret_name_v2(
            self, "Secret", context("bundle") or "www/certificate"
        )
        certificate = ServerCertificate(
            self,
            "Certificate",
            material=CertificateMaterial.from_bundle(BundleSource.from_secret(secret)),
            server_certificate_name_prefix=context("prefix") or "www",
            path=context("path") or "/",
            propagation_time=Duration.seconds(int(context("propagation") or "30")),
            renew_automatically=True,
            expiration_notice=NOTICE,
        )
        self._serve(certificate)
        self._watch(certificate)

    def _serve(self, certificate: ServerCertificate) -> None:
        balancer = elbv2.ApplicationLoadBalancer(
            self,
            "LoadBalancer",
            vpc=ec2.Vpc(self, "Vpc", max_azs=2, nat_gateways=0),
            internet_facing=True,
        )
        balancer.add_listener(
            "Https",
            port=443,
            certificates=[elbv2.ListenerCertificate.from_arn(certificate.server_certificate_arn)],
            ssl_policy=elbv2.SslPolicy.RECOMMENDED_TLS,
            default_action=elbv2.ListenerAction.fixed_response(200, message_body="It works"),
        )
        CfnOutput(self, "Url", value=f"https://{balancer.load_balancer_dns_name}")

    def _watch(self, certificate: ServerCertificate) -> None:
        topic = sns.Topic(self, "Notices", enforce_ssl=True)
        email = self.node.try_get_context("email")
        if email:
            topic.add_subscription(subscriptions.EmailSubscription(email))
        expires_soon = certificate.metric_days_to_expiry().create_alarm(
            self,
            "ExpiresSoon",
            alarm_description="The certificate expires soon, or nothing watches it.",
            comparison_operator=cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
            threshold=NOTICE.to_days(),
            evaluation_periods=1,
            treat_missing_data=cloudwatch.TreatMissingData.BREACHING,
        )
        renewal_is_late = certificate.metric_renewal_lag().create_alarm(
            self,
            "RenewalIsLate",
            alarm_description="The secret has had a newer version for a day, or nothing watches it.",
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
            threshold=24,
            evaluation_periods=1,
            treat_missing_data=cloudwatch.TreatMissingData.BREACHING,
        )
        for alarm in (expires_soon, renewal_is_late):
            alarm.add_alarm_action(actions.SnsAction(topic))
        events.Rule(
            self,
            "Events",
            description="Tells of certificates that expire soon, and of renewals that failed.",
            event_pattern=events.EventPattern(
                source=["cdk-iam-server-certificate"], detail={"StackName": [self.stack_name]}
            ),
            targets=[targets.SnsTopic(topic)],
        )
        # With the rule, the topic has a policy of its own, which must name the alarms as well.
        topic.grant_publish(iam.ServicePrincipal("cloudwatch.amazonaws.com"))


app = App()
WebStack(
    app,
    "AutomaticRenewal",
    env=Environment(
        account=os.environ.get("CDK_DEFAULT_ACCOUNT"),
        region=os.environ.get("CDK_DEFAULT_REGION"),
    ),
)
app.synth()
