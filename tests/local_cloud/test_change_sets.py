"""Change sets: what they list, those of nested stacks, and stacks that are busy."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from support.consumers import ANSWER
from support.deployed_stacks import Stacks, parameter
from support.principals import Principal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from local_cloud import LocalCloud

pytestmark = pytest.mark.local_cloud

PREVIOUS = {"UsePreviousTemplate": True, "StackName": "s"}
Details = list[tuple[str, str, str, str]]


@pytest.fixture
def stacks(cloud: LocalCloud) -> Stacks:
    """Return CloudFormation in an empty cloud."""
    return Stacks(cloud)


def deploy(stacks: Stacks, resources: dict[str, Any]) -> str:
    """Create the stack ``s`` with the parameters A and B, both ``1``; return its ID."""
    declared = {name: {"Type": "String", "Default": "1"} for name in ("A", "B")}
    assert stacks.deploy("s", resources, Parameters=declared) == "CREATE_COMPLETE"
    return str(stacks.described("s")["StackId"])


def change(stacks: Stacks, a: str = "2", **options: object) -> str:
    """Create a change set that changes the parameter A; return its ID."""
    values = [
        {"ParameterKey": "A", "ParameterValue": a},
        {"ParameterKey": "B", "UsePreviousValue": True},
    ]
    created = stacks.api.create_change_set(
        **PREVIOUS, ChangeSetName="c", Parameters=values, **options
    )
    return str(created["Id"])


def changes_of(described: dict[str, Any]) -> Iterator[tuple[str, str, str, Details]]:
    """Yield action, logical ID, replacement and details of each change."""
    for each in described["Changes"]:
        resource = each["ResourceChange"]
        details = [
            (
                detail["Target"]["Name"],
                detail["ChangeSource"],
                detail.get("CausingEntity", ""),
                detail["Evaluation"],
            )
            for detail in resource["Details"]
        ]
        yield resource["Action"], resource["LogicalResourceId"], resource["Replacement"], details


def refused(call: Any, **parameters: object) -> str:  # noqa: ANN401 - boto3's
    """Call; return the message of the refusal."""
    with pytest.raises(ClientError) as error:
        call(**parameters)
    return str(error.value.response["Error"]["Message"])


def test_what_a_change_set_lists(stacks: Stacks) -> None:
    """What refers to the parameter, and what refers to that; nothing else."""
    stack_id = deploy(
        stacks,
        {
            "Changed": parameter({"Ref": "A"}),
            "ByAttribute": parameter({"Fn::GetAtt": ["Changed", "Value"]}),
            "ByName": parameter({"Ref": "Changed"}),
            "Queue": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": {"Ref": "A"}}},
            "ByReplaced": parameter({"Fn::GetAtt": ["Queue", "QueueName"]}),
            "Other": parameter({"Ref": "B"}),
        },
    )
    change(stacks)

    described = stacks.api.describe_change_set(ChangeSetName="c", StackName=stack_id)

    direct = ("DirectModification", "", "Dynamic")
    by_parameter = ("ParameterReference", "A", "Static")
    assert list(changes_of(described)) == [
        (
            "Modify",
            "ByAttribute",
            "False",
            [("Value", "ResourceAttribute", "Changed.Value", "Dynamic")],
        ),
        (
            "Modify",
            "ByReplaced",
            "False",
            [("Value", "ResourceAttribute", "Queue.QueueName", "Static")],
        ),
        ("Modify", "Changed", "False", [("Value", *direct), ("Value", *by_parameter)]),
        ("Modify", "Queue", "True", [("QueueName", *direct), ("QueueName", *by_parameter)]),
    ]


def test_a_listener_isnt_replaced(stacks: Stacks) -> None:
    """Its load balancer is the only property whose change replaces it."""
    listener = {
        "LoadBalancerArn": {"Ref": "Balancer"},
        "Protocol": "HTTP",
        "Port": {"Ref": "A"},
        "DefaultActions": [ANSWER],
    }
    elb = "AWS::ElasticLoadBalancingV2"
    deploy(
        stacks,
        {
            "Balancer": {"Type": f"{elb}::LoadBalancer"},
            "Listener": {"Type": f"{elb}::Listener", "Properties": listener},
        },
    )
    described = stacks.api.describe_change_set(ChangeSetName=change(stacks))
    assert [each[:3] for each in changes_of(described)] == [("Modify", "Listener", "False")]


def nested(stacks: Stacks, value: object, resources: dict[str, Any]) -> dict[str, Any]:
    """Return a nested stack with the parameter P."""
    made = stacks.nested(
        resources,
        Parameters={"P": {"Type": "String"}},
        Outputs={"Out": {"Value": {"Ref": "P"}}},
    )
    made["Properties"]["Parameters"] = {"P": value}
    return made


def test_nested_stacks_have_change_sets_of_their_own(stacks: Stacks) -> None:
    """Each is described by its ID, and executed with the root."""
    grandchild = nested(stacks, {"Ref": "P"}, {"V": parameter({"Ref": "P"})})
    stack_id = deploy(
        stacks,
        {
            "Child": nested(stacks, {"Ref": "A"}, {"Grandchild": grandchild}),
            "Later": nested(
                stacks,
                {"Fn::GetAtt": ["Child", "Outputs.Out"]},
                {"W": parameter({"Ref": "P"}), "X": parameter("x")},
            ),
            "Unchanged": nested(stacks, {"Ref": "B"}, {"Y": parameter({"Ref": "P"})}),
        },
    )
    root = change(stacks, IncludeNestedStacks=True)
    described = stacks.api.describe_change_set(ChangeSetName=root)
    assert described["IncludeNestedStacks"]
    assert [each[:3] for each in changes_of(described)] == [
        ("Modify", "Child", "False"),
        ("Modify", "Later", "False"),
    ]
    child, later = (
        stacks.api.describe_change_set(ChangeSetName=each["ResourceChange"]["ChangeSetId"])
        for each in described["Changes"]
    )
    assert child["ChangeSetName"].startswith("c-Child-")
    assert (child["ParentChangeSetId"], child["RootChangeSetId"]) == (root, root)
    (found,) = child["Changes"]
    deepest = stacks.api.describe_change_set(ChangeSetName=found["ResourceChange"]["ChangeSetId"])
    assert (deepest["ParentChangeSetId"], deepest["RootChangeSetId"]) == (
        child["ChangeSetId"],
        root,
    )
    assert [each[1] for each in changes_of(deepest)] == ["V"]
    assert later["Parameters"] == [
        {"ParameterKey": "P", "ParameterValue": "{{changeSet:KNOWN_AFTER_APPLY}}"}
    ]
    assert [each[1] for each in changes_of(later)] == ["W"]

    assert root in refused(stacks.api.execute_change_set, ChangeSetName=child["ChangeSetId"])
    stacks.api.execute_change_set(ChangeSetName="c", StackName=stack_id, ClientRequestToken="t-1")
    assert stacks.rest("s") == "UPDATE_COMPLETE"
    assert sorted(stacks.value(name) for name in stacks.parameters()) == ["1", "2", "2", "x"]
    events = stacks.api.describe_stack_events(StackName="s")["StackEvents"]
    assert events[0]["ClientRequestToken"] == "t-1"
    executed = stacks.api.describe_change_set(ChangeSetName=deepest["ChangeSetId"])
    assert executed["ExecutionStatus"] == "EXECUTE_COMPLETE"


def test_a_nested_stack_can_get_a_value_of_a_new_resource(stacks: Stacks) -> None:
    """It isn't known before the change set is executed. A change set that can't be made fails."""
    resources = {"V": parameter({"Ref": "P"})}
    deploy(stacks, {"Child": nested(stacks, "1", resources)})
    template = {
        "Resources": {
            "New": parameter("n"),
            "Child": nested(stacks, {"Fn::GetAtt": ["New", "Value"]}, resources),
        }
    }
    options = {"StackName": "s", "IncludeNestedStacks": True}
    root = stacks.api.create_change_set(
        **options, ChangeSetName="c", TemplateBody=json.dumps(template)
    )["Id"]
    changes = stacks.api.describe_change_set(ChangeSetName=root)["Changes"]
    (child,) = [
        each["ResourceChange"]["ChangeSetId"]
        for each in changes
        if "ChangeSetId" in each["ResourceChange"]
    ]
    (value,) = stacks.api.describe_change_set(ChangeSetName=child)["Parameters"]
    assert value["ParameterValue"] == "{{changeSet:KNOWN_AFTER_APPLY}}"

    template["Resources"]["Child"]["Properties"]["Parameters"] = {"P": ["a", "list"]}
    failed = stacks.api.create_change_set(
        **options, ChangeSetName="d", TemplateBody=json.dumps(template)
    )["Id"]
    described = stacks.api.describe_change_set(ChangeSetName=failed)
    assert described["Status"] == "FAILED"
    assert described["StatusReason"].startswith("Value of property Parameters must be an object")


def test_the_change_sets_of_nested_stacks_are_deleted_with_the_root(stacks: Stacks) -> None:
    """The name can be used again."""
    deploy(stacks, {"Child": nested(stacks, {"Ref": "A"}, {"V": parameter({"Ref": "P"})})})
    for _ in range(2):
        root = change(stacks, IncludeNestedStacks=True)
        (found,) = stacks.api.describe_change_set(ChangeSetName=root)["Changes"]
        stacks.api.delete_change_set(ChangeSetName=root)
        child = found["ResourceChange"]["ChangeSetId"]
        assert "does not exist" in refused(stacks.api.describe_change_set, ChangeSetName=child)


def test_a_change_set_without_changes_fails(stacks: Stacks) -> None:
    """With CloudFormation's reason, also with nested stacks."""
    deploy(stacks, {"Child": nested(stacks, {"Ref": "A"}, {"V": parameter({"Ref": "P"})})})
    described = stacks.api.describe_change_set(
        ChangeSetName=change(stacks, "1", IncludeNestedStacks=True)
    )
    assert (described["Status"], described["ExecutionStatus"]) == ("FAILED", "UNAVAILABLE")
    assert described["StatusReason"] == (
        "The submitted information didn't contain changes. "
        "Submit different information to create a change set."
    )


