"""The questions, one file for each subject."""

from __future__ import annotations

from typing import Final

from dev.acceptance.questions import (
    life_cycle,
    load_balancer,
    native_type,
    permissions,
    replacement,
    runtime,
    stack_times,
    texts,
)

QUESTIONS: Final = (
    life_cycle.QUESTION,
    stack_times.QUESTION,
    replacement.ROLLBACK,
    replacement.SHARED,
    permissions.CONDITIONS,
    permissions.UPLOADS,
    load_balancer.QUESTION,
    texts.MATERIAL,
    texts.PARAMETERS,
    native_type.QUESTION,
    runtime.QUESTION,
)
