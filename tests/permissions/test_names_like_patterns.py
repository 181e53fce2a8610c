"""Names that look like patterns, deployed and evaluated: each grants what it names, and no more."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App, CfnParameter, Stack
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_secretsmanager as secretsmanager
from aws_cdk.assertions import Template

from cdk_iam_server_certificate import (
    CertificateMaterial,
    CertificateSource,
    PrivateKeySource,
    ServerCertificate,
)
from permissions.guarded import refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from dev.certificates.authority import Issued
    from local_cloud import LocalCloud

pytestmark = [pytest.mark.local_cloud, pytest.mark.xdist_group("permissions")]

BUCKET = "certificates-of-example"
STACK = "names-like-patterns"


@pytest.fixture(scope="module")
def template(cloud: LocalCloud) -> dict[str, Any]:
    """Return the role and its policy, as the construct declares them, for an account to assume."""
    stack = Stack(App(context={"aws:cdk:bundling-stacks": []}), STACK)
    names = {name: CfnParameter(stack, name).value_as_string for name in ("Key", "Name", "Secret")}
    bucket = s3.Bucket.from_bucket_name(stack, "Bucket", BUCKET)
    secret = secretsmanager.Secret.from_secret_name_v2(stack, "PrivateKey", names["Secret"])
    ServerCertificate(
        stack,
        "Certificate",
        material=CertificateMaterial.from_parts(
            certificate=CertificateSource.from_bucket(bucket, "a*b"),
            chain=CertificateSource.from_bucket(bucket, names["Key"]),
            private_key=PrivateKeySource.from_secret(secret),
        ),
        server_certificate_name=names["Name"],
    )
    declared = Template.from_stack(stack).to_json()["Resources"]
    kinds = ("AWS::IAM::Role", "AWS::IAM::Policy", "AWS::Logs::LogGroup")
    resources = {name: each for name, each in declared.items() if each["Type"] in kinds}
    for resource in resources.values():
        if resource["Type"] == "AWS::IAM::Role":
            resource["Properties"]["RoleName"] = STACK
            (trust,) = resource["Properties"]["AssumeRolePolicyDocument"]["Statement"]
            trust["Principal"] = {"AWS": f"arn:aws:iam::{cloud.account_id}:root"}
    return {"Parameters": {name: {"Type": "String"} for name in names}, "Resources": resources}


@pytest.fixture
def deployed(cloud: LocalCloud, template: dict[str, Any]) -> Iterator[Callable[..., Any]]:
    """Return a function that deploys the policy, and returns a session as its role."""
    stacks = cloud.client("cloudformation")

    def deploy(**parameters: str) -> Callable[[str], Any]:
        stacks.create_stack(
            StackName=STACK,
            TemplateBody=json.dumps(template),
            Capabilities=["CAPABILITY_NAMED_IAM"],
            Parameters=[
                {"ParameterKey": name, "ParameterValue": value}
                for name, value in parameters.items()
            ],
        )
        stacks.get_waiter("stack_create_complete").wait(
            StackName=STACK, WaiterConfig={"Delay": 1, "MaxAttempts": 60}
        )
        session = cloud.client("sts").assume_role(
            RoleArn=f"arn:aws:iam::{cloud.account_id}:role/{STACK}", RoleSessionName="invocation"
        )
        return lambda service: cloud.client(service, credentials=session["Credentials"])

    yield deploy
    stacks.delete_stack(StackName=STACK)
    stacks.get_waiter("stack_delete_complete").wait(
        StackName=STACK, WaiterConfig={"Delay": 1, "MaxAttempts": 60}
    )


@pytest.fixture(scope="module")
def objects(cloud: LocalCloud) -> tuple[str, ...]:
    """Store objects, and return their keys."""
    keys = ("a*b", "axb", "*", "?", "x", "${aws:userid}", "{{resolve:ssm:/any}}")
    client = cloud.client("s3")
    client.create_bucket(
        Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": cloud.region}
    )
    for key in keys:
        client.put_object(Bucket=BUCKET, Key=key, Body=b"x")
    return keys


@pytest.mark.parametrize("key", ["x", "*", "?", "${aws:userid}"])
def test_objects(deployed: Callable[..., Any], objects: tuple[str, ...], key: str) -> None:
    """The literal key 'a*b' grants 'a*b' and not 'axb'; so does what a parameter says."""
    reading = deployed(Key=key, Name="www", Secret="tls")("s3")  # noqa: S106 - a name
    readable = {
        each for each in objects if not refusal(reading, "get_object", Bucket=BUCKET, Key=each)
    }
    assert readable == {"a*b", key}


@pytest.mark.usefixtures("objects")
def test_names_and_secrets(
    cloud: LocalCloud, deployed: Callable[..., Any], issue: Callable[[], Issued]
) -> None:
    """Who may say '*' for a name has not got all names."""
    act_as = deployed(Key="x", Name="*", Secret="*")  # noqa: S106 - a pattern
    issued = issue()
    uploaded = {"CertificateBody": issued.pem, "PrivateKey": issued.key_pem()}
    refused = refusal(
        act_as("iam"),
        "upload_server_certificate",
        ServerCertificateName="www",
        Path="/a/",
        **uploaded,
    )
    assert "not authorized to perform: iam:UploadServerCertificate" in refused
    secret = cloud.client("secretsmanager").create_secret(Name="of-others", SecretString="x")
    refused = refusal(act_as("secretsmanager"), "get_secret_value", SecretId=secret["ARN"])
    assert "not authorized to perform: secretsmanager:GetSecretValue" in refused
