"""The answer to CloudFormation: always one, always within its limits."""

from __future__ import annotations

import io
import json
import logging
import os
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest

from dev.simulator.context import Context
from dev.simulator.events import RESPONSE_URL
from server_certificate_handler.answer import (
    MAX_ANSWER_BYTES,
    CertificateResource,
    DeliveryError,
    compose,
    put,
)
from server_certificate_handler.errors import HandlerError
from server_certificate_handler.redaction import Redactor
from support.waiting import PATIENCE_SECONDS, wait_for

if TYPE_CHECKING:
    from collections.abc import Callable

    from support.http import ScriptedServer

ENVELOPE = {
    "Status": "FAILED",
    "PhysicalResourceId": "ASCAEXAMPLE",
    "StackId": "arn:aws:cloudformation:eu-central-1:111122223333:stack/web/1",
    "RequestId": "request-1",
    "LogicalResourceId": "Certificate",
}


def event(request_type: str, **fields: str) -> dict[str, Any]:
    """Write an event."""
    return {
        "RequestType": request_type,
        "ResponseURL": RESPONSE_URL,
        "StackId": ENVELOPE["StackId"],
        "RequestId": "request-1",
        "LogicalResourceId": "Certificate",
        "ResourceProperties": {},
        **fields,
    }


class Recorder:
    """Takes the place of CloudFormation."""

    def __init__(self) -> None:
        self.answers: list[dict[str, Any]] = []

    def __call__(self, url: str, body: bytes) -> None:
        """Receive an answer."""
        assert url == RESPONSE_URL
        self.answers.append(json.loads(body))


def respond(
    request: dict[str, Any],
    work: Callable[[Any, Any], str],
    *,
    remaining: int = 900_000,
    recorder: Recorder | None = None,
) -> list[dict[str, Any]]:
    """Have an event handled by some work and return all answers."""
    recorder = recorder or Recorder()
    resource = CertificateResource(Redactor(), recorder)
    resource.create(work)
    resource.update(work)
    resource.delete(work)
    resource(request, Context(remaining))
    return recorder.answers


def fail(_: object, __: object) -> str:
    """Fail as explained failures do."""
    raise HandlerError("The cause. The fix.")


def test_success_carries_the_id() -> None:
    """The id that the work returns is the physical id."""
    (answer,) = respond(event("Create"), lambda *_: "ASCA1")
    assert (answer["Status"], answer["PhysicalResourceId"]) == ("SUCCESS", "ASCA1")


def test_failed_create_says_so_in_its_id() -> None:
    """A Create that failed has an id that names the request, never an empty or random one."""
    (answer,) = respond(event("Create"), fail)
    assert answer["Status"] == "FAILED"
    assert answer["PhysicalResourceId"] == "not-created-request-1"
    assert answer["Reason"] == "The cause. The fix."


@pytest.mark.parametrize("request_type", ["Update", "Delete"])
def test_failure_keeps_the_id(request_type: str) -> None:
    """A failed Update or Delete answers with the old id: another would mean a replacement."""
    (answer,) = respond(event(request_type, PhysicalResourceId="ASCA1"), fail)
    assert (answer["Status"], answer["PhysicalResourceId"]) == ("FAILED", "ASCA1")


def test_defect_is_reported_as_one() -> None:
    """An unexpected error is answered too, with its type."""

    def broken(_: object, __: object) -> str:
        raise ZeroDivisionError("division by zero")

    (answer,) = respond(event("Create"), broken)
    assert answer["Reason"].startswith("Unexpected ZeroDivisionError: division by zero")


@pytest.mark.parametrize(
    ("request_type", "physical_id"),
    [("Create", "not-created-request-1"), ("Update", "ASCA1"), ("Delete", "ASCA1")],
)
def test_time_out_is_answered_once_with_an_id(request_type: str, physical_id: str) -> None:
    """When time runs out, one answer goes out before the end; the work's own comes too late."""
    recorder = Recorder()

    def slow(_: object, __: object) -> str:
        wait_for(lambda: recorder.answers)
        return "ASCA2"

    answers = respond(
        event(request_type, PhysicalResourceId="ASCA1")
        if request_type != "Create"
        else event("Create"),
        slow,
        remaining=6_100,
        recorder=recorder,
    )
    assert [(item["Status"], item["PhysicalResourceId"]) for item in answers] == [
        ("FAILED", physical_id)
    ]


def test_delete_does_not_sleep() -> None:
    """A Delete is answered at once, also with much time left."""
    started = time.monotonic()
    respond(event("Delete", PhysicalResourceId="ASCA1"), lambda *_: "ASCA1")
    assert time.monotonic() - started < 5


