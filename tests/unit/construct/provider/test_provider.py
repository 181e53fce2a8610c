"""One function for all certificates of a stack, with least privilege."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App, NestedStack, Stack, Stage
from aws_cdk import aws_kms as kms
from aws_cdk import aws_secretsmanager as secretsmanager
from aws_cdk.assertions import Match, Template

from cdk_iam_server_certificate import (
    CertificateMaterial,
    CertificateSource,
    PrivateKeySource,
)
from support.stacks import SECRET_ARN, certificates_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from cdk_iam_server_certificate import ServerCertificate
    from dev.certificates.authority import Issued

    Certify = Callable[..., ServerCertificate]


def statements(stack: Stack) -> list[dict[str, Any]]:
    """Return the statements of the function's role."""
    (policy,) = Template.from_stack(stack).find_resources("AWS::IAM::Policy").values()
    found: list[dict[str, Any]] = policy["Properties"]["PolicyDocument"]["Statement"]
    return found


def test_certificates_of_a_stack_share_one_function(stack: Stack, certify: Certify) -> None:
    """A second certificate adds only a custom resource and permissions."""
    certify(stack, "First")
    certify(stack, "Second")
    resources = Template.from_stack(stack).to_json()["Resources"].values()
    assert sorted(resource["Type"] for resource in resources) == [
        "AWS::IAM::Policy",
        "AWS::IAM::Role",
        "AWS::Lambda::Function",
        "AWS::Logs::LogGroup",
        "Custom::IamServerCertificate",
        "Custom::IamServerCertificate",
    ]


def test_order_of_certificates_does_not_matter(app: App, certify: Certify) -> None:
    """The function doesn't depend on the order of the certificates."""
    functions = []
    for index, order in enumerate((("A", "B"), ("B", "A"))):
        stack = Stack(Stage(app, f"S{index}"), "Web")
        for construct_id in order:
            certify(stack, construct_id)
        template = Template.from_stack(stack)
        template.resource_count_is("AWS::Lambda::Function", 1)
        functions.append(template.find_resources("AWS::Lambda::Function"))
    assert functions[0] == functions[1]


def test_every_stack_has_its_own_function(app: App, certify: Certify) -> None:
    """Every stack has its own function, including nested stacks and stacks in a stage."""
    parent = Stack(app, "Web")
    stacks = [
        parent,
        Stack(app, "Other"),
        Stack(Stage(app, "Prod"), "Web"),
        NestedStack(parent, "N"),
    ]
    for stack in stacks:
        certify(stack)
    for stack in stacks:
        Template.from_stack(stack).resource_count_is("AWS::Lambda::Function", 1)


def test_function(stack: Stack, certify: Certify) -> None:
    """The function has the expected runtime, timeout, memory, log group and handler."""
    certify(stack)
    template = Template.from_stack(stack)
    template.has_resource_properties(
        "AWS::Lambda::Function",
        {
            "Runtime": "python3.14",
            "Architectures": ["x86_64"],
            "Handler": "server_certificate_handler.entry.on_event",
            "Timeout": 900,
            "LoggingConfig": {"LogGroup": Match.any_value()},
        },
    )
    template.has_resource(
        "AWS::Logs::LogGroup", {"Properties": {"RetentionInDays": 30}, "DeletionPolicy": "Delete"}
    )


def test_architecture_by_context(certify: Certify) -> None:
    """A context value selects the architecture of all functions of an app."""
    app = App(
        context={
            "aws:cdk:bundling-stacks": [],
            "cdk-iam-server-certificate:architecture": "arm64",
        }
    )
    stack = Stack(app, "Web")
    certify(stack)
    Template.from_stack(stack).has_resource_properties(
        "AWS::Lambda::Function", {"Architectures": ["arm64"]}
    )


def test_unknown_architecture_is_refused(certify: Certify) -> None:
    """An unsupported architecture is an error that lists the supported ones."""
    app = App(context={"cdk-iam-server-certificate:architecture": "riscv64"})
    with pytest.raises(ValueError, match="is 'riscv64', but must be x86_64 or arm64"):
        certify(Stack(app, "Web"))


@pytest.mark.parametrize("value", ["no", "0", "True", 0, ["false"]], ids=repr)
def test_bytecode_is_left_out_or_not(value: object, certify: Certify) -> None:
    """Any other value than true or false is refused with these two."""
    app = App(context={"cdk-iam-server-certificate:bytecode": value})
    with pytest.raises(ValueError, match=r"bytecode' is '.*', but must be true or false\.$"):
        certify(Stack(app, "Web"))


