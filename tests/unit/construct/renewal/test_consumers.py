"""CloudFormation's role may update what uses the certificates, each by its own name."""

from __future__ import annotations

from typing import Any

from aws_cdk import ArnFormat, Stack, Tags
from aws_cdk import aws_iam as iam
from aws_cdk.assertions import Template

from support.renewing_stacks import OTHER_LISTENER, renewing, use
from support.stacks import statements_of


def test_each_kind(stack: Stack) -> None:
    """Each consumer can be updated; others aren't touched."""
    use(stack, renewing(stack, "Certificate", path="/cloudfront/"))
    boundary = iam.ManagedPolicy.from_managed_policy_name(stack, "Boundary", "boundary")
    iam.PermissionsBoundary.of(stack).apply(boundary)
    Tags.of(stack).add("team", "edge")
    found: dict[str, Any] = {each["Sid"]: each["Resource"] for each in statements_of(stack)}
    assert found["UpdateListeners"] == {"Ref": "Listener"}
    assert found["UpdateCertificatesOfListeners"] == OTHER_LISTENER
    assert found["UpdateClassicLoadBalancers"]["Fn::Join"][1][-1] == {"Ref": "Classic"}
    assert found["UpdateDistributions"]["Fn::Join"][1][-1] == {"Ref": "Distribution"}
    roles = Template.from_stack(stack).find_resources("AWS::IAM::Role").values()
    assert len(roles) == 3
    for role in roles:
        assert "PermissionsBoundary" in role["Properties"]
        assert role["Properties"]["Tags"] == [{"Key": "team", "Value": "edge"}]


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
