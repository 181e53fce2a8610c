"""
The app: a certificate, optionally in a nested stack, and optionally a resource that fails after it.

Context values: ``certificate``, ``chain``, ``secret``, ``name``, ``path``; ``construct`` is the id of
the certificate's construct; without it, there is none. ``adopt``, ``nested`` and ``broken`` are switches.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, cast

from aws_cdk import App, CustomResource, Duration, Environment, NestedStack, Stack
from aws_cdk import aws_secretsmanager as secretsmanager
from aws_cdk import aws_ssm as ssm

from cdk_iam_server_certificate import (
    CertificateMaterial,
    CertificateSource,
    PrivateKeySource,
    ServerCertificate,
)

if TYPE_CHECKING:
    from constructs import Construct

MISSING = "arn:aws:lambda:eu-central-1:111122223333:function:missing"


def certify(scope: Construct, construct_id: str) -> ServerCertificate:
    """Declare the certificate."""
    return ServerCertificate(
        scope,
        construct_id,
        material=CertificateMaterial.from_parts(
            certificate=CertificateSource.from_file(context("certificate")),
            chain=CertificateSource.from_file(context("chain")),
            private_key=PrivateKeySource.from_secret(
                secretsmanager.Secret.from_secret_name_v2(scope, "Key", context("secret"))
            ),
        ),
        server_certificate_name=context("name"),
        path=context("path"),
        adopt_existing=bool(context("adopt")),
        propagation_time=Duration.seconds(0),
    )


def context(key: str) -> str:
    """Return a context value; empty when it isn't given."""
    return str(app.node.try_get_context(key) or "")


app = App()
stack = Stack(
    app,
    "Certificates",
    env=Environment(
        account=os.environ.get("CDK_DEFAULT_ACCOUNT"),
        region=os.environ.get("CDK_DEFAULT_REGION"),
    ),
)
# A stack needs a resource even before it has a certificate.
parameter = ssm.StringParameter(stack, "Parameter", string_value="there")
last: Construct = parameter
if context("construct"):
    scope = NestedStack(stack, "Nested") if context("nested") else stack
    certify(scope, context("construct"))
    if context("nested"):
        last = scope
    else:
        last = cast("Construct", scope.node.find_child(context("construct")))
if context("broken"):
    CustomResource(stack, "Broken", service_token=MISSING).node.add_dependency(last)
app.synth()
