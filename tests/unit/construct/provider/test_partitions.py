"""China, GovCloud and the isolated partitions: their ARNs, runtimes and architectures."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from aws_cdk import App, Environment, Stack
from aws_cdk.assertions import Template

if TYPE_CHECKING:
    from collections.abc import Callable

    from cdk_iam_server_certificate import ServerCertificate

    Certify = Callable[..., ServerCertificate]

REGIONS = {
    "eu-central-1": "python3.14",
    "cn-north-1": "python3.14",
    "cn-northwest-1": "python3.14",
    "us-gov-west-1": "python3.14",
    "us-iso-east-1": "python3.13",
    "us-isob-east-1": "python3.13",
    "us-isof-south-1": "python3.13",
    "eu-isoe-west-1": "python3.13",
    "eusc-de-east-1": "python3.14",
}


@pytest.mark.parametrize(("region", "runtime"), REGIONS.items())
def test_partition(app: App, certify: Certify, region: str, runtime: str) -> None:
    """The ARNs refer to the stack's partition, and the runtime exists there."""
    stack = Stack(app, "Web", env=Environment(account="111122223333", region=region))
    certify(stack, path="/cloudfront/www/")
    template = Template.from_stack(stack)
    policies = json.dumps(template.find_resources("AWS::IAM::Policy"))
    assert '"arn:aws:iam' not in policies
    assert '{"Ref": "AWS::Partition"}, ":iam::111122223333:server-certificate/' in policies
    (function,) = template.find_resources("AWS::Lambda::Function").values()
    assert function["Properties"]["Runtime"] == runtime
    assert function["Properties"]["Architectures"] == ["x86_64"]


@pytest.mark.parametrize("runtime", ["python3.12", "python3.13", "python3.14"])
def test_runtime_by_context(certify: Certify, runtime: str) -> None:
    """A context value selects the runtime."""
    context = {"aws:cdk:bundling-stacks": [], "cdk-iam-server-certificate:runtime": runtime}
    stack = Stack(App(context=context), "Web")
    certify(stack)
    Template.from_stack(stack).has_resource_properties(
        "AWS::Lambda::Function", {"Runtime": runtime}
    )


def test_unknown_runtime_is_refused(certify: Certify) -> None:
    """An unsupported runtime is an error that lists the supported ones."""
    context = {"cdk-iam-server-certificate:runtime": "python3.11"}
    with pytest.raises(ValueError, match=r"is 'python3.11', but must be .* or python3.14"):
        certify(Stack(App(context=context), "Web"))