def test_nothing_of_the_event_before_is_left() -> None:
    """A broken event is not answered with the ids of the one before."""
    recorder = Recorder()
    resource = CertificateResource(Redactor(), recorder)
    resource.create(lambda *_: "ASCA1")
    resource(event("Create"), Context())
    broken = event("Create")
    del broken["RequestType"]
    broken["RequestId"] = "request-2"
    resource(broken, Context())
    assert recorder.answers[1]["RequestId"] == "request-2"
    assert recorder.answers[1]["PhysicalResourceId"] == "not-created-request-2"
    assert recorder.answers[1]["Status"] == "FAILED"


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
    CertificateResource(Redactor())
    assert built == []
    assert "AWS_SAM_LOCAL" not in os.environ


def test_event_and_url_are_not_logged() -> None:
    """Whatever passes the root logger at the level that the function sets holds no ResponseURL."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    root = logging.getLogger()
    root.addHandler(handler)
    try:
        respond(event("Create"), lambda *_: "ASCA1")
        respond(event("Create"), fail)
    finally:
        root.removeHandler(handler)
    assert "The cause. The fix." in stream.getvalue()
    assert "X-Amz-Signature" not in stream.getvalue()


def test_function_does_not_end_while_its_answer_is_on_the_way() -> None:
    """An answer that a time-out sends is delivered before the function returns."""
    delivered: list[bytes] = []
    begun, over = threading.Event(), threading.Event()

    def deliver(_: str, body: bytes) -> None:
        begun.set()
        assert over.wait(PATIENCE_SECONDS)
        # Time for a function that doesn't wait to end.
        time.sleep(0.2)
        delivered.append(body)

    def work(_: object, __: object) -> str:
        assert begun.wait(PATIENCE_SECONDS)
        over.set()
        return "ASCA1"

    resource = CertificateResource(Redactor(), deliver)
    resource.create(work)
    resource(event("Create"), Context(7_600))
    assert len(delivered) == 1


def test_long_reason_keeps_its_head() -> None:
    """A reason that does not fit is cut at its end."""
    body = compose(ENVELOPE, reason="The cause. " + "x" * 10_000, data={})
    answer = json.loads(body)
    assert len(body) <= MAX_ANSWER_BYTES
    assert len(body) > MAX_ANSWER_BYTES - 20
    assert answer["Reason"].startswith("The cause. xxx")
    assert answer["Reason"].endswith("…")


@pytest.mark.parametrize("character", ["x", "ü", '"', "\n", "🔑"])
def test_limit_is_in_bytes(character: str) -> None:
    """Whatever characters a reason and an attribute hold, the body has at most 4,096 bytes."""
    data = {"SubjectAlternativeNames": character * 5000, "Arn": "arn:aws:iam::1:x"}
    body = compose(ENVELOPE, reason=character * 5000, data=data)
    assert len(body) <= MAX_ANSWER_BYTES
    assert json.loads(body)["Data"]["Arn"] == "arn:aws:iam::1:x"


def test_short_answer_is_whole() -> None:
    """What fits is not touched."""
    answer = json.loads(compose(ENVELOPE, reason="Why.", data={"Arn": "a"}))
    assert answer == {**ENVELOPE, "Reason": "Why.", "Data": {"Arn": "a"}}


def test_put_retries_server_errors(scripted_server: ScriptedServer) -> None:
    """A 503 is tried again, and the body arrives with an empty Content-Type."""
    scripted_server.statuses = [503, 200]
    put(scripted_server.url, b"{}")
    assert [request.body for request in scripted_server.requests] == [b"{}", b"{}"]
    assert scripted_server.requests[-1].headers.get("Content-Type", "") == ""


def test_put_takes_a_refusal_for_one(scripted_server: ScriptedServer) -> None:
    """A 403 is not delivery, is not tried again, and the error does not hold the URL."""
    scripted_server.statuses = [403]
    with pytest.raises(DeliveryError, match="403") as caught:
        put(scripted_server.url + "?X-Amz-Signature=5ecre7", b"{}")
    assert len(scripted_server.requests) == 1
    assert "5ecre7" not in str(caught.value)


def test_put_ends_when_nobody_listens(
    scripted_server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a connection it gives up after a bounded number of tries."""
    monkeypatch.setattr("time.sleep", lambda _: None)
    scripted_server.stop()
    with pytest.raises(DeliveryError, match="could not be sent"):
        put(scripted_server.url, b"{}")
