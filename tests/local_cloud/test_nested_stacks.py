"""Nested stacks: they are created, updated and deleted as other stacks are."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from support.deployed_stacks import (
    FAILING,
    FUNCTION_RESOURCES,
    ROLE,
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


@pytest.fixture
def stacks(cloud: LocalCloud) -> Stacks:
    """Return CloudFormation in an empty cloud."""
    return Stacks(cloud)


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


def test_nested_stacks_get_parameters_and_tags(stacks: Stacks) -> None:
    """Also those that aren't text; an update without tags removes them."""
    child = stacks.nested({"Value": parameter({"Ref": "P"})}, Parameters={"P": {"Type": "String"}})
    properties = {**child["Properties"], "Parameters": {"P": True}}
    tags = [{"Key": "k", "Value": "v"}]
    # A name that is too long with what CloudFormation adds.
    logical_id = "Child" * 30
    stacks.deploy("s", {logical_id: {**child, "Properties": {**properties, "Tags": tags}}})
    (name,) = stacks.parameters()
    assert stacks.value(name) == "true"
    (child_id,) = stacks.physical_ids("s")
    assert stacks.described(child_id)["Tags"] == tags

    assert (
        stacks.deploy("s", {logical_id: {**child, "Properties": properties}}) == "UPDATE_COMPLETE"
    )

    assert stacks.described(child_id)["Tags"] == []


def test_a_nested_stack_takes_no_list(stacks: Stacks) -> None:
    """A parameter of a nested stack must be simple."""
    child = stacks.nested({"Value": parameter({"Ref": "P"})}, Parameters={"P": {"Type": "String"}})
    child["Properties"]["Parameters"] = {"P": ["a"]}

    stacks.deploy("s", {"Child": child})

    reason = (
        "Value of property Parameters must be an object with String (or simple type) properties"
    )
    assert Event("Child", "CREATE_FAILED", reason) in stacks.events("s")


@pytest.mark.parametrize("action", ["rollback_stack", "delete_stack"])
def test_what_failed_and_was_left_is_deleted_later(stacks: Stacks, action: str) -> None:
    """A stack that isn't rolled back keeps what wasn't created until somebody asks for more."""
    stacks.fail("Create")
    child = stacks.nested({"Value": parameter("v"), "Failing": FAILING})
    template = {"Resources": {"Child": child}}
    stacks.api.create_stack(
        StackName="s", TemplateBody=json.dumps(template), OnFailure="DO_NOTHING"
    )
    assert stacks.rest("s") == "CREATE_FAILED"
    (child_id,) = stacks.physical_ids("s")
    assert stacks.described(child_id)["StackStatus"] == "CREATE_FAILED"

    getattr(stacks.api, action)(StackName="s")

    wait_for(lambda: stacks.described(child_id)["StackStatus"] == "DELETE_COMPLETE")
    assert stacks.parameters() == ["/fails"]


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
