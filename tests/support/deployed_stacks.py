"""Stacks of the local cloud, and resources for them that cost little or fail when they are wanted to."""

from __future__ import annotations

import functools
import hashlib
import json
import textwrap
from typing import TYPE_CHECKING, Any, NamedTuple

from botocore.exceptions import ClientError

from support.waiting import wait_for

if TYPE_CHECKING:
    from local_cloud import LocalCloud

TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "lambda.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ],
}
POLICY = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "iam:*", "Resource": "*"}],
}
ROLE = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": TRUST}}

# Answers FAILED to the requests that the parameter /fails names.
FUNCTION = """
    import json, urllib.request
    import boto3

    def handler(event, context):
        print(event["RequestType"], event.get("PhysicalResourceId", ""))
        fails = boto3.client("ssm").get_parameter(Name="/fails")["Parameter"]["Value"]
        answer = {
            "Status": "FAILED" if event["RequestType"] in fails else "SUCCESS",
            "Reason": "wanted",
            "PhysicalResourceId": event["ResourceProperties"].get("Id", "id"),
        }
        for name in ("StackId", "RequestId", "LogicalResourceId"):
            answer[name] = event[name]
        request = urllib.request.Request(
            event["ResponseURL"], data=json.dumps(answer).encode(), method="PUT"
        )
        urllib.request.urlopen(request).read()
"""
FUNCTION_RESOURCES: dict[str, Any] = {
    "Role": ROLE,
    "Policy": {
        "Type": "AWS::IAM::Policy",
        "Properties": {
            "PolicyName": "p",
            "PolicyDocument": POLICY,
            "Roles": [{"Ref": "Role"}],
        },
    },
    "Function": {
        "Type": "AWS::Lambda::Function",
        "DependsOn": "Policy",
        "Properties": {
            "Runtime": "python3.13",
            "Handler": "index.handler",
            "Timeout": 20,
            "Role": {"Fn::GetAtt": ["Role", "Arn"]},
            "Code": {"ZipFile": textwrap.dedent(FUNCTION)},
        },
    },
}

# Fails at once: there is no such function.
FAILING = {
    "Type": "Custom::Failing",
    "DependsOn": "Value",
    "Properties": {"ServiceToken": "arn:aws:lambda:eu-central-1:111122223333:function:none"},
}


class Event(NamedTuple):
    """An event of a stack, without what differs each time."""

    logical_id: str
    status: str
    reason: str


