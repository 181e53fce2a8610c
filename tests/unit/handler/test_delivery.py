"""Sending an answer: over HTTPS, to one host, and never for ever."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest

from server_certificate_handler.delivery import DeliveryError, put

if TYPE_CHECKING:
    from support.http import ScriptedServer


def test_server_errors_are_tried_again(
    trusted_server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A 503 is tried again, when it suits the function, and the body arrives with an empty Content-Type."""
    pauses: list[float] = []
    monkeypatch.setattr("time.sleep", pauses.append)
    trusted_server.statuses = [503, 503, 200]
    trusted_server.headers = {"Retry-After": "3600"}
    put(trusted_server.url, b"{}")
    assert [request.body for request in trusted_server.requests] == [b"{}"] * 3
    assert trusted_server.requests[-1].headers.get("Content-Type", "") == ""
    assert max(pauses) < 3600


def test_refusal_is_taken_for_one(trusted_server: ScriptedServer) -> None:
    """A 403 is not delivery, is not tried again, and the error does not contain the URL."""
    trusted_server.statuses = [403]
    with pytest.raises(DeliveryError, match="403") as caught:
        put(trusted_server.url + "?X-Amz-Signature=5ecre7", b"{}")
    assert len(trusted_server.requests) == 1
    assert "5ecre7" not in str(caught.value)


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_redirection_is_not_followed(trusted_server: ScriptedServer, status: int) -> None:
    """An answer goes to the host of the ResponseURL and no other."""
    trusted_server.statuses = [status]
    trusted_server.headers = {"Location": trusted_server.url}
    with pytest.raises(DeliveryError, match=str(status)):
        put(trusted_server.url, b"{}")
    assert len(trusted_server.requests) == 1


def test_it_ends_when_nobody_listens(
    trusted_server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a connection it gives up after a bounded number of tries."""
    monkeypatch.setattr("time.sleep", lambda _: None)
    trusted_server.stop()
    with pytest.raises(DeliveryError, match="could not be sent"):
        put(trusted_server.url, b"{}")


@pytest.mark.parametrize(
    "url",
    ["", "http://example.com/a", "file:///etc/passwd", "ftp://example.com/", "//example.com/", "x"],
)
def test_nothing_but_https_is_used(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another scheme, or none, is refused before anything is connected to."""
    monkeypatch.setattr(socket, "create_connection", _never)
    with pytest.raises(DeliveryError, match="begins with https://"):
        put(url, b"{}")


@pytest.mark.parametrize(
    "url",
    [
        "https://",
        "https://[::1",
        "https://example.com:99999/",
        "https://example.com:port/",
        "https://.../",
        f"https://{'a' * 300}.example/",
        "https://exam\ud800ple/",
        "https://\u00fc\u0000.example/",
        "https://a b/\r\nHost: evil",
    ],
)
def test_url_that_is_none_is_explained(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is wrong with the URL, the error is that the answer could not be sent."""
    monkeypatch.setattr("time.sleep", lambda _: None)
    monkeypatch.setattr(socket, "getaddrinfo", _unknown)
    with pytest.raises(DeliveryError, match="could not be sent"):
        put(url, b"{}")


def _never(*_: object, **__: object) -> None:
    raise AssertionError("something was connected to")


def _unknown(*_: object, **__: object) -> None:
    raise socket.gaierror("unknown")
