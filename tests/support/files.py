"""How files come about."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def umask(mask: int) -> Iterator[None]:
    """
    Let new files have other modes for a while.

    Args:
        mask: What they may not have.
    """
    before = os.umask(mask)
    try:
        yield
    finally:
        os.umask(before)
