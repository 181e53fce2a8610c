"""A certificate works with stages, nested stacks, aspects, tags and other stacks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import jsii
import pytest
from aws_cdk import (
    App,
    Aspects,
    CfnOutput,
    CfnResource,
    Environment,
    IAspect,
    NestedStack,
    RemovalPolicies,
    RemovalPolicy,
    Stack,
    Stage,
    Tags,
)
from aws_cdk.assertions import Template

from cdk_iam_server_certificate import ServerCertificate
from support.stacks import certificates_of, material

if TYPE_CHECKING:
    from collections.abc import Callable

    from constructs import IConstruct

    from dev.certificates.authority import Issued

    Certify = Callable[..., ServerCertificate]

ACCOUNT = "111122223333"


def prefix_of(stack: Stack) -> str:
    """Return the prefix of the generated names of a stack's only certificate."""
    (resource,) = certificates_of(stack).values()
    return str(resource["Properties"]["NamePrefix"])


def test_two_regions_of_an_account_do_not_collide(app: App, certify: Certify) -> None:
    """The prefix of a generated name ends with the Region, because IAM is global in an account."""
    regions = ("eu-central-1", "ap-southeast-2")
    stages = {
        region: Stage(app, region, env=Environment(account=ACCOUNT, region=region))
        for region in regions
    }
    stacks = [Stack(stage, "Web") for stage in stages.values()]
    for stack in stacks:
        certify(stack)
    prefixes = [prefix_of(stack) for stack in stacks]
    assert len(set(prefixes)) == 2
    for prefix, region in zip(prefixes, regions, strict=True):
        assert prefix.endswith(f"-{region}")


def test_stages_of_an_account_do_not_collide(app: App, certify: Certify) -> None:
    """The stage is part of the construct path, and so of the name."""
    env = Environment(account=ACCOUNT, region="eu-central-1")
    stacks = [Stack(Stage(app, name, env=env), "Web") for name in ("Beta", "Prod")]
    for stack in stacks:
        certify(stack)
    assert prefix_of(stacks[0]).startswith("BetaWeb-Certificate")
    assert prefix_of(stacks[1]).startswith("ProdWeb-Certificate")


def test_one_material_in_several_stacks(app: App, leaf: Issued) -> None:
    """Several stacks can declare the same material, and each reads it separately."""
    stacks = [Stack(app, name) for name in ("One", "Two")]
    shared = material(stacks[0], "Shared", leaf)
    for stack in stacks:
        ServerCertificate(stack, "Certificate", material=shared)
    for stack in stacks:
        Template.from_stack(stack).resource_count_is("AWS::Lambda::Function", 1)


def test_in_a_nested_stack(app: App, certify: Certify) -> None:
    """A nested stack has its own function, and its parent gets the attributes from outputs."""
    parent = Stack(app, "Parent")
    nested = NestedStack(parent, "Nested")
    certificate = certify(nested)
    CfnOutput(parent, "Arn", value=certificate.server_certificate_arn)
    assert len(certificates_of(nested)) == 1
    Template.from_stack(nested).resource_count_is("AWS::Lambda::Function", 1)
    (output,) = Template.from_stack(parent).to_json()["Outputs"].values()
    assert "Fn::GetAtt" in output["Value"]


def test_tags_of_an_aspect_reach_the_certificate(app: App, stack: Stack, certify: Certify) -> None:
    """Tags of the app and the construct are merged, the nearer one wins, and tags can be removed."""
    certificate = certify(stack)
    Tags.of(app).add("team", "edge")
    Tags.of(app).add("stage", "prod")
    Tags.of(certificate).add("stage", "test", priority=300)
    Tags.of(certificate).remove("team", priority=300)
    (resource,) = certificates_of(stack).values()
    assert resource["Properties"]["Tags"] == [{"Key": "stage", "Value": "test"}]


def test_tags_for_other_types_leave_it_alone(stack: Stack, certify: Certify) -> None:
    """Only tags for its own resource type apply to a certificate."""
    certify(stack)
    Tags.of(stack).add("bucket", "yes", include_resource_types=["AWS::S3::Bucket"])
    Tags.of(stack).add("tls", "yes", include_resource_types=["Custom::IamServerCertificate"])
    (resource,) = certificates_of(stack).values()
    assert resource["Properties"]["Tags"] == [{"Key": "tls", "Value": "yes"}]


@jsii.implements(IAspect)
class _Retain:
    """An aspect that retains every certificate."""

    def visit(self, node: IConstruct) -> None:
        """Retain a certificate."""
        if (
            isinstance(node, CfnResource)
            and node.cfn_resource_type == "Custom::IamServerCertificate"
        ):
            node.apply_removal_policy(RemovalPolicy.RETAIN)


@pytest.mark.parametrize(
    "retain",
    [
        lambda stack: Aspects.of(stack).add(_Retain()),
        lambda stack: RemovalPolicies.of(stack).retain(
            apply_to_resource_types=["Custom::IamServerCertificate"]
        ),
    ],
)
def test_removal_policy_of_an_aspect_reaches_the_function(
    stack: Stack, certify: Certify, retain: Callable[[Stack], None]
) -> None:
    """The function also retains what an aspect retains."""
    certify(stack)
    retain(stack)
    (resource,) = certificates_of(stack).values()
    assert resource["DeletionPolicy"] == "Retain"
    assert resource["Properties"]["Retain"] == "true"


def test_construct_tree(stack: Stack, certify: Certify) -> None:
    """The logical ids are stable, because a change would replace resources of deployed stacks."""
    certify(stack)
    paths = {child.node.path for child in stack.node.find_all()}
    assert paths >= {
        "Web/Certificate/Resource",
        "Web/IamServerCertificateProvider/Function",
        "Web/IamServerCertificateProvider/Role",
        "Web/IamServerCertificateProvider/Log",
        "Web/IamServerCertificateProvider/Policies/Inline",
    }
    assert isinstance(certify(stack, "Other").node.default_child, CfnResource)
