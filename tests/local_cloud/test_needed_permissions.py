"""The permissions that CloudFormation needs, for each kind of resource."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from local_cloud.emulator.cloudformation.needed_permissions import (
    Permission,
    Place,
    needed_permissions,
    parameter_permission,
    template_permissions,
)

if TYPE_CHECKING:
    from local_cloud.emulator.cloudformation.needed_permissions import Operation

PLACE = Place("111122223333", "eu-central-1")
ELB = "AWS::ElasticLoadBalancingV2"
LISTENER = "arn:aws:elasticloadbalancing:eu-central-1:111122223333:listener/app/a/b/c"
FUNCTION = "arn:aws:lambda:eu-central-1:111122223333:function:f"
TOPIC = "arn:aws:sns:eu-central-1:111122223333:t"
DISTRIBUTION = "arn:aws:cloudfront::111122223333:distribution/E1"
PARAMETER = "arn:aws:ssm:eu-central-1:111122223333:parameter/a/b"
KEY = "AWS::SSM::Parameter"


@pytest.mark.parametrize(
    ("operation", "resource_type", "physical_id", "properties", "first"),
    [
        (
            "Update",
            "Custom::A",
            "a",
            {"ServiceToken": FUNCTION},
            ("lambda:InvokeFunction", FUNCTION),
        ),
        (
            "Delete",
            "AWS::CloudFormation::CustomResource",
            "a",
            {"ServiceToken": TOPIC},
            ("sns:Publish", TOPIC),
        ),
        (
            "Update",
            f"{ELB}::Listener",
            LISTENER,
            {},
            ("elasticloadbalancing:ModifyListener", LISTENER),
        ),
        (
            "Delete",
            f"{ELB}::ListenerCertificate",
            "a",
            {"ListenerArn": LISTENER},
            ("elasticloadbalancing:RemoveListenerCertificates", LISTENER),
        ),
        (
            "Update",
            "AWS::CloudFront::Distribution",
            "E1",
            {},
            ("cloudfront:GetDistribution", DISTRIBUTION),
        ),
        ("Create", KEY, "", {"Name": "/a/b"}, ("ssm:PutParameter", PARAMETER)),
        ("Delete", KEY, "/a/b", {}, ("ssm:DeleteParameter", PARAMETER)),
        ("Update", "AWS::SQS::Queue", "a", {}, ("sqs:UpdateQueue", "*")),
        (
            "Create",
            "AWS::ElasticLoadBalancingV2::LoadBalancer",
            "",
            {},
            ("elasticloadbalancing:CreateLoadBalancer", "*"),
        ),
    ],
)
def test_what_a_resource_needs(
    operation: Operation,
    resource_type: str,
    physical_id: str,
    properties: dict[str, str],
    first: tuple[str, str],
) -> None:
    """The first permission is that of the call without which nothing happens, or comes before it."""
    needed = needed_permissions(operation, resource_type, physical_id, properties, PLACE)
    assert needed[0] == Permission(*first)


def test_what_needs_nothing() -> None:
    """What exists in CloudFormation only."""
    for resource_type in ("AWS::CDK::Metadata", "AWS::CloudFormation::WaitConditionHandle"):
        assert needed_permissions("Create", resource_type, "", {}, PLACE) == []


@pytest.mark.parametrize(
    "url",
    [
        "https://s3.eu-central-1.amazonaws.com/assets/a/b.json",
        "https://assets.s3.eu-central-1.amazonaws.com/a/b.json",
    ],
)
def test_the_template_of_a_nested_stack(url: str) -> None:
    """It is read from S3, whose URLs name the bucket in two ways."""
    properties = {"TemplateURL": url}
    *_, last = needed_permissions("Update", "AWS::CloudFormation::Stack", "a", properties, PLACE)
    assert last == Permission("s3:GetObject", "arn:aws:s3:::assets/a/b.json")
    assert template_permissions("") == []


@pytest.mark.parametrize("name", ["/a/b", "a/b", "/a/b:3", PARAMETER])
def test_a_parameter_of_a_template(name: str) -> None:
    """It can be named with a version, or by its ARN."""
    assert parameter_permission(name, PLACE) == Permission("ssm:GetParameters", PARAMETER)
