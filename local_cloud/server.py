"""The process that serves the emulator on 127.0.0.1 until it is told to stop."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import secrets
import signal
import ssl
import sys
import tempfile
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from local_cloud.environment import (
    DEFAULT_ACCOUNT_ID,
    DEFAULT_REGION,
    Connection,
    exported_bundles,
    server_environment,
)
from local_cloud.knobs import Knobs
from local_cloud.workspace import StartError, listening_socket, own_directory

if TYPE_CHECKING:
    import socket
    from collections.abc import Awaitable, Callable, MutableMapping
    from pathlib import Path

    from local_cloud.emulator import Emulator

_PARENT_POLL_SECONDS = 0.25
_GRACEFUL_SECONDS = 1.0
_LOG_TAIL_LINES = 20
_STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


class _StopRequestedError(BaseException):
    """A signal arrived before the server was ready; no error handler may swallow it."""


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """
    How to serve.

    Attributes:
        port: The port on 127.0.0.1; 0 is any free one.
        directory: Where to keep files, including the log; None for a temporary directory, which
            is removed at the end.
        account_id: The account of requests without one.
        region: The Region of requests without one.
        auth: Whether IAM policies are enforced.
        knobs: The knobs at the start.
        verbose: Whether the log is also printed on standard error.
        parent: The process whose end stops the server.
    """

    port: int = 0
    directory: Path | None = None
    account_id: str = DEFAULT_ACCOUNT_ID
    region: str = DEFAULT_REGION
    auth: bool = False
    knobs: Knobs = field(default_factory=Knobs)
    verbose: bool = False
    parent: int = 0


def serve(settings: ServerSettings, announce: Callable[[Connection], None]) -> None:
    """
    Serve until SIGTERM, SIGINT, SIGHUP or the parent's end, then clean up.

    The process can't be used for anything else: its environment is replaced, and it ends here.

    Args:
        settings: How to serve.
        announce: Called when the server is ready.

    Raises:
        StartError: It didn't start.
    """
    for number in _STOP_SIGNALS:
        signal.signal(number, _raise_stop_requested)
    os.umask(0o077)
    try:
        with (
            listening_socket(settings.port) as listener,
            own_directory(settings.directory) as directory,
        ):
            connection = Connection(
                port=listener.getsockname()[1],
                directory=directory,
                # 40 characters, as on AWS.
                secret_access_key=secrets.token_urlsafe(30),
                account_id=settings.account_id,
                region=settings.region,
            )
            _serve_in(connection, listener, announce, settings)
    except _StopRequestedError:
        pass
    # Threads of the emulator may still wait for an answer that never comes.
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


def _raise_stop_requested(*_: object) -> None:
    # A second signal must not interrupt the clean-up after the first.
    for number in _STOP_SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    raise _StopRequestedError


def _serve_in(
    connection: Connection,
    listener: socket.socket,
    announce: Callable[[Connection], None],
    settings: ServerSettings,
) -> None:
    from local_cloud.tls import write_tls_files  # noqa: PLC0415 - cryptography costs 0.1 s

    try:
        _log_to(connection.log_file, verbose=settings.verbose)
        write_tls_files(
            connection.tls_directory,
            connection.ca_bundle,
            other_bundles=exported_bundles(os.environ),
        )
        environment = server_environment(os.environ, connection, auth=settings.auth)
        os.environ.clear()
        os.environ.update(environment)
        tempfile.tempdir = str(connection.temporary_directory)
        _run(connection, listener, announce, settings)
    except StartError:
        raise
    except Exception as error:
        logging.getLogger(__name__).exception("The local cloud failed")
        raise StartError(
            f"The local cloud failed: {error}\n{_log_tail(connection.log_file)}"
        ) from error


def _run(
    connection: Connection,
    listener: socket.socket,
    announce: Callable[[Connection], None],
    settings: ServerSettings,
) -> None:
    from hypercorn.asyncio import serve as serve_application  # noqa: PLC0415

    from local_cloud.connections import speak_http1_only  # noqa: PLC0415
    from local_cloud.plain_http import TlsConfig  # noqa: PLC0415

    speak_http1_only()
    config = TlsConfig(
        connection.tls_directory / "server.crt", connection.tls_directory / "server.key"
    )
    config.bind = [f"fd://{listener.detach()}"]
    config.keep_alive_timeout = 75
    config.graceful_timeout = _GRACEFUL_SECONDS / 2
    config.errorlog = logging.getLogger("hypercorn.error")
    emulator = _extended_emulator(connection, settings.knobs)
    parent = settings.parent or os.getppid()

    async def application(
        scope: MutableMapping[str, Any],
        receive: Callable[[], Awaitable[Any]],
        send: Callable[[Any], Awaitable[None]],
    ) -> None:
        async def announcing_send(message: MutableMapping[str, Any]) -> None:
            await send(message)
            if message["type"] == "lifespan.startup.complete":
                announce(connection)

        await emulator(scope, receive, announcing_send if scope["type"] == "lifespan" else send)

    async def main() -> None:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(_log_unless_disconnected)
        for number in _STOP_SIGNALS:
            loop.add_signal_handler(number, stop.set)
        watching = asyncio.create_task(_set_when_orphaned(stop, parent))
        serving = asyncio.create_task(
            serve_application(application, config, shutdown_trigger=stop.wait)  # type: ignore[arg-type] # its type names every ASGI message
        )
        await asyncio.wait({serving, watching}, return_when=asyncio.FIRST_COMPLETED)
        # Clients that keep a TLS connection open would delay the end by half a minute.
        await asyncio.wait({serving}, timeout=_GRACEFUL_SECONDS)
        if serving.done():
            serving.result()
        emulator.stop()

    # Not asyncio.run: it would wait for the emulator's threads.
    asyncio.new_event_loop().run_until_complete(main())


def _extended_emulator(connection: Connection, knobs: Knobs) -> Emulator:
    try:
        # It reads its environment when it is imported.
        from local_cloud.emulator import Emulator, EmulatorChangedError  # noqa: PLC0415
    except ImportError as error:
        raise StartError(
            f"The emulator that pyproject.toml pins isn't installed: {error}. Run make setup."
        ) from error
    try:
        return Emulator(connection, knobs)
    except EmulatorChangedError as error:
        raise StartError(str(error)) from error


def _log_unless_disconnected(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Log what went wrong, unless it is a client that broke its connection off."""
    if not isinstance(context.get("exception"), (ConnectionError, ssl.SSLError, TimeoutError)):
        loop.default_exception_handler(context)


async def _set_when_orphaned(stop: asyncio.Event, parent: int) -> None:
    """
    Wait until the event is set, and set it when the parent is gone.

    Polling the parent is portable. Linux's PR_SET_PDEATHSIG would already fire when the thread that
    started this process ends.
    """
    while not stop.is_set() and os.getppid() == parent:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), _PARENT_POLL_SECONDS)
    stop.set()


def _log_to(log_file: Path, *, verbose: bool) -> None:
    handlers: list[logging.Handler] = [logging.FileHandler(log_file, mode="w", encoding="utf-8")]
    if verbose:
        handlers.append(logging.StreamHandler())
    logging.basicConfig(
        level=logging.INFO,
        format="%(asctime)s %(levelname)s [%(name)s] %(message)s",
        handlers=handlers,
        force=True,
    )


def _log_tail(log_file: Path) -> str:
    if not log_file.is_file():
        return ""
    lines = log_file.read_text(encoding="utf-8", errors="replace").splitlines()
    return "\n".join(["The end of the log:", *lines[-_LOG_TAIL_LINES:]])