def test_policy_outlives_the_certificate(stack: Stack, certify: Certify) -> None:
    """Each certificate depends on the policy, so it is deleted before the policy."""
    certify(stack, "First")
    certify(stack, "Second")
    (policy,) = Template.from_stack(stack).find_resources("AWS::IAM::Policy")
    for resource in certificates_of(stack).values():
        assert policy in resource["DependsOn"]


def test_upload_is_bound_to_names(stack: Stack, certify: Certify) -> None:
    """An upload is allowed under the declared and the generated names, in any path."""
    certify(stack, server_certificate_name="www", path="/edge/")
    (upload,) = [
        item for item in statements(stack) if "iam:UploadServerCertificate" in item["Action"]
    ]
    resources = [
        "".join(part if isinstance(part, str) else "aws" for part in arn["Fn::Join"][1])
        for arn in upload["Resource"]
    ]
    assert resources == [
        "arn:aws:iam::111122223333:server-certificate/www",
        "arn:aws:iam::111122223333:server-certificate/Web-Certificate-370C9466-eu-central-1-*",
        "arn:aws:iam::111122223333:server-certificate/*/www",
        "arn:aws:iam::111122223333:server-certificate/*/Web-Certificate-370C9466-eu-central-1-*",
    ]


def test_other_names_are_bound_to_the_stacks_tags(stack: Stack, certify: Certify) -> None:
    """Under other names, only certificates with the stack's tag can be changed."""
    certify(stack)
    (manage,) = [
        item for item in statements(stack) if item.get("Sid") == "ManageCertificatesOfThisStack"
    ]
    assert manage["Condition"] == {
        "StringEquals": {
            "aws:ResourceTag/cdk-iam-server-certificate:stack-id": {"Ref": "AWS::StackId"}
        }
    }
    assert "iam:UploadServerCertificate" not in manage["Action"]


def test_only_lists_and_reads_go_beyond(stack: Stack, certify: Certify) -> None:
    """Only ListServerCertificates has the resource '*'."""
    certify(stack)
    assert [item["Action"] for item in statements(stack) if item["Resource"] == "*"] == [
        "iam:ListServerCertificates"
    ]


def test_reading_includes_tags(stack: Stack, certify: Certify) -> None:
    """Tagging server certificates requires permission to list their tags."""
    certify(stack)
    (read,) = [item for item in statements(stack) if item.get("Sid") == "ReadCertificates"]
    assert read["Action"] == ["iam:GetServerCertificate", "iam:ListServerCertificateTags"]


def test_secret_is_granted_exactly(stack: Stack, certify: Certify) -> None:
    """The role can read only the secret with the private key."""
    certify(stack)
    (secret,) = [
        item for item in statements(stack) if "secretsmanager:GetSecretValue" in item["Action"]
    ]
    assert (
        secret["Resource"] == "arn:aws:secretsmanager:eu-central-1:111122223333:secret:key-AbCdEf"
    )


@pytest.mark.parametrize("owned", [True, False])
def test_secret_under_a_key_of_ones_own_can_be_decrypted(
    stack: Stack, certify: Certify, leaf: Issued, *, owned: bool
) -> None:
    """The role can decrypt with the secret's KMS key, but only through Secrets Manager."""
    key_arn = "arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
    key = kms.Key(stack, "Kms") if owned else kms.Key.from_key_arn(stack, "Kms", key_arn)
    secret = secretsmanager.Secret.from_secret_attributes(
        stack, "Secret", secret_complete_arn=SECRET_ARN, encryption_key=key
    )
    parts = CertificateMaterial.from_parts(
        certificate=CertificateSource.from_text(leaf.pem),
        chain=CertificateSource.from_text(leaf.chain_pem()),
        private_key=PrivateKeySource.from_secret(secret),
    )
    certify(stack, material=parts)
    (decrypt,) = [item for item in statements(stack) if item["Action"] == "kms:Decrypt"]
    assert decrypt["Resource"] == stack.resolve(key.key_arn)
    (via,) = decrypt["Condition"]["StringEquals"]
    assert via == "kms:ViaService"


def test_stack_state_is_readable_for_this_stack_alone(stack: Stack, certify: Certify) -> None:
    """The role can read the status and the resources of its own stack only."""
    certify(stack)
    (state,) = [item for item in statements(stack) if item.get("Sid") == "ReadStateOfThisStack"]
    assert state["Action"] == [
        "cloudformation:DescribeStacks",
        "cloudformation:ListStackResources",
    ]
    assert state["Resource"] == {"Ref": "AWS::StackId"}