class Stacks:
    """CloudFormation, and the services of what the stacks here consist of."""

    def __init__(self, cloud: LocalCloud) -> None:
        self._cloud = cloud
        self.api = self.client("cloudformation")
        self._s3 = self.client("s3")
        self._s3.create_bucket(
            Bucket="assets",
            CreateBucketConfiguration={"LocationConstraint": "eu-central-1"},
        )

    def client(self, service: str) -> Any:  # noqa: ANN401 - boto3 makes its clients at run time
        """Return a client, always the same: to make one takes longer than most calls."""
        return _client(self._cloud, service)

    def deploy(self, name: str, resources: dict[str, Any], **sections: object) -> str:
        """Create or update a stack; return the status in which it rests."""
        template = json.dumps({"Resources": resources, **sections})
        parameters = {"StackName": name, "TemplateBody": template}
        try:
            self.api.update_stack(**parameters)
        except ClientError:
            self.api.create_stack(**parameters)
        return self.rest(name)

    def create_by_change_set(self, name: str, resources: dict[str, Any]) -> str:
        """Create a stack as the CDK does; return the status in which it rests."""
        change_set = self.api.create_change_set(
            StackName=name,
            ChangeSetName="c",
            ChangeSetType="CREATE",
            TemplateBody=json.dumps({"Resources": resources}),
        )["Id"]
        self.api.get_waiter("change_set_create_complete").wait(
            ChangeSetName=change_set, WaiterConfig={"Delay": 1}
        )
        self.api.execute_change_set(ChangeSetName=change_set)
        return self.rest(name)

    def delete(self, name: str) -> str:
        """Delete a stack; return the status in which it rests."""
        stack_id = self.api.describe_stacks(StackName=name)["Stacks"][0]["StackId"]
        self.api.delete_stack(StackName=name)
        return self.rest(stack_id)

    def rest(self, name: str) -> str:
        """Wait until a stack rests; return its status."""
        return wait_for(
            lambda: str(self.described(name)["StackStatus"]),
            lambda status: not status.endswith("IN_PROGRESS"),
        )

    def described(self, name: str) -> dict[str, Any]:
        """Describe a stack."""
        stack: dict[str, Any] = self.api.describe_stacks(StackName=name)["Stacks"][0]
        return stack

    def events(self, name: str) -> list[Event]:
        """Return the events of a stack, in order."""
        events = self.api.describe_stack_events(StackName=name)["StackEvents"]
        return [
            Event(
                each["LogicalResourceId"],
                each["ResourceStatus"],
                each.get("ResourceStatusReason", ""),
            )
            for each in reversed(events)
        ]

    def resources(self, name: str) -> dict[str, str]:
        """Return the status of each resource of a stack."""
        resources = self.api.describe_stack_resources(StackName=name)["StackResources"]
        return {each["LogicalResourceId"]: each["ResourceStatus"] for each in resources}

    def child_id(self, name: str) -> str:
        """Return the ARN of the nested stack of a stack, even if it is deleted."""
        return next(
            str(event["PhysicalResourceId"])
            for event in self.api.describe_stack_events(StackName=name)["StackEvents"]
            if event["LogicalResourceId"] == "Child" and event.get("PhysicalResourceId")
        )

    def parameters(self) -> list[str]:
        """Return the names of all parameters."""
        found = self.client("ssm").describe_parameters()["Parameters"]
        return [each["Name"] for each in found]

    def value(self, name: str) -> str:
        """Return the value of a parameter."""
        return str(self.client("ssm").get_parameter(Name=name)["Parameter"]["Value"])

    def physical_ids(self, name: str) -> list[str]:
        """Return the physical ids of the resources of a stack."""
        resources = self.api.describe_stack_resources(StackName=name)["StackResources"]
        return [each["PhysicalResourceId"] for each in resources]

    def output(self, name: str, key: str) -> str:
        """Return an output of a stack."""
        outputs = self.described(name)["Outputs"]
        return next(each["OutputValue"] for each in outputs if each["OutputKey"] == key)

    def nested(self, resources: dict[str, Any], **sections: object) -> dict[str, Any]:
        """Return a nested stack, whose template is an asset under a name of its own."""
        body = json.dumps({"Resources": resources, **sections})
        key = f"{hashlib.sha256(body.encode()).hexdigest()}.json"
        self._s3.put_object(Bucket="assets", Key=key, Body=body)
        url = f"https://s3.eu-central-1.amazonaws.com/assets/{key}"
        return {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": url}}

    def hold(self, user: str) -> None:
        """Give a user an access key, so that the user can't be deleted."""
        self.client("iam").create_access_key(UserName=user)

    def release(self, user: str) -> None:
        """Delete that key."""
        iam = self.client("iam")
        (key,) = iam.list_access_keys(UserName=user)["AccessKeyMetadata"]
        iam.delete_access_key(UserName=user, AccessKeyId=key["AccessKeyId"])

    def fail(self, *requests: str) -> None:
        """Let the function fail these requests from now on."""
        self.client("ssm").put_parameter(
            Name="/fails", Type="String", Value=json.dumps(requests), Overwrite=True
        )


@functools.cache
def _client(cloud: LocalCloud, service: str) -> Any:  # noqa: ANN401 - boto3 makes its clients at run time
    return cloud.client(service)


def custom_resource(**properties: object) -> dict[str, Any]:
    """Return a custom resource of the function."""
    token = {"Fn::GetAtt": ["Function", "Arn"]}
    return {
        "Type": "Custom::Tested",
        "Properties": {"ServiceToken": token, "ServiceTimeout": 60, **properties},
    }


def parameter(value: object, **attributes: object) -> dict[str, Any]:
    """Return an SSM parameter."""
    return {
        "Type": "AWS::SSM::Parameter",
        "Properties": {"Type": "String", "Value": value},
        **attributes,
    }


def user(name: str, tag: object = "v", **attributes: object) -> dict[str, Any]:
    """Return a user with a tag."""
    tags = [{"Key": "k", "Value": tag}]
    properties = {"UserName": name, "Tags": tags}
    return {"Type": "AWS::IAM::User", "Properties": properties, **attributes}


def printed(stacks: Stacks) -> list[str]:
    """Return what functions have printed."""
    logs = stacks.client("logs")
    return [
        event["message"].strip()
        for group in logs.describe_log_groups()["logGroups"]
        for event in logs.filter_log_events(logGroupName=group["logGroupName"])["events"]
    ]
