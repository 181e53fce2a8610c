"""What an update needs was written twice: as the role for renewals, and as what the local cloud demands."""

from __future__ import annotations

from aws_cdk import App, Stack

from local_cloud.emulator.cloudformation.needed_permissions import Place, needed_permissions
from support.renewing_stacks import renewing, use
from support.stacks import statements_of

CONSUMERS = {
    "Listeners": "AWS::ElasticLoadBalancingV2::Listener",
    "CertificatesOfListeners": "AWS::ElasticLoadBalancingV2::ListenerCertificate",
    "ClassicLoadBalancers": "AWS::ElasticLoadBalancing::LoadBalancer",
    "Distributions": "AWS::CloudFront::Distribution",
}
"""The types of consumers, by the end of the Sids of their statements."""


def test_actions_are_those_of_an_update() -> None:
    """The role may do what CloudFormation does to update a consumer, and nothing else with it."""
    stack = Stack(App(context={"aws:cdk:bundling-stacks": []}), "Web")
    use(stack, renewing(stack, "Certificate", path="/cloudfront/"))
    statements = {each["Sid"]: each["Action"] for each in statements_of(stack)}
    place = Place("111122223333", "eu-central-1")
    for consumers, resource_type in CONSUMERS.items():
        granted = [
            action
            for sid in (f"Update{consumers}", f"Describe{consumers}")
            for given in [statements.get(sid, [])]
            for action in ([given] if isinstance(given, str) else given)
        ]
        needed = needed_permissions("Update", resource_type, "id", {}, place)
        assert sorted(granted) == sorted(each.action for each in needed), resource_type
