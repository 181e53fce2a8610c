"""Service roles: who may pass them, and what CloudFormation does with their permissions."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from support.deployed_stacks import Stacks
from support.inline_functions import ANSWERING, create_function
from support.local_stacks import failure_reason, final_status
from support.principals import ACCOUNT, Principal

if TYPE_CHECKING:
    from local_cloud import LocalCloud

pytestmark = pytest.mark.local_cloud

SERVICE = "cloudformation.amazonaws.com"
STACKS = {"Action": ["cloudformation:*", "s3:*"]}
PARAMETER_ARN = f"arn:aws:ssm:eu-central-1:{ACCOUNT}:parameter"
NOTHING = {"Action": "sts:GetCallerIdentity"}
MAY_PUT = {"Action": "ssm:PutParameter", "Resource": f"{PARAMETER_ARN}/v"}


def value_of(value: object) -> dict[str, Any]:
    """Return the parameter ``/v``."""
    properties = {"Type": "String", "Name": "/v", "Value": value}
    return {"Type": "AWS::SSM::Parameter", "Properties": properties}


class Account:
    """A caller who may operate on stacks, and a service role."""

    def __init__(self, cloud: LocalCloud) -> None:
        cloud.reset()
        self.cloud = cloud
        self.caller = Principal(cloud, "caller")
        self.role = Principal(cloud, "service", trusts=SERVICE)
        self.may_pass = {"Action": "iam:PassRole", "Resource": self.role.arn}
        self.caller.may(STACKS, self.may_pass)
        self.api = self.caller.client("cloudformation")

    def deploy(self, value: str = "a", **options: object) -> str:
        """Create or update the stack ``s`` with a parameter named ``/v``; return its status."""
        template = {"Resources": {"Value": value_of(value)}}
        call = self.api.update_stack if self.exists() else self.api.create_stack
        call(StackName="s", TemplateBody=json.dumps(template), **options)
        return final_status(self.cloud, "s")

    def exists(self) -> bool:
        """Return whether there is the stack ``s``."""
        return bool(self.api.describe_stacks()["Stacks"])

    def described(self) -> dict[str, Any]:
        """Describe the stack ``s``."""
        stack: dict[str, Any] = self.api.describe_stacks(StackName="s")["Stacks"][0]
        return stack


@pytest.fixture
def account(guarded_cloud: LocalCloud) -> Account:
    """Return an account with a role that may put the parameter ``/v``, and nothing else."""
    account = Account(guarded_cloud)
    account.role.may(MAY_PUT)
    return account


def message_of(error: pytest.ExceptionInfo[ClientError]) -> str:
    """Return the code and the message of a refusal."""
    found = error.value.response["Error"]
    return f"{found['Code']}: {found['Message']}"


def test_a_role_that_may_change_a_resource_changes_it(account: Account) -> None:
    """The role is reported with the stack."""
    assert account.deploy(RoleARN=account.role.arn) == "CREATE_COMPLETE"
    assert account.described()["RoleARN"] == account.role.arn


def test_whoever_passes_a_role_needs_the_permission(account: Account) -> None:
    """iam:PassRole on the role, also if its condition names another service."""
    allowed_elsewhere = {
        **account.may_pass,
        "Condition": {"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}},
    }
    for statements in ((), (allowed_elsewhere,)):
        account.caller.may(STACKS, *statements)
        with pytest.raises(ClientError) as error:
            account.deploy(RoleARN=account.role.arn)
        assert message_of(error) == (
            f"AccessDenied: User: arn:aws:sts::{ACCOUNT}:assumed-role/caller/test is not authorized "
            f"to perform: iam:PassRole on resource: {account.role.arn} because no identity-based "
            "policy allows the iam:PassRole action"
        )
    assert not account.exists()


def test_the_service_that_a_role_is_passed_to_is_a_condition_key(account: Account) -> None:
    """It is iam:PassedToService."""
    account.caller.may(
        STACKS,
        {**account.may_pass, "Condition": {"StringEquals": {"iam:PassedToService": SERVICE}}},
    )
    assert account.deploy(RoleARN=account.role.arn) == "CREATE_COMPLETE"


@pytest.mark.parametrize("method", ["create_stack", "create_change_set"])
def test_cloudformation_must_be_able_to_assume_the_role(account: Account, method: str) -> None:
    """A role that trusts another service, or that doesn't exist, is refused."""
    other = Principal(account.cloud, "other", trusts="lambda.amazonaws.com")
    account.caller.may(STACKS, {"Action": "iam:PassRole"})
    more = {"ChangeSetName": "c", "ChangeSetType": "CREATE"} if "change" in method else {}
    for role_arn in (other.arn, f"arn:aws:iam::{ACCOUNT}:role/none"):
        with pytest.raises(ClientError) as error:
            getattr(account.api, method)(
                StackName="s",
                TemplateBody=json.dumps({"Resources": {"Value": value_of("a")}}),
                RoleARN=role_arn,
                **more,
            )
        assert message_of(error) == (
            f"ValidationError: Role {role_arn} is invalid or cannot be assumed"
        )


