"""``check`` of what a server sends."""

from __future__ import annotations

import socket
import ssl
import sys
from typing import TYPE_CHECKING

import pytest

from dev.certificates.authority import Fault
from support.command import AT, Ended, run
from support.tls_servers import plain_server, silent_server, tls_server

if TYPE_CHECKING:
    from pathlib import Path

    from dev.certificates.authority import Authority, Issued
    from support.screens import Screens


def check(port: int, *words: str | Path) -> Ended:
    """Check what a server on loopback sends for the name of the test's certificate."""
    connect = ("--connect", f"127.0.0.1:{port}")
    return run("check", "www.example.com:443", *connect, *AT, *words)


def test_chain_is_checked_as_it_is_sent(here: Path, leaf: Issued) -> None:
    """The leaf and the chain come in the server's order, for the name that was asked for."""
    reverse = "".join(reversed([f"{each}\n" for each in _blocks(leaf.chain_pem())]))
    with tls_server(here, leaf, reverse) as seen:
        ended = check(seen.port, "--json")
    assert ended.code == 0
    assert seen.names == ["www.example.com"]
    assert ended.target["target"] == "www.example.com:443"
    assert [finding["code"] for finding in ended.target["findings"]] == ["chain-order"]
    assert len(ended.target["chain"]) == 2
    assert ended.target["private_key"] is None


def test_nothing_is_sent_but_the_handshake(here: Path, leaf: Issued) -> None:
    """After the handshake, the server receives nothing."""
    with tls_server(here, leaf, leaf.chain_pem()) as seen:
        assert check(seen.port).code == 0
    assert seen.received == b""


def test_missing_intermediate_is_an_error(here: Path, leaf: Issued) -> None:
    """A server that sends only its leaf is reported, though browsers may find the intermediate."""
    with tls_server(here, leaf) as seen:
        ended = check(seen.port, "--json")
    assert ended.code == 1
    assert ended.target["findings"][0]["code"] == "chain-missing"


def test_host_that_the_certificate_does_not_cover(here: Path, leaf: Issued) -> None:
    """The name of the server is compared with those of the certificate; an IP address as well."""
    with tls_server(here, leaf, leaf.chain_pem()) as seen:
        other = run(
            "check", "example.com:443", "--connect", f"127.0.0.1:{seen.port}", *AT, "--json"
        )
        address = run("check", f"127.0.0.1:{seen.port}", *AT, "--json")
    for ended, host in ((other, "example.com"), (address, "127.0.0.1")):
        (finding,) = ended.target["findings"]
        assert ended.code == 0
        assert finding["code"] == "host-not-covered"
        assert finding["message"] == (
            f"'CN=www.example.com' doesn't cover '{host}'; it is valid for 'www.example.com'."
        )
    assert seen.names == ["example.com", None]


def test_private_key_is_compared_with_what_is_sent(
    here: Path, leaf: Issued, authority: Authority
) -> None:
    """--private-key tells whether the server has the certificate of this key."""
    (here / "own.key").write_text(leaf.key_pem())
    (here / "other.key").write_text(authority.leaf("www.example.com").key_pem())
    with tls_server(here, leaf, leaf.chain_pem()) as seen:
        assert check(seen.port, "--private-key", "own.key").code == 0
        other = check(seen.port, "--private-key", "other.key", "--json")
    assert other.code == 1
    assert other.target["findings"][0]["code"] == "private-key-mismatch"


def test_old_and_weak_certificates_are_fetched(here: Path, authority: Authority) -> None:
    """What clients refuse is fetched and reported, not a reason to fetch nothing."""
    expired = authority.leaf("www.example.com", fault=Fault.EXPIRED)
    with tls_server(here, expired, expired.chain_pem()) as seen:
        ended = check(seen.port)
    assert ended.code == 1
    assert "certificate-expired" in ended.out


def test_server_that_wants_a_certificate_of_the_client(here: Path, leaf: Issued) -> None:
    """Its own certificate was sent before, so it is checked."""
    with tls_server(here, leaf, leaf.chain_pem(), wants_client_certificate=True) as seen:
        assert check(seen.port).code == 0


def test_name_that_the_server_refuses(here: Path, leaf: Issued) -> None:
    """A server that has no certificate for the name is an error with the name."""
    alert = ssl.AlertDescription.ALERT_DESCRIPTION_UNRECOGNIZED_NAME
    with tls_server(here, leaf, alert=alert) as seen:
        ended = check(seen.port)
    assert ended.code == 2
    assert "has no certificate for www.example.com (TLS alert unrecognized_name)" in ended.err


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "doesn't speak TLS. Check the port."),
        (b"220 mail.example.com ESMTP\r\n", "doesn't speak TLS. Check the port."),
        (b"", "closed the connection during the TLS handshake."),
    ],
    ids=["http", "smtp", "closed"],
)
def test_server_without_tls(answer: bytes, message: str) -> None:
    """A port that isn't one for TLS is an error that says so."""
    with plain_server(answer) as seen:
        ended = check(seen.port)
    assert (ended.code, ended.out) == (2, "")
    assert f"Error: 127.0.0.1:{seen.port} {message}" in ended.err


def test_server_that_never_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that says nothing is given up after the timeout."""
    monkeypatch.setattr("server_certificate_cli.local.tls.TIMEOUT", 0.2)
    with silent_server() as seen:
        ended = check(seen.port)
    assert ended.code == 2
    assert "didn't complete the TLS handshake within 0.2 seconds" in ended.err


def test_refused_connection() -> None:
    """A port that nobody listens on is an error with the address."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    ended = check(port)
    assert ended.code == 2
    assert f"127.0.0.1:{port} refused the connection." in ended.err


def test_host_that_dns_does_not_know(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that can't be found may be a mistyped file, which the error says."""

    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "create_connection", unknown)
    ended = run("check", "www.exmaple.com", *AT)
    assert ended.code == 2
    assert "The host 'www.exmaple.com' can't be found: Name or service not known." in ended.err
    assert "If it is a file, check its path." in ended.err


def test_missing_package_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without pyOpenSSL, the error says what to install."""
    monkeypatch.setitem(sys.modules, "OpenSSL", None)
    ended = check(443)
    assert ended.code == 2
    assert 'pip install "iam-server-certificate[cli]"' in ended.err


def test_servers_and_files_are_checked_together(good: Path, leaf: Issued) -> None:
    """Several targets can be files and servers; one that can't be reached doesn't end the others."""
    with tls_server(good.parent, leaf, leaf.chain_pem()) as seen:
        ended = run("check", "good", f"127.0.0.1:{seen.port}", "127.0.0.1:1", *AT, "--json")
    assert ended.code == 2
    assert [each["accepted"] for each in ended.json["targets"]] == [True, True, False]


def test_screen_of_a_server(screens: Screens, here: Path, authority: Authority) -> None:
    """The report says what wasn't checked: trust, and revocation."""
    leaf = authority.leaf("www.example.com", "example.com")
    with tls_server(here, leaf, leaf.chain_pem(root=False)) as seen:
        screens.compare(
            "check-server",
            *("check", "api.example.com:443", "--connect", f"127.0.0.1:{seen.port}"),
        )


def _blocks(pem: str) -> list[str]:
    return [
        f"{each}-----END CERTIFICATE-----" for each in pem.split("-----END CERTIFICATE-----")[:-1]
    ]
