"""The pure parts of the knobs: what can be set, which calls go wrong, how they are answered."""

from __future__ import annotations

import json
from contextlib import nullcontext
from http import HTTPStatus
from itertools import cycle, islice
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from local_cloud.__main__ import main
from local_cloud.calls import Call, FaultPlan
from local_cloud.control import CALLS_PATH, KNOBS_PATH, control
from local_cloud.iam.errors import IamError
from local_cloud.iam.tag_support import check_tag_support
from local_cloud.knobs import Fault, KnobError, Knobs, knobs_from_json, knobs_to_json
from local_cloud.refusals import refusal
from local_cloud.switchboard import Switchboard

if TYPE_CHECKING:
    from datetime import datetime

GET = Call("iam", "GetServerCertificate", from_function=True)
UPLOAD = Call("iam", "UploadServerCertificate", from_function=True)
SECRET = Call("secretsmanager", "GetSecretValue", from_function=True)
OUTSIDE = Call("iam", "GetServerCertificate", from_function=False)


def fire(rule_arn: str, time: datetime) -> None:
    """Fire the schedule of a rule: none of these requests does."""
    raise AssertionError(rule_arn, time)


def test_knobs_survive_json() -> None:
    """What is written is what was set."""
    knobs = Knobs(
        quota=1,
        propagation_seconds=0.5,
        tagging=False,
        clock_offset_seconds=-3600,
        faults=(Fault("Answer", "lose-answer", every=2, times=3, callers="all"),),
    )
    assert knobs_from_json(json.loads(json.dumps(knobs_to_json(knobs)))) == knobs
    assert knobs_from_json({}) == Knobs()


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ([], "The knobs must be a JSON object."),
        (
            {"quotas": 1},
            (
                "The knobs can't have quotas. Valid names: quota, propagation_seconds, tag_on_create, "
                "tagging, clock_offset_seconds, duplicate_events, rollback_moves_last_updated_time, "
                "faults."
            ),
        ),
        ({"quota": "1"}, "quota must be a whole number of at least 0, not '1'."),
        ({"quota": True}, "quota must be a whole number of at least 0, not True."),
        ({"quota": 1001}, "quota must be at most 1000, not 1001."),
        (
            {"duplicate_events": -1},
            "duplicate_events must be a whole number of at least 0, not -1.",
        ),
        (
            {"propagation_seconds": None},
            "propagation_seconds must be a number of seconds, not None.",
        ),
        ({"propagation_seconds": -1}, "propagation_seconds must be at least 0, not -1."),
        (
            {"clock_offset_seconds": "1"},
            "clock_offset_seconds must be a number of seconds, not '1'.",
        ),
        ({"tagging": 1}, "tagging must be true or false, not 1."),
        (
            {"rollback_moves_last_updated_time": None},
            "rollback_moves_last_updated_time must be true or false, not None.",
        ),
        ({"faults": {}}, "faults must be a list of faults."),
        ({"faults": ["x"]}, "A fault must be a JSON object."),
        ({"faults": [{"action": "X"}]}, "A fault must have kind."),
        (
            {"faults": [{"action": "", "kind": "kill"}]},
            (
                "A fault's action must be the name of an AWS action, such as iam:GetServerCertificate, "
                "not ''."
            ),
        ),
        (
            {"faults": [{"action": "X", "kind": "x"}]},
            (
                "A fault's kind must be one of "
                "throttle, refuse, fail, reset, lose-answer, kill, kill-after, not 'x'."
            ),
        ),
        (
            {"faults": [{"action": "X", "kind": "kill", "callers": "me"}]},
            "A fault's callers must be one of function, all, not 'me'.",
        ),
        (
            {"faults": [{"action": "X", "kind": "kill", "nth": 0}]},
            "A fault's nth must be a whole number of at least 1, not 0.",
        ),
        (
            {"faults": [{"action": "X", "kind": "kill", "nth": 1, "every": 1}]},
            "A fault can have nth or every, but not both.",
        ),
        (
            {"faults": [{"action": "X", "kind": "kill", "nth": 1, "times": 1}]},
            "A fault can have times only with every.",
        ),
    ],
)
def test_what_cant_be_set_is_said_in_a_sentence(given: object, sentence: str) -> None:
    """It is a 400 with the sentence, and nothing is changed."""
    with pytest.raises(KnobError) as caught:
        knobs_from_json(given)
    assert str(caught.value) == sentence
    switchboard = Switchboard(Knobs(quota=7))
    answer = control("PUT", KNOBS_PATH, "", json.dumps(given).encode(), switchboard, fire)
    assert answer == (HTTPStatus.BAD_REQUEST, {"message": sentence})
    assert switchboard.knobs == Knobs(quota=7)


@pytest.mark.parametrize(
    ("fault", "calls", "due"),
    [
        (Fault("GetServerCertificate", "fail"), [GET, UPLOAD, GET], [1, 3]),
        (Fault("iam:GetServerCertificate", "fail"), [GET, SECRET], [1]),
        (Fault("sts:GetServerCertificate", "fail"), [GET], []),
        (Fault("iam:*ServerCertificate*", "fail"), [GET, SECRET, UPLOAD], [1, 3]),
        (Fault("*", "fail"), [GET, SECRET], [1, 2]),
        (Fault("*", "fail", nth=2), [GET, SECRET, GET, GET], [2]),
        (Fault("GetServerCertificate", "fail", nth=2), [GET, SECRET, GET, GET], [3]),
        (Fault("*", "fail", every=2), [GET] * 5, [2, 4]),
        (Fault("*", "fail", every=2, times=1), [GET] * 5, [2]),
        (Fault("*", "fail", nth=2), [OUTSIDE, GET, OUTSIDE, GET], [4]),
        (Fault("*", "fail", nth=2, callers="all"), [OUTSIDE, GET], [2]),
    ],
)
def test_which_calls_go_wrong(fault: Fault, calls: list[Call], due: list[int]) -> None:
    """A fault counts only the calls that it applies to."""
    plan = FaultPlan([fault])
    assert [place for place, call in enumerate(calls, start=1) if plan.decide(call)] == due


