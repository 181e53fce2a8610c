"""A Create from cold counts only if a certificate came of it."""

from __future__ import annotations

import sys

import pytest

from dev.benchmarks import memory
from dev.benchmarks.cold_create import ColdCreate
from dev.benchmarks.processes import FailedError

pytestmark = pytest.mark.local_cloud


def test_a_create_that_does_not_count() -> None:
    """Neither a refusal counts, nor silence, nor a command that uploads nothing."""
    with ColdCreate.prepared(compiled=False) as create:
        assert not list(create.code.rglob("*.pyc"))
        with pytest.raises(FailedError, match=r"The answer is not SUCCESS: .*'FAILED'"):
            create.requester.create(create._command, {"Certificate": {"Text": "none"}})
        with pytest.raises(FailedError, match="IAM held 0 certificates"):
            create.requester.upload((sys.executable, "-c", ""))
        with pytest.raises(FailedError, match=r"The answer is not FAILED: .*'SUCCESS'"):
            create.run(is_refused=True)
        assert create.run().seconds > 0
        # Nothing was compiled on the way, either.
        assert not list(create.code.rglob("*.pyc"))


@pytest.mark.usefixtures("_cpu_share")
def test_memory() -> None:
    """Each size is measured in time and cost, and the memory against that of the function."""
    rows = {row.what: row for row in memory.run(sizes=(256,), rounds=1, scale=0.02).rows}
    assert rows["256 MB: time"].ratio > 1
    assert rows["1,769 MB: time"].ratio == 1
    assert rows["256 MB: cost"].against.endswith(" GB-seconds")
    usual, longest, noise = (row for row in rows.values() if row.what.endswith(": memory"))
    assert 0.05 < usual.ratio < min(longest.ratio, noise.ratio)
    assert longest.what.startswith("leaf P-256, ")
