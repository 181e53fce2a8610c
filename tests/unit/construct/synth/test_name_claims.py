"""Certificates of an app that declare the same name are errors."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from aws_cdk import App, Environment, NestedStack, Stack

from support.stacks import material, report_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from cdk_iam_server_certificate import ServerCertificate
    from dev.certificates.authority import Issued

    Certify = Callable[..., ServerCertificate]

ACCOUNT = "111122223333"


@pytest.mark.parametrize(("first", "second"), [("www", "www"), ("www", "WWW")])
def test_one_name_twice_in_a_stack(
    app: App, stack: Stack, certify: Certify, first: str, second: str
) -> None:
    """Two certificates of a stack with the same name are both reported."""
    certify(stack, "First", server_certificate_name=first)
    certify(stack, "Second", server_certificate_name=second, path="/edge/")
    report = report_of(app)
    assert f"[Web/First] name: 'Web/Second' also declares the name '{first}'" in report
    assert f"[Web/Second] name: 'Web/First' also declares the name '{second}'" in report
    assert "Give each certificate its own name, or omit the names to generate them." in report


def test_one_name_in_two_regions_of_an_account(app: App, certify: Certify, stack: Stack) -> None:
    """A name must be unique across Regions."""
    other = Stack(app, "Far", env=Environment(account=ACCOUNT, region="ap-southeast-2"))
    certify(stack, server_certificate_name="www")
    certify(other, server_certificate_name="www")
    assert "'Far/Certificate' also declares the name" in report_of(app)


def test_one_name_in_a_nested_stack(app: App, certify: Certify) -> None:
    """A nested stack is in the same account as its parent, even if the account is unknown."""
    parent = Stack(app, "Parent")
    certify(parent, server_certificate_name="www")
    certify(NestedStack(parent, "Nested"), server_certificate_name="www")
    assert "'Parent/Nested/Certificate' also declares the name" in report_of(app)


def test_one_name_in_two_accounts(app: App, certify: Certify, stack: Stack) -> None:
    """Stacks in different or unknown accounts can declare the same name."""
    other = Stack(app, "Other", env=Environment(account="444455556666", region="eu-central-1"))
    for each in (stack, other, Stack(app, "Anywhere"), Stack(app, "Elsewhere")):
        certify(each, server_certificate_name="www")
    app.synth()


def test_two_apps_know_nothing_of_each_other(certify: Certify, leaf: Issued) -> None:
    """Apps in the same process don't share names."""
    for _ in range(2):
        app = App(context={"aws:cdk:bundling-stacks": []})
        stack = Stack(app, "Web", env=Environment(account=ACCOUNT, region="eu-central-1"))
        certify(stack, material=material(stack, "Key", leaf), server_certificate_name="www")
        app.synth()
