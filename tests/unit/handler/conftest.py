"""What the handler's tests share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from support.http import ScriptedServer

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def scripted_server() -> Iterator[ScriptedServer]:
    """Run a scripted HTTP server for one test."""
    server = ScriptedServer()
    yield server
    server.stop()
