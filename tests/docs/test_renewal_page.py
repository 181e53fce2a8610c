"""The guide to automatic renewals names what the function publishes."""

from __future__ import annotations

import json
from itertools import pairwise

import pytest

from dev import ROOT
from server_certificate.contract.renewal import (
    CHANGE_SET_PREFIX,
    DEFAULT_NOTICE_DAYS,
    EVENT_SOURCE,
    MAX_CERTIFICATES,
    METRIC_NAMESPACE,
    SCHEDULED_HOURS,
    DetailType,
    Dimension,
    Metric,
)
from support.code_blocks import blocks

GUIDE = ROOT / "docs/guides/renew-automatically.md"
TROUBLESHOOTING = ROOT / "docs/guides/troubleshooting.md"


@pytest.fixture(scope="module")
def text() -> str:
    """The guide, each paragraph in one line."""
    return " ".join(GUIDE.read_text("utf-8").split())


def test_names(text: str) -> None:
    """Each event, metric and dimension is on the page, and so is where they are found."""
    names = (*DetailType, *Metric, *Dimension, METRIC_NAMESPACE, EVENT_SOURCE, CHANGE_SET_PREFIX)
    assert [name for name in names if f"`{name}`" not in text] == []
    events = TROUBLESHOOTING.read_text("utf-8")
    assert [each for each in DetailType if f"`{each}`" not in events] == []


def test_numbers(text: str) -> None:
    """The numbers on the page are those of the code."""
    assert f"from {DEFAULT_NOTICE_DAYS} days before" in text
    assert f"at most {MAX_CERTIFICATES} certificates from one secret" in text
    assert {later - earlier for earlier, later in pairwise(SCHEDULED_HOURS)} == {6}
    assert "every six hours" in text


def test_example_of_an_event() -> None:
    """The whole event on the page has the source and a type of the function."""
    (event,) = [
        found
        for block in blocks(GUIDE)
        if block.language == "json" and "source" in (found := json.loads(block.text))
    ]
    assert event["source"] == EVENT_SOURCE
    assert event["detail-type"] == DetailType.APPROACHING_EXPIRATION
