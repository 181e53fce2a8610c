"""
One certificate in several accounts and Regions, by CDK Pipelines or stage by stage.

IAM is global in an account: two stacks of one account see the same certificates, whatever their
Regions. They must not meet under one name, so each stack has a certificate of its own: it deploys,
renews and deletes it without asking the other. Generated names see to that, because they hold the
Region. An explicit name must differ between the Regions of an account; here the Region is added to
it. Two certificates count twice against the account's quota of server certificates. A certificate
for CloudFront, which is global as well, belongs into one stack alone.

Each account and Region holds the private key in a secret of the same name, as none leaves it; a
secret that Secrets Manager replicates to the second Region does.

``cdk deploy 'Test/*'`` deploys a stage, in the local cloud as well (``-c test=111122223333``). With
``connection``, the ARN of a CodeConnections connection, and ``repository`` (``owner/name``) there is
a pipeline that deploys all stages, one after the other: ``cdk deploy Pipeline``. It synthesises by
itself, so its context values stand in the repository's ``cdk.json``.

Context values (``cdk deploy -c key=value``): ``test`` and ``production``, account ids, default those
of AWS's own examples; ``certificate`` and ``chain``, PEM files, default ``certificate.pem`` and no
chain; ``secret``, default ``www/private-key``; ``name``, default a generated one; ``propagation``,
seconds to wait until consumers know the certificate, default 30, and 0 in the local cloud.
"""

from __future__ import annotations

import os

from aws_cdk import App, CfnOutput, Duration, Environment, Stack, Stage, pipelines
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from cdk_iam_server_certificate import (
    CertificateMaterial,
    CertificateSource,
    PrivateKeySource,
    ServerCertificate,
)

REGIONS = ("eu-central-1", "eu-west-1")


class WebStack(Stack):
    """A certificate for the load balancers of one Region."""

    def __init__(self, scope: Construct, construct_id: str, *, env: Environment) -> None:
        super().__init__(scope, construct_id, env=env)
        context = self.node.try_get_context
        secret = secretsmanager.Secret.from_secret_name_v2(
            self, "PrivateKey", context("secret") or "www/private-key"
        )
        chain, name = context("chain"), context("name")
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
            server_certificate_name=f"{name}-{self.region}" if name else None,
            propagation_time=Duration.seconds(int(context("propagation") or "30")),
        )
        CfnOutput(self, "Arn", value=certificate.server_certificate_arn)


class AccountStage(Stage):
    """The stacks of one account, one for each Region."""

    def __init__(self, scope: Construct, construct_id: str, *, account: str) -> None:
        super().__init__(scope, construct_id)
        for region in REGIONS:
            WebStack(self, region, env=Environment(account=account, region=region))


def add_stages(scope: Construct) -> list[Stage]:
    """Declare the stages, in the order in which they are deployed."""
    context = scope.node.try_get_context
    return [
        AccountStage(scope, "Test", account=context("test") or "111122223333"),
        AccountStage(scope, "Production", account=context("production") or "444455556666"),
    ]


class PipelineStack(Stack):
    """The pipeline that deploys the stages when the repository changes, as for a renewal."""

    def __init__(self, scope: Construct, construct_id: str, *, env: Environment) -> None:
        super().__init__(scope, construct_id, env=env)
        context = self.node.try_get_context
        source = pipelines.CodePipelineSource.connection(
            context("repository") or "owner/name", "main", connection_arn=context("connection")
        )
        pipeline = pipelines.CodePipeline(
            self,
            "Pipeline",
            cross_account_keys=True,
            synth=pipelines.ShellStep(
                "Synth",
                input=source,
                commands=["npm install -g aws-cdk", "pip install -r requirements.txt", "cdk synth"],
            ),
        )
        for stage in add_stages(self):
            pipeline.add_stage(stage)


app = App()
if app.node.try_get_context("connection"):
    PipelineStack(
        app,
        "Pipeline",
        env=Environment(
            account=os.environ.get("CDK_DEFAULT_ACCOUNT"),
            region=os.environ.get("CDK_DEFAULT_REGION"),
        ),
    )
else:
    add_stages(app)
app.synth()
