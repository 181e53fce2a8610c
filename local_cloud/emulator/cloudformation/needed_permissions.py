"""
The permissions that CloudFormation needs to change a resource.

For the resource types that use certificates, and for those next to them, these are the actions of
their handlers (the "handlers" of their schemas in the CloudFormation registry). For all others, an
action is made up of the operation and the type: AdministratorAccess allows it, and a role that was
given exactly what it needs doesn't.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping

Operation = Literal["Create", "Update", "Delete"]

_ANY = "*"
_CUSTOM = "AWS::CloudFormation::CustomResource"
_STACK = "AWS::CloudFormation::Stack"

# Types that belong to CloudFormation alone.
_NOTHING_NEEDED = frozenset(
    {
        "AWS::CDK::Metadata",
        "AWS::CloudFormation::WaitCondition",
        "AWS::CloudFormation::WaitConditionHandle",
    }
)
_SERVICES = {"elasticloadbalancingv2": "elasticloadbalancing", "certificatemanager": "acm"}

# Actions by type and operation, and what each is called on: "id", the resource itself by its physical
# ID, "arn", by the ARN that is made of it, the name of a property, or anything.
_ELB = "elasticloadbalancing:"
_ACTIONS: dict[tuple[str, Operation], tuple[tuple[str, str], ...]] = {
    ("AWS::ElasticLoadBalancingV2::Listener", "Create"): (
        (f"{_ELB}CreateListener", "LoadBalancerArn"),
        (f"{_ELB}DescribeListeners", _ANY),
    ),
    ("AWS::ElasticLoadBalancingV2::Listener", "Update"): (
        (f"{_ELB}ModifyListener", "id"),
        (f"{_ELB}ModifyListenerAttributes", "id"),
        (f"{_ELB}DescribeListeners", _ANY),
        (f"{_ELB}DescribeListenerAttributes", _ANY),
    ),
    ("AWS::ElasticLoadBalancingV2::Listener", "Delete"): ((f"{_ELB}DeleteListener", "id"),),
    ("AWS::ElasticLoadBalancingV2::ListenerRule", "Create"): (
        (f"{_ELB}CreateRule", "ListenerArn"),
        (f"{_ELB}DescribeRules", _ANY),
    ),
    ("AWS::ElasticLoadBalancingV2::ListenerRule", "Update"): (
        (f"{_ELB}ModifyRule", "id"),
        (f"{_ELB}DescribeRules", _ANY),
    ),
    ("AWS::ElasticLoadBalancingV2::ListenerRule", "Delete"): ((f"{_ELB}DeleteRule", "id"),),
    ("AWS::ElasticLoadBalancingV2::ListenerCertificate", "Create"): (
        (f"{_ELB}AddListenerCertificates", "ListenerArn"),
    ),
    ("AWS::ElasticLoadBalancingV2::ListenerCertificate", "Update"): (
        (f"{_ELB}AddListenerCertificates", "ListenerArn"),
        (f"{_ELB}RemoveListenerCertificates", "ListenerArn"),
        (f"{_ELB}DescribeListenerCertificates", _ANY),
    ),
    ("AWS::ElasticLoadBalancingV2::ListenerCertificate", "Delete"): (
        (f"{_ELB}RemoveListenerCertificates", "ListenerArn"),
    ),
    ("AWS::ElasticLoadBalancing::LoadBalancer", "Update"): (
        (f"{_ELB}SetLoadBalancerListenerSSLCertificate", "arn"),
        (f"{_ELB}CreateLoadBalancerListeners", "arn"),
        (f"{_ELB}DeleteLoadBalancerListeners", "arn"),
        (f"{_ELB}SetLoadBalancerPoliciesOfListener", "arn"),
        (f"{_ELB}DescribeLoadBalancers", _ANY),
        (f"{_ELB}DescribeLoadBalancerAttributes", _ANY),
        (f"{_ELB}DescribeTags", _ANY),
    ),
    ("AWS::CloudFront::Distribution", "Create"): (("cloudfront:CreateDistribution", _ANY),),
    ("AWS::CloudFront::Distribution", "Update"): (
        ("cloudfront:GetDistribution", "arn"),
        ("cloudfront:GetDistributionConfig", "arn"),
        ("cloudfront:ListTagsForResource", "arn"),
        ("cloudfront:UpdateDistribution", "arn"),
    ),
    ("AWS::CloudFront::Distribution", "Delete"): (
        ("cloudfront:GetDistributionConfig", "arn"),
        ("cloudfront:DeleteDistribution", "arn"),
    ),
    (_STACK, "Create"): (("cloudformation:CreateStack", _ANY),),
    (_STACK, "Update"): (
        ("cloudformation:DescribeStacks", "id"),
        ("cloudformation:UpdateStack", "id"),
    ),
    (_STACK, "Delete"): (
        ("cloudformation:DescribeStacks", "id"),
        ("cloudformation:DeleteStack", "id"),
    ),
    ("AWS::SSM::Parameter", "Create"): (("ssm:PutParameter", "arn"),),
    ("AWS::SSM::Parameter", "Update"): (("ssm:PutParameter", "arn"),),
    ("AWS::SSM::Parameter", "Delete"): (("ssm:DeleteParameter", "arn"),),
}


@dataclass(frozen=True, slots=True)
class Permission:
    """
    A permission.

    Attributes:
        action: The action with its service.
        resource_arn: What it is needed on; ``*`` if that has no ARN, or none yet.
    """

    action: str
    resource_arn: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where a stack is."""

    account_id: str
    region: str


