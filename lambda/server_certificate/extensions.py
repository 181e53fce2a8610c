"""The extensions of a certificate, damaged ones included."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from cryptography import x509

if TYPE_CHECKING:
    from collections.abc import Iterator

_Value = TypeVar("_Value", bound=x509.ExtensionType)


class Extensions:
    """
    The extensions of a certificate (RFC 5280, 4.2).

    Args:
        certificate: What the library read. It reads extensions when they are asked for.
    """

    def __init__(self, certificate: x509.Certificate) -> None:
        self.unreadable: tuple[str, ...] = ()
        """Object identifiers of those that can't be read, in dotted notation."""
        self._found: tuple[x509.Extension[x509.ExtensionType], ...] = ()
        try:
            self._found = tuple(certificate.extensions)
        except Exception:  # noqa: BLE001 (the library's parsers raise much that is not documented)
            self.unreadable = ("2.5.29",)

    def __iter__(self) -> Iterator[x509.Extension[x509.ExtensionType]]:
        """Return those that can be read, in the order in which they stand there."""
        return iter(self._found)

    def value(self, kind: type[_Value]) -> _Value | None:
        """Return what the extension of a kind says; None if there is none that can be read."""
        for extension in self._found:
            if isinstance(extension.value, kind):
                return extension.value
        return None
