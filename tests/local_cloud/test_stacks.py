"""Stacks: deletions that fail, nested stacks, exports in use, and log groups."""

from __future__ import annotations

import copy
import hashlib
import json
import textwrap
import time
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from botocore.exceptions import ClientError

from support.waiting import wait_for

if TYPE_CHECKING:
    from collections.abc import Callable

    from local_cloud import LocalCloud

pytestmark = pytest.mark.local_cloud

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
# Follows the answer to a Delete: runs until the parameter /go is there.
LATE = """
    import time
    while event["RequestType"] == "Delete":
        try:
            boto3.client("ssm").get_parameter(Name="/go")
        except boto3.client("ssm").exceptions.ParameterNotFound:
            time.sleep(0.1)
        else:
            boto3.client("ssm").put_parameter(Name="/gone", Type="String", Value="v")
            break
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
        self.client: Callable[..., Any] = cloud.client
        self.api = cloud.client("cloudformation")
        self._s3 = cloud.client("s3")
        self._s3.create_bucket(
            Bucket="assets",
            CreateBucketConfiguration={"LocationConstraint": "eu-central-1"},
        )

    def deploy(self, name: str, resources: dict[str, Any], **sections: object) -> str:
        """Create or update a stack; return the status in which it rests."""
        template = json.dumps({"Resources": resources, **sections})
        parameters = {"StackName": name, "TemplateBody": template}
        try:
            self.api.update_stack(**parameters)
        except ClientError:
            self.api.create_stack(**parameters)
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


@pytest.fixture
def stacks(cloud: LocalCloud) -> Stacks:
    """Return CloudFormation in an empty cloud."""
    return Stacks(cloud)


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


def test_a_custom_resource_that_isnt_deleted_keeps_its_function(stacks: Stacks) -> None:
    """Its function, role and policy remain, so that the deletion can be tried again."""
    stacks.fail("Delete")
    stacks.deploy("s", {**FUNCTION_RESOURCES, "Custom": custom_resource(), "Other": parameter("v")})

    status = stacks.delete("s")

    assert status == "DELETE_FAILED"
    reason = "The following resource(s) failed to delete: [Custom]. "
    assert stacks.events("s")[-1] == ("s", "DELETE_FAILED", reason)
    assert stacks.resources("s") == {
        "Role": "CREATE_COMPLETE",
        "Policy": "CREATE_COMPLETE",
        "Function": "CREATE_COMPLETE",
        "Custom": "DELETE_FAILED",
    }
    stacks.fail()
    assert stacks.delete("s") == "DELETE_COMPLETE"
    assert not stacks.client("lambda").list_functions()["Functions"]


def test_a_rollback_that_fails_keeps_what_is_needed_to_try_again(stacks: Stacks) -> None:
    """A creation that can't be rolled back leaves its failed resource and what that depends on."""
    stacks.fail("Create", "Delete")

    status = stacks.deploy("s", {**FUNCTION_RESOURCES, "Custom": custom_resource()})

    assert status == "ROLLBACK_FAILED"
    assert stacks.resources("s")["Custom"] == "DELETE_FAILED"
    assert stacks.resources("s")["Function"] == "CREATE_COMPLETE"
    reason = "The following resource(s) failed to create: [Custom]. Rollback requested by user."
    assert ("s", "ROLLBACK_IN_PROGRESS", reason) in stacks.events("s")
    stacks.fail()
    assert stacks.delete("s") == "DELETE_COMPLETE"


@pytest.mark.parametrize(
    "dependent",
    [user("u", DependsOn="First"), user("u", {"Ref": "Between"})],
    ids=["depends-on", "through-another"],
)
def test_what_isnt_deleted_keeps_all_that_it_depends_on(
    stacks: Stacks, dependent: dict[str, Any]
) -> None:
    """Directly or not, and by whatever a template can say it with."""
    between = parameter({"Fn::Sub": "${First}"})
    stacks.deploy("s", {"First": parameter("v"), "Between": between, "User": dependent})
    stacks.hold("u")

    stacks.delete("s")

    assert stacks.resources("s")["First"] == "CREATE_COMPLETE"
    stacks.release("u")
    assert stacks.delete("s") == "DELETE_COMPLETE"


