"""The library that reads certificates, kept from saying more than its answers."""

from __future__ import annotations

import contextlib
import warnings
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm

if TYPE_CHECKING:
    from collections.abc import Iterator

REFUSALS = (
    ValueError,
    TypeError,
    KeyError,
    UnsupportedAlgorithm,
    x509.DuplicateExtension,
    x509.InvalidVersion,
    x509.UnsupportedGeneralNameType,
)
"""
What the library raises about certificates that it does not read.

``KeyError`` is what it says about TLS features that have no name.
"""


class PanicError(ValueError):
    """The library met something that it did not expect, which is a mistake of its own."""


class _Panics:
    """Turns panics of the library into :class:`PanicError`, in a ``with`` statement."""

    def __enter__(self) -> None:
        """Begin."""

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Raise another error in place of a panic, which is no Exception and can't be imported."""
        if kind is not None and kind.__name__ == "PanicException":
            raise PanicError("its content is damaged") from None


panics = _Panics()
"""Turns panics into errors, for what never warns."""


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """
    Suppress warnings, such as those about negative serial numbers, and turn panics into errors.

    Raises:
        PanicError: The library panicked.
    """
    with warnings.catch_warnings(action="ignore"), panics:
        yield
