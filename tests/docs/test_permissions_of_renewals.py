"""The reference lists the permissions of the renewal function and of the role for renewals."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any

import pytest
from aws_cdk import App, Environment, NestedStack, Stack
from aws_cdk.assertions import Template

from dev import ROOT
from support.renewing_stacks import renewing, use

PAGE = ROOT / "docs/reference/permissions.md"
CODE = re.compile(r"`([^`]+)`")
FUNCTION = "IamServerCertificateRenewalRole"
ROLE = "IamServerCertificateRenewalUpdateRole"


def listed(heading: str) -> dict[str, set[str]]:
    """Return the actions of each statement in the tables of a section."""
    sections = re.split(r"^## ", PAGE.read_text("utf-8"), flags=re.MULTILINE)
    (text,) = [each for each in sections if each.startswith(f"{heading}\n")]
    found = {}
    for before, line in pairwise(text.splitlines()):
        if line.startswith("|") and before.startswith("|") and not line.startswith("| ---"):
            # In front of the statement, a table can say what it is for; behind, what it applies to.
            *_, statement, actions, _ = line.strip("|").split("|")
            (sid,) = CODE.findall(statement)
            found[sid] = set(CODE.findall(actions))
    return found


@pytest.fixture(scope="module")
def policies() -> dict[str, list[dict[str, Any]]]:
    """The statements of both roles by logical id, where each kind of consumer uses the certificate."""
    app = App(context={"aws:cdk:bundling-stacks": []})
    stack = Stack(app, "Web", env=Environment(account="111122223333", region="eu-central-1"))
    use(stack, renewing(stack, "Certificate", path="/cloudfront/"))
    renewing(NestedStack(stack, "Nested"), "Certificate")
    found: dict[str, list[dict[str, Any]]] = {}
    for resource in Template.from_stack(stack).find_resources("AWS::IAM::Policy").values():
        (role,) = resource["Properties"]["Roles"]
        statements = resource["Properties"]["PolicyDocument"]["Statement"]
        found.setdefault(role["Ref"][:-8], []).extend(statements)
    return found


@pytest.mark.parametrize(
    ("heading", "role"), [("Renewal function", FUNCTION), ("Renewal role", ROLE)]
)
def test_statements(policies: dict[str, list[dict[str, Any]]], heading: str, role: str) -> None:
    """The page lists each statement with its actions, and no other."""
    written: dict[str, set[str]] = {}
    for each in policies[role]:
        actions = [each["Action"]] if isinstance(each["Action"], str) else each["Action"]
        written.setdefault(each["Sid"], set()).update(actions)
    assert listed(heading) == written


def test_conditions(policies: dict[str, list[dict[str, Any]]]) -> None:
    """The page names the key of each condition."""
    keys = {
        key
        for statements in (policies[FUNCTION], policies[ROLE])
        for statement in statements
        for condition in statement.get("Condition", {}).values()
        for key in condition
    }
    text = PAGE.read_text("utf-8")
    assert keys
    assert [key for key in sorted(keys) if f"`{key}`" not in text] == []
