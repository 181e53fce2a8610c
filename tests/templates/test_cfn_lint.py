"""CloudFormation's schemas and the experience of others with them, as cfn-lint reads them."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import pytest
from cfnlint.config import ConfigMixIn
from cfnlint.decode.decode import decode_str
from cfnlint.runner import Runner, run_template_by_data

from templates.synthesis import NAMES

if TYPE_CHECKING:
    from cfnlint.rules import Match, Rules

    from templates.synthesis import Synthesized

REGIONS = ["eu-central-1", "us-east-1"]
"""The Regions for which an app is checked that has no Region of its own."""

KNOWN: dict[str, str] = {}
"""Rules that are broken by what the CDK writes for an example, and why that stays."""


NESTED = {"stage": ["eu-central-1"], "nested": ["eu-central-1"] * 2, "china": ["cn-north-1"]}
"""The Regions of the templates of some apps, among them a stage's and a nested stack's."""


@functools.cache
def rules() -> Rules:
    """Return cfn-lint's rules: as in a run of its command, they are loaded once for all templates."""
    return Runner(ConfigMixIn()).rules


def lint(text: str, region: str | None) -> list[Match]:
    """Return all errors and warnings about a template, for the Region that it is deployed to."""
    template, errors = decode_str(text)
    config = ConfigMixIn(regions=[region] if region else REGIONS)
    return errors or list(run_template_by_data(template, config, rules()))


@pytest.mark.parametrize("name", NAMES)
def test_template_is_clean(synthesized: Synthesized) -> None:
    """There are neither errors nor warnings in any template of an app."""
    templates = list(synthesized.templates())
    assert templates
    complaints = [
        f"{match.rule.id} {'/'.join(map(str, match.path or []))}: {match.message}"
        for template in templates
        for match in lint(template.text, template.region)
        if match.rule.id not in KNOWN
    ]
    assert complaints == []


@pytest.mark.parametrize("name", NESTED)
def test_templates_of_stages_and_nested_stacks_are_seen(
    synthesized: Synthesized, name: str
) -> None:
    """Nested stacks and stacks in stages are also checked for their Region."""
    templates = list(synthesized.templates())
    assert [each.region for each in templates] == NESTED[name]
    assert all("Custom::IamServerCertificate" in each.text for each in templates)


@pytest.mark.parametrize("name", ["default"])
def test_a_mistake_is_found(synthesized: Synthesized) -> None:
    """The check works: a property that does not exist is an error."""
    (template,) = synthesized.templates()
    assert '"MemorySize"' in template.text
    spoilt = lint(template.text.replace('"MemorySize"', '"MemorySise"'), template.region)
    assert "E3002" in {match.rule.id for match in spoilt}
