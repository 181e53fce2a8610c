"""The same app with a bare custom resource, and a function that does nothing with it."""

from __future__ import annotations

from pathlib import Path

from aws_cdk import App, CustomResource, Environment, Stack
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_secretsmanager as secretsmanager

app = App()
stack = Stack(app, "Shop", env=Environment(account="111122223333", region="eu-central-1"))
secret = secretsmanager.Secret.from_secret_name_v2(stack, "PrivateKey", "shop/private-key")
function = lambda_.Function(
    stack,
    "Function",
    runtime=lambda_.Runtime.PYTHON_3_14,
    handler="index.on_event",
    code=lambda_.Code.from_inline("def on_event(event, context):\n    pass\n"),
)
CustomResource(
    stack,
    "Certificate",
    service_token=function.function_arn,
    properties={
        "Certificate": Path("certificate.pem").read_text("ascii"),
        "CertificateChain": Path("certificate-chain.pem").read_text("ascii"),
        "PrivateKey": secret.secret_arn,
    },
)
app.synth()
