"""Tell the name of a server, such as ``www.example.com:443``, from the path of a file."""

from __future__ import annotations

import ipaddress
import os
import re
from dataclasses import dataclass
from pathlib import PurePath

from server_certificate_cli.usage import usage_error

DEFAULT_PORT = 443
_LARGEST_PORT = 65_535
_LOCAL = "localhost"

_LABEL = re.compile(r"(?!-)[A-Za-z0-9_-]{1,63}(?<!-)", re.ASCII)
_TOP_LEVEL = re.compile(r"[A-Za-z][A-Za-z0-9-]+", re.ASCII)
_LONGEST_NAME = 253
_WITH_PORT = re.compile(r"(?P<host>\[[^\]]*\]|[^:\[\]]*)(?::(?P<port>[0-9]+))?", re.ASCII)
_WITH_OTHER_PORT = re.compile(r"(?P<host>\[[^\]]*\]|[^:\[\]]*):[^:\[\]]*")
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{0,20}://(?P<server>[^/?#]*)", re.ASCII)

_SUFFIXES = frozenset(
    [
        ".b64",
        ".base64",
        ".bundle",
        ".cer",
        ".cert",
        ".conf",
        ".crl",
        ".crt",
        ".csr",
        ".der",
        ".env",
        ".jks",
        ".json",
        ".key",
        ".keystore",
        ".p12",
        ".p7b",
        ".p7c",
        ".p7s",
        ".p8",
        ".pem",
        ".pfx",
        ".pk8",
        ".pkcs12",
        ".pub",
        ".txt",
        ".yaml",
        ".yml",
        ".zip",
    ]
)
"""The suffixes of files. A missing file with such a name isn't taken for a server."""


@dataclass(frozen=True, slots=True)
class Server:
    """A host and a port."""

    host: str
    """A DNS name in ASCII, or an IP address without brackets."""

    port: int = DEFAULT_PORT

    @property
    def is_address(self) -> bool:
        """Whether the host is an IP address."""
        return _is_address(self.host)

    def __str__(self) -> str:
        """Return it as on the command line: ``www.example.com:443``, ``[::1]:443``."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def server_of(target: str) -> Server | None:
    """
    Return the server that a target names; None if it is the path of a file or a folder.

    What exists is a file. Otherwise, ``HOST:PORT`` and ``[IPV6]:PORT`` are servers, and so is a host
    without a port, if it is an IP address or has a dot and no suffix of a certificate's file.

    Raises:
        click.UsageError: It is a URL, or its port is out of range or not a number.
    """
    if os.path.lexists(target):
        return None
    if url := _URL.match(target):
        server = _parsed(url["server"].rpartition("@")[2])
        instead = f" To check what the server sends, use {server}." if server else ""
        raise usage_error(
            f"'{target}' is a URL, but nothing is downloaded.{instead or ' Provide HOST:PORT.'}"
        )
    if "/" in target or "\\" in target:
        return None
    server = _parsed(target)
    if server is None:
        _check_port(target)
        return None
    has_port = str(server) == target or target.endswith(f":{server.port}")
    return server if has_port or server.is_address or _looks_like_host(server.host) else None


def address_of(text: str) -> tuple[str, int | None]:
    """
    Return the host and the port of ``HOST[:PORT]``; None for a port that isn't given.

    Raises:
        ValueError: It has another form, as the message says.
        click.UsageError: Its port is out of range.
    """
    server = _parsed(text)
    if server is None:
        raise ValueError(
            f"'{text}' is not HOST or HOST:PORT, such as 192.0.2.1, [2001:db8::1]:8443 or"
            " origin.example.com:443."
        )
    found = _WITH_PORT.fullmatch(text)
    return server.host, server.port if found and found["port"] else None


def _check_port(target: str) -> None:
    """
    Check that what looks like a server doesn't have something else than a number for a port.

    Raises:
        click.UsageError: It has, such as the name of a service.
    """
    found = _WITH_OTHER_PORT.fullmatch(target)
    server = _parsed(found["host"]) if found else None
    if server and (server.is_address or _looks_like_host(server.host) or server.host == _LOCAL):
        raise usage_error(f"The port of '{target}' must be a number, as in {server}.")


def _parsed(text: str) -> Server | None:
    if text.count(":") > 1 and _is_address(text):
        return Server(text)
    found = _WITH_PORT.fullmatch(text)
    if found is None:
        return None
    host = found["host"]
    if host.startswith("["):
        host = host[1:-1]
        if not _is_address(host):
            return None
    else:
        host = _in_ascii(host)
        if not _is_host(host):
            return None
    port = int(found["port"] or DEFAULT_PORT) if len(found["port"] or "") < len("100000") else -1
    if not 0 < port <= _LARGEST_PORT:
        raise usage_error(f"The port of '{text}' is out of range. Provide one from 1 to 65535.")
    return Server(host, port)


def _in_ascii(host: str) -> str:
    """Return an internationalized name as DNS has it (RFC 5890); empty if that isn't possible."""
    try:
        return host if host.isascii() else host.encode("idna").decode("ascii")
    except UnicodeError:
        return ""


def _is_host(host: str) -> bool:
    labels = host.removesuffix(".").split(".")
    return len(host) <= _LONGEST_NAME and all(_LABEL.fullmatch(label) for label in labels)


def _looks_like_host(host: str) -> bool:
    _, dot, last = host.removesuffix(".").rpartition(".")
    is_file = PurePath(host).suffix.lower() in _SUFFIXES
    return bool(dot) and not is_file and _TOP_LEVEL.fullmatch(last) is not None


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
