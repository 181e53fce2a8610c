"""Events that CloudFormation never sends: each is answered, as far as it says where to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dev.fuzzing.events import search
from dev.fuzzing.trial import BrokenError
from server_certificate_handler.response import Responder

if TYPE_CHECKING:
    from collections.abc import Mapping

pytestmark = pytest.mark.no_cover
"""Nothing runs here that the tests of the handler don't run."""


def test_every_event_is_answered() -> None:
    """Real events with changes are answered once each, and none shows a defect of the function."""
    trial = search(200, seed=1)
    assert trial.outcomes.total() >= 200
    assert {"answered SUCCESS", "answered FAILED"} <= set(trial.outcomes)
    assert not trial.reasons


def test_the_search_has_teeth(monkeypatch: pytest.MonkeyPatch) -> None:
    """The search finds a function that leaves percent signs to crhelper."""

    def log_setup(responder: Responder, event: Mapping[str, str], context: object) -> None:
        super(Responder, responder)._log_setup(event, context)  # type: ignore[misc]

    monkeypatch.setattr(Responder, "_log_setup", log_setup)
    with pytest.raises(BrokenError, match="seed"):
        search(1_000, seed=1)
