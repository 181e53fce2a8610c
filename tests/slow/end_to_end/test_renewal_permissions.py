"""The policies of a renewal: each action is needed, and an intruder who has them can do nothing else."""

from __future__ import annotations

import base64
import functools
import json
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App, CfnParameter, Duration, Environment, Stack
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_cloudfront_origins as origins
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from aws_cdk import aws_secretsmanager as secretsmanager
from aws_cdk import aws_ssm as ssm
from botocore.exceptions import ClientError

from cdk_iam_server_certificate import (
    BundleSource,
    CertificateMaterial,
    DistributionCertificate,
    ServerCertificate,
)
from dev.benchmarks.stack_of_many import synthesized
from dev.certificates.authority import Authority
from local_cloud import LocalCloud
from support.waiting import wait_for

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from dev.benchmarks.stack_of_many import Synthesized

pytestmark = [pytest.mark.end_to_end, pytest.mark.xdist_group("renewal-permissions")]

STACK = "web"
SECRET = "bundle"  # noqa: S105 (its name)
LONG = 10_000
"""More days than a certificate is valid, so that each run reports that it expires."""

Statement = dict[str, Any]


def synthesize(cloud: LocalCloud, directory: str) -> Synthesized:
    """Synthesize a stack with consumers, and a resource that another renewal would change, too."""
    app = App(outdir=directory)
    stack = Stack(app, "Web", env=Environment(account=cloud.account_id, region=cloud.region))
    secret = secretsmanager.Secret.from_secret_name_v2(stack, "Bundle", SECRET)

    def certify(construct_id: str, path: str = "/") -> ServerCertificate:
        return ServerCertificate(
            stack,
            construct_id,
            material=CertificateMaterial.from_bundle(BundleSource.from_secret(secret)),
            path=path,
            propagation_time=Duration.seconds(0),
            renew_automatically=True,
        )

    vpc = ec2.Vpc(stack, "Vpc", max_azs=2, nat_gateways=0, restrict_default_security_group=False)
    elbv2.ApplicationListener(
        stack,
        "Https",
        load_balancer=elbv2.ApplicationLoadBalancer(stack, "LoadBalancer", vpc=vpc),
        port=443,
        certificates=[
            elbv2.ListenerCertificate.from_arn(each.server_certificate_arn)
            for each in (certify("Certificate"), certify("Further"))
        ],
        default_action=elbv2.ListenerAction.fixed_response(200),
    )
    distribution = cloudfront.Distribution(
        stack,
        "Distribution",
        default_behavior=cloudfront.BehaviorOptions(
            origin=origins.HttpOrigin("origin.example.com")
        ),
        domain_names=["www.example.com"],
    )
    distribution.with_(DistributionCertificate(certify("Edge", "/cloudfront/")))
    image = CfnParameter(
        stack, "Image", type="AWS::SSM::Parameter::Value<String>", default="/image"
    )
    ssm.StringParameter(stack, "Copy", string_value=image.value_as_string)
    return synthesized(app, "Web")