def test_the_role_makes_the_change_sets_of_nested_stacks(guarded_cloud: LocalCloud) -> None:
    """Without the permission, the change set fails."""
    guarded_cloud.reset()
    stacks = Stacks(guarded_cloud)
    deploy(stacks, {"Child": nested(stacks, {"Ref": "A"}, {"V": parameter({"Ref": "P"})})})
    role = Principal(guarded_cloud, "service", trusts="cloudformation.amazonaws.com")
    for action, status in (("Update", "FAILED"), ("CreateChangeSet", "CREATE_COMPLETE")):
        role.may({"Action": f"cloudformation:{action}", "Resource": stacks.child_id("s")})
        root = change(stacks, IncludeNestedStacks=True, RoleARN=role.arn)
        described = stacks.api.describe_change_set(ChangeSetName=root)
        assert described["Status"] == status
        stacks.api.delete_change_set(ChangeSetName=root)


def test_a_busy_stack_is_refused(stacks: Stacks) -> None:
    """By an update, and by a change set that is created or executed."""
    stack_id = deploy(
        stacks,
        {
            "Handle": {"Type": "AWS::CloudFormation::WaitConditionHandle"},
            "Value": parameter({"Ref": "A"}),
        },
    )
    change_set = change(stacks)
    waiting = {
        "Type": "AWS::CloudFormation::WaitCondition",
        "Properties": {"Handle": {"Ref": "Handle"}, "Timeout": "60"},
    }
    handle = {"Type": "AWS::CloudFormation::WaitConditionHandle"}
    stacks.api.update_stack(
        StackName="s", TemplateBody=json.dumps({"Resources": {"Handle": handle, "Wait": waiting}})
    )

    expected = f"Stack:{stack_id} is in UPDATE_IN_PROGRESS state and can not be updated."
    assert refused(stacks.api.update_stack, **PREVIOUS) == expected
    assert refused(stacks.api.create_change_set, **PREVIOUS, ChangeSetName="d") == expected
    for named in ({"ChangeSetName": "c", "StackName": "s"}, {"ChangeSetName": change_set}):
        assert refused(stacks.api.execute_change_set, **named) != ""
    stacks.api.cancel_update_stack(StackName="s")
