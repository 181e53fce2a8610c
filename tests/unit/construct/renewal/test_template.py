"""What the template has for certificates that renew, in a root stack and in stacks nested in it."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from aws_cdk import App, NestedStack, Stack
from aws_cdk.assertions import Template

from server_certificate.contract.renewal import (
    MAX_CERTIFICATES,
    MAX_INPUT_LENGTH,
    RENEWAL_HANDLER,
    VERSION_PATTERN,
)
from server_certificate.contract.sources import Secret, part
from support.renewing_stacks import renewing

if TYPE_CHECKING:
    from support.renewing_stacks import Synthesized

STACK = {"Ref": "AWS::StackId"}


def parameters(synthesized: Synthesized) -> dict[str, Any]:
    """Return the parameters for the versions of secrets."""
    found: dict[str, Any] = synthesized.root["Parameters"]
    return {key: each for key, each in found.items() if "Renewal" in key}


def inputs(synthesized: Synthesized) -> list[dict[str, Any]]:
    """Return the inputs of the rules, with references as text."""
    found = []
    for rule in synthesized.of_type("AWS::Events::Rule").values():
        template = rule["Targets"][0]["InputTransformer"]["InputTemplate"]
        text = "".join(
            piece if isinstance(piece, str) else re.sub("[^A-Za-z0-9:.]", "", json.dumps(piece))
            for piece in template["Fn::Join"][1]
        )
        found.append(json.loads(re.sub("<([a-z]+)>", r'"\1"', text)))
    return found


def test_one_function_and_a_rule_and_a_parameter_for_each_secret(synthesized: Synthesized) -> None:
    """The certificates of a secret share a rule and a parameter, also across nested stacks."""
    functions = synthesized.of_type("AWS::Lambda::Function").values()
    assert [each["Handler"] for each in functions].count(RENEWAL_HANDLER) == 1
    assert len(synthesized.of_type("AWS::Events::Rule")) == len(parameters(synthesized)) == 3
    assert len(synthesized.of_type("AWS::Lambda::Permission")) == 1
    for each in parameters(synthesized).values():
        assert each["Type"] == "String"
        assert each["Default"] == ""
        assert each["AllowedPattern"] == VERSION_PATTERN


def test_source_has_the_version_of_the_parameter(synthesized: Synthesized) -> None:
    """A nested stack gets the root stack's parameter as a parameter of its own."""
    (resource,) = synthesized.of_type("Custom::IamServerCertificate").values()
    assert resource["Bundle"]["VersionId"]["Ref"] in parameters(synthesized)
    (nested,) = (
        each["Properties"]["Bundle"]["VersionId"]["Ref"]
        for each in synthesized.inner["Resources"].values()
        if each["Type"] == "Custom::IamServerCertificate"
    )
    assert nested in synthesized.inner["Parameters"]


def test_empty_version_is_none() -> None:
    """The parameter's default stands for AWSCURRENT."""
    source = part({"Bundle": {"SecretArn": "www", "VersionId": ""}}, "Bundle")
    assert isinstance(source, Secret)
    assert not source.version_id


def test_input_names_the_certificates(synthesized: Synthesized) -> None:
    """The input has the fields of the contract, and the ID of the nested stack."""
    (shared,) = [each for each in inputs(synthesized) if len(each["Certificates"]) == 2]
    assert shared["Trigger"] == "trigger"
    assert shared["Time"] == "time"
    assert shared["Parameter"] in parameters(synthesized)
    assert {"Stack", "Secret", "Role"} < shared.keys()
    root, inner = shared["Certificates"]
    assert root["Path"] == "Web/Certificate"
    assert root["NoticeDays"] == 14
    assert "NestedStack" not in root
    assert inner["Path"] == "Web/Nested/Inner/Certificate"
    assert "Outputs" in inner["NestedStack"]
    assert {root["LogicalId"]} == synthesized.of_type("Custom::IamServerCertificate").keys()