@dataclass(frozen=True)
class Renewals:
    """A deployed stack, and its renewal function, which only the tests invoke."""

    cloud: LocalCloud
    authority: Authority
    function: str
    function_role: str
    renewal_role: str
    administrator: str
    """The ARN of a role of CloudFormation that may do everything."""

    rule_input: str
    """The input of the function, without its trigger."""

    def client(self, service: str) -> Any:  # noqa: ANN401 - boto3 makes its clients at run time
        """Return a client of the administrator."""
        return self.cloud.client(service)

    def put(self) -> str:
        """Store a new version of the secret, and return its ID."""
        leaf = self.authority.leaf("www.example.com")
        text = leaf.fullchain_pem(root=True) + leaf.key_pem()
        answer = self.client("secretsmanager").put_secret_value(SecretId=SECRET, SecretString=text)
        return str(answer["VersionId"])

    def run(self) -> str:
        """Invoke the function as the daily schedule does, and return its log."""
        moment = {"Trigger": "Scheduled Event", "Time": "2026-11-28T00:07:00Z"}
        event = json.loads(self.rule_input) | moment
        for certificate in event["Certificates"]:
            certificate["NoticeDays"] = LONG
        answer = self.client("lambda").invoke(
            FunctionName=self.function, LogType="Tail", Payload=json.dumps(event)
        )
        return (
            base64.b64decode(answer.get("LogResult", "")).decode()
            + answer["Payload"].read().decode()
        )

    def policies(self, role: str) -> dict[str, list[Statement]]:
        """Return the statements of a role by the names of its policies."""
        iam = self.client("iam")
        return {
            name: iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]["Statement"]
            for name in iam.list_role_policies(RoleName=role)["PolicyNames"]
        }

    def actions(self, role: str) -> list[tuple[str, str]]:
        """Return the actions that a role may call, each with the Sid of its statement."""
        return [
            (statement["Sid"], action)
            for statements in self.policies(role).values()
            for statement in statements
            for action in actions(statement)
        ]

    @contextmanager
    def without(self, role: str, sid: str, action: str) -> Iterator[None]:
        """Take an action from a role for a while."""
        before = self.policies(role)
        name = next(name for name in before if any(each["Sid"] == sid for each in before[name]))
        put = functools.partial(self.client("iam").put_role_policy, RoleName=role, PolicyName=name)
        put(PolicyDocument=document(without(before[name], sid, action)))
        try:
            yield
        finally:
            put(PolicyDocument=document(before[name]))

    def status(self) -> str:
        """Return the status of the stack."""
        (stack,) = self.client("cloudformation").describe_stacks(StackName=STACK)["Stacks"]
        return str(stack["StackStatus"])

    def finish_rollback(self) -> None:
        """Continue a rollback that the missing permission stopped, too."""
        if self.status() == "UPDATE_ROLLBACK_FAILED":
            self.client("cloudformation").continue_update_rollback(StackName=STACK)
            wait_for(self.status, lambda status: status == "UPDATE_ROLLBACK_COMPLETE")

    def change_image(self) -> None:
        """Change the value that another resource of the stack reads in each update."""
        ssm_client = self.client("ssm")
        value = ssm_client.get_parameter(Name="/image")["Parameter"]["Value"]
        ssm_client.put_parameter(Name="/image", Value=f"{value}+", Overwrite=True)

    def deploy_again(self) -> None:
        """Let the stack read that value, with a role that may do everything, as the CDK CLI does."""
        self.client("cloudformation").update_stack(
            StackName=STACK,
            UsePreviousTemplate=True,
            Capabilities=["CAPABILITY_IAM"],
            RoleARN=self.administrator,
        )
        wait_for(self.status, lambda status: status == "UPDATE_COMPLETE")


def create_role(
    cloud: LocalCloud, name: str, principal: dict[str, str], *policies: list[Statement]
) -> str:
    """Create a role with policies, and return its ARN."""
    trust = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
    iam = cloud.client("iam")
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=document([trust]))
    for number, statements in enumerate(policies):
        iam.put_role_policy(
            RoleName=name, PolicyName=f"policy{number}", PolicyDocument=document(statements)
        )
    return str(role["Role"]["Arn"])


@pytest.fixture(scope="module")
def renewals(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Renewals]:
    """A stack with a certificate that renews itself, deployed without the CDK CLI."""
    folder = tmp_path_factory.mktemp("permissions")
    authority = Authority.root(at=datetime.now(UTC)).intermediate()
    with LocalCloud.running(directory=folder / "cloud", auth=True) as cloud:
        made = synthesize(cloud, str(folder / "cdk.out"))
        files = cloud.client("s3")
        files.create_bucket(
            Bucket=made.bucket, CreateBucketConfiguration={"LocationConstraint": cloud.region}
        )
        files.upload_file(str(made.code), made.bucket, made.code.name)
        body = json.dumps(made.template).encode()
        files.put_object(Bucket=made.bucket, Key="template", Body=body)
        cloud.client("ssm").put_parameter(Name="/image", Value="ami", Type="String")
        leaf = authority.leaf("www.example.com")
        cloud.client("secretsmanager").create_secret(
            Name=SECRET, SecretString=leaf.fullchain_pem(root=True) + leaf.key_pem()
        )
        cloudformation = cloud.client("cloudformation")
        cloudformation.create_stack(
            StackName=STACK,
            TemplateURL=f"{cloud.endpoint_url}/{made.bucket}/template",
            Capabilities=["CAPABILITY_IAM"],
        )
        pages = cloudformation.get_paginator("list_stack_resources")

        def resources() -> dict[str, str]:
            return {
                each["LogicalResourceId"]: each["PhysicalResourceId"]
                for page in pages.paginate(StackName=STACK)
                for each in page["StackResourceSummaries"]
            }

        wait_for(
            lambda: cloudformation.describe_stacks(StackName=STACK)["Stacks"][0]["StackStatus"],
            lambda status: status == "CREATE_COMPLETE",
        )
        found = resources()

        def only(*beginnings: str) -> str:
            (physical_id,) = (
                found[name] for name in found if name.startswith(beginnings) and "Polic" not in name
            )
            return physical_id

        anything = [{"Effect": "Allow", "Action": "*", "Resource": "*"}]
        administrator = create_role(
            cloud, "administrator", {"Service": "cloudformation.amazonaws.com"}, anything
        )
        events = cloud.client("events")
        (rule,) = events.list_rules()["Rules"]
        events.disable_rule(Name=rule["Name"])
        (target,) = events.list_targets_by_rule(Rule=rule["Name"])["Targets"]
        template = target["InputTransformer"]["InputTemplate"]
        yield Renewals(
            cloud,
            authority,
            function=only("IamServerCertificateRenewalFunction"),
            function_role=only("IamServerCertificateRenewalRole"),
            renewal_role=only("IamServerCertificateRenewalUpdateRole"),
            administrator=administrator,
            rule_input=template.replace("<trigger>", '""').replace("<time>", '""'),
        )


