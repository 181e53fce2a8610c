"""CloudFormation's role may update what uses the certificates, each by its own name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import ArnFormat, Stack, Tags
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_elasticloadbalancing as elb
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from aws_cdk import aws_iam as iam
from aws_cdk.assertions import Template

from cdk_iam_server_certificate import DistributionCertificate
from local_cloud.emulator.cloudformation.needed_permissions import Place, needed_permissions
from support.renewing_stacks import listener, renewing
from support.stacks import statements_of

if TYPE_CHECKING:
    from cdk_iam_server_certificate import ServerCertificate

LISTENER = "arn:aws:elasticloadbalancing:eu-central-1:111122223333:listener/app/x/1/2"
KINDS = {
    "Listeners": "AWS::ElasticLoadBalancingV2::Listener",
    "CertificatesOfListeners": "AWS::ElasticLoadBalancingV2::ListenerCertificate",
    "ClassicLoadBalancers": "AWS::ElasticLoadBalancing::LoadBalancer",
    "Distributions": "AWS::CloudFront::Distribution",
}


def use(certificate: ServerCertificate, stack: Stack) -> None:
    """Declare a consumer of each kind, and a load balancer that doesn't use the certificate."""
    listener(stack, "Listener", certificate)
    elbv2.CfnListenerCertificate(
        stack,
        "InList",
        listener_arn=LISTENER,
        certificates=[
            elbv2.CfnListenerCertificate.CertificateProperty(
                certificate_arn=certificate.server_certificate_arn
            )
        ],
    )
    for name, arn in (("Classic", certificate.server_certificate_arn), ("Unrelated", LISTENER)):
        elb.CfnLoadBalancer(
            stack,
            name,
            listeners=[
                elb.CfnLoadBalancer.ListenersProperty(
                    instance_port="80",
                    load_balancer_port="443",
                    protocol="HTTPS",
                    ssl_certificate_id=arn,
                )
            ],
        )
    behavior = cloudfront.CfnDistribution.DefaultCacheBehaviorProperty(
        target_origin_id="o", viewer_protocol_policy="https-only"
    )
    distribution = cloudfront.CfnDistribution(
        stack,
        "Distribution",
        distribution_config=cloudfront.CfnDistribution.DistributionConfigProperty(
            enabled=True, default_cache_behavior=behavior
        ),
    )
    DistributionCertificate(certificate).apply_to(distribution)


def test_each_kind(stack: Stack) -> None:
    """Each consumer can be updated; others aren't touched."""
    use(renewing(stack, "Certificate", path="/cloudfront/"), stack)
    boundary = iam.ManagedPolicy.from_managed_policy_name(stack, "Boundary", "boundary")
    iam.PermissionsBoundary.of(stack).apply(boundary)
    Tags.of(stack).add("team", "edge")
    found: dict[str, Any] = {each["Sid"]: each["Resource"] for each in statements_of(stack)}
    assert found["UpdateListeners"] == {"Ref": "Listener"}
    assert found["UpdateCertificatesOfListeners"] == LISTENER
    assert found["UpdateClassicLoadBalancers"]["Fn::Join"][1][-1] == {"Ref": "Classic"}
    assert found["UpdateDistributions"]["Fn::Join"][1][-1] == {"Ref": "Distribution"}
    roles = Template.from_stack(stack).find_resources("AWS::IAM::Role").values()
    assert len(roles) == 3
    for role in roles:
        assert "PermissionsBoundary" in role["Properties"]
        assert role["Properties"]["Tags"] == [{"Key": "team", "Value": "edge"}]


@pytest.mark.parametrize(("plural", "resource_type"), KINDS.items())
def test_actions_are_those_of_an_update(stack: Stack, plural: str, resource_type: str) -> None:
    """The role may do what CloudFormation does to update a consumer, and nothing else with it."""
    use(renewing(stack, "Certificate", path="/cloudfront/"), stack)
    granted = {
        action
        for each in statements_of(stack)
        if each["Sid"] in (f"Update{plural}", f"Describe{plural}")
        for action in ([each["Action"]] if isinstance(each["Action"], str) else each["Action"])
    }
    place = Place("111122223333", "eu-central-1")
    needed = needed_permissions("Update", resource_type, "id", {}, place)
    assert granted == {each.action for each in needed}


def test_role_takes_more(stack: Stack) -> None:
    """What the app grants the role is in a policy of its own."""
    certificate = renewing(stack, "Certificate")
    arn = stack.format_arn(
        service="ssm",
        resource="parameter",
        resource_name="www",
        arn_format=ArnFormat.SLASH_RESOURCE_NAME,
    )
    iam.Grant.add_to_principal(
        grantee=certificate.renewal_role, actions=["ssm:PutParameter"], resource_arns=[arn]
    )
    assert "ssm:PutParameter" in [each["Action"] for each in statements_of(stack)]
