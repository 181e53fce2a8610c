"""Generated names that begin with a prefix of the user's, and the time that a deletion waits."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from aws_cdk import App, CfnParameter, Duration, Stack
from aws_cdk.assertions import Template

if TYPE_CHECKING:
    from collections.abc import Callable

    from cdk_iam_server_certificate import ServerCertificate

    Certify = Callable[..., ServerCertificate]


def synthesized(app: App, stack: Stack) -> tuple[dict[str, dict[str, Any]], str]:
    """Return the properties of a stack's certificates by construct id, and its policies as JSON."""
    app.synth()
    template = Template.from_stack(stack)
    properties = {
        logical_id[: -len("12345678")]: resource["Properties"]
        for logical_id, resource in template.find_resources("Custom::IamServerCertificate").items()
    }
    return properties, json.dumps(template.find_resources("AWS::IAM::Policy"))


def test_prefixes(app: App, stack: Stack, certify: Certify) -> None:
    """The Region follows each prefix, and the policy allows the names that begin with both."""
    parameter = CfnParameter(stack, "Prefix").value_as_string
    prefixes = {
        "One": "www",
        "Two": "www",
        "Longest": "p" * 90,
        "Any": "a_+=,.@-",
        "Later": parameter,
    }
    for construct_id, prefix in prefixes.items():
        certify(stack, construct_id, server_certificate_name_prefix=prefix)
    certify(stack, "Plain")
    properties, policies = synthesized(app, stack)
    rendered = {key: each["NamePrefix"] for key, each in properties.items()}
    assert rendered.pop("Plain").startswith("Web-Plain-")
    assert rendered.pop("Later") == {"Fn::Join": ["", [{"Ref": "Prefix"}, "-eu-central-1"]]}
    assert rendered == {key: f"{prefixes[key]}-eu-central-1" for key in rendered}
    assert not any("ServerCertificateName" in each for each in properties.values())
    for prefix in rendered.values():
        for path in ("", "*/"):
            assert f"server-certificate/{path}{prefix}-*" in policies
    assert "server-certificate/*-" not in policies
    # What a parameter contains is escaped: see test_policy_literals.
    assert '"Fn::Split": ["*", ' in policies


def test_prefix_in_a_stack_without_a_region(app: App, certify: Certify) -> None:
    """Names in several Regions differ, though the account has them all."""
    stack = Stack(app, "Anywhere")
    certify(stack, server_certificate_name_prefix="www")
    properties, policies = synthesized(app, stack)
    assert properties["Certificate"]["NamePrefix"] == {
        "Fn::Join": ["", ["www-", {"Ref": "AWS::Region"}]]
    }
    assert "server-certificate/www-" in policies


def test_deletion_timeout(app: App, stack: Stack, certify: Certify) -> None:
    """It is passed in seconds, up to 14 minutes; without it, the function waits as long as it can."""
    times = {"None": None, "Zero": 0, "Half": 30, "Most": 14 * 60}
    for construct_id, seconds in times.items():
        timeout = None if seconds is None else Duration.seconds(seconds)
        certify(stack, construct_id, deletion_timeout=timeout)
    properties, _ = synthesized(app, stack)
    assert {key: each.get("DeletionSeconds") for key, each in properties.items()} == {
        "None": None,
        "Zero": "0",
        "Half": "30",
        "Most": "840",
    }