def test_of_several_faults_the_first_happens() -> None:
    """Every fault counts each call, including a call in which another fault happens."""
    plan = FaultPlan([Fault("*", "throttle", every=3), Fault("*", "kill", every=2)])
    assert [plan.decide(call) for call in islice(cycle([GET]), 6)] == [
        None,
        "kill",
        "throttle",
        "kill",
        None,
        "throttle",
    ]


def test_calls_are_counted_apart() -> None:
    """Those of functions are among all, and can be seen by themselves."""
    switchboard = Switchboard(Knobs())
    for call in (GET, OUTSIDE, SECRET):
        switchboard.note(call)
    assert control("GET", CALLS_PATH, "", b"", switchboard, fire)[1] == {
        "GetServerCertificate": 2,
        "GetSecretValue": 1,
    }
    assert control("GET", CALLS_PATH, "callers=function", b"", switchboard, fire)[1] == {
        "GetServerCertificate": 1,
        "GetSecretValue": 1,
    }
    switchboard.turn(Knobs(quota=1))
    assert switchboard.calls("all") != {}
    switchboard.reset()
    assert switchboard.calls("all") == {}


def test_a_reset_brings_back_the_start() -> None:
    """A reset sets the knobs as they were at the start, duplicates that are due included."""
    switchboard = Switchboard(Knobs(duplicate_events=1))
    assert [switchboard.take_duplicate(), switchboard.take_duplicate()] == [True, False]
    switchboard.turn(Knobs(quota=1))
    switchboard.reset()
    assert switchboard.knobs == Knobs(duplicate_events=1)
    assert switchboard.take_duplicate()


@pytest.mark.parametrize(
    ("method", "path", "query", "status"),
    [
        ("GET", "/_local_cloud/else", "", HTTPStatus.NOT_FOUND),
        ("POST", KNOBS_PATH, "", HTTPStatus.NOT_FOUND),
        ("GET", CALLS_PATH, "callers=me", HTTPStatus.BAD_REQUEST),
        ("PUT", KNOBS_PATH, "", HTTPStatus.BAD_REQUEST),
    ],
)
def test_other_requests_are_refused(method: str, path: str, query: str, status: HTTPStatus) -> None:
    """An unknown path or parameter, and a body that isn't JSON, are refused with a sentence."""
    found, content = control(method, path, query, b"{", Switchboard(Knobs()), fire)
    assert found == status
    assert content["message"].endswith(".")


@pytest.mark.parametrize(
    ("protocol", "call", "throttled", "refused", "failed"),
    [
        ("query", UPLOAD, (400, "Throttling"), (403, "AccessDenied"), (500, "ServiceFailure")),
        (
            "json",
            SECRET,
            (400, "ThrottlingException"),
            (400, "AccessDeniedException"),
            (500, "InternalServiceError"),
        ),
        (
            "rest-xml",
            Call("s3", "GetObject", from_function=True),
            (503, "SlowDown"),
            (403, "AccessDenied"),
            (500, "InternalError"),
        ),
    ],
)
def test_each_protocol_has_its_refusals(
    protocol: Any,  # noqa: ANN401 - a literal, given as a string here
    call: Call,
    throttled: tuple[int, str],
    refused: tuple[int, str],
    failed: tuple[int, str],
) -> None:
    """Code and status are the service's, and a missing permission is named."""
    answers = [
        refusal(kind, protocol, call, request_id="r") for kind in ("throttle", "refuse", "fail")
    ]
    for answer, (status, code) in zip(answers, (throttled, refused, failed), strict=True):
        assert answer.status == status
        assert code in answer.body.decode()
    assert f"perform: {call.service}:{call.action} because" in answers[1].body.decode()


@pytest.mark.parametrize(
    ("action", "fields", "tagging", "tag_on_create", "code"),
    [
        ("UploadServerCertificate", {"Tags.member.1.Key": "k"}, True, True, None),
        ("UploadServerCertificate", {}, False, False, None),
        ("GetServerCertificate", {}, False, False, None),
        ("TagServerCertificate", {"Tags.member.1.Key": "k"}, True, False, None),
        (
            "UploadServerCertificate",
            {"Tags.member.1.Key": "k"},
            True,
            False,
            "UnsupportedOperation",
        ),
        (
            "UploadServerCertificate",
            {"Tags.member.1.Key": "k"},
            False,
            True,
            "UnsupportedOperation",
        ),
        ("TagServerCertificate", {}, False, True, "InvalidAction"),
        ("UntagServerCertificate", {}, False, True, "InvalidAction"),
        ("ListServerCertificateTags", {}, False, True, "InvalidAction"),
    ],
)
def test_partitions_without_tags(
    action: str, fields: dict[str, str], *, tagging: bool, tag_on_create: bool, code: str | None
) -> None:
    """Only what needs the missing feature is refused."""
    expectation = nullcontext() if code is None else pytest.raises(IamError, match=f"^{code}:")
    with expectation:
        check_tag_support(action, fields, tagging=tagging, tag_on_create=tag_on_create)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ('{"quota": -1}', "quota must be a whole number of at least 0, not -1."),
        ("x", "it must be a JSON object"),
    ],
)
def test_the_command_says_what_is_wrong(given: str, sentence: str) -> None:
    """Wrong knobs end the command before anything is served."""
    done = CliRunner().invoke(main, ["serve", "--knobs", given])
    assert done.exit_code == 2
    assert sentence in done.output
