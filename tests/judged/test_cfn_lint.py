"""CloudFormation's schemas and the experience of others with them, as cfn-lint reads them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from cfnlint.api import lint
from cfnlint.config import ManualArgs

from judged.synthesis import NAMES

if TYPE_CHECKING:
    from collections.abc import Callable

    from judged.synthesis import Synthesised, Template

REGIONS = ["eu-central-1", "us-east-1"]
"""Where an app is judged that may be deployed anywhere."""

KNOWN: dict[str, str] = {}
"""Rules that are broken by what the CDK writes for an example, and why that stays."""


def complaints(template: Template) -> list[str]:
    """Return all errors and warnings about a template, for the Region that it is deployed to."""
    regions = [template.region] if template.region else REGIONS
    return [
        f"{match.rule.id} {'/'.join(map(str, match.path or []))}: {match.message}"
        for match in lint(template.text, config=ManualArgs(regions=regions))
        if match.rule.id not in KNOWN
    ]


@pytest.mark.parametrize("name", NAMES)
def test_template_is_clean(synthesised: Callable[[str], Synthesised], name: str) -> None:
    """There are neither errors nor warnings in any template of an app."""
    templates = list(synthesised(name).templates())
    assert templates
    assert [line for template in templates for line in complaints(template)] == []


def test_templates_of_stages_and_nested_stacks_are_seen(
    synthesised: Callable[[str], Synthesised],
) -> None:
    """They lie elsewhere, or are no stack of the app, and are judged for their Region all the same."""
    (stage,) = synthesised("stage").templates()
    assert stage.region == "eu-central-1"
    parent, nested = synthesised("nested").templates()
    assert (parent.region, nested.region) == ("eu-central-1", "eu-central-1")
    assert "Custom::IamServerCertificate" in nested.text
    (china,) = synthesised("china").templates()
    assert china.region == "cn-north-1"


def test_a_mistake_is_found(synthesised: Callable[[str], Synthesised]) -> None:
    """The judge is awake: a property that does not exist is an error."""
    (template,) = synthesised("default").templates()
    assert '"MemorySize"' in template.text
    spoilt = lint(
        template.text.replace('"MemorySize"', '"MemorySise"'), config=ManualArgs(regions=REGIONS)
    )
    assert "E3002" in {match.rule.id for match in spoilt}
