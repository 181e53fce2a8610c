"""A stack with many certificates: the cost of each, and the limits of the role's policies."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App, Environment, Stack
from aws_cdk import aws_secretsmanager as secretsmanager
from aws_cdk.assertions import Template

from cdk_iam_server_certificate import (
    CertificateMaterial,
    CertificateSource,
    PrivateKeySource,
    ServerCertificate,
)
from support.stacks import certificates_of

if TYPE_CHECKING:
    from dev.certificates.authority import Issued

ACCOUNT = "111122223333"
INLINE_LIMIT, MANAGED_LIMIT, ATTACHED_LIMIT = 10_240, 6_144, 10
"""Characters without whitespace, and policies (IAM user guide, IAM and STS quotas)."""


def declare(app: App, leaf: Issued, *, certificates: int, named: bool = False) -> Stack:
    """Declare certificates, each with its own secret."""
    stack = Stack(app, "Many", env=Environment(account=ACCOUNT, region="eu-central-1"))
    for number in range(certificates):
        secret = secretsmanager.Secret.from_secret_complete_arn(
            stack,
            f"Key{number}",
            f"arn:aws:secretsmanager:eu-central-1:{ACCOUNT}:secret:www{number}/key-AbCdEf",
        )
        ServerCertificate(
            stack,
            f"Certificate{number}",
            material=CertificateMaterial.from_parts(
                certificate=CertificateSource.from_text(leaf.pem),
                chain=CertificateSource.from_text(leaf.chain_pem()),
                private_key=PrivateKeySource.from_secret(secret),
            ),
            server_certificate_name=f"www{number}.example.com" if named else None,
            acknowledge=["acm-suffices"],
        )
    return stack


def policies_of(stack: Stack) -> tuple[list[str], list[str]]:
    """Return the inline and the managed policies as CloudFormation sends them to IAM."""
    template = Template.from_stack(stack)

    def documents(kind: str) -> list[str]:
        return [
            json.dumps(_resolved(each["Properties"]["PolicyDocument"]), separators=(",", ":"))
            for each in template.find_resources(kind).values()
        ]

    return documents("AWS::IAM::Policy"), documents("AWS::IAM::ManagedPolicy")


def _resolved(value: Any) -> Any:  # noqa: ANN401 - JSON
    """Resolve references to values that are at least as long as real ones."""
    match value:
        case {"Ref": "AWS::Partition"}:
            resolved: Any = "aws-us-gov"
        case {"Ref": _} | {"Fn::GetAtt": _}:
            # The longest values are the ARNs of the stack and of its log group.
            resolved = f"arn:aws-us-gov:cloudformation:us-gov-west-1:{ACCOUNT}:stack/{'x' * 165}"
        case {"Fn::Join": ["", parts]}:
            resolved = "".join(_resolved(part) for part in parts)
        case dict():
            resolved = {key: _resolved(each) for key, each in value.items()}
        case list():
            resolved = [_resolved(each) for each in value]
        case _:
            resolved = value
    return resolved


@pytest.mark.parametrize("named", [False, True])
def test_policies_stay_within_limits(app: App, leaf: Issued, *, named: bool) -> None:
    """The policies of a hundred certificates with a secret each stay within IAM's default quotas."""
    stack = declare(app, leaf, certificates=100, named=named)
    inline, managed = policies_of(stack)
    assert sum(map(len, inline)) <= INLINE_LIMIT
    assert all(len(document) <= MANAGED_LIMIT for document in managed)
    assert len(managed) <= ATTACHED_LIMIT
    assert all(f"secret:www{number}/key" in "".join(inline + managed) for number in range(100))


def test_further_certificate_costs_a_resource_and_no_statement(leaf: Issued) -> None:
    """A second certificate adds one custom resource, and extends the existing statements."""
    one, two = (declare(App(context=_NO_STAGING), leaf, certificates=number) for number in (1, 2))
    added = _types(two)
    added.subtract(_types(one))
    assert +added == Counter({"Custom::IamServerCertificate": 1})
    (before,), (after,) = policies_of(one)[0], policies_of(two)[0]
    assert len(json.loads(before)["Statement"]) == len(json.loads(after)["Statement"])


def test_certificate_depends_on_the_policies_that_it_needs(app: App, leaf: Issued) -> None:
    """Each certificate depends on the base policy and on the policy with its permissions."""
    stack = declare(app, leaf, certificates=100)
    template = Template.from_stack(stack)
    policies = {
        **template.find_resources("AWS::IAM::Policy"),
        **template.find_resources("AWS::IAM::ManagedPolicy"),
    }
    (base,) = template.find_resources("AWS::IAM::Policy")
    for resource in certificates_of(stack).values():
        needed = {
            policy
            for policy, content in policies.items()
            if resource["Properties"]["NamePrefix"] + "-*" in json.dumps(content)
        }
        assert needed
        assert {base, *needed} <= set(resource["DependsOn"])


_NO_STAGING = {"aws:cdk:bundling-stacks": []}


def _types(stack: Stack) -> Counter[str]:
    resources = Template.from_stack(stack).to_json()["Resources"].values()
    return Counter(resource["Type"] for resource in resources)
