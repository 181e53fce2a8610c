"""What reaches out of the function, from a fresh process each: quick to make, and trusting nobody else."""

from __future__ import annotations

import json
import os
import ssl
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import botocore.session
import pytest
from botocore.exceptions import UnknownServiceError
from botocore.loaders import Loader

from local_cloud.tls import write_tls_files
from server_certificate_handler import connections
from support.http import ScriptedServer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

REACH_OUT = """
import json, ssl, time
time.sleep = lambda _: None
bundles = []
read = ssl.SSLContext.load_verify_locations
def counted(self, cafile=None, *others):
    bundles.append(cafile)
    return read(self, cafile, *others)
ssl.SSLContext.load_verify_locations = counted

from server_certificate_handler import answer, connections
from server_certificate_handler.answer import DeliveryError
from botocore.exceptions import SSLError

refused = []
for service, call in (("secretsmanager", "list_secrets"), ("ssm", "describe_parameters")):
    client = connections.client(service)
    try:
        getattr(client, call)()
    except SSLError:
        refused.append(service)
try:
    answer.put(URL, b"{}")
except DeliveryError:
    refused.append("answer")
print(json.dumps({"bundles": bundles, "refused": refused}))
"""


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


def reach_out(server: ScriptedServer, bundle: Path) -> dict[str, Any]:
    """Call two services and send an answer; return which bundles were read, and who was refused."""
    settings = {
        "AWS_ACCESS_KEY_ID": "AKIAEXAMPLE",
        "AWS_CA_BUNDLE": str(bundle),
        "AWS_ENDPOINT_URL": server.url.removesuffix("/answer"),
        "AWS_REGION": "eu-central-1",
        "AWS_DEFAULT_REGION": "eu-central-1",
        "AWS_SECRET_ACCESS_KEY": "example",
        "NO_PROXY": "*",
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    script = f"URL = {server.url!r}\n{REACH_OUT}"
    result = subprocess.run(
        [sys.executable, "-c", script],
        check=True,
        capture_output=True,
        text=True,
        env={"PATH": os.environ["PATH"], **settings},
    )
    told: dict[str, Any] = json.loads(result.stdout)
    return told


def test_bundle_of_authorities_is_read_once(server: ScriptedServer, bundle: Path) -> None:
    """Two clients and the answer make three connections, and share what they trust."""
    assert reach_out(server, bundle) == {"bundles": [str(bundle)], "refused": []}
    assert len(server.requests) == 3


def test_strangers_are_not_trusted(server: ScriptedServer, tmp_path: Path) -> None:
    """A certificate of another authority is refused, by the clients and for the answer."""
    (tmp_path / "other").mkdir()
    other = tmp_path / "other.pem"
    write_tls_files(tmp_path / "other", other, other_bundles=())
    assert reach_out(server, other)["refused"] == ["secretsmanager", "ssm", "answer"]
    assert not server.requests


@pytest.mark.parametrize("service", ["cloudformation", "iam", "s3", "secretsmanager", "ssm"])
def test_clients_are_those_of_botocore(service: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a look into the folders of all services, each client is still the same."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    monkeypatch.setattr(Loader, "list_available_services", _never)
    made = connections.client.__wrapped__(service)
    monkeypatch.undo()
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    usual = botocore.session.get_session().create_client(service)
    assert made.meta.service_model.metadata == usual.meta.service_model.metadata
    assert made.meta.method_to_api_mapping == usual.meta.method_to_api_mapping
    assert made.meta.endpoint_url == usual.meta.endpoint_url


def _never(*_: object) -> list[str]:
    raise AssertionError("botocore looked for its services")


def test_a_service_that_is_not_called_is_refused() -> None:
    """Whoever calls a further one sees at once that the list lacks it."""
    with pytest.raises(UnknownServiceError, match="'sqs'"):
        connections.client("sqs")


def test_boto3_is_not_imported_and_stays_importable() -> None:
    """The import of crhelper is content with a stand-in, which is gone afterwards."""
    script = (
        "import sys\n"
        "import server_certificate_handler.handler\n"
        "assert 'crhelper' in sys.modules\n"
        "print('boto3' in sys.modules)\n"
        "import boto3\n"
        "boto3.client('iam', region_name='eu-central-1')"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    result = subprocess.run(
        [sys.executable, "-c", script], check=True, capture_output=True, text=True, env=environment
    )
    assert result.stdout == "False\n"
