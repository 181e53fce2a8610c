"""An HTTP server that answers by script, also over TLS."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ssl
    from email.message import Message


@dataclass(frozen=True)
class Request:
    """What arrived."""

    body: bytes
    headers: Message


class ScriptedServer:
    """
    Answers on loopback with the next status of a list, 200 when it is empty, and an empty object.

    Args:
        tls: What it speaks TLS with. Default: it speaks plain HTTP.
    """

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self._scheme = "https" if tls else "http"
        self.statuses: list[int] = []
        self.headers: dict[str, str] = {}
        """What every answer has."""

        self.requests: list[Request] = []
        script = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.do_PUT()

            def do_PUT(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                script.requests.append(Request(body, self.headers))
                self.send_response(script.statuses.pop(0) if script.statuses else 200)
                self.send_header("Content-Length", "2")
                for name, value in script.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(b"{}")

            def log_message(self, *_: object) -> None:
                pass

        self._server = HTTPServer(("127.0.0.1", 0), Handler)
        if tls:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"{self._scheme}://127.0.0.1:{self._server.server_port}/answer"

    def stop(self) -> None:
        """Stop listening; doing so twice is fine."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
