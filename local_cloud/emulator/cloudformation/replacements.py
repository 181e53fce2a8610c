"""
What change sets say of replacements, for the types of resources that use certificates, and policies.

CloudFormation Template Reference, "Update requires". For types that it doesn't know, the emulator
says that a change may replace the resource.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ministack.services.cloudformation import stacks

from local_cloud.emulator.internals import function

if TYPE_CHECKING:
    from collections.abc import Callable

INTERNALS = (function(stacks, "_property_recreation", "resource_type", "name"),)

_REPLACING = {
    "AWS::CloudFormation::Stack": frozenset[str](),
    "AWS::CloudFront::Distribution": frozenset[str](),
    "AWS::ElasticLoadBalancingV2::Listener": frozenset({"LoadBalancerArn"}),
    "AWS::ElasticLoadBalancingV2::ListenerCertificate": frozenset({"ListenerArn"}),
    "AWS::ElasticLoadBalancingV2::ListenerRule": frozenset({"ListenerArn"}),
    "AWS::IAM::Policy": frozenset[str](),
}


class Replacements:
    """Knows which properties of these types require a replacement."""

    def __init__(self) -> None:
        self._recreation: Callable[[str, str], str] = stacks._property_recreation  # noqa: SLF001 - no public way in
        stacks._property_recreation = self._property_recreation  # noqa: SLF001 - the same

    def _property_recreation(self, resource_type: str, name: str) -> str:
        replacing = _REPLACING.get(resource_type)
        if replacing is None:
            return self._recreation(resource_type, name)
        return "Always" if name in replacing else "Never"