def test_a_resource_of_a_failed_deletion_can_be_left(stacks: Stacks) -> None:
    """With RetainResources, the stack is deleted, and the resource stays."""
    stacks.deploy("s", {"First": parameter("v"), "User": user("u", DependsOn="First")})
    stacks.hold("u")
    stacks.delete("s")
    stack_id = stacks.described("s")["StackId"]

    stacks.api.delete_stack(StackName="s", RetainResources=["User"])

    assert stacks.rest(stack_id) == "DELETE_COMPLETE"
    assert ("User", "DELETE_SKIPPED", "") in stacks.events(stack_id)


def test_nested_stacks_know_the_attributes_of_what_an_update_leaves(stacks: Stacks) -> None:
    """Of a role, and of any other resource."""
    resources = {"Role": ROLE, "Queue": {"Type": "AWS::SQS::Queue"}}
    outputs = {
        name: {"Value": {"Fn::GetAtt": [name, "Arn"]}, "Export": {"Name": f"its-{name}"}}
        for name in resources
    }
    arn = {"Fn::GetAtt": ["Child", "Outputs.Role"]}
    for value in ("a", "b"):
        child = stacks.nested(
            {**resources, "Value": parameter({"Fn::Sub": value + "${Role.RoleId}"})},
            Outputs=outputs,
        )

        status = stacks.deploy("s", {"Child": child}, Outputs={"Arn": {"Value": arn}})

    assert status == "UPDATE_COMPLETE"
    assert stacks.output("s", "Arn") == stacks.client("iam").list_roles()["Roles"][0]["Arn"]
    exports = stacks.api.list_exports()["Exports"]
    assert {each["Name"] for each in exports} == {"its-Role", "its-Queue"}


def test_nested_stacks_clean_up(stacks: Stacks) -> None:
    """What an update replaces in a nested stack is deleted."""
    stacks.fail()
    for physical_id in ("a", "b"):
        custom = custom_resource(Id=physical_id)
        child = stacks.nested({**FUNCTION_RESOURCES, "Custom": custom})
        status = stacks.deploy("s", {"Child": child})

    assert status == "UPDATE_COMPLETE"
    assert "Delete a" in printed(stacks)


def test_a_nested_stack_that_isnt_created_is_deleted(stacks: Stacks) -> None:
    """Its parent says which resource failed."""
    child = stacks.nested({"Value": parameter("v"), "Failing": FAILING})

    status = stacks.deploy("s", {"Child": child})

    assert status == "ROLLBACK_COMPLETE"
    child_id = stacks.child_id("s")
    reason = (
        f"Embedded stack {child_id} was not successfully created: "
        "The following resource(s) failed to create: [Failing]. "
    )
    assert Event("Child", "CREATE_FAILED", reason) in stacks.events("s")
    assert stacks.described(child_id)["StackStatus"] == "DELETE_COMPLETE"
    assert not stacks.parameters()


def test_a_nested_stack_that_isnt_updated_is_restored(stacks: Stacks) -> None:
    """Its parent says which resource failed."""
    stacks.deploy("s", {"Child": stacks.nested({"Value": parameter("a")})})

    child = stacks.nested({"Value": parameter("b"), "Failing": FAILING})
    status = stacks.deploy("s", {"Child": child})

    assert status == "UPDATE_ROLLBACK_COMPLETE"
    reason = (
        f"Embedded stack {stacks.child_id('s')} was not successfully updated. "
        "Currently in UPDATE_ROLLBACK_IN_PROGRESS with reason: "
        "The following resource(s) failed to create: [Failing]. "
    )
    assert Event("Child", "UPDATE_FAILED", reason) in stacks.events("s")
    (name,) = stacks.parameters()
    assert stacks.value(name) == "a"


def test_a_nested_stack_goes_back_with_its_parent(stacks: Stacks) -> None:
    """If something else of its parent fails after the nested stack was updated."""
    stacks.deploy("s", {"Child": stacks.nested({"Value": parameter("a")})})

    child = stacks.nested({"Value": parameter("b")})
    status = stacks.deploy("s", {"Child": child, "Failing": {**FAILING, "DependsOn": "Child"}})

    assert status == "UPDATE_ROLLBACK_COMPLETE"
    (name,) = stacks.parameters()
    assert stacks.value(name) == "a"


