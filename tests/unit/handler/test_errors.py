"""What the sentences of failures are put together from."""

from __future__ import annotations

import pytest

from server_certificate_handler.errors import as_sentence


@pytest.mark.parametrize(
    ("message", "sentence"),
    [
        ("", ""),
        (" \n", ""),
        ("no policy allows the action", "no policy allows the action."),
        ("Rate exceeded. ", "Rate exceeded."),
        ("Really?", "Really?"),
    ],
)
def test_message_of_a_service_becomes_a_sentence(message: str, sentence: str) -> None:
    """Another sentence can follow, whether or not the service wrote a full stop."""
    assert as_sentence(message) == sentence