def test_rule_has_the_event_and_a_schedule(synthesized: Synthesized) -> None:
    """A new version runs the function, and a schedule does for events that are missed."""
    for rule in synthesized.of_type("AWS::Events::Rule").values():
        pattern = rule["EventPattern"]
        assert pattern["source"] == ["aws.secretsmanager"]
        assert pattern["detail-type"] == ["Secret Label Updated"]
        assert pattern["detail"] == {"labelUpdated": ["AWSCURRENT"]}
        assert len(pattern["resources"]) == 1
        assert re.fullmatch(r"cron\(\d+ 0,6,12,18 \* \* \? \*\)", rule["ScheduleExpression"])


def test_change_sets_are_limited_to_this_stack_and_role(synthesized: Synthesized) -> None:
    """The function can only propose the deployed template, under the role for renewals."""
    statement = synthesized.statement("ProposeRenewals")
    assert statement["Resource"] == STACK
    (role,) = [each for each in synthesized.of_type("AWS::IAM::Role") if "UpdateRole" in each]
    assert statement["Condition"] == {
        "StringEquals": {"cloudformation:RoleArn": {"Fn::GetAtt": [role, "Arn"]}},
        "StringLike": {"cloudformation:ChangeSetName": "renewal-*"},
        "Null": {"cloudformation:TemplateUrl": "true"},
    }
    passed = synthesized.statement("PassRoleForRenewals")
    assert passed["Resource"] == {"Fn::GetAtt": [role, "Arn"]}
    assert len(synthesized.statement("ReviewRenewals")["Resource"]) == 4


def test_role_may_update_what_uses_the_certificates(synthesized: Synthesized) -> None:
    """CloudFormation's role names each listener, function, nested stack and parameter of Systems Manager."""
    listeners = synthesized.statement("UpdateListeners")["Resource"]
    assert {"Ref": "Listener"} in listeners
    assert len(listeners) == 2
    assert len(synthesized.statement("InvokeProviders")["Resource"]) == 4
    assert len(synthesized.statement("UpdateNestedStacks")["Resource"]) == 3
    templates = synthesized.statement("ReadTemplatesOfNestedStacks")["Resource"]
    assert len(templates) == 3
    assert "unresolved" not in json.dumps(templates)


def test_both_roles_read_the_parameters_of_the_template(synthesized: Synthesized) -> None:
    """AWS doesn't document for which of them CloudFormation reads the parameters."""
    found = [
        json.dumps(each)
        for policy in synthesized.of_type("AWS::IAM::Policy").values()
        for each in policy["PolicyDocument"]["Statement"]
        if each.get("Sid") == "ReadParametersOfTemplate"
    ]
    assert len(found) == 2
    assert all("cdk-bootstrap" in text for text in found)


def test_function_never_reads_a_secret(synthesized: Synthesized) -> None:
    """It compares versions, without permission to read the value."""
    statement = synthesized.statement("ReadVersionsOfSecrets")
    assert statement["Action"] == [
        "secretsmanager:DescribeSecret",
        "secretsmanager:ListSecretVersionIds",
    ]
    assert len(statement["Resource"]) == 3


def test_longest_input_fits_into_a_rule() -> None:
    """The most certificates of one secret, in nested stacks and with paths of 200 characters."""
    app = App(context={"aws:cdk:bundling-stacks": []})
    stack = Stack(app, "Web")
    nested = NestedStack(stack, "Nested")
    for number in range(MAX_CERTIFICATES):
        renewing(nested, f"Certificate{number}".ljust(200 - len("Web/Nested/"), "x"))
    (rule,) = Template.from_stack(stack).find_resources("AWS::Events::Rule").values()
    template = rule["Properties"]["Targets"][0]["InputTransformer"]["InputTemplate"]
    pieces = template["Fn::Join"][1]
    # The ID of a stack has about a hundred characters besides its name, which has up to 128.
    longest = sum(len(piece) if isinstance(piece, str) else 228 for piece in pieces)
    assert MAX_INPUT_LENGTH / 2 < longest <= MAX_INPUT_LENGTH