def needed_permissions(
    operation: Operation,
    resource_type: str,
    physical_id: str,
    properties: Mapping[str, Any],
    place: Place,
) -> list[Permission]:
    """
    Return the permissions in the order in which they are needed.

    Args:
        operation: What CloudFormation does.
        resource_type: The type of the resource.
        physical_id: Its physical ID; empty before it is created.
        properties: The properties that it has, or gets.
        place: Where its stack is.
    """
    if resource_type in _NOTHING_NEEDED:
        return []
    if resource_type == _CUSTOM or resource_type.startswith("Custom::"):
        return [_delivery(str(properties.get("ServiceToken", "")))]
    actions = _ACTIONS.get((resource_type, operation))
    if actions is None:
        return [_made_up(operation, resource_type)]
    permissions = [
        Permission(action, _target(target, resource_type, physical_id, properties, place))
        for action, target in actions
    ]
    if resource_type == _STACK and operation != "Delete":
        permissions += template_permissions(str(properties.get("TemplateURL", "")))
    return permissions


def template_permissions(url: str) -> list[Permission]:
    """Return what is needed to read a template from a URL of S3; nothing if it has none."""
    if not url:
        return []
    parts = urlsplit(url)
    bucket, _, key = parts.path.lstrip("/").partition("/")
    subdomain, separator, _ = (parts.hostname or "").partition(".s3.")
    if separator:
        bucket, key = subdomain, parts.path.lstrip("/")
    return [Permission("s3:GetObject", f"arn:aws:s3:::{bucket}/{key}")]


def parameter_permission(name: str, place: Place) -> Permission:
    """Return what is needed to read a parameter of Systems Manager."""
    return Permission("ssm:GetParameters", _parameter_arn(name, place))


def _delivery(service_token: str) -> Permission:
    action = "sns:Publish" if ":sns:" in service_token else "lambda:InvokeFunction"
    return Permission(action, service_token)


def _made_up(operation: Operation, resource_type: str) -> Permission:
    _, service, *kind = resource_type.lower().split("::")
    name = "".join(resource_type.split("::")[2:]) if kind else ""
    return Permission(f"{_SERVICES.get(service, service)}:{operation}{name}", _ANY)


def _target(
    target: str,
    resource_type: str,
    physical_id: str,
    properties: Mapping[str, Any],
    place: Place,
) -> str:
    if target == _ANY:
        return _ANY
    if target == "id":
        return physical_id
    if target != "arn":
        return str(properties.get(target, _ANY))
    if resource_type == "AWS::CloudFront::Distribution":
        return f"arn:aws:cloudfront::{place.account_id}:distribution/{physical_id}"
    if resource_type == "AWS::ElasticLoadBalancing::LoadBalancer":
        service = f"elasticloadbalancing:{place.region}:{place.account_id}"
        return f"arn:aws:{service}:loadbalancer/{physical_id}"
    return _parameter_arn(physical_id or str(properties.get("Name", _ANY)), place)


def _parameter_arn(name: str, place: Place) -> str:
    if name.startswith("arn:"):
        return name
    path = name.partition(":")[0].removeprefix("/")
    return f"arn:aws:ssm:{place.region}:{place.account_id}:parameter/{path}"
