"""What reaches out of the function, from a fresh process each: quick to make, and trusting nobody else."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import botocore.session
import pytest
from botocore.exceptions import UnknownServiceError
from botocore.loaders import Loader

from local_cloud.tls import write_tls_files
from server_certificate_handler import connections

if TYPE_CHECKING:
    from pathlib import Path

    from support.http import ScriptedServer

REACH_OUT = """
import json, ssl, time
time.sleep = lambda _: None
bundles = []
read = ssl.SSLContext.load_verify_locations
def counted(self, cafile=None, *others):
    bundles.append(cafile)
    return read(self, cafile, *others)
ssl.SSLContext.load_verify_locations = counted

from server_certificate_handler import connections, delivery
from server_certificate_handler.delivery import DeliveryError
from botocore.exceptions import SSLError

refused = []
for service, call in (("secretsmanager", "list_secrets"), ("ssm", "describe_parameters")):
    client = connections.client(service)
    try:
        getattr(client, call)()
    except SSLError:
        refused.append(service)
try:
    delivery.put(URL, b"{}")
except DeliveryError:
    refused.append("answer")
print(json.dumps({"bundles": bundles, "refused": refused}))
"""


def reach_out(server: ScriptedServer, bundle: Path, *, sdk: str = "") -> dict[str, Any]:
    """
    Call two services and send an answer; return which bundles were read, and who was refused.

    Args:
        server: What answers.
        bundle: Whom to trust.
        sdk: Makes another version of the SDK's libraries, before anything of the function is imported.
    """
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
    script = f"URL = {server.url!r}\n{sdk}\n{REACH_OUT}"
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


SDKS = {
    "no create_urllib3_context": """
import botocore.httpsession as sdk, urllib3.util.ssl_
sdk.URLLib3Session._get_ssl_context = lambda self: urllib3.util.ssl_.create_urllib3_context()
del sdk.create_urllib3_context
""",
    "create_urllib3_context with an argument": """
import botocore.httpsession as sdk
make = sdk.create_urllib3_context
sdk.create_urllib3_context = lambda purpose: make()
sdk.URLLib3Session._get_ssl_context = lambda self: sdk.create_urllib3_context("clients")
""",
    "contexts that can't be changed": """
import ssl, botocore.httpsession as sdk
class Fixed(ssl.SSLContext):
    def __setattr__(self, name, value):
        if name == "load_verify_locations":
            raise AttributeError(name)
        super().__setattr__(name, value)
sdk.SSLContext = Fixed
""",
    "no get_cert_path": """
import botocore.httpsession as sdk
find = sdk.get_cert_path
def set_up(self, connection, url, verify):
    connection.cert_reqs, connection.ca_certs = "CERT_REQUIRED", find(verify)
sdk.URLLib3Session._setup_ssl_cert = set_up
del sdk.get_cert_path
""",
    "get_cert_path with other arguments": """
import botocore.httpsession as sdk
find = sdk.get_cert_path
def set_up(self, connection, url, verify):
    connection.cert_reqs, connection.ca_certs = "CERT_REQUIRED", sdk.get_cert_path(path=verify)
sdk.URLLib3Session._setup_ssl_cert = set_up
sdk.get_cert_path = lambda *, path: find(path)
""",
    "no list_available_services": """
import os
from botocore.loaders import Loader
def load(self, service_name, type_name, api_version=None):
    version = api_version or self.determine_latest_version(service_name, type_name)
    model = self.load_data(os.path.join(service_name, version, type_name))
    self._extras_processor.process(model, self._find_extras(service_name, type_name, version))
    return model
Loader.load_service_model = load
del Loader.list_available_services
""",
    "list_available_services with other arguments": """
from botocore.loaders import Loader
known = Loader.list_available_services
load = Loader.load_service_model
Loader.list_available_services = lambda self, *, kind: known(self, kind)
def load_model(self, service_name, type_name, api_version=None):
    assert service_name in self.list_available_services(kind=type_name)
    return load(self, service_name, type_name, api_version)
Loader.load_service_model = load_model
""",
}


@pytest.mark.parametrize("sdk", SDKS.values(), ids=SDKS)
def test_another_version_of_the_sdk_works(server: ScriptedServer, bundle: Path, sdk: str) -> None:
    """Lambda may update botocore: without the functions that are patched, everything still works."""
    assert reach_out(server, bundle, sdk=sdk)["refused"] == []
    assert len(server.requests) == 3


@pytest.mark.parametrize("sdk", SDKS.values(), ids=SDKS)
def test_another_version_of_the_sdk_trusts_no_strangers(
    server: ScriptedServer, tmp_path: Path, sdk: str
) -> None:
    """Nor does it trust anybody else then."""
    (tmp_path / "other").mkdir()
    other = tmp_path / "other.pem"
    write_tls_files(tmp_path / "other", other, other_bundles=())
    assert reach_out(server, other, sdk=sdk)["refused"] == ["secretsmanager", "ssm", "answer"]
    assert not server.requests


@pytest.mark.parametrize(
    "service",
    ["cloudformation", "cloudwatch", "events", "iam", "s3", "secretsmanager", "ssm"],
)
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
    """A service that is missing from the list raises an error that names it."""
    with pytest.raises(UnknownServiceError, match="'sqs'"):
        connections.client("sqs")


def test_boto3_is_not_imported_and_stays_importable() -> None:
    """The import of crhelper gets a stand-in for boto3, which is removed afterwards."""
    script = (
        "import sys\n"
        "import server_certificate_handler.entry\n"
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
