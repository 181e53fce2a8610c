"""What is patched in crhelper and botocore, and that nothing depends on it."""

from __future__ import annotations

import os
import ssl
from typing import Any

import botocore.httpsession
import pytest

from dev.simulator.context import Context
from server_certificate_handler import sdk_quirks
from server_certificate_handler.redaction import Redactor
from server_certificate_handler.response import Outcome, Responder
from server_certificate_handler.sdk_quirks import CfnResource, authorities, list_only, tls_context
from server_certificate_handler.watchdog import NoWatchdog
from support.answers import Recorder, event


def answers(*requests: dict[str, Any]) -> list[str]:
    """Have events handled by a new responder, and return the statuses that it answers."""
    recorder = Recorder()
    responder = Responder(
        lambda *_: Outcome("ASCA1"), Redactor(), recorder, watch=lambda *_: NoWatchdog()
    )
    for request in requests:
        responder(request, Context())
    return [answer["Status"] for answer in recorder.answers]


def test_no_client_is_built_and_the_environment_is_as_before(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Building the resource makes no client and leaves the environment alone."""
    built: list[object] = []
    monkeypatch.setattr(
        "crhelper.resource_helper.boto3.client",
        lambda *arguments, **_: built.append(arguments),
        raising=False,
    )
    monkeypatch.delenv("AWS_SAM_LOCAL", raising=False)
    assert answers(event("Create")) == ["SUCCESS"]
    assert built == []
    assert "AWS_SAM_LOCAL" not in os.environ


def test_environment_that_is_set_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who runs the function locally is still told so."""
    monkeypatch.setenv("AWS_SAM_LOCAL", "true")
    answers()
    assert os.environ["AWS_SAM_LOCAL"] == "true"


def test_constructor_with_other_arguments(monkeypatch: pytest.MonkeyPatch) -> None:
    """A crhelper that knows none of the settings is used with its own, and no Delete waits."""
    original = CfnResource.__init__

    def init(self: CfnResource) -> None:
        original(self)

    monkeypatch.setattr(CfnResource, "__init__", init)
    monkeypatch.setattr("time.sleep", _never)
    delete = event("Delete", PhysicalResourceId="ASCA1")
    assert answers(event("Create"), delete) == ["SUCCESS", "SUCCESS"]


def test_clients_that_can_not_be_built(monkeypatch: pytest.MonkeyPatch) -> None:
    """If crhelper still builds the clients of its polling mode, their failure doesn't matter."""
    original = CfnResource.__init__

    def init(self: CfnResource, **settings: Any) -> None:  # noqa: ANN401 (crhelper's own)
        original(self, **settings)
        self.init_failure(AttributeError("module 'boto3' has no attribute 'client'"))

    monkeypatch.setattr(CfnResource, "__init__", init)
    assert answers(event("Create")) == ["SUCCESS"]


class _Session:
    def __init__(self, *components: object) -> None:
        self._components = components

    def get_component(self, name: str) -> object:
        """Return the only component."""
        if not self._components:
            raise ValueError(f"Unknown component: {name}")
        return self._components[0]


class _Fixed:
    __slots__ = ()

    def list_available_services(self) -> list[str]:
        """List none."""
        return []


@pytest.mark.parametrize(
    "session", [object(), _Session(), _Session(None), _Session(object()), _Session(_Fixed())]
)
def test_loader_that_is_another(session: object) -> None:
    """Without the loader, or what is patched in it, nothing is patched."""
    list_only(session, ["iam"])


def test_context_without_that_of_botocore(monkeypatch: pytest.MonkeyPatch) -> None:
    """Python's own context takes its place, and verifies the server."""
    monkeypatch.delattr(botocore.httpsession, "create_urllib3_context")
    sdk_quirks.share_tls_context()
    assert not hasattr(botocore.httpsession, "create_urllib3_context")
    context = tls_context()
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname


@pytest.mark.parametrize("made", [None, "context"])
def test_context_of_another_kind_is_not_used(monkeypatch: pytest.MonkeyPatch, made: object) -> None:
    """Anything other than an `ssl.SSLContext` is not passed to urllib3."""
    monkeypatch.setattr(botocore.httpsession, "create_urllib3_context", lambda: made)
    assert isinstance(tls_context(), ssl.SSLContext)


@pytest.mark.parametrize("configured", [None, "/trusted.pem"])
def test_authorities_without_those_of_botocore(
    monkeypatch: pytest.MonkeyPatch, configured: str | None
) -> None:
    """What is configured counts, else the system's own."""
    monkeypatch.delattr(botocore.httpsession, "get_cert_path")
    assert authorities(configured) == configured


def _never(*_: object) -> None:
    raise AssertionError("something sleeps")
