"""
The app: a certificate, optionally in a nested stack, and optionally a resource that fails after it.

Values: ``certificate``, ``chain``, ``secret``, ``name``, ``path``; ``construct`` is the id of the
certificate's construct; without it, there is none. ``adopt``, ``nested`` and ``broken`` are switches.

As a program, it synthesizes itself once for each folder of the JSON object on standard input, with the
values given there. One process for all is faster than one run of the CDK CLI for each.
"""

from __future__ import annotations

import json
import os
import sys
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
from dev import ROOT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from constructs import Construct

MISSING = "arn:aws:lambda:eu-central-1:111122223333:function:missing"


def synthesize(folder: str, values: Mapping[str, str]) -> None:
    """Synthesize the app with these values into a folder."""
    # Only the CDK CLI reads the context of cdk.json by itself.
    context = json.loads((ROOT / "cdk.json").read_text(encoding="utf-8"))["context"]
    app = App(outdir=folder, context=context)
    stack = Stack(
        app,
        "Certificates",
        env=Environment(
            account=os.environ.get("CDK_DEFAULT_ACCOUNT"),
            region=os.environ.get("CDK_DEFAULT_REGION"),
        ),
    )
    # A stack needs a resource even before it has a certificate.
    last: Construct = ssm.StringParameter(stack, "Parameter", string_value="there")
    if values.get("construct"):
        scope = NestedStack(stack, "Nested") if values.get("nested") else stack
        certificate = certify(scope, values)
        last = scope if values.get("nested") else cast("Construct", certificate)
    if values.get("broken"):
        CustomResource(stack, "Broken", service_token=MISSING).node.add_dependency(last)
    app.synth()


def certify(scope: Construct, values: Mapping[str, str]) -> ServerCertificate:
    """Declare the certificate."""
    return ServerCertificate(
        scope,
        values["construct"],
        material=CertificateMaterial.from_parts(
            certificate=CertificateSource.from_file(values["certificate"]),
            chain=CertificateSource.from_file(values["chain"]),
            private_key=PrivateKeySource.from_secret(
                secretsmanager.Secret.from_secret_name_v2(scope, "Key", values["secret"])
            ),
        ),
        server_certificate_name=values["name"],
        path=values["path"],
        adopt_existing=bool(values.get("adopt")),
        propagation_time=Duration.seconds(0),
    )


if __name__ == "__main__":
    for folder, values in json.load(sys.stdin).items():
        synthesize(folder, values)
