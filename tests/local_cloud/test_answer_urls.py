"""Which of several answers to an event counts."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from ministack import app as application

from local_cloud.emulator.cloudformation.answer_urls import AnswerUrls
from local_cloud.emulator.cloudformation.answers import Failure

if TYPE_CHECKING:
    import pytest


def test_the_first_answer_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """A second one and one that comes too late are ignored."""
    # It is replaced, so that it is restored afterwards.
    monkeypatch.setattr(application, "_handle_post_body_shortcuts", None)
    attributes: Any = SimpleNamespace()
    urls = AnswerUrls(attributes)
    event, late = {"ResponseURL": "https://host/one"}, {"ResponseURL": "https://host/two"}
    urls.open(event)
    urls.open(late)
    urls.close(late)
    urls.take(event, Failure("first"))
    urls.take(event, Failure("second"))
    urls.take(late, Failure("late"))
    assert urls.answer_to(event) == Failure("first")
    assert urls.answer_to(late) is None
