"""Which targets are servers, and which are files."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
import pytest

from server_certificate_cli.local.server_names import server_of
from support.command import AT, run

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("target", "server"),
    [
        ("www.example.com:443", "www.example.com:443"),
        ("www.example.com", "www.example.com:443"),
        ("www.example.com.:8443", "www.example.com.:8443"),
        ("localhost:8443", "localhost:8443"),
        ("192.0.2.1", "192.0.2.1:443"),
        ("192.0.2.1:8443", "192.0.2.1:8443"),
        ("[2001:db8::1]:8443", "[2001:db8::1]:8443"),
        ("[::1]", "[::1]:443"),
        ("::1", "[::1]:443"),
        ("münchen.example:443", "xn--mnchen-3ya.example:443"),
        ("www.pem:443", "www.pem:443"),
    ],
)
def test_servers(target: str, server: str) -> None:
    """A host with a port is a server; without one, if it can hardly be a file."""
    assert str(server_of(target)) == server


@pytest.mark.parametrize(
    "target",
    [
        "www", "www.pem", "www.example.com.crt", "./www.example.com", "live/www.example.com",
        "a b.example.com:443", "www.pem:https", "C:\\www.pem", "C:www", "a.example:b:c", ":443", "[example]:443",
        "www..example.com:443", "-", "privkey1", "cert.p12", "archive.2024", "",
    ],
)  # fmt: skip
def test_paths(target: str) -> None:
    """Everything else is the path of a file, even if no such file exists."""
    assert server_of(target) is None


@pytest.mark.parametrize("name", ["www.example.com", "www.example.com:443", "localhost:8443"])
def test_file_of_the_same_name_wins(here: Path, name: str) -> None:
    """What exists is a file or a folder, whatever its name looks like."""
    (here / name).mkdir()
    assert server_of(name) is None
    assert "It is empty." in run("check", name).err


@pytest.mark.parametrize("target", ["https://www.example.com/", "HTTPS://user@www.example.com?a=b"])
def test_url_is_answered_with_the_server(target: str) -> None:
    """A URL isn't downloaded: the error names the server to check instead."""
    ended = run("check", target)
    assert ended.code == 2
    assert "is a URL, but nothing is downloaded." in ended.err
    assert "use www.example.com:443." in ended.err


@pytest.mark.parametrize("host", ["www.example.com", "192.0.2.1", "[::1]", "localhost"])
@pytest.mark.parametrize("port", ["https", "", "443x", "-1"])
def test_port_that_is_not_a_number(host: str, port: str) -> None:
    """The name of a service isn't a port: the error shows the form."""
    ended = run("check", f"{host}:{port}")
    assert ended.code == 2
    assert f"The port of '{host}:{port}' must be a number, as in {host}:443." in ended.err


@pytest.mark.parametrize("port", ["0", "65536", "99999999999999999999"])
def test_port_out_of_range(port: str) -> None:
    """A port that can't exist is an error."""
    with pytest.raises(click.UsageError, match="Provide one from 1 to 65535"):
        server_of(f"www.example.com:{port}")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["www.example.com:443", "--connect", ""], "--connect: '' is not HOST or HOST:PORT"),
        (["www.example.com:443", "--connect", "a b"], "'a b' is not HOST or HOST:PORT"),
        (["www.example.com:443", "--connect", "192.0.2.1:0"], "Provide one from 1 to 65535."),
        (["good", "--connect", "192.0.2.1"], "--connect requires exactly one target"),
        (["--connect", "192.0.2.1"], "--connect requires exactly one target"),
        (["a.example:443", "b.example:443", "--connect", "192.0.2.1"], "requires exactly one"),
        (["a.example:443", "--chain", "chain.pem"], "--chain can't be combined with the server"),
        (["a.example:443", "--certificate", "c.pem"], "--certificate can't be combined with the"),
        (["a.example:443", "b.pem", "--private-key", "k"], "can't be combined with 2 targets"),
    ],
)
def test_wrong_usage(good: Path, words: list[str], message: str) -> None:
    """--connect and the options for files only go with targets that they fit."""
    ended = run("check", *words, *AT)
    assert (ended.code, ended.out) == (2, "")
    assert message in ended.err
    assert good.is_dir()


@pytest.mark.parametrize("command", [["convert", "--output", "www"], ["inspect"]])
def test_only_check_takes_servers(here: Path, command: list[str]) -> None:
    """Other commands read files: a server is a file that doesn't exist."""
    ended = run(*command, "www.example.com:443")
    assert ended.code == 2
    assert "it does not exist" in ended.err
    assert not (here / "www").exists()