def document(statements: list[Statement]) -> str:
    """Return a policy."""
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def without(statements: list[Statement], sid: str, action: str) -> list[Statement]:
    """Return statements that don't allow one action."""
    return [
        each | {"Action": [other for other in actions(each) if other != action]}
        if each["Sid"] == sid
        else each
        for each in statements
        if each["Sid"] != sid or actions(each) != [action]
    ]


def actions(statement: Statement) -> list[str]:
    """Return the actions of a statement."""
    given = statement["Action"]
    return [given] if isinstance(given, str) else list(given)


UNCHECKED = ("logs:CreateLogStream", "logs:PutLogEvents", "ssm:GetParameters")
"""
The local cloud writes logs itself, and reads the parameters of a template in the service role. AWS
doesn't document whether it reads them for the caller of CreateChangeSet instead."""


def test_function_needs_each_action(renewals: Renewals) -> None:
    """Without any one action, a run names it; with all of them, a run renews, reports and refuses."""
    log = renewals.run()
    assert "not authorized" not in log
    unneeded = []
    for sid, action in renewals.actions(renewals.function_role):
        if action in UNCHECKED:
            continue
        renewals.put()
        is_refused = action == "cloudformation:DeleteChangeSet"
        if is_refused:
            renewals.change_image()
        with renewals.without(renewals.function_role, sid, action):
            log = renewals.run()
        if f"not authorized to perform: {action}" not in log:
            unneeded.append((sid, action))
        if is_refused:
            renewals.deploy_again()
    assert unneeded == []
    version = renewals.put()
    log = renewals.run()
    assert "not authorized" not in log
    assert version in log
    assert renewals.status() == "UPDATE_COMPLETE"


def test_role_for_renewals_needs_each_action(renewals: Renewals) -> None:
    """Without any one action, the update is rolled back, and the reason names it."""
    unneeded = []
    for sid, action in renewals.actions(renewals.renewal_role):
        renewals.put()
        with renewals.without(renewals.renewal_role, sid, action):
            log = renewals.run()
        if f"not authorized to perform: {action}" not in log:
            unneeded.append((sid, action))
        renewals.finish_rollback()
    assert unneeded == []
    renewals.put()
    renewals.run()
    assert renewals.status() == "UPDATE_COMPLETE"


@pytest.fixture(scope="module")
def intruder(renewals: Renewals) -> Mapping[str, Any]:
    """The credentials of somebody who has become the renewal function."""
    account = renewals.cloud.account_id
    role = create_role(
        renewals.cloud,
        "intruder",
        {"AWS": f"arn:aws:iam::{account}:root"},
        *renewals.policies(renewals.function_role).values(),
    )
    session = renewals.client("sts").assume_role(RoleArn=role, RoleSessionName="intruder")
    credentials: Mapping[str, Any] = session["Credentials"]
    return credentials


TEMPLATE = json.dumps({"Resources": {"User": {"Type": "AWS::IAM::User"}}})


