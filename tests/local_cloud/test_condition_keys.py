"""Condition keys of CloudFormation, CloudWatch and EventBridge, and the tags of CloudFormation itself."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from support.consumers import ANSWER
from support.local_stacks import failure_reason, final_status
from support.principals import ACCOUNT, Principal
from support.template_stacks import TemplateStack

if TYPE_CHECKING:
    from local_cloud import LocalCloud

pytestmark = pytest.mark.local_cloud

ROLE_ARN = f"arn:aws:iam::{ACCOUNT}:role/service"
STACK_ARN = f"arn:aws:cloudformation:eu-central-1:{ACCOUNT}:stack/s/*"
ELB = "AWS::ElasticLoadBalancingV2"


@pytest.fixture
def caller(guarded_cloud: LocalCloud) -> Principal:
    """Return a role without permissions, and a service role."""
    guarded_cloud.reset()
    Principal(guarded_cloud, "service", trusts="cloudformation.amazonaws.com")
    return Principal(guarded_cloud)


def parameter(value: str) -> dict[str, Any]:
    """Return the parameter ``/v``."""
    properties = {"Type": "String", "Name": "/v", "Value": value}
    return {"Type": "AWS::SSM::Parameter", "Properties": properties}


def denied_action(client: Any, method: str, **parameters: object) -> str:  # noqa: ANN401 - boto3's
    """Call; return the action that was denied, or nothing."""
    try:
        getattr(client, method)(**parameters)
    except ClientError as error:
        _, separator, rest = error.response["Error"]["Message"].partition(" perform: ")
        if not separator:
            raise
        return rest.partition(" ")[0]
    return ""


def test_a_change_set_needs_the_role_and_the_name_of_the_policy(caller: Principal) -> None:
    """And a parameter that the policy requires to be absent must be."""
    TemplateStack(caller.cloud).deploy({"Value": parameter("a")})
    caller.may(
        {
            "Action": "cloudformation:CreateChangeSet",
            "Resource": STACK_ARN,
            "Condition": {
                "StringEquals": {"cloudformation:RoleArn": ROLE_ARN},
                "StringLike": {"cloudformation:ChangeSetName": "renewal-*"},
                "Null": {"cloudformation:TemplateUrl": "true"},
            },
        },
        {"Action": "iam:PassRole", "Resource": ROLE_ARN},
        {
            "Action": ["cloudformation:DescribeChangeSet", "cloudformation:ExecuteChangeSet"],
            "Resource": STACK_ARN,
            "Condition": {"StringLike": {"cloudformation:ChangeSetName": "renewal-*"}},
        },
    )
    api = caller.client("cloudformation")
    allowed = {"StackName": "s", "ChangeSetName": "renewal-1", "RoleARN": ROLE_ARN}
    body = {"TemplateBody": json.dumps({"Resources": {"Value": parameter("b")}})}
    url = "https://assets.s3.eu-central-1.amazonaws.com/template.json"

    denied = "cloudformation:CreateChangeSet"
    for refused in (
        {**allowed, **body, "RoleARN": f"{ROLE_ARN}2"},
        {**allowed, **body, "ChangeSetName": "other"},
        {**allowed, "TemplateURL": url},
        {"StackName": "s", "ChangeSetName": "renewal-1", **body},
    ):
        assert denied_action(api, "create_change_set", **refused) == denied
    assert denied_action(api, "create_change_set", **allowed, **body) == ""

    for method in ("describe_change_set", "execute_change_set"):
        named = {"StackName": "s", "ChangeSetName": "renewal-1"}
        assert denied_action(api, method, StackName="s", ChangeSetName="other") != ""
        assert denied_action(api, method, **named) == ""


def test_a_change_set_named_by_its_arn_belongs_to_its_stack(caller: Principal) -> None:
    """The condition key has the ARN then."""
    stack = TemplateStack(caller.cloud)
    stack.deploy({"Value": parameter("a")})
    arn = stack.client.create_change_set(
        StackName="s",
        ChangeSetName="renewal-1",
        TemplateBody=json.dumps({"Resources": {"Value": parameter("b")}}),
    )["Id"]
    api = caller.client("cloudformation")
    pattern = f"arn:aws:cloudformation:eu-central-1:{ACCOUNT}:changeSet/renewal-*"
    for value, denied in (("renewal-*", "cloudformation:DescribeChangeSet"), (pattern, "")):
        caller.may(
            {
                "Action": "cloudformation:DescribeChangeSet",
                "Resource": STACK_ARN,
                "Condition": {"StringLike": {"cloudformation:ChangeSetName": value}},
            }
        )
        assert denied_action(api, "describe_change_set", ChangeSetName=arn) == denied


def test_an_update_without_a_role_has_no_such_key(caller: Principal) -> None:
    """So it is denied, although the stack has kept the role that the policy names."""
    stack = TemplateStack(caller.cloud)
    stack.deploy({"Value": parameter("a")})
    caller.may(
        {
            "Action": "cloudformation:UpdateStack",
            "Condition": {"StringEquals": {"cloudformation:RoleArn": ROLE_ARN}},
        }
    )
    update = {"StackName": "s", "TemplateBody": json.dumps({"Resources": {"V": parameter("b")}})}

    api = caller.client("cloudformation")
    assert denied_action(api, "update_stack", **update) == "cloudformation:UpdateStack"
    assert denied_action(api, "update_stack", **update, RoleARN=ROLE_ARN) == "iam:PassRole"


def test_the_namespace_of_metrics_is_a_condition_key(caller: Principal) -> None:
    """cloudwatch:namespace."""
    caller.may(
        {
            "Action": "cloudwatch:PutMetricData",
            "Condition": {"StringEquals": {"cloudwatch:namespace": "Mine"}},
        }
    )
    data = [{"MetricName": "m", "Value": 1}]
    api = caller.client("cloudwatch")
    action = "cloudwatch:PutMetricData"
    assert denied_action(api, "put_metric_data", Namespace="Mine", MetricData=data) == ""
    assert denied_action(api, "put_metric_data", Namespace="Other", MetricData=data) == action


def test_the_source_of_events_is_a_condition_key(caller: Principal) -> None:
    """events:source, of each entry."""
    caller.may(
        {
            "Action": "events:PutEvents",
            "Resource": f"arn:aws:events:eu-central-1:{ACCOUNT}:event-bus/default",
            "Condition": {"StringEquals": {"events:source": "mine"}},
        }
    )
    api = caller.client("events")
    mine, other = (
        {"Source": source, "DetailType": "d", "Detail": "{}"} for source in ("mine", "other")
    )
    assert denied_action(api, "put_events", Entries=[mine, mine]) == ""
    for entries in ([other], [mine, other], [mine, {**mine, "EventBusName": "b"}]):
        assert denied_action(api, "put_events", Entries=entries) == "events:PutEvents"


def balanced(port: int) -> dict[str, Any]:
    """Return a load balancer with a listener and a rule, and a distribution."""
    origin = {"Id": "o", "DomainName": "o.example.com", "CustomOriginConfig": {}}
    origin["CustomOriginConfig"] = {"OriginProtocolPolicy": "https-only"}
    behavior = {"TargetOriginId": "o", "ViewerProtocolPolicy": "https-only"}
    return {
        "Balancer": {"Type": f"{ELB}::LoadBalancer"},
        "Listener": {
            "Type": f"{ELB}::Listener",
            "Properties": {
                "LoadBalancerArn": {"Ref": "Balancer"},
                "Protocol": "HTTP",
                "Port": port,
                "DefaultActions": [ANSWER],
            },
        },
        "Rule": {
            "Type": f"{ELB}::ListenerRule",
            "Properties": {
                "ListenerArn": {"Ref": "Listener"},
                "Priority": 1,
                "Actions": [ANSWER],
                "Conditions": [{"Field": "path-pattern", "Values": ["/a"]}],
            },
        },
        "Distribution": {
            "Type": "AWS::CloudFront::Distribution",
            "Properties": {
                "DistributionConfig": {
                    "Enabled": False,
                    "Origins": [origin],
                    "DefaultCacheBehavior": behavior,
                }
            },
        },
    }


def test_which_resources_have_cloudformations_tags(caller: Principal) -> None:
    """Load balancers, listeners and rules; a distribution has the stack's tags only."""
    cloud = caller.cloud
    stack = TemplateStack(cloud)
    assert stack.deploy(balanced(80), tags={"Team": "a"}) == "CREATE_COMPLETE"
    stack_id = stack.client.describe_stacks(StackName="s")["Stacks"][0]["StackId"]

    for logical_id in ("Balancer", "Listener", "Rule"):
        arn = stack.physical_id(logical_id)
        (described,) = cloud.client("elbv2").describe_tags(ResourceArns=[arn])["TagDescriptions"]
        assert {tag["Key"]: tag["Value"] for tag in described["Tags"]} == {
            "Team": "a",
            "aws:cloudformation:stack-name": "s",
            "aws:cloudformation:stack-id": stack_id,
            "aws:cloudformation:logical-id": logical_id,
        }
    distribution = f"arn:aws:cloudfront::{ACCOUNT}:distribution/{stack.physical_id('Distribution')}"
    tags = cloud.client("cloudfront").list_tags_for_resource(Resource=distribution)["Tags"]
    assert tags["Items"] == [{"Key": "Team", "Value": "a"}]


