"""Stacks: deletions that fail, exports in use, and log groups."""

from __future__ import annotations

import copy
import json
import textwrap
import time
from typing import TYPE_CHECKING, Any

import pytest

from support.deployed_stacks import (
    FUNCTION,
    FUNCTION_RESOURCES,
    Event,
    Stacks,
    custom_resource,
    parameter,
    printed,
    user,
)
from support.waiting import wait_for

if TYPE_CHECKING:
    from local_cloud import LocalCloud

pytestmark = pytest.mark.local_cloud

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


@pytest.fixture
def stacks(cloud: LocalCloud) -> Stacks:
    """Return CloudFormation in an empty cloud."""
    return Stacks(cloud)


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

    status = stacks.create_by_change_set("s", {**FUNCTION_RESOURCES, "Custom": custom_resource()})

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


def test_resources_of_a_deleted_stack_are_listed(stacks: Stacks) -> None:
    """By the id of the stack, with what became of them."""
    retained = {**parameter("v"), "DeletionPolicy": "Retain"}
    stacks.deploy("s", {"Deleted": parameter("v"), "Retained": retained})
    stack_id = stacks.described("s")["StackId"]
    listed = stacks.api.list_stack_resources(StackName=stack_id)["StackResourceSummaries"]
    physical_ids = {each["LogicalResourceId"]: each["PhysicalResourceId"] for each in listed}

    stacks.delete("s")

    listed = stacks.api.list_stack_resources(StackName=stack_id)["StackResourceSummaries"]
    assert {
        each["LogicalResourceId"]: (each["PhysicalResourceId"], each["ResourceStatus"])
        for each in listed
    } == {
        "Deleted": (physical_ids["Deleted"], "DELETE_COMPLETE"),
        "Retained": (physical_ids["Retained"], "DELETE_SKIPPED"),
    }


def test_a_custom_resource_that_failed_is_deleted_with_its_stack(stacks: Stacks) -> None:
    """If its stack isn't rolled back: its function may have left something behind."""
    stacks.fail("Create")
    resources = {**FUNCTION_RESOURCES, "Custom": custom_resource()}
    stacks.api.create_stack(
        StackName="s",
        TemplateBody=json.dumps({"Resources": resources}),
        OnFailure="DO_NOTHING",
    )
    assert stacks.rest("s") == "CREATE_FAILED"

    assert stacks.delete("s") == "DELETE_COMPLETE"

    wait_for(lambda: "Delete id" in printed(stacks))


def test_a_stack_of_which_nothing_was_created_can_be_rolled_back(stacks: Stacks) -> None:
    """And deleted: its template was refused before anything was created."""
    refused = {"Type": "AWS::Signer::SigningProfile", "Properties": {"PlatformId": "none"}}
    stacks.api.create_stack(
        StackName="s",
        TemplateBody=json.dumps({"Resources": {"Profile": refused}}),
        OnFailure="DO_NOTHING",
    )
    assert stacks.rest("s") == "CREATE_FAILED"

    stacks.api.rollback_stack(StackName="s")

    assert stacks.rest("s") == "ROLLBACK_COMPLETE"
    assert stacks.delete("s") == "DELETE_COMPLETE"


def test_a_stack_whose_resources_depend_on_each_other_can_be_deleted(stacks: Stacks) -> None:
    """None of them was created."""
    resources = {"A": parameter({"Ref": "B"}), "B": parameter({"Ref": "A"})}
    stacks.deploy("s", resources)

    assert stacks.delete("s") == "DELETE_COMPLETE"


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


def test_a_condition_can_join_a_list(stacks: Stacks) -> None:
    """The template of cdk bootstrap decides in this way whether a list is empty."""
    empty = {"Fn::Equals": ["", {"Fn::Join": ["", {"Ref": "List"}]}]}
    for value, names in (("", ["/s/Empty"]), ("a,b", ["/s/Other"])):
        status = stacks.deploy(
            "s",
            {
                "Empty": parameter("v", Condition="IsEmpty"),
                "Other": parameter("v", Condition="IsOther"),
            },
            Parameters={"List": {"Type": "CommaDelimitedList", "Default": value}},
            Conditions={"IsEmpty": empty, "IsOther": {"Fn::Not": [empty]}},
        )
        assert status.endswith("_COMPLETE")
        assert stacks.parameters() == names
