"""
Fetch the certificates that a server sends in a TLS handshake.

Nothing else is exchanged: no HTTP, no data. Nothing is verified, because the certificates are what is to
be checked. The standard library has no public way to get the chain before Python 3.13, so this uses
pyOpenSSL, which is imported when it is needed.
"""

from __future__ import annotations

import socket
from contextlib import suppress
from time import monotonic
from typing import TYPE_CHECKING, Any

from server_certificate_cli.errors import CommandError
from server_certificate_cli.local.targets import ServerError

if TYPE_CHECKING:
    from server_certificate_cli.local.server_names import Server

TIMEOUT = 10.0
"""How long a connection and the handshake can take together, in seconds."""

_CHUNK = 16_384
_NO_TLS = (
    "wrong version number",
    "packet length too long",
    "record layer failure",
    "http request",
    "unknown protocol",
    "unexpected message",
)
"""Reasons of OpenSSL for an answer that isn't TLS."""


def fetch(server: Server, connect_to: Server | None = None) -> tuple[bytes, ...]:
    """
    Return the certificates that a server sends, in DER and in its order, the leaf first.

    Args:
        server: The server. Its name is sent to it, unless it is an IP address (RFC 6066, 3).
        connect_to: The address to connect to instead.

    Raises:
        ServerError: It can't be reached, or sends no certificate.
        CommandError: pyOpenSSL isn't installed.
    """
    try:
        # Imported lazily: only needed for servers.
        from OpenSSL import SSL, crypto  # noqa: PLC0415
    except ImportError as err:
        raise CommandError(
            "To fetch certificates from a server, the package pyOpenSSL is needed; run"
            ' pip install "iam-server-certificate[cli]".'
        ) from err
    context = SSL.Context(SSL.TLS_METHOD)
    # Old versions and weak keys must not hide the certificates, which are public.
    context.set_min_proto_version(0)
    context.set_cipher_list(b"DEFAULT:@SECLEVEL=0")
    connection = SSL.Connection(context, None)
    connection.set_connect_state()
    if not server.is_address:
        connection.set_tlsext_host_name(server.host.removesuffix(".").encode("ascii"))
    address = connect_to or server
    deadline = monotonic() + TIMEOUT
    with _connected(address) as stream:
        try:
            _shake_hands(connection, stream, deadline, SSL.WantReadError)
        except TimeoutError as err:
            raise ServerError(
                f"{address} didn't complete the TLS handshake within {TIMEOUT:g} seconds. Check"
                " that the port is one for TLS."
            ) from err
        except SSL.Error as err:
            # For example, the server requires a certificate of the client, but has sent its own.
            if not connection.get_peer_cert_chain():
                raise ServerError(_described(err, server, address)) from err
        except (OSError, EOFError) as err:
            if not connection.get_peer_cert_chain():
                raise ServerError(
                    f"{address} closed the connection during the TLS handshake. It may not have a"
                    f" certificate for {server.host}, or the port may not be one for TLS."
                ) from err
        certificates = connection.get_peer_cert_chain()
        if not certificates:
            raise ServerError(f"{address} sent no certificate.")
        with suppress(SSL.Error, OSError):
            connection.shutdown()
            _send(connection, stream, SSL.WantReadError)
    return tuple(crypto.dump_certificate(crypto.FILETYPE_ASN1, each) for each in certificates)


def _connected(address: Server) -> socket.socket:
    try:
        return socket.create_connection((address.host, address.port), timeout=TIMEOUT)
    except socket.gaierror as err:
        raise ServerError(
            f"The host '{address.host}' can't be found: {err.strerror}. Check the name, and the"
            " network. If it is a file, check its path."
        ) from err
    except TimeoutError as err:
        raise ServerError(
            f"{address} didn't answer within {TIMEOUT:g} seconds. Check the port, and whether a"
            " firewall blocks it."
        ) from err
    except ConnectionRefusedError as err:
        raise ServerError(
            f"{address} refused the connection. Check the port, and that the server is running."
        ) from err
    except OSError as err:
        reason = err.strerror or type(err).__name__
        raise ServerError(f"{address} can't be reached: {reason}. Check the network.") from err


def _shake_hands(
    connection: Any,  # noqa: ANN401 - see `_send`
    stream: socket.socket,
    deadline: float,
    want_read: type[Exception],
) -> None:
    while True:
        try:
            connection.do_handshake()
        except want_read:
            _send(connection, stream, want_read)
            left = deadline - monotonic()
            if left <= 0:
                raise TimeoutError from None
            stream.settimeout(left)
            received = stream.recv(_CHUNK)
            if not received:
                raise EOFError from None
            connection.bio_write(received)
        else:
            _send(connection, stream, want_read)
            return


def _send(
    connection: Any,  # noqa: ANN401 - a class of a package that is imported when it is needed
    stream: socket.socket,
    want_read: type[Exception],
) -> None:
    """Send what the handshake has produced."""
    with suppress(want_read):
        while True:
            stream.sendall(connection.bio_read(_CHUNK))


def _described(error: Exception, server: Server, address: Server) -> str:
    """Return a sentence about an error of OpenSSL, which has a list of libraries and reasons."""
    errors = error.args[0] if error.args and isinstance(error.args[0], list) else []
    reasons = [str(each[-1]) for each in errors]
    text = ", ".join(reasons) or type(error).__name__
    if "unrecognized name" in text:
        return (
            f"{address} has no certificate for {server.host} (TLS alert unrecognized_name). Check"
            " the name, or connect to another address with --connect."
        )
    if any(reason in text for reason in _NO_TLS):
        return (
            f"{address} doesn't speak TLS. Check the port. Protocols that switch to TLS later"
            " (STARTTLS) are not supported."
        )
    return f"The TLS handshake with {address} failed: {text}."
