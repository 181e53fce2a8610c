"""Apps with CloudFormation's own resource, with inline functions, and with ``AwsCustomResource``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dev import ROOT
from dev.demo.cdk_cli import CdkCli
from dev.demo.examples.scenarios import MIGRATION
from dev.tools.interruption import Interruption

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from dev.certificates.authority import Issued
    from support.projects import Project, StartProject

pytestmark = pytest.mark.end_to_end

APPROVED = ("--require-approval", "never")

APP = '''
from aws_cdk import App, CfnOutput, CustomResource, Stack
from aws_cdk import aws_iam as iam, aws_lambda as lambda_
from aws_cdk.custom_resources import (
    AwsCustomResource, AwsCustomResourcePolicy, AwsSdkCall, PhysicalResourceId,
)

CODE = """
import cfnresponse

def handler(event, context):
    data = {"Color": event["ResourceProperties"]["Color"]}
    cfnresponse.send(event, context, cfnresponse.SUCCESS, data, "physical")
"""

app = App()
inline = Stack(app, "Inline")
function = lambda_.Function(
    inline,
    "Function",
    runtime=lambda_.Runtime.PYTHON_3_13,
    handler="index.handler",
    code=lambda_.Code.from_inline(CODE),
)
resource = CustomResource(
    inline, "Resource", service_token=function.function_arn, properties={"Color": "red"}
)
CfnOutput(inline, "Color", value=resource.get_att_string("Color"))

sdk = Stack(app, "Sdk")
sdk.add_dependency(inline)
AwsCustomResource(
    sdk,
    "Call",
    on_create=AwsSdkCall(
        service="IAM",
        action="listServerCertificates",
        physical_resource_id=PhysicalResourceId.of("call"),
    ),
    # What it does by default: it tries npm first.
    install_latest_aws_sdk=True,
    policy=AwsCustomResourcePolicy.from_sdk_calls(resources=["*"]),
)
app.synth()
'''


@pytest.fixture(scope="module")
def shared(
    start_project: StartProject, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Project]:
    """A cloud for all tests of this file."""
    with start_project(tmp_path_factory.mktemp("shared")) as project:
        yield project


def cli_for(project: Project, directory: Path, app: Path) -> CdkCli:
    """Return the CDK CLI on an app."""
    directory.mkdir()
    cli = CdkCli(directory=directory, cloud=project.cloud, interruption=Interruption(), app=app)
    cli.prepare()
    return cli


def test_from_the_native_resource(shared: Project, material: Issued, tmp_path: Path) -> None:
    """The example adopts the certificate: id and ARN stay, also in the listener, and it outlives the stack."""
    certificate, chain = material.write(tmp_path / "certificates")
    shared.store_key(material.key_pem())
    context = {"certificate": str(certificate), "chain": str(chain), "propagation": "0"}
    example = ROOT / f"examples/{MIGRATION}.py"
    cli = cli_for(shared, tmp_path / "cli", example)

    native = cli.on_app("deploy", *APPROVED, context={**context, "native": "yes"})
    assert native.exit_code == 0, native.output
    before = shared.observer.snapshot()
    (stored,) = before.certificates
    assert (stored.name, stored.tags) == ("www", {})
    assert before.listener_arns == (stored.arn,)

    with shared.observer.watching() as watches:
        adopted = cli.on_app("deploy", *APPROVED, context=context)
    assert adopted.exit_code == 0, adopted.output
    after = shared.observer.snapshot()
    (kept,) = after.certificates
    assert (kept.certificate_id, kept.arn) == (stored.certificate_id, stored.arn)
    assert kept.tags != {}
    assert after.listener_arns == before.listener_arns
    assert [watch.missing for watch in watches] == [()]
    calls = shared.cloud.calls("function")
    assert {"UploadServerCertificate", "DeleteServerCertificate"} & calls.keys() == set()
    events = shared.cloud.client("cloudformation").describe_stack_events(StackName="FromCfn")
    seen = {(each["ResourceType"], each["ResourceStatus"]) for each in events["StackEvents"]}
    assert ("AWS::IAM::ServerCertificate", "DELETE_SKIPPED") in seen

    destroyed = cli.on_assembly("destroy", cli.output_directory, "--force")
    assert destroyed.exit_code == 0, destroyed.output
    (left,) = shared.observer.snapshot().certificates
    assert (left.certificate_id, left.tags) == (stored.certificate_id, {})


def test_inline_function_and_sdk(shared: Project, tmp_path: Path) -> None:
    """``cfnresponse`` answers; a call of the SDK fails within a minute, says why, and leaves nothing."""
    app = tmp_path / "app.py"
    app.write_text(APP)
    outcome = cli_for(shared, tmp_path / "cli", app).on_app(
        "deploy", "--all", *APPROVED, context={}
    )
    stacks = shared.cloud.client("cloudformation")
    (inline,) = stacks.describe_stacks(StackName="Inline")["Stacks"]
    assert inline["StackStatus"] == "CREATE_COMPLETE", outcome.output
    assert [each["OutputValue"] for each in inline["Outputs"]] == ["red"]
    resources = stacks.describe_stack_resources(StackName="Inline")["StackResources"]
    assert "physical" in {each["PhysicalResourceId"] for each in resources}

    assert outcome.exit_code == 1
    (sdk,) = stacks.describe_stacks(StackName="Sdk")["Stacks"]
    assert sdk["StackStatus"] == "ROLLBACK_COMPLETE"
    events = stacks.describe_stack_events(StackName="Sdk")["StackEvents"]
    times = {
        each["ResourceStatus"]: each["Timestamp"]
        for each in events
        if each["ResourceType"] == "Custom::AWS"
    }
    assert (times["CREATE_FAILED"] - times["CREATE_IN_PROGRESS"]).total_seconds() < 60
    said = " ".join(outcome.output.split())
    assert "@aws-sdk/client-iam is part of Lambda's Node.js runtimes, and the local cloud" in said
    assert "Bundle the package with the function, or put it into a layer." in said
