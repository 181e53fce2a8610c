"""Events, and what takes the answers to them."""

from __future__ import annotations

import json
from typing import Any

from dev.simulator.events import RESPONSE_URL

STACK_ID = "arn:aws:cloudformation:eu-central-1:111122223333:stack/web/1"


def event(request_type: str, **fields: object) -> dict[str, Any]:
    """Write an event."""
    return {
        "RequestType": request_type,
        "ResponseURL": RESPONSE_URL,
        "StackId": STACK_ID,
        "RequestId": "request-1",
        "LogicalResourceId": "Certificate",
        "ResourceProperties": {},
        **fields,
    }


class Recorder:
    """Takes the place of CloudFormation."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        self.answers: list[dict[str, Any]] = []

    def __call__(self, url: str, body: bytes) -> None:
        """Receive an answer."""
        assert url == RESPONSE_URL
        self.bodies.append(body)
        self.answers.append(json.loads(body))
