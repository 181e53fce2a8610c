"""Servers on loopback that a command can connect to, each in a thread."""

from __future__ import annotations

import socket
import ssl
import threading
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from dev.certificates.authority import Issued


@dataclass(slots=True)
class Seen:
    """What a server has seen of its clients."""

    port: int
    names: list[str | None] = field(default_factory=list)
    """The server names that they asked for (SNI)."""
    received: bytes = b""
    """What they sent after the handshake."""


@contextmanager
def tls_server(
    folder: Path,
    leaf: Issued,
    chain: str = "",
    *,
    alert: ssl.AlertDescription | None = None,
    wants_client_certificate: bool = False,
) -> Iterator[Seen]:
    """
    Run a TLS server.

    Args:
        folder: Where its files are written.
        leaf: Its certificate.
        chain: What it sends after its certificate, in PEM.
        alert: What it answers to each server name. Default: its certificate.
        wants_client_certificate: Whether it requires a certificate of the client, with TLS 1.2.
    """
    file = folder / "tls-server.pem"
    file.write_text(leaf.key_pem() + leaf.pem + chain)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    if wants_client_certificate:
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(cadata=leaf.pem)

    def serve(stream: socket.socket, seen: Seen) -> None:
        def note(_: ssl.SSLSocket, name: str | None, __: ssl.SSLContext) -> int | None:
            seen.names.append(name)
            return alert

        context.sni_callback = note  # type: ignore[assignment]
        with context.wrap_socket(stream, server_side=True) as secured:
            seen.received += secured.recv(1000)

    with _listening(serve) as seen:
        yield seen


@contextmanager
def plain_server(answer: bytes) -> Iterator[Seen]:
    """Run a server without TLS, which answers with some bytes, and closes if there are none."""

    def serve(stream: socket.socket, _: Seen) -> None:
        stream.recv(1000)
        stream.sendall(answer)

    with _listening(serve) as seen:
        yield seen


@contextmanager
def silent_server() -> Iterator[Seen]:
    """Run a server that accepts connections, and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield Seen(listener.getsockname()[1])


@contextmanager
def _listening(serve: Callable[[socket.socket, Seen], None]) -> Iterator[Seen]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        seen = Seen(listener.getsockname()[1])

        def accept() -> None:
            with suppress(OSError):
                while True:
                    stream, _ = listener.accept()
                    stream.settimeout(10)
                    with stream, suppress(OSError):
                        serve(stream, seen)

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        try:
            yield seen
        finally:
            with suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            listener.close()
            thread.join(10)
