"""Consumers that a renewal doesn't reach are warnings at synth, with their paths."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import Annotations as AppAnnotations
from aws_cdk import App, CfnOutput, Environment, Fn, NestedStack, Stack
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_cloudfront_origins as origins
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticbeanstalk as beanstalk
from aws_cdk import aws_elasticloadbalancing as elb
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from aws_cdk.assertions import Annotations, Match
from constructs import Construct

from cdk_iam_server_certificate import DistributionCertificate

if TYPE_CHECKING:
    from collections.abc import Callable

    from cdk_iam_server_certificate import ServerCertificate

    Certify = Callable[..., ServerCertificate]

ACCOUNT = "111122223333"
STRENGTH = "@aws-cdk/core:defaultCrossStackReferences"
NO_ASSETS: dict[str, Any] = {"aws:cdk:bundling-stacks": []}


def stack_in(app: App, name: str, region: str = "eu-central-1") -> Stack:
    """Create a stack that can refer to other Regions."""
    env = Environment(account=ACCOUNT, region=region)
    return Stack(app, name, env=env, cross_region_references=True)


def listen(scope: Construct, construct_id: str, arn: str) -> None:
    """Declare a listener that uses an ARN."""
    elbv2.CfnListener(
        scope,
        construct_id,
        load_balancer_arn="balancer",
        default_actions=[],
        certificates=[elbv2.CfnListener.CertificateProperty(certificate_arn=arn)],
    )


def warnings(stack: Stack, code: str) -> dict[str, str]:
    """Return the warnings with a code, by the construct."""
    found = Annotations.from_stack(stack).find_warning("*", Match.string_like_regexp(f":{code}]"))
    return {entry.id: str(entry.entry.data) for entry in found}


def test_crossings_by_exports(certify: Certify) -> None:
    """Every way out of a stack by an export is found, with the consumer; a nested stack is none."""
    app = App(context={**NO_ASSETS, STRENGTH: "strong"})
    web, edge, america = (
        stack_in(app, "Web"),
        stack_in(app, "Edge"),
        stack_in(app, "Us", "us-east-1"),
    )
    listen(edge, "Https", certify(web, "Crossing").server_certificate_arn)
    inner = NestedStack(web, "Inner")
    nested = certify(inner, "Nested")
    listen(web, "Inside", nested.server_certificate_arn)
    listen(NestedStack(edge, "In"), "Nested", nested.server_certificate_arn)
    listen(NestedStack(web, "Sibling"), "Https", certify(web, "Together").server_certificate_arn)
    listen(america, "Https", certify(web, "Far").server_certificate_arn)
    by_hand = certify(web, "ByHand").server_certificate_arn
    CfnOutput(web, "Arn", value=by_hand, export_name="the-arn")
    listen(edge, "Imported", Fn.import_value("the-arn"))
    CfnOutput(web, "Output", value=certify(web, "Shown").server_certificate_arn)
    for_edge = certify(web, "Cdn", path="/cloudfront/www/")
    distribution = cloudfront.Distribution(
        edge,
        "Distribution",
        default_behavior=cloudfront.BehaviorOptions(origin=origins.HttpOrigin("origin.example")),
    )
    DistributionCertificate(for_edge).apply_to(distribution)
    accepted = certify(web, "Accepted", acknowledge=["used-in-another-stack"])
    listen(edge, "Accepted", accepted.server_certificate_arn)
    scope = Construct(web, "Silenced")
    listen(edge, "Silenced", certify(scope, "Certificate").server_certificate_arn)
    # The lowest CDK ignores what was acknowledged for the construct itself before its warning.
    AppAnnotations.of(scope).acknowledge_warning("cdk-iam-server-certificate:used-in-another-stack")
    found = warnings(web, "used-in-another-stack")
    for certificate, consumer in {
        "/Web/Crossing": "'Edge/Https' in another stack uses the server_certificate_arn, by the export 'Web:",
        "/Web/Inner/Nested": "'Edge/In/Nested' in another stack uses the server_certificate_arn",
        "/Web/Far": "'Us/Https' in another stack uses the server_certificate_arn, by the export '/cdk/e",
        "/Web/ByHand": "'Edge/Imported' in another stack uses the server_certificate_arn, by the export 'the-arn'",
        "/Web/Cdn": "'Edge/Distribution' in another stack uses the server_certificate_id",
    }.items():
        assert consumer in found.pop(certificate), certificate
    assert not found


def test_weak_references(certify: Certify) -> None:
    """A weak reference is found where the CDK has them, also between Regions; dates do no harm."""
    app = App(context={**NO_ASSETS, STRENGTH: "weak"})
    web, edge = stack_in(app, "Web"), stack_in(app, "Edge", "us-east-1")
    certificate = certify(web)
    listen(edge, "Https", certificate.server_certificate_arn)
    CfnOutput(edge, "Until", value=certify(web, "Shown").server_certificate_expiration)
    listen(web, "Https", certificate.server_certificate_arn)
    found = warnings(web, "used-in-another-stack")
    if not web.node.try_find_child("Publish"):
        pytest.skip("this version of the CDK has no weak references")
    assert list(found) == ["/Web/Certificate"]
    assert (
        "'Edge/Https' in another stack uses the server_certificate_arn. A renewal doesn't"
        in str(found)
    )


def test_listeners_of_a_named_certificate(stack: Stack, certify: Certify) -> None:
    """Every kind of listener is found by the ARN; generated names, other attributes and outputs are not."""
    vpc = ec2.Vpc(stack, "Vpc", nat_gateways=0)
    used = certify(stack, "Named", server_certificate_name="named")
    arn = used.server_certificate_arn
    application = elbv2.ApplicationLoadBalancer(stack, "Alb", vpc=vpc)
    listener = application.add_listener(
        "Https",
        port=443,
        certificates=[elbv2.ListenerCertificate.from_arn(arn)],
        default_action=elbv2.ListenerAction.fixed_response(200),
    )
    more = certify(stack, "More", server_certificate_name="more")
    another = elbv2.ListenerCertificate.from_arn(more.server_certificate_arn)
    listener.add_certificates("More", [another])
    network = elbv2.NetworkLoadBalancer(stack, "Nlb", vpc=vpc)
    targets = elbv2.NetworkTargetGroup(stack, "Targets", vpc=vpc, port=80)
    network.add_listener(
        "Tls",
        port=443,
        certificates=[elbv2.ListenerCertificate.from_arn(arn)],
        default_target_groups=[targets],
    )
    classic = elb.LoadBalancer(stack, "Classic", vpc=vpc, internet_facing=True)
    for_classic = certify(stack, "ForClassic", server_certificate_name="classic")
    classic.add_listener(external_port=443, ssl_certificate_arn=for_classic.server_certificate_arn)
    beanstalk.CfnEnvironment(
        stack,
        "Beanstalk",
        application_name="app",
        option_settings=[
            beanstalk.CfnEnvironment.OptionSettingProperty(
                namespace="aws:elbv2:listener:443",
                option_name="SSLCertificateArns",
                value=certify(
                    stack, "ForBeanstalk", server_certificate_name="beanstalk"
                ).server_certificate_arn,
            )
        ],
    )
    inner = NestedStack(stack, "Inner")
    nested = certify(stack, "ForNested", server_certificate_name="nested")
    listen(inner, "Https", nested.server_certificate_arn)
    listen(stack, "Generated", certify(stack, "Unnamed").server_certificate_arn)
    shown = certify(stack, "Shown", server_certificate_name="shown")
    CfnOutput(stack, "Arn", value=shown.server_certificate_arn)
    accepted = certify(
        stack, "Known", server_certificate_name="known", acknowledge=["listener-not-updated"]
    )
    listen(stack, "Accepted", accepted.server_certificate_arn)
    found = warnings(stack, "listener-not-updated")
    for certificate, consumers in {
        "Named": "'Web/Alb/Https' and 'Web/Nlb/Tls' use the ARN",
        "More": "'Web/Alb/Https/More",
        "ForClassic": "'Web/Classic' uses the ARN",
        "ForBeanstalk": "'Web/Beanstalk' uses the ARN",
        "ForNested": "'Web/Inner/Https' uses the ARN",
    }.items():
        assert consumers in found.pop(f"/Web/{certificate}"), certificate
    assert not found
