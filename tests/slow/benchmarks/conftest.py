"""What tests of the benchmarks need of the machine."""

from __future__ import annotations

import pytest

from dev.benchmarks.cpu_share import cpu_share
from dev.benchmarks.processes import FailedError


@pytest.fixture
def _cpu_share() -> None:
    """Skip a test where the share of a CPU cannot be limited."""
    try:
        with cpu_share(1):
            pass
    except FailedError as err:
        pytest.skip(str(err))
