"""The fuzzer's initial inputs."""

from __future__ import annotations

from dev.fuzzing.seeds import bystanders, seeds
from dev.fuzzing.trial import try_out


def test_every_seed_holds() -> None:
    """No form of any material breaks what the fuzzer watches."""
    contents = tuple(seeds())
    assert len(contents) > 200
    others = bystanders()
    for content in contents:
        try_out(content, others)
