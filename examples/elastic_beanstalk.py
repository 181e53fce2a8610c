"""
An Elastic Beanstalk environment whose load balancer uses an IAM certificate.

The listener option ``SSLCertificateArns`` refers to the certificate by its ARN. For an environment
with a Classic Load Balancer, use ``SSLCertificateId`` in ``aws:elb:listener:443`` instead. The local
cloud has no Elastic Beanstalk: you can synthesize this example there, but deploy it to an AWS account.

Context values (``cdk deploy -c key=value``):

* ``certificate``: PEM file with the certificate. Default: ``certificate.pem``
* ``chain``: PEM file with the chain. Default: none
* ``secret``: name of the Secrets Manager secret with the private key. Default: ``www/private-key``
* ``name``: name of the certificate. Default: generated
* ``path``: path of the certificate. Default: ``/``
* ``propagation``: seconds to wait after an upload. Default: 30
* ``platform``: solution stack, as listed by ``aws elasticbeanstalk
  list-available-solution-stacks``. Required for a deployment
"""

from __future__ import annotations

import os

from aws_cdk import App, Duration, Environment, Stack
from aws_cdk import aws_elasticbeanstalk as beanstalk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from cdk_iam_server_certificate import (
    CertificateMaterial,
    CertificateSource,
    PrivateKeySource,
    ServerCertificate,
)


def option(namespace: str, name: str, value: str) -> beanstalk.CfnEnvironment.OptionSettingProperty:
    """Return a setting of the environment."""
    return beanstalk.CfnEnvironment.OptionSettingProperty(
        namespace=namespace, option_name=name, value=value
    )


class BeanstalkStack(Stack):
    """A certificate, and the environment that uses it."""

    def __init__(self, scope: Construct, construct_id: str, *, env: Environment) -> None:
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
        role = iam.Role(
            self,
            "Role",
            assumed_by=iam.ServicePrincipal("ec2.amazonaws.com"),
            managed_policies=[
                iam.ManagedPolicy.from_aws_managed_policy_name("AWSElasticBeanstalkWebTier")
            ],
        )
        profile = iam.InstanceProfile(self, "Profile", role=role)
        listener = "aws:elbv2:listener:443"
        beanstalk.CfnEnvironment(
            self,
            "Environment",
            application_name=beanstalk.CfnApplication(self, "Application").ref,
            solution_stack_name=context("platform"),
            option_settings=[
                option(
                    "aws:autoscaling:launchconfiguration",
                    "IamInstanceProfile",
                    profile.instance_profile_name,
                ),
                option("aws:elasticbeanstalk:environment", "LoadBalancerType", "application"),
                option(listener, "ListenerEnabled", "true"),
                option(listener, "Protocol", "HTTPS"),
                option(listener, "SSLCertificateArns", certificate.server_certificate_arn),
            ],
        )


app = App()
BeanstalkStack(
    app,
    "ElasticBeanstalk",
    env=Environment(
        account=os.environ.get("CDK_DEFAULT_ACCOUNT"),
        region=os.environ.get("CDK_DEFAULT_REGION"),
    ),
)
app.synth()
