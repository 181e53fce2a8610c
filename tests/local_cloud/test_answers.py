"""How the answer of a custom resource is read: what CloudFormation accepts, and what it refuses."""

from __future__ import annotations

import json
from typing import Any

import pytest

from local_cloud.emulator.cloudformation.answers import (
    LONGEST_ANSWER,
    LONGEST_PHYSICAL_ID,
    Failure,
    ForeignAnswerError,
    Success,
    read_answer,
)

REQUEST = {"RequestId": "request", "StackId": "stack", "LogicalResourceId": "R"}
ANSWER = {**REQUEST, "Status": "SUCCESS", "PhysicalResourceId": "id"}
INVALID_DATA = "Value of property Data must be an object with String (or simple type) properties"


def body(**changes: object) -> bytes:
    """Return an answer; a change to None leaves a member out."""
    answer = {**ANSWER, **changes}
    return json.dumps({name: value for name, value in answer.items() if value is not None}).encode()


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, Success("id")),
        ({"Reason": "why not", "Unknown": 1}, Success("id")),
        ({"PhysicalResourceId": "x" * LONGEST_PHYSICAL_ID}, Success("x" * LONGEST_PHYSICAL_ID)),
        ({"Data": {}}, Success("id")),
        (
            {"Data": {"A": "a", "B": True, "C": 1.5}},
            Success("id", {"A": "a", "B": "true", "C": "1.5"}),
        ),
        ({"Data": {"A": None}}, Success("id")),
        ({"Data": {"A": ["a", 1]}}, Success("id", {"A": ["a", "1"]})),
        ({"NoEcho": True}, Success("id", no_echo=True)),
        ({"NoEcho": "true"}, Success("id", no_echo=True)),
        ({"NoEcho": False}, Success("id")),
    ],
)
def test_accepted_answers(changes: dict[str, Any], expected: Success) -> None:
    """The id, the values for Fn::GetAtt as text, and whether they are masked."""
    assert read_answer(body(**changes), REQUEST) == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (
            {"Status": "FAILED", "Reason": "no way"},
            Failure(
                "Received response status [FAILED] from custom resource. "
                "Message returned: no way (RequestId: request)",
                "id",
            ),
        ),
        (
            {"Status": "FAILED"},
            Failure("Invalid Response object: Reason is required if Status is FAILED", "id"),
        ),
        (
            {"Status": "FAILED", "Reason": "x", "PhysicalResourceId": ""},
            Failure("Invalid PhysicalResourceId"),
        ),
        ({"PhysicalResourceId": ""}, Failure("Invalid PhysicalResourceId")),
        ({"PhysicalResourceId": None}, Failure("Invalid PhysicalResourceId")),
        ({"PhysicalResourceId": 1}, Failure("Invalid PhysicalResourceId")),
        ({"PhysicalResourceId": "ü" * 513}, Failure("Invalid PhysicalResourceId")),
        (
            {"Status": "FAILURE"},
            Failure("Invalid Response object: 'FAILURE' is not a valid ResponseStatus"),
        ),
        (
            {"Status": "success"},
            Failure("Invalid Response object: 'success' is not a valid ResponseStatus"),
        ),
        (
            {"Status": ["SUCCESS"]},
            Failure("Invalid Response object: '['SUCCESS']' is not a valid ResponseStatus"),
        ),
        (
            {"Status": None},
            Failure("Invalid Response object: 'None' is not a valid ResponseStatus"),
        ),
        ({"Data": "text"}, Failure(INVALID_DATA, "id")),
        ({"Data": ["text"]}, Failure(INVALID_DATA, "id")),
        ({"Data": {"A": {"B": "b"}}}, Failure(INVALID_DATA, "id")),
    ],
)
def test_failures_and_refused_answers(changes: dict[str, Any], expected: Failure) -> None:
    """The status reason is CloudFormation's, and a valid id is kept for the Delete."""
    assert read_answer(body(**changes), REQUEST) == expected


@pytest.mark.parametrize("sent", [b"", b"SUCCESS", b"[]", b"null", b"{", b"\xff", b'{"Status": '])
def test_answers_that_are_no_objects(sent: bytes) -> None:
    """What isn't a JSON object fails the resource."""
    assert read_answer(sent, REQUEST) == Failure("Invalid Response object: not a JSON object")


def test_the_longest_answer() -> None:
    """The limit is on the bytes of the whole body, and inclusive."""
    padding = LONGEST_ANSWER - len(body(Reason=""))
    assert read_answer(body(Reason="x" * padding), REQUEST) == Success("id")
    assert read_answer(body(Reason="x" * (padding + 1)), REQUEST) == Failure(
        "Response object is too long."
    )


@pytest.mark.parametrize("name", ["RequestId", "StackId", "LogicalResourceId"])
@pytest.mark.parametrize("value", ["other", None])
def test_foreign_answers(name: str, value: str | None) -> None:
    """An answer that doesn't repeat the ids of the request isn't one to it."""
    with pytest.raises(ForeignAnswerError, match=f"^{name} is {value!r} in the answer and '"):
        read_answer(body(**{name: value}), REQUEST)
