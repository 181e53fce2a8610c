"""The library that reads certificates, kept from saying more than its answers."""

from __future__ import annotations

import warnings
from contextlib import AbstractContextManager, nullcontext

from cryptography import x509
from cryptography.exceptions import InternalError, UnsupportedAlgorithm

REFUSALS = (
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
What the library raises about certificates that it does not read.

``KeyError`` is what it says about TLS features that have no name, and ``InternalError`` about
what OpenSSL refuses for a reason that it doesn't expect, such as keys of a wrong length.
"""

_OFF = [("ignore", None, Warning, None, 0)]
"""What comes first among the filters of ``warnings`` where none is shown."""

_NOTHING: AbstractContextManager[object] = nullcontext()


class PanicError(ValueError):
    """The library met something that it did not expect, which is a mistake of its own."""


class Quiet:
    """
    A context without warnings, and in which a panic of the library is a :class:`PanicError`.

    The library warns of negative serial numbers, for example, which findings tell better.
    """

    def __enter__(self) -> None:
        """Begin."""
        # Switching them off takes as long as loading a certificate, and once is enough.
        are_off = warnings.filters[:1] == _OFF
        self._warnings = _NOTHING if are_off else warnings.catch_warnings(action="ignore")
        self._warnings.__enter__()

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Have warnings shown as before; a panic is no Exception and can't be imported."""
        self._warnings.__exit__(None, None, None)
        if kind is not None and kind.__name__ == "PanicException":
            raise PanicError("its content is damaged") from None