def test_a_role_that_may_not_change_a_resource_rolls_the_stack_back(account: Account) -> None:
    """The reason is the service's denial of CloudFormation's session in the role."""
    account.deploy(RoleARN=account.role.arn)
    account.role.may({"Action": "ssm:PutParameter", "Resource": f"{PARAMETER_ARN}/w"})

    assert account.deploy("b") == "UPDATE_ROLLBACK_COMPLETE"
    reason = failure_reason(account.cloud, "s")
    assert (
        f"User: arn:aws:sts::{ACCOUNT}:assumed-role/service/AWSCloudFormation is not authorized to "
        f"perform: ssm:PutParameter on resource: {PARAMETER_ARN}/v because no identity-based policy "
        "allows the ssm:PutParameter action (Service: Ssm, Status Code: 403, "
    ) in reason
    assert reason.endswith("HandlerErrorCode: AccessDenied)")


def test_the_role_is_kept_until_another_one_is_named(account: Account) -> None:
    """Also for a caller who may not pass it."""
    account.deploy(RoleARN=account.role.arn)
    account.caller.may(STACKS)
    account.role.may(NOTHING)

    assert account.deploy("b") == "UPDATE_ROLLBACK_COMPLETE"
    account.role.may(MAY_PUT)
    assert account.deploy("b") == "UPDATE_COMPLETE"
    assert account.described()["RoleARN"] == account.role.arn


def test_without_a_role_the_stack_may_do_everything(account: Account) -> None:
    """On AWS, the caller's permissions are used."""
    account.role.may(NOTHING)

    assert account.deploy() == "CREATE_COMPLETE"
    assert "RoleARN" not in account.described()


@pytest.mark.parametrize("named", ["StackName", "StackId"])
def test_a_change_set_is_executed_in_its_role(named: str, account: Account) -> None:
    """From then on it is the role of the stack, and not before."""
    account.deploy()
    account.role.may(NOTHING)
    account.api.create_change_set(
        StackName="s",
        ChangeSetName="c",
        TemplateBody=json.dumps({"Resources": {"Value": value_of("b")}}),
        RoleARN=account.role.arn,
    )
    assert "RoleARN" not in account.described()

    name = account.described()[named]
    account.api.execute_change_set(StackName=name, ChangeSetName="c")

    assert final_status(account.cloud, "s") == "UPDATE_ROLLBACK_COMPLETE"
    assert account.described()["RoleARN"] == account.role.arn


def test_a_deletion_uses_its_role(account: Account) -> None:
    """The stack can be deleted with a role that may delete its resource."""
    account.deploy()
    account.api.delete_stack(StackName="s", RoleARN=account.role.arn)
    assert final_status(account.cloud, "s") == "DELETE_FAILED"

    account.role.may({"Action": "ssm:DeleteParameter", "Resource": f"{PARAMETER_ARN}/v"})
    stack_id = account.described()["StackId"]
    account.api.delete_stack(StackName="s")
    assert final_status(account.cloud, stack_id) == "DELETE_COMPLETE"


