"""The events that CloudFormation sends for a custom resource."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

Properties = dict[str, Any]
Event = dict[str, Any]
Answer = dict[str, Any]

RESPONSE_URL = (
    "https://cloudformation-custom-resource-response.example/answer?X-Amz-Signature=5ecre7"
)
"""The beginning of each ResponseURL."""


def new_stack_id(name: str) -> str:
    """Make up the id of a stack."""
    return f"arn:aws:cloudformation:eu-central-1:111122223333:stack/{name}/{uuid.uuid4()}"


def new_event(
    request_type: str, *, stack_id: str, logical_id: str, fields: Mapping[str, Any]
) -> Event:
    """
    Return an event.

    Args:
        request_type: Create, Update or Delete.
        stack_id: The stack.
        logical_id: The resource.
        fields: Its properties and physical id, by their names in an event.
    """
    request_id = str(uuid.uuid4())
    return {
        "RequestType": request_type,
        "ResponseURL": response_url(request_id),
        "StackId": stack_id,
        "RequestId": request_id,
        "ResourceType": "Custom::IamServerCertificate",
        "LogicalResourceId": logical_id,
        **fields,
    }


def response_url(request_id: str) -> str:
    """Return the part of the ResponseURL that identifies an event."""
    return f"{RESPONSE_URL}&RequestId={request_id}"
