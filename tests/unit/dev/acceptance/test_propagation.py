"""What AWS doesn't know everywhere yet is waited for, and isn't taken for a difference."""

from __future__ import annotations

import io
import json
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest
from botocore.exceptions import ClientError

from dev.acceptance.findings import Verdict
from dev.acceptance.patience import Patience
from dev.acceptance.questions import permissions
from dev.acceptance.recorder import NotRecordedError, Recorder

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dev.acceptance.account import Account
    from dev.acceptance.inquiry import Inquiry
    from dev.acceptance.run import Run
    from dev.acceptance.stacks import AskedStack

STACK = "arn:stack"


class _Services:
    """A function whose role is in force after some calls, and its log."""

    def __init__(self, *, refusals: int) -> None:
        self.refusals = refusals
        self.calls = 0
        self.lines: list[str] = []

    def client(self, _: str) -> Any:  # noqa: ANN401 - stands in for boto3's
        return self

    def invoke(self, **_: str) -> dict[str, Any]:
        self.calls += 1
        if self.calls <= self.refusals:
            return {"FunctionError": "Unhandled", "Payload": io.BytesIO(b'"AccessDenied"')}
        # The first line is lost: the role may not write yet.
        if self.calls > self.refusals + 1:
            self.lines.append("READY")
        runtime = {"python": "3.13", "boto3": "1.40", "iam_actions": 8}
        return {"Payload": io.BytesIO(json.dumps(runtime).encode())}

    def get_paginator(self, _: str) -> _Services:
        return self

    def paginate(self, **_: str) -> Iterator[dict[str, Any]]:
        yield {"events": [{"timestamp": 1, "message": line} for line in self.lines]}


def test_the_recorder_waits_for_its_role(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is used only after it could read a stack and write its log."""
    monkeypatch.setattr("dev.acceptance.recorder.recorder_template", lambda *_: {})
    stack = SimpleNamespace(
        name="stack",
        create=lambda _: [],
        expect=lambda *_: None,
        outputs=lambda: {"FunctionArn": "arn", "LogGroup": "log"},
    )
    services = _Services(refusals=2)
    recorder = Recorder.deployed(
        cast("Account", services), cast("AskedStack", stack), cast("Run", None), Patience()
    )
    assert services.calls == 4
    assert recorder.runtime.iam_actions == 8


def test_an_event_without_a_status_is_no_answer() -> None:
    """A function that couldn't read its stack must not look like a stack with another status."""
    services = _Services(refusals=0)
    record = {
        "event": "Delete",
        "logical_id": "A",
        "physical_id": "a",
        "id": "a",
        "old_id": "",
        "stack": STACK,
        "answered": "SUCCESS a",
        "error": "AccessDenied",
    }
    services.lines.append(f"RECORD {json.dumps(record)}")
    recorder = Recorder(cast("Account", services), "arn", "log", Patience())
    with pytest.raises(NotRecordedError, match="AccessDenied"):
        recorder.records(STACK, expected=1)


def test_a_new_policy_may_take_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    """A call that should be allowed is repeated while IAM denies it, or doesn't know the certificate."""
    refusals = ["AccessDenied", "NoSuchEntity"]

    def upload(**_: str) -> None:
        if refusals:
            raise ClientError({"Error": {"Code": refusals.pop()}}, "UploadServerCertificate")

    def deny(**_: str) -> None:
        raise ClientError({"Error": {"Code": "AccessDenied"}}, "UploadServerCertificate")

    inquiry = SimpleNamespace(
        patience=Patience(),
        account=SimpleNamespace(partition="aws", account_id="111122223333"),
        run=SimpleNamespace(prefix="prefix-"),
        request=lambda suffix: {"ServerCertificateName": suffix, "Tags": []},
        discard=lambda _: None,
        exists=lambda _: False,
    )
    clients = {
        "Tagger": SimpleNamespace(upload_server_certificate=upload),
        "Uploader": SimpleNamespace(
            upload_server_certificate=lambda **request: (deny if "Tags" in request else upload)(
                **request
            )
        ),
    }
    monkeypatch.setattr(permissions, "_clients", lambda *_: clients)
    findings = list(permissions.UPLOADS.ask(cast("Inquiry", inquiry)))
    assert [finding.verdict for finding in findings] == [Verdict.AS_EXPECTED] * 3
    assert refusals == []
