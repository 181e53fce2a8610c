"""The errors and warnings of the library that parses certificates."""

from __future__ import annotations

import warnings
from contextlib import AbstractContextManager, nullcontext

from cryptography import x509
from cryptography.exceptions import InternalError, UnsupportedAlgorithm

LIBRARY_ERRORS = (
    ValueError,
    TypeError,
    KeyError,
    UnsupportedAlgorithm,
    InternalError,
    x509.DuplicateExtension,
    x509.InvalidVersion,
    x509.UnsupportedGeneralNameType,
)
"""
What the library raises for certificates that it can't parse.

It raises ``KeyError`` for unknown TLS features, and ``InternalError`` if OpenSSL fails for an
unexpected reason, such as keys of a wrong length.
"""

_OFF = [("ignore", None, Warning, None, 0)]
"""The first of the filters of ``warnings`` if all warnings are ignored."""

_NOTHING: AbstractContextManager[object] = nullcontext()


class PanicError(ValueError):
    """The library panicked, which is a bug in it."""


class Quiet:
    """
    A context that suppresses warnings and turns panics of the library into :class:`PanicError`.

    The library warns of negative serial numbers, for example, which findings report instead.
    """

    def __enter__(self) -> None:
        """Suppress warnings."""
        # Suppressing warnings takes as long as loading a certificate, so do it only once.
        are_off = warnings.filters[:1] == _OFF
        self._warnings = _NOTHING if are_off else warnings.catch_warnings(action="ignore")
        self._warnings.__enter__()

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Restore warnings. A panic is not an Exception, and its class can't be imported."""
        self._warnings.__exit__(None, None, None)
        if kind is not None and kind.__name__ == "PanicException":
            raise PanicError("its content is damaged") from None