def test_the_tags_of_a_listener_are_condition_keys(caller: Principal) -> None:
    """aws:ResourceTag, with which a role may modify the listeners of one stack."""
    cloud = caller.cloud
    stack = TemplateStack(cloud)
    stack.deploy(balanced(80))
    (described,) = stack.client.describe_stacks(StackName="s")["Stacks"]
    role = Principal(cloud, "elb", trusts="cloudformation.amazonaws.com")
    for stack_id, status in (
        (f"{described['StackId']}0", "UPDATE_ROLLBACK_COMPLETE"),
        (described["StackId"], "UPDATE_COMPLETE"),
    ):
        key = "aws:ResourceTag/aws:cloudformation:stack-id"
        role.may(
            {
                "Action": "elasticloadbalancing:ModifyListener",
                "Condition": {"StringEquals": {key: stack_id}},
            },
            {
                "Action": [
                    "elasticloadbalancing:ModifyListenerAttributes",
                    "elasticloadbalancing:DescribeListeners",
                    "elasticloadbalancing:DescribeListenerAttributes",
                ]
            },
        )
        stack.client.update_stack(
            StackName="s",
            TemplateBody=json.dumps({"Resources": balanced(81)}),
            RoleARN=role.arn,
        )
        assert final_status(cloud, "s") == status
    assert "perform: elasticloadbalancing:ModifyListener on resource" in failure_reason(cloud, "s")


def test_the_principal_of_a_session_is_its_role(caller: Principal) -> None:
    """The key aws:PrincipalArn has the ARN of the role, not that of the session."""
    client = caller.client("ssm")
    session = caller.client("sts").get_caller_identity()["Arn"]
    action = "ssm:DescribeParameters"
    for arn, denied in ((caller.arn, ""), (session, action)):
        caller.may({"Action": action, "Condition": {"ArnEquals": {"aws:PrincipalArn": arn}}})
        assert denied_action(client, "describe_parameters") == denied
