"""
The same certificate in several accounts and Regions, with CDK Pipelines or stage by stage.

IAM is global in an account: all stacks of an account share its certificates, in every Region. Each
stack has its own certificate, so that it can deploy, renew and delete it independently. The
certificates of an account must have different names. Generated names include the Region; to an
explicit name, this example adds it. Each certificate counts against the account's quota. For
CloudFront, which is global, too, declare the certificate in only one stack.

Each account and Region needs a secret with the private key. The secrets have the same name. A secret
that Secrets Manager replicates to the other Region works, too.

To deploy a stage, run ``cdk deploy 'Test/*'``, also in the local cloud (``-c test=111122223333``). To
deploy all stages in order with a pipeline, set ``connection`` and ``repository``, and run
``cdk deploy Pipeline``. The pipeline runs ``cdk synth`` itself, so set the context values in the
``cdk.json`` of the repository.

Context values (``cdk deploy -c key=value``):

* ``test``, ``production``: account ids. Default: AWS's example accounts
* ``certificate``: PEM file with the certificate. Default: ``certificate.pem``
* ``chain``: PEM file with the chain. Default: none
* ``secret``: name of the Secrets Manager secret with the private key. Default: ``www/private-key``
* ``name``: name of the certificate. Default: generated
* ``propagation``: seconds to wait after an upload. Default: 30. Use 0 in the local cloud
* ``connection``: ARN of a CodeConnections connection. Default: none, no pipeline
* ``repository``: repository of the pipeline (``owner/name``)
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
    """Declare the stages, in the order of their deployment."""
    context = scope.node.try_get_context
    return [
        AccountStage(scope, "Test", account=context("test") or "111122223333"),
        AccountStage(scope, "Production", account=context("production") or "444455556666"),
    ]


class PipelineStack(Stack):
    """A pipeline that deploys the stages when the repository changes, for example after a renewal."""

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