def test_a_nested_stack_that_isnt_deleted_can_be_tried_again(stacks: Stacks) -> None:
    """Its parent isn't deleted either, and says which resource failed."""
    child = stacks.nested({"First": parameter("v"), "User": user("u", DependsOn="First")})
    stacks.deploy("s", {"Child": child})
    stacks.hold("u")

    assert stacks.delete("s") == "DELETE_FAILED"

    child_id = stacks.child_id("s")
    reason = (
        f"Embedded stack {child_id} was not successfully deleted: "
        "The following resource(s) failed to delete: [User]. "
    )
    assert Event("Child", "DELETE_FAILED", reason) in stacks.events("s")
    assert stacks.resources(child_id) == {"First": "CREATE_COMPLETE", "User": "DELETE_FAILED"}
    stacks.release("u")
    assert stacks.delete("s") == "DELETE_COMPLETE"
    assert stacks.described(child_id)["StackStatus"] == "DELETE_COMPLETE"


def test_a_resource_of_a_nested_stack_can_be_retained(stacks: Stacks) -> None:
    """Its DeletionPolicy counts as in any other stack."""
    child = stacks.nested({"Value": parameter("v", DeletionPolicy="Retain")})
    stacks.deploy("s", {"Child": child})

    assert stacks.delete("s") == "DELETE_COMPLETE"

    assert stacks.parameters()


def exporting(value: str) -> dict[str, Any]:
    """Return the sections of a template that exports a value as "export"."""
    export = {"Value": {"Fn::GetAtt": ["Value", "Value"]}, "Export": {"Name": "export"}}
    return {"resources": {"Value": parameter(value)}, "Outputs": {"Output": export}}


IMPORTING = {"Value": parameter({"Fn::ImportValue": "export"})}


def test_an_export_in_use_cant_be_changed(stacks: Stacks) -> None:
    """The update is rolled back, for that reason, until nothing imports the export any more."""
    stacks.deploy("exporting", **exporting("a"))
    stacks.deploy("one", IMPORTING)
    stacks.deploy("two", IMPORTING)

    assert stacks.deploy("exporting", **exporting("b")) == "UPDATE_ROLLBACK_COMPLETE"

    reason = "Update canceled. Cannot update export export as it is in use by one and two."
    events = [each for each in stacks.events("exporting") if each.logical_id == "exporting"]
    assert [each.status for each in events][-4:] == [
        "UPDATE_IN_PROGRESS",
        "UPDATE_ROLLBACK_IN_PROGRESS",
        "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS",
        "UPDATE_ROLLBACK_COMPLETE",
    ]
    assert events[-3].reason == reason
    assert stacks.api.list_exports()["Exports"][0]["Value"] == "a"
    for importing in ("one", "two"):
        stacks.delete(importing)
    assert stacks.deploy("exporting", **exporting("b")) == "UPDATE_COMPLETE"
    assert stacks.api.list_exports()["Exports"][0]["Value"] == "b"


def test_an_export_in_use_cant_be_removed(stacks: Stacks) -> None:
    """Until nothing imports it any more; then it is gone."""
    stacks.deploy("exporting", **exporting("a"))
    stacks.deploy("importing", IMPORTING)
    removed = {"Value": parameter("b")}

    assert stacks.deploy("exporting", removed) == "UPDATE_ROLLBACK_COMPLETE"

    reason = "Delete canceled. Cannot delete export export as it is in use by importing."
    assert Event("exporting", "UPDATE_ROLLBACK_IN_PROGRESS", reason) in stacks.events("exporting")
    stacks.delete("importing")
    assert stacks.deploy("exporting", removed) == "UPDATE_COMPLETE"
    assert not stacks.api.list_exports()["Exports"]


def test_a_stack_whose_export_is_in_use_isnt_deleted(stacks: Stacks) -> None:
    """The call succeeds; the stack has its status from before, with the reason."""
    stacks.deploy("exporting", **exporting("a"))
    stacks.deploy("importing", IMPORTING)

    stacks.api.delete_stack(StackName="exporting")

    reason = "Delete canceled. Cannot delete export export as it is in use by importing."
    stack = wait_for(
        lambda: stacks.described("exporting"), lambda stack: "StackStatusReason" in stack
    )
    assert (stack["StackStatus"], stack["StackStatusReason"]) == ("CREATE_COMPLETE", reason)
    stacks.delete("importing")
    assert stacks.delete("exporting") == "DELETE_COMPLETE"


