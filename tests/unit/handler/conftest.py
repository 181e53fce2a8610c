"""What the handler's tests share."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

import pytest

from local_cloud.tls import write_tls_files
from support.http import ScriptedServer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    """A bundle that has the authority of the server."""
    return tmp_path / "trusted.pem"


@pytest.fixture
def server(tmp_path: Path, bundle: Path) -> Iterator[ScriptedServer]:
    """A server whose certificate is issued by an authority of its own."""
    write_tls_files(tmp_path, bundle, other_bundles=())
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(tmp_path / "server.crt", tmp_path / "server.key")
    server = ScriptedServer(tls)
    yield server
    server.stop()


@pytest.fixture
def trusted_server(
    server: ScriptedServer, bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> ScriptedServer:
    """A server that this process trusts."""
    monkeypatch.setenv("AWS_CA_BUNDLE", str(bundle))
    return server
