"""TLS for a port that also tells clients without TLS to use it."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

from hypercorn.config import Config

if TYPE_CHECKING:
    from pathlib import Path

_SENTENCE = b"The local cloud speaks TLS only: use https:// instead of http://.\n"
_ANSWER = (
    b"HTTP/1.1 400 Bad Request\r\n"
    b"Content-Type: text/plain\r\n"
    b"Content-Length: %d\r\n"
    b"Connection: close\r\n\r\n%b" % (len(_SENTENCE), _SENTENCE)
)
# How OpenSSL calls a first message that isn't TLS; it knows the most frequent methods of HTTP.
_NOT_TLS = frozenset({"HTTP_REQUEST", "WRONG_VERSION_NUMBER"})


class _Connection(ssl.SSLObject):
    outgoing: ssl.MemoryBIO
    answered = False

    def do_handshake(self) -> None:
        try:
            super().do_handshake()
        except ssl.SSLError as error:
            if error.reason not in _NOT_TLS or self.answered:
                raise
            self.answered = True
            self.outgoing.write(_ANSWER)
            # The server sends what is outgoing when the handshake needs more of the client.
            raise ssl.SSLWantReadError from error


class _Context(ssl.SSLContext):
    sslobject_class = _Connection

    def wrap_bio(
        self,
        incoming: ssl.MemoryBIO,
        outgoing: ssl.MemoryBIO,
        server_side: bool = False,  # noqa: FBT001, FBT002 - as it is inherited
        server_hostname: str | bytes | None = None,
        session: ssl.SSLSession | None = None,
    ) -> ssl.SSLObject:
        connection = super().wrap_bio(incoming, outgoing, server_side, server_hostname, session)
        if isinstance(connection, _Connection):
            connection.outgoing = outgoing
        return connection


class TlsConfig(Config):
    """Hypercorn's configuration, with a key that isn't kept in a file."""

    def __init__(self, certificate: Path, key: Path) -> None:
        """
        Load a key, and delete its file.

        Args:
            certificate: The file with the certificate and its chain.
            key: The file with the key.
        """
        super().__init__()
        self._context = _Context(ssl.PROTOCOL_TLS_SERVER)
        self._context.minimum_version = ssl.TLSVersion.TLSv1_2
        self._context.set_alpn_protocols(["http/1.1"])
        try:
            self._context.load_cert_chain(certificate, key)
        finally:
            key.unlink()

    @property
    def ssl_enabled(self) -> bool:
        """Whether it speaks TLS: always."""
        return True

    def create_ssl_context(self) -> ssl.SSLContext:
        """Return what it speaks TLS with."""
        return self._context