def test_a_log_group_goes_with_its_stack(stacks: Stacks) -> None:
    """It has its retention, a name that no other stack's has, and leaves only with its policy."""
    resources = {
        "Deleted": {"Type": "AWS::Logs::LogGroup", "Properties": {"RetentionInDays": 7}},
        "Retained": {"Type": "AWS::Logs::LogGroup", "DeletionPolicy": "Retain"},
    }
    stacks.deploy("s", resources)
    retention = {each.partition("-")[2].partition("-")[0]: days for each, days in groups(stacks)}
    assert retention == {"Deleted": 7, "Retained": None}

    assert stacks.delete("s") == "DELETE_COMPLETE"

    ((retained, _),) = groups(stacks)
    assert retained.startswith("s-Retained-")
    # The names of the new ones are others.
    assert stacks.deploy("s", resources) == "CREATE_COMPLETE"


def test_an_update_keeps_a_log_group(stacks: Stacks) -> None:
    """And what is in it: a name that CloudFormation has made up stays."""
    group = {"Type": "AWS::Logs::LogGroup", "Properties": {"RetentionInDays": 7}}
    stacks.deploy("s", {"Group": group})
    ((name, _),) = groups(stacks)

    group["Properties"] = {"RetentionInDays": 14}
    stacks.deploy("s", {"Group": group})

    assert groups(stacks) == [(name, 14)]


def test_a_stack_takes_no_log_group_over(stacks: Stacks) -> None:
    """One that exists stays as it is, and the stack isn't created."""
    stacks.client("logs").create_log_group(logGroupName="g")
    group = {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": "g"}}

    assert stacks.deploy("s", {"Group": group}) == "ROLLBACK_COMPLETE"

    reason = (
        "Resource of type 'AWS::Logs::LogGroup' with identifier "
        """'{"/properties/LogGroupName":"g"}' already exists."""
    )
    assert Event("Group", "CREATE_FAILED", reason) in stacks.events("s")
    assert groups(stacks) == [("g", None)]


def test_late_output_doesnt_bring_a_log_group_back(stacks: Stacks) -> None:
    """A function that still runs after it and its log group are deleted leaves nothing."""
    stacks.fail()
    code = textwrap.dedent(FUNCTION) + textwrap.indent(textwrap.dedent(LATE), "    ")
    function = copy.deepcopy(FUNCTION_RESOURCES["Function"])
    function["Properties"].update(
        Code={"ZipFile": code}, LoggingConfig={"LogGroup": {"Ref": "Group"}}
    )
    group = {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": "g"}}
    stacks.deploy(
        "s",
        {
            **FUNCTION_RESOURCES,
            "Function": function,
            "Group": group,
            "Custom": custom_resource(),
        },
    )
    assert stacks.delete("s") == "DELETE_COMPLETE"

    stacks.client("ssm").put_parameter(Name="/go", Type="String", Value="go")

    wait_for(lambda: "/gone" in stacks.parameters())
    time.sleep(1)
    assert not groups(stacks)


def test_an_automatic_log_group_stays(stacks: Stacks) -> None:
    """It isn't the stack's: Lambda has made it."""
    stacks.fail()
    stacks.deploy("s", {**FUNCTION_RESOURCES, "Custom": custom_resource()})
    wait_for(lambda: groups(stacks))
    stacks.delete("s")

    ((name, _),) = groups(stacks)
    assert name.startswith("/aws/lambda/")
    wait_for(lambda: "Delete id" in printed(stacks))


def groups(stacks: Stacks) -> list[tuple[str, int | None]]:
    """Return the log groups, with the days that they keep their events."""
    found = stacks.client("logs").describe_log_groups()["logGroups"]
    return [(each["logGroupName"], each.get("retentionInDays")) for each in found]


def printed(stacks: Stacks) -> list[str]:
    """Return what functions have printed."""
    logs = stacks.client("logs")
    return [
        event["message"].strip()
        for group in logs.describe_log_groups()["logGroups"]
        for event in logs.filter_log_events(logGroupName=group["logGroupName"])["events"]
    ]
