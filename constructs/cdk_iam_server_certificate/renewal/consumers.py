"""
What CloudFormation needs to update the resources that use a certificate.

The actions are those that CloudFormation's schemas of the resource types list for updates, as far as a
new certificate needs them. The resources are named one by one: neither listeners nor distributions carry
CloudFormation's own tags (``cloudFormationSystemTags`` in their schemas), so no condition could do it.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final, cast

from cdk_iam_server_certificate.permissions import Permission

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aws_cdk import CfnResource
    from aws_cdk import aws_elasticloadbalancingv2 as elbv2

    from cdk_iam_server_certificate.renewal.root import Root

_ELBV2: Final = "aws_cdk.aws_elasticloadbalancingv2"
_TYPES: Final = (
    (_ELBV2, "CfnListener"),
    (_ELBV2, "CfnListenerCertificate"),
    ("aws_cdk.aws_elasticloadbalancing", "CfnLoadBalancer"),
    ("aws_cdk.aws_cloudfront", "CfnDistribution"),
)
"""The resources that the role for renewals may update, by the module of the CDK."""


def kind_of(resource: CfnResource) -> str | None:
    """Return the name of the CDK's class of a consumer that the role may update; None for others."""
    classes = type(resource).__mro__
    for module_name, name in _TYPES:
        # An app that has such a resource has loaded its module, which takes a while for the others.
        module = sys.modules.get(module_name)
        if module is not None and getattr(module, name) in classes:
            return name
    return None


def to_update(resource: CfnResource, kind: str, root: Root) -> Iterator[Permission]:
    """
    Yield what an update of a consumer needs.

    Args:
        resource: The consumer.
        kind: The name of the CDK's class.
        root: The root stack, for its partition, Region and account.
    """
    match kind:
        case "CfnListener":
            yield from _allow(
                "UpdateListeners",
                resource.ref,
                ("ModifyListener", "ModifyListenerAttributes"),
                ("DescribeListeners", "DescribeListenerAttributes"),
            )
        case "CfnListenerCertificate":
            yield from _allow(
                "UpdateCertificatesOfListeners",
                cast("elbv2.CfnListenerCertificate", resource).listener_arn,
                ("AddListenerCertificates", "RemoveListenerCertificates"),
                ("DescribeListenerCertificates",),
            )
        case "CfnLoadBalancer":
            yield from _allow(
                "UpdateClassicLoadBalancers",
                f"arn:{root.partition}:elasticloadbalancing:{root.region}"
                f":{root.account}:loadbalancer/{resource.ref}",
                (
                    "SetLoadBalancerListenerSSLCertificate",
                    "CreateLoadBalancerListeners",
                    "DeleteLoadBalancerListeners",
                    "SetLoadBalancerPoliciesOfListener",
                ),
                ("DescribeLoadBalancers", "DescribeLoadBalancerAttributes", "DescribeTags"),
            )
        case _:
            yield Permission(
                sid="UpdateDistributions",
                actions=(
                    "cloudfront:GetDistribution",
                    "cloudfront:GetDistributionConfig",
                    "cloudfront:ListTagsForResource",
                    "cloudfront:UpdateDistribution",
                ),
                resource=f"arn:{root.partition}:cloudfront::{root.account}"
                f":distribution/{resource.ref}",
            )


def _allow(
    sid: str, resource: str, changes: tuple[str, ...], reads: tuple[str, ...]
) -> Iterator[Permission]:
    """Yield changes of a resource, and reads, which Elastic Load Balancing authorizes on ``*`` only."""
    service = "elasticloadbalancing"
    yield Permission(
        sid=sid, actions=tuple(f"{service}:{each}" for each in changes), resource=resource
    )
    yield Permission(
        sid=sid.replace("Update", "Describe"),
        actions=tuple(f"{service}:{each}" for each in reads),
        resource="*",
    )
