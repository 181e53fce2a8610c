"""The answer to CloudFormation: always one, always within its limits."""

from __future__ import annotations

import io
import json
import logging
from typing import TYPE_CHECKING, Any

import pytest

from dev.simulator.context import Context
from server_certificate_handler.errors import HandlerError
from server_certificate_handler.redaction import Redactor
from server_certificate_handler.response import MAX_ANSWER_BYTES, Outcome, Responder, compose
from server_certificate_handler.watchdog import NoWatchdog
from support.answers import STACK_ID, Recorder, event

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ENVELOPE = {
    "Status": "FAILED",
    "PhysicalResourceId": "ASCAEXAMPLE",
    "StackId": STACK_ID,
    "RequestId": "request-1",
    "LogicalResourceId": "Certificate",
}


def responder(work: Callable[[Any, Any], Outcome], recorder: Recorder) -> Responder:
    """Make a responder that nothing watches."""
    return Responder(work, Redactor(), recorder, watch=lambda *_: NoWatchdog())


def respond(request: dict[str, Any], work: Callable[[Any, Any], Outcome]) -> list[dict[str, Any]]:
    """Have an event handled by some work and return all answers."""
    recorder = Recorder()
    responder(work, recorder)(request, Context())
    return recorder.answers


def succeed(_: object, __: object) -> Outcome:
    """Succeed."""
    return Outcome("ASCA1", {"Arn": "a"})


def fail(_: object, __: object) -> Outcome:
    """Fail as explained failures do."""
    raise HandlerError("The cause. The fix.")


def test_success_carries_id_and_attributes() -> None:
    """The id that the work returns is the physical id, and its data the attributes."""
    (answer,) = respond(event("Create"), succeed)
    assert (answer["Status"], answer["PhysicalResourceId"]) == ("SUCCESS", "ASCA1")
    assert answer["Data"] == {"Arn": "a"}


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

    def broken(_: object, __: object) -> Outcome:
        raise ZeroDivisionError("division by zero")

    (answer,) = respond(event("Create"), broken)
    assert answer["Reason"].startswith("Internal error: ZeroDivisionError: division by zero")


@pytest.mark.parametrize("error", [SystemExit, KeyboardInterrupt, GeneratorExit])
def test_what_ends_the_function_is_answered(error: type[BaseException]) -> None:
    """Also what no handler of exceptions catches leaves an answer behind."""
    recorder = Recorder()

    def end(_: object, __: object) -> Outcome:
        raise error

    with pytest.raises(error):
        responder(end, recorder)(event("Create"), Context())
    (answer,) = recorder.answers
    assert answer["Status"] == "FAILED"
    assert answer["PhysicalResourceId"] == "not-created-request-1"


def test_reason_that_can_not_be_written_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer that fails to be composed is followed by one with another reason."""
    redact = Redactor.redact

    def refuse(redactor: Redactor, text: str) -> str:
        if "The cause." in text:
            raise MemoryError
        return redact(redactor, text)

    monkeypatch.setattr(Redactor, "redact", refuse)
    (answer,) = respond(event("Create"), fail)
    assert answer["Status"] == "FAILED"
    assert answer["Reason"]


def test_nothing_of_the_event_before_is_left() -> None:
    """A broken event is not answered with the ids of the one before."""
    recorder = Recorder()
    handle = responder(succeed, recorder)
    handle(event("Create"), Context())
    broken = event("Create", RequestId="request-2")
    del broken["RequestType"]
    handle(broken, Context())
    assert recorder.answers[1]["RequestId"] == "request-2"
    assert recorder.answers[1]["PhysicalResourceId"] == "not-created-request-2"
    assert recorder.answers[1]["Status"] == "FAILED"


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    """All that the function logs, at any level, by a handler that forgives nothing."""

    class Strict(logging.StreamHandler[io.StringIO]):
        def emit(self, record: logging.LogRecord) -> None:
            # As Lambda's does; those of the standard library only tell of an error.
            self.stream.write(self.format(record).encode().decode() + "\n")

    stream = io.StringIO()
    handler = Strict(stream)
    logging.getLogger().addHandler(handler)
    yield stream
    logging.getLogger().removeHandler(handler)


def test_event_and_url_are_not_logged(logged: io.StringIO) -> None:
    """Neither the properties nor the ResponseURL pass the logger, whatever its level becomes."""
    request = event("Create", ResourceProperties={"Certificate": {"Text": "my properties"}})
    respond(request, succeed)
    respond(request, fail)
    assert "The cause. The fix." in logged.getvalue()
    assert "X-Amz-Signature" not in logged.getvalue()
    assert "my properties" not in logged.getvalue()


@pytest.mark.parametrize("field", ["StackId", "RequestId", "LogicalResourceId"])
@pytest.mark.parametrize("text", ["100%", "%s", "%(secret)s", "\ud800", "{}", "\n", "x" * 10_000])
@pytest.mark.parametrize("work", [succeed, fail])
def test_ids_are_no_formats(
    field: str, text: str, work: Callable[[Any, Any], Outcome], logged: io.StringIO
) -> None:
    """Whatever an id looks like, what is logged about its event and the answer can be written."""
    (answer,) = respond(event("Create", **{field: text}), work)
    assert answer["Status"] == ("SUCCESS" if work is succeed else "FAILED")
    assert answer[field][:100] == text[:100]
    logged.getvalue().encode()


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


@pytest.mark.parametrize(
    "field", ["PhysicalResourceId", "StackId", "RequestId", "LogicalResourceId"]
)
@pytest.mark.parametrize(
    "value", ["x" * 10_000, "\ud800" * 5_000, "🔑" * 5_000, None, 7, ["x"], {}]
)
def test_any_envelope_fits(field: str, value: object) -> None:
    """Ids that CloudFormation never sends make no answer too long, and reason and attributes stay."""
    data = {"SubjectAlternativeNames": "a" * 5000, "Arn": "arn:aws:iam::1:x"}
    body = compose({**ENVELOPE, field: value}, reason="The cause. " * 100, data=data)
    answer = json.loads(body)
    assert len(body) <= MAX_ANSWER_BYTES
    assert isinstance(answer[field], str)
    assert answer["Reason"].startswith("The cause. ")
    assert answer["Data"]["Arn"] == "arn:aws:iam::1:x"


@pytest.mark.parametrize(
    "data",
    [
        {f"key-{number}": "v" * number for number in range(5_000)},
        {"k" * 10_000: "v"},
        {"\ud800" * 1_000: "v", "Arn": "a"},
        {"Arn": 7, "Path": None, "Expiration": object()},
    ],
)
def test_any_attributes_fit(data: dict[str, object]) -> None:
    """However many and long the attributes are, what goes out is small, and strings only."""
    body = compose(ENVELOPE, reason="Why.", data=data)
    answer = json.loads(body)
    assert len(body) <= MAX_ANSWER_BYTES
    assert answer["Reason"] == "Why."
    assert all(isinstance(value, str) for value in answer["Data"].values())


@pytest.mark.parametrize("physical_id", [7, None, ["ASCA1"], {"a": 1}])
def test_physical_id_that_is_no_text(physical_id: object) -> None:
    """An answer's physical id is a text that is not empty, whatever the event's is."""
    (answer,) = respond(event("Create", PhysicalResourceId=physical_id), fail)
    assert answer["PhysicalResourceId"] == "not-created-request-1"