def attempts(
    renewals: Renewals, client: Callable[[str], Any]
) -> Iterator[tuple[str, Callable[[], object]]]:
    """Yield what an intruder must not be able to do, with a description."""
    account, region = renewals.cloud.account_id, renewals.cloud.region
    roles = f"arn:aws:iam::{account}:role/"
    role = f"{roles}{renewals.renewal_role}"
    cloudformation = client("cloudformation")
    secrets, iam = client("secretsmanager"), client("iam")

    def change(**more: object) -> Callable[[], object]:
        request = {
            "StackName": STACK,
            "ChangeSetName": "renewal-x",
            "RoleARN": role,
            "TemplateBody": TEMPLATE,
            "Capabilities": ["CAPABILITY_IAM"],
        }
        request = {key: value for key, value in (request | more).items() if value is not None}
        return lambda: cloudformation.create_change_set(**request)

    url = f"{renewals.cloud.endpoint_url}/bucket/template"
    yield "a change set without a role", change(RoleARN=None)
    yield (
        "a change set with the role of the function",
        change(RoleARN=f"{roles}{renewals.function_role}"),
    )
    yield "a change set with another role", change(RoleARN=f"{roles}administrator")
    yield "a change set from a URL", change(TemplateURL=url, TemplateBody=None)
    yield "a change set of another name", change(ChangeSetName="deployment")
    yield "a change set of another stack", change(StackName="other", ChangeSetType="CREATE")
    yield (
        "an update",
        lambda: cloudformation.update_stack(StackName=STACK, TemplateBody=TEMPLATE, RoleARN=role),
    )
    yield "a deletion", lambda: cloudformation.delete_stack(StackName=STACK, RoleARN=role)
    yield (
        "the execution of another change set",
        lambda: cloudformation.execute_change_set(StackName=STACK, ChangeSetName="deployment"),
    )
    yield "the template", lambda: cloudformation.get_template(StackName=STACK)
    yield "the value of the secret", lambda: secrets.get_secret_value(SecretId=SECRET)
    yield (
        "another value of the secret",
        lambda: secrets.put_secret_value(SecretId=SECRET, SecretString="x"),
    )
    yield "another secret", lambda: secrets.describe_secret(SecretId="another")
    yield (
        "the role for renewals",
        lambda: client("sts").assume_role(RoleArn=role, RoleSessionName="intruder"),
    )
    yield (
        "its own policy",
        lambda: iam.put_role_policy(
            RoleName=renewals.function_role, PolicyName="more", PolicyDocument="{}"
        ),
    )
    yield (
        "an upload",
        lambda: iam.upload_server_certificate(
            ServerCertificateName="x", CertificateBody="x", PrivateKey="x"
        ),
    )
    name = next(
        each["ServerCertificateName"]
        for each in renewals.client("iam").list_server_certificates()[
            "ServerCertificateMetadataList"
        ]
    )
    yield (
        "the deletion of the certificate",
        lambda: iam.delete_server_certificate(ServerCertificateName=name),
    )
    yield "the function", lambda: client("lambda").invoke(FunctionName=renewals.function)
    yield (
        "the function's code",
        lambda: client("lambda").update_function_code(FunctionName=renewals.function, ZipFile=b"x"),
    )
    yield (
        "the function's role",
        lambda: client("lambda").update_function_configuration(
            FunctionName=renewals.function, Role=role
        ),
    )
    yield (
        "another namespace",
        lambda: client("cloudwatch").put_metric_data(
            Namespace="Other", MetricData=[{"MetricName": "m", "Value": 1}]
        ),
    )
    yield (
        "an event of another source",
        lambda: client("events").put_events(
            Entries=[{"Source": "other", "DetailType": "d", "Detail": "{}"}]
        ),
    )
    yield (
        "another bus",
        lambda: client("events").put_events(
            Entries=[
                {
                    "Source": "cdk-iam-server-certificate",
                    "DetailType": "d",
                    "Detail": "{}",
                    "EventBusName": f"arn:aws:events:{region}:{account}:event-bus/other",
                }
            ]
        ),
    )


def test_intruder_is_refused(renewals: Renewals, intruder: Mapping[str, Any]) -> None:
    """With the renewal function's permissions, nothing but a renewal is possible."""

    def client(service: str) -> Any:  # noqa: ANN401 - boto3 makes its clients at run time
        return renewals.cloud.client(service, credentials=intruder)

    possible = []
    for what, attempt in attempts(renewals, client):
        try:
            attempt()
        except ClientError as error:
            if "AccessDenied" in error.response["Error"]["Code"]:
                continue
            possible.append(f"{what}: {error}")
        else:
            possible.append(what)
    assert possible == []


def test_intruder_s_template_has_the_rights_of_the_role(
    renewals: Renewals, intruder: Mapping[str, Any]
) -> None:
    """What remains possible is another template, under the role for renewals: it can't create a thing."""
    cloudformation = renewals.cloud.client("cloudformation", credentials=intruder)
    stack_id = json.loads(renewals.rule_input)["Stack"]
    before = cloudformation.describe_stacks(StackName=stack_id)["Stacks"][0]
    template = renewals.client("cloudformation").get_template(StackName=STACK)["TemplateBody"]
    template["Resources"]["Intruder"] = {"Type": "AWS::IAM::User"}
    cloudformation.create_change_set(
        StackName=stack_id,
        ChangeSetName="renewal-intruder",
        RoleARN=f"arn:aws:iam::{renewals.cloud.account_id}:role/{renewals.renewal_role}",
        TemplateBody=json.dumps(template),
        Capabilities=["CAPABILITY_IAM"],
        Parameters=[
            {"ParameterKey": each["ParameterKey"], "UsePreviousValue": True}
            for each in before["Parameters"]
        ],
    )
    named = {"StackName": stack_id, "ChangeSetName": "renewal-intruder"}
    wait_for(
        lambda: cloudformation.describe_change_set(**named)["Status"],
        lambda status: status == "CREATE_COMPLETE",
    )
    cloudformation.execute_change_set(**named)
    wait_for(renewals.status, lambda status: status == "UPDATE_ROLLBACK_COMPLETE")
    assert renewals.client("iam").list_users()["Users"] == []
