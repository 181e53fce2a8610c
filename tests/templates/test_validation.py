"""The validation of templates that the CDK runs after each synthesis."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from aws_cdk import App, CfnResource, Stack

from templates.synthesis import NAMES, Synthesized, validated

if TYPE_CHECKING:
    from pathlib import Path

KNOWN = {
    # A parameter of the app under test, for the name of a secret; its value isn't a password.
    "names-like-patterns": {"W2509"},
}
"""The rules that an app breaks, and why that stays."""


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_found(synthesized: Synthesized, name: str) -> None:
    """A user's terminal shows no finding of the validation in any app."""
    assert {each.rule for each in synthesized.violations()} == KNOWN.get(name, set())


def test_a_mistake_is_found(tmp_path: Path) -> None:
    """The check works: a property that does not exist is found."""
    app = validated(App(outdir=str(tmp_path)))
    CfnResource(
        Stack(app, "Web"),
        "Topic",
        type="AWS::SNS::Topic",
        properties={"TopicNam": "topic"},
    )
    app.synth()
    assert "TopicNam" in "".join(each.description for each in Synthesized(app).violations())