def test_the_role_reads_the_parameters_of_systems_manager(account: Account) -> None:
    """The call fails if it may not."""
    account.cloud.client("ssm").put_parameter(Name="/version", Value="1", Type="String")
    template = {
        "Parameters": {"V": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/version"}},
        "Resources": {"Value": value_of({"Ref": "V"})},
    }
    call = {"StackName": "s", "TemplateBody": json.dumps(template), "RoleARN": account.role.arn}
    with pytest.raises(ClientError) as error:
        account.api.create_stack(**call)
    assert f"perform: ssm:GetParameters on resource: {PARAMETER_ARN}/version" in message_of(error)

    account.role.may(
        MAY_PUT, {"Action": "ssm:GetParameters", "Resource": f"{PARAMETER_ARN}/version"}
    )
    account.api.create_stack(**call)
    assert final_status(account.cloud, "s") == "CREATE_COMPLETE"


def test_a_nested_stack_is_changed_in_the_role_of_its_parent(account: Account) -> None:
    """The role needs to update it, to read its template, and what its resources need."""
    stacks = Stacks(account.cloud)
    role = account.role.arn

    def deploy(value: str) -> str:
        child = stacks.nested({"Value": value_of(value)})
        template = json.dumps({"Resources": {"Child": child}})
        call = account.api.update_stack if account.exists() else account.api.create_stack
        call(StackName="s", TemplateBody=template, RoleARN=role)
        return final_status(account.cloud, "s")

    nested = f"arn:aws:cloudformation:eu-central-1:{ACCOUNT}:stack/s-Child-*"
    creating = {"Action": "cloudformation:CreateStack"}
    updating = {
        "Action": ["cloudformation:UpdateStack", "cloudformation:DescribeStacks"],
        "Resource": nested,
    }
    template = {"Action": "s3:GetObject", "Resource": "arn:aws:s3:::assets/*"}
    account.role.may(MAY_PUT, creating, updating, template)
    assert deploy("a") == "CREATE_COMPLETE"
    assert stacks.described(stacks.child_id("s"))["RoleARN"] == role

    account.role.may(MAY_PUT, updating, template)
    assert deploy("b") == "UPDATE_COMPLETE"
    account.role.may(MAY_PUT, template)
    assert deploy("c") == "UPDATE_ROLLBACK_FAILED"
    reasons = [event.reason for event in stacks.events("s")]
    assert any("perform: cloudformation:DescribeStacks on resource" in each for each in reasons)


def test_a_custom_resource_needs_its_function(account: Account) -> None:
    """Without it, the resource can't be sent back either; with it again, the rollback can be continued."""
    Principal(account.cloud, "r", trusts="lambda.amazonaws.com")
    arn = create_function(account.cloud, "f", ANSWERING)
    invoking = {"Action": "lambda:InvokeFunction", "Resource": arn}
    for statement, value, status in (
        (invoking, "a", "CREATE_COMPLETE"),
        (NOTHING, "b", "UPDATE_ROLLBACK_FAILED"),
    ):
        account.role.may(statement)
        properties = {"ServiceToken": arn, "Value": value}
        template = {"Resources": {"R": {"Type": "Custom::R", "Properties": properties}}}
        call = account.api.update_stack if account.exists() else account.api.create_stack
        call(StackName="s", TemplateBody=json.dumps(template), RoleARN=account.role.arn)
        assert final_status(account.cloud, "s") == status
    assert (
        f"User: arn:aws:sts::{ACCOUNT}:assumed-role/service/AWSCloudFormation is not authorized to "
        f"perform: lambda:InvokeFunction on resource: {arn} because"
    ) in failure_reason(account.cloud, "s")
    account.role.may(invoking)
    # The CDK CLI names no resources to skip by an empty list.
    account.api.continue_update_rollback(StackName="s", ResourcesToSkip=[])
    assert final_status(account.cloud, "s") == "UPDATE_ROLLBACK_COMPLETE"
