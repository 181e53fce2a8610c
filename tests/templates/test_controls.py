"""
Controls of AWS Security Hub's Foundational Security Best Practices, for the function and its role.

No tool reads them from a template offline, so each is a plain test here, named after its control.
Source: Security Hub user guide, controls for Lambda, IAM, KMS and CloudWatch.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from templates.synthesis import NAMES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from templates.synthesis import Synthesized

    Resource = dict[str, Any]

pytestmark = pytest.mark.parametrize("name", NAMES)

PROVIDER = "IamServerCertificateProvider"
SUPPORTED = {"python3.10", "python3.11", "python3.12", "python3.13", "python3.14"}
"""What Lambda.2 lists of Python."""

WRITES = {f"iam:{verb}ServerCertificate" for verb in ("Upload", "Update", "Delete", "Tag", "Untag")}
READS_OF_IAM = {
    "iam:GetServerCertificate",
    "iam:ListServerCertificates",
    "iam:ListServerCertificateTags",
}
READS_OF_MATERIAL = {
    "secretsmanager:GetSecretValue": "secretsmanager",
    "ssm:GetParameter": "ssm",
    "s3:GetObject": "s3",
    "s3:GetObjectVersion": "s3",
    "kms:Decrypt": "kms",
}
OTHERS = {
    "cloudformation:DescribeStacks",
    "cloudformation:ListStackResources",
    "logs:CreateLogStream",
    "logs:PutLogEvents",
}


_NO_NAME = r"""[*/]*['\"](?!, \{'Fn::Sub': \['\$\{Literal\}')"""
"""The rest of an ARN that has no name in it, not even one that CloudFormation writes later."""

_LITERAL_ASTERISK = re.compile(r"\$\{\*\}|\['\*'")
"""IAM's variable for an asterisk, and what CloudFormation replaces by it."""


def made_by_the_construct(synthesized: Synthesized, kind: str) -> list[Resource]:
    """Return the construct's own resources of a type in an app."""
    return [
        resource
        for template in synthesized.templates()
        for logical_id, resource in template.resources.items()
        if logical_id.startswith(PROVIDER) and resource["Type"] == kind
    ]


def statements(synthesized: Synthesized) -> Iterator[Resource]:
    """Yield the statements of all policies of the role, with actions and resources as lists."""
    for kind in ("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy"):
        for policy in made_by_the_construct(synthesized, kind):
            for statement in policy["Properties"]["PolicyDocument"]["Statement"]:
                assert not {"NotAction", "NotResource", "NotPrincipal"} & set(statement)
                yield {
                    **statement,
                    "Action": as_list(statement["Action"]),
                    "Resource": [str(each) for each in as_list(statement["Resource"])],
                }


def as_list(value: Any) -> list[Any]:  # noqa: ANN401 - whatever a template has there
    """Return a list, of one if it is none."""
    return value if isinstance(value, list) else [value]


def test_lambda_1_function_is_not_public(synthesized: Synthesized) -> None:
    """Lambda.1: no resource policy lets others in, nor does a URL; CloudFormation needs neither."""
    for kind in ("AWS::Lambda::Permission", "AWS::Lambda::Url"):
        assert not made_by_the_construct(synthesized, kind)


def test_lambda_2_runtime_is_supported(synthesized: Synthesized) -> None:
    """Lambda.2: the runtime is one that Lambda supports."""
    functions = made_by_the_construct(synthesized, "AWS::Lambda::Function")
    assert functions
    assert {each["Properties"]["Runtime"] for each in functions} <= SUPPORTED


def test_iam_1_no_administrator(synthesized: Synthesized) -> None:
    """IAM.1: no statement allows every action, let alone on everything."""
    actions = [action for each in statements(synthesized) for action in each["Action"]]
    assert actions
    assert "*" not in actions


def test_iam_21_no_whole_service(synthesized: Synthesized) -> None:
    """IAM.21: no action has a wildcard, in managed policies as in the inline one."""
    actions = [action for each in statements(synthesized) for action in each["Action"]]
    assert not [action for action in actions if "*" in action or "?" in action]


def test_kms_1_and_2_decrypt_with_named_keys(synthesized: Synthesized) -> None:
    """KMS.1, KMS.2: what may decrypt or re-encrypt may do so with keys named one by one."""
    for statement in statements(synthesized):
        if any(action.startswith("kms:") for action in statement["Action"]):
            assert statement["Action"] == ["kms:Decrypt"]
            assert not [each for each in statement["Resource"] if "*" in each or "/" not in each]


def test_cloudwatch_16_log_is_kept_for_a_set_time(synthesized: Synthesized) -> None:
    """CloudWatch.16: a log group has a retention; how long is the control's parameter."""
    groups = made_by_the_construct(synthesized, "AWS::Logs::LogGroup")
    assert groups
    assert {group["Properties"]["RetentionInDays"] for group in groups} == {30}


def test_role_is_lambdas_alone(synthesized: Synthesized) -> None:
    """Least privilege: only Lambda assumes the role, and no policy of AWS is attached to it."""
    roles = made_by_the_construct(synthesized, "AWS::IAM::Role")
    assert roles
    for role in roles:
        (trust,) = role["Properties"]["AssumeRolePolicyDocument"]["Statement"]
        assert trust["Action"] == "sts:AssumeRole"
        assert trust["Principal"] == {"Service": "lambda.amazonaws.com"}
        assert "ManagedPolicyArns" not in role["Properties"]
        assert "Policies" not in role["Properties"]


def test_each_action_is_for_a_purpose(synthesized: Synthesized) -> None:
    """Least privilege: the role may do what it is documented to do, and nothing else."""
    allowed = {action for each in statements(synthesized) for action in each["Action"]}
    assert allowed <= WRITES | READS_OF_IAM | set(READS_OF_MATERIAL) | OTHERS
    assert allowed >= WRITES | READS_OF_IAM


def test_only_listing_is_on_everything(synthesized: Synthesized) -> None:
    """Least privilege: '*' stands for the one action that knows no resources."""
    wide = [each["Action"] for each in statements(synthesized) if "*" in each["Resource"]]
    assert wide
    assert all(actions == ["iam:ListServerCertificates"] for actions in wide)


def test_writes_are_bound_to_names_or_to_the_tag(synthesized: Synthesized) -> None:
    """Least privilege: what changes certificates is bound to names of this stack or to its tag."""
    writing = [each for each in statements(synthesized) if WRITES & set(each["Action"])]
    assert writing
    for statement in writing:
        assert all("server-certificate/" in each for each in statement["Resource"])
        if "Condition" in statement:
            ((key, _),) = statement["Condition"]["StringEquals"].items()
            assert key.startswith("aws:ResourceTag/")
            assert "iam:UploadServerCertificate" not in statement["Action"]
        else:
            ends = [re.search(r"server-certificate/(.*)", each) for each in statement["Resource"]]
            assert not [end for end in ends if end is None or re.match(_NO_NAME, end[1])]


def test_material_is_read_from_named_places(synthesized: Synthesized) -> None:
    """Least privilege: secrets, parameters and objects are named one by one, without wildcards."""
    for statement in statements(synthesized):
        services = {READS_OF_MATERIAL.get(action) for action in statement["Action"]}
        if services != {None}:
            (service,) = services
            for resource in statement["Resource"]:
                assert f":{service}:" in resource
                assert "*" not in _LITERAL_ASTERISK.sub("", resource)


def test_no_private_key_is_in_a_template(synthesized: Synthesized) -> None:
    """Nothing of a private key is in any file of the assembly's templates."""
    templates = list(synthesized.templates())
    assert templates
    assert not [each.path.name for each in templates if "PRIVATE KEY" in each.text]
