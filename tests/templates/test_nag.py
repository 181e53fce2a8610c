"""The rules of AWS Solutions and of compliance programmes, as cdk-nag reads them."""

from __future__ import annotations

import cdk_nag
import pytest
from aws_cdk import App, Stack, Validations
from aws_cdk import aws_iam as iam

from cdk_iam_server_certificate.provider.nag import explain_wildcards
from templates.accepted import ACCEPTED
from templates.apps import OWN_APPS, certify, stack_in
from templates.synthesis import NAMES, SCRIPTS, Finding, Synthesized

PROGRAMMES = {
    "NIST.800.53.R5": cdk_nag.NIST80053R5Checks,
    "HIPAA.Security": cdk_nag.HIPAASecurityChecks,
    "PCI.DSS.321": cdk_nag.PCIDSS321Checks,
    "Serverless": cdk_nag.ServerlessChecks,
}

REMAINING = {
    ("Log/Resource", "CloudWatchLogGroupEncrypted"),  # with Amazon's own key; it holds no secret
    ("Policies/Inline", "IAMNoInlinePolicy"),  # a policy for one role, which goes when that goes
    ("Function/Resource", "LambdaConcurrency"),  # a reservation takes from the account's share
    ("Function/Resource", "LambdaDLQ"),  # CloudFormation notices what is not answered
    ("Function/Resource", "LambdaInsideVPC"),  # it talks to AWS alone
    ("Function/Resource", "LambdaTracing"),  # the log has a line for each decision
}
"""What programmes want beyond AWS Solutions, and what speaks against it in every account."""


@pytest.mark.parametrize("name", OWN_APPS)
def test_nothing_is_said_of_the_construct(synthesized: Synthesized) -> None:
    """AWS Solutions' rules find nothing in an app that consists of the construct alone."""
    assert not synthesized.findings(cdk_nag.AwsSolutionsChecks)


@pytest.mark.parametrize("name", SCRIPTS)
def test_of_examples_only_what_is_accepted(synthesized: Synthesized, name: str) -> None:
    """Every finding has a reason, and every reason a finding."""
    found = synthesized.findings(cdk_nag.AwsSolutionsChecks)
    assert {(each.construct, each.rule) for each in found} == set(ACCEPTED.get(name, {}))


def test_accepted_findings_are_of_scripts() -> None:
    """Nothing is accepted of an example that is gone, or of a resource that the construct makes."""
    assert set(ACCEPTED) <= set(SCRIPTS)
    paths = {path for findings in ACCEPTED.values() for path, _ in findings}
    assert not [path for path in paths if "IamServerCertificateProvider" in path]


def test_app_with_the_rules_synthesizes() -> None:
    """Registered as users do it, the rules let an app through that they stop otherwise."""
    app = App(context={"aws:cdk:bundling-stacks": []})
    certify(stack_in(app), server_certificate_name="www")
    Validations.of(app).add_plugins(cdk_nag.AwsSolutionsChecks(app))
    app.synth()


def test_rules_stop_other_wildcards() -> None:
    """A wildcard in the same policies that is none of a server certificate's is still found."""
    app = App()
    stack = Stack(app, "Web")
    document = iam.PolicyDocument(
        statements=[
            iam.PolicyStatement(
                actions=["s3:GetObject", "iam:GetServerCertificate"],
                resources=[
                    "arn:aws:s3:::bucket/*",
                    stack.format_arn(
                        service="iam", region="", resource="server-certificate", resource_name="a-*"
                    ),
                ],
            )
        ]
    )
    policy = iam.CfnManagedPolicy(stack, "Policy", policy_document=document)
    explain_wildcards(policy, every_resource="Listed.")
    app.synth()
    assert Synthesized(app).findings(cdk_nag.AwsSolutionsChecks) == {
        Finding("Web/Policy", "AwsSolutions-IAM5[Resource::arn:aws:s3:::bucket/*]")
    }


@pytest.mark.parametrize("programme", PROGRAMMES)
@pytest.mark.parametrize("name", ["everything"])
def test_what_programmes_want_beyond(synthesized: Synthesized, programme: str) -> None:
    """Nothing but what is known and has a reason."""
    found = {
        (
            each.construct.partition("/IamServerCertificateProvider/")[2],
            each.rule.removeprefix(f"{programme}-"),
        )
        for each in synthesized.findings(PROGRAMMES[programme])
    }
    assert found <= REMAINING


@pytest.mark.parametrize("name", ["default"])
def test_what_programmes_want_is_still_wanted(synthesized: Synthesized) -> None:
    """No reason is kept for what nobody asks any more."""
    wanted = {
        each.rule.rpartition("-")[2]
        for pack in PROGRAMMES.values()
        for each in synthesized.findings(pack)
    }
    assert wanted == {rule for _, rule in REMAINING}


def test_every_app_is_judged() -> None:
    """A new example is checked without being named here."""
    assert {"default", "many", "app", "alb"} <= set(NAMES)
