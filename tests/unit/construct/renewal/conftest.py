"""An app with nested stacks, whose certificates renew; it is synthesized once."""

from __future__ import annotations

import pytest

from support.renewing_stacks import Synthesized


@pytest.fixture(scope="package")
def synthesized() -> Synthesized:
    """Return the templates of the app."""
    return Synthesized()
