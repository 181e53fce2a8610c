"""The local cloud speaks HTTP/1.1, whatever a client asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from support.raw_requests import connect, send

if TYPE_CHECKING:
    from local_cloud import LocalCloud

pytestmark = pytest.mark.local_cloud

UPGRADE = {
    "Connection": "Upgrade, HTTP2-Settings",
    "Upgrade": "h2c",
    "HTTP2-Settings": "AAMAAABkAAQAAP__",
}


def test_an_upgrade_to_http2_is_ignored(cloud: LocalCloud) -> None:
    """The answer is that of a request without it, not 101."""
    assert send(cloud, "GET", "/_ministack/health", headers=UPGRADE).status == 403


def test_prior_knowledge_of_http2_is_refused(cloud: LocalCloud) -> None:
    """HTTP/2's first bytes are a bad request of HTTP/1.1."""
    connection = connect(cloud)
    connection.connect()
    connection.sock.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
    answer = b""
    while received := connection.sock.recv(10_000):
        answer += received
    connection.close()
    assert answer.startswith(b"HTTP/1.1 403 ")
    assert b"HTTP/1.1 400 " in answer
