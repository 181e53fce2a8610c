"""An AWS account in this process: real boto3 clients, the local cloud's IAM, a few secrets."""

from __future__ import annotations

import base64
import io
import json
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import boto3
from botocore.awsrequest import AWSResponse
from botocore.config import Config

from local_cloud.iam.actions import answer
from local_cloud.iam.store import ServerCertificateStore
from local_cloud.iam.wire import read_query
from support.certificates import NOW

if TYPE_CHECKING:
    from collections.abc import Callable

    from botocore.awsrequest import AWSPreparedRequest

    from local_cloud.iam.store import ServerCertificate

ACCOUNT_ID = "111122223333"
REGION = "eu-central-1"


@dataclass
class Account:
    """What the handler's clients talk to; nothing leaves the process."""

    quota: int = 20
    secrets: dict[str, str | bytes] = field(default_factory=dict)
    """Values by ARN or name."""

    in_use_by: dict[str, str] = field(default_factory=dict)
    """Consumer's ARN by ServerCertificateId."""

    stack_status: str = "CREATE_IN_PROGRESS"
    """What DescribeStacks says of every stack; empty to refuse it."""

    resources: dict[tuple[str, str], tuple[str, str]] = field(default_factory=dict)
    """What DescribeStackResource says: physical id and status by stack id and logical id."""

    calls: list[str] = field(default_factory=list)
    """Actions in the order they were called."""

    refuse: dict[str, list[tuple[int, str, str]]] = field(default_factory=dict)
    """Answers (status, code, message) that the next calls of an action get instead."""

    lose_answer: dict[str, tuple[int, str, str]] = field(default_factory=dict)
    """For an action: what arrives in place of the answer to its next call, which takes effect."""

    fail_after: dict[str, tuple[int, int, tuple[int, str, str]]] = field(default_factory=dict)
    """For an action: how many calls still succeed, how many after them fail, and with what answer."""

    afterwards: dict[str, Callable[[], None]] = field(default_factory=dict)
    """What somebody else does right after the next call of an action."""

    def __post_init__(self) -> None:
        """Make the account's empty store."""
        self.certificates = ServerCertificateStore(
            ACCOUNT_ID, clock=lambda: NOW, quota=self.quota, consumer_of=self._consumer_of
        )

    def client(self, service: str) -> Any:  # noqa: ANN401 - boto3 makes its clients at run time
        """Make a boto3 client that talks to this account."""
        client: Any = boto3.client(
            service,  # type: ignore[call-overload]
            region_name=REGION,
            aws_access_key_id=ACCOUNT_ID,
            aws_secret_access_key="none",  # noqa: S106 - it opens nothing
            config=Config(retries={"mode": "standard", "total_max_attempts": 1}),
        )
        serve = {
            "cloudformation": self._serve_stacks,
            "iam": self._serve_iam,
            "secretsmanager": self._serve_secrets,
        }[service]
        client.meta.events.register("before-send", serve)
        return client

    def names(self) -> dict[str, str]:
        """Return the ServerCertificateId of each name."""
        page = self.certificates.list_certificates(max_items=1000)
        return {item.name: item.certificate_id for item in page.items}

    def _consumer_of(self, certificate: ServerCertificate) -> str | None:
        return self.in_use_by.get(certificate.certificate_id)

    def _fault(self, action: str) -> tuple[int, str, str] | None:
        if self.refuse.get(action):
            return self.refuse[action].pop(0)
        if action in self.fail_after:
            successes, failures, fault = self.fail_after.pop(action)
            if successes:
                self.fail_after[action] = (successes - 1, failures, fault)
                return None
            if failures > 1:
                self.fail_after[action] = (0, failures - 1, fault)
            return fault
        return None

    def _serve_iam(self, request: AWSPreparedRequest, **_: object) -> AWSResponse:
        body = request.body if isinstance(request.body, bytes) else str(request.body).encode()
        query = read_query(body, {})
        action = query["Action"]
        self.calls.append(action)
        if fault := self._fault(action):
            status, code, message = fault
            return _response(request, status, _iam_error(code, message))
        reply = answer(action, query, self.certificates, request_id=str(uuid.uuid4()))
        if action in self.afterwards:
            self.afterwards.pop(action)()
        if action in self.lose_answer:
            status, code, message = self.lose_answer.pop(action)
            return _response(request, status, _iam_error(code, message))
        return _response(request, reply.status, reply.body)

    def _serve_stacks(self, request: AWSPreparedRequest, **_: object) -> AWSResponse:
        body = request.body if isinstance(request.body, bytes) else str(request.body).encode()
        query = read_query(body, {})
        action = query["Action"]
        self.calls.append(action)
        if fault := self._fault(action):
            status, code, message = fault
            return _response(request, status, _iam_error(code, message))
        if not self.stack_status:
            return _response(request, 403, _iam_error("AccessDenied", "no"))
        if action == "DescribeStacks":
            return _response(request, 200, stack_description(self.stack_status))
        resource = self.resources.get((query["StackName"], query["LogicalResourceId"]))
        if resource is None:
            message = f"Resource {query['LogicalResourceId']} does not exist"
            return _response(request, 400, _iam_error("ValidationError", message))
        return _response(request, 200, resource_description(*resource))

    def _serve_secrets(self, request: AWSPreparedRequest, **_: object) -> AWSResponse:
        self.calls.append("GetSecretValue")
        if fault := self._fault("GetSecretValue"):
            status, code, message = fault
            return _response(request, status, _json_error(code, message))
        body = request.body if isinstance(request.body, bytes) else str(request.body).encode()
        arn = json.loads(body)["SecretId"]
        if arn not in self.secrets:
            message = "Secrets Manager can't find the specified secret."
            return _response(request, 400, _json_error("ResourceNotFoundException", message))
        value = self.secrets[arn]
        content = (
            {"SecretString": value}
            if isinstance(value, str)
            else {"SecretBinary": base64.b64encode(value).decode()}
        )
        return _response(request, 200, json.dumps({"ARN": arn, "Name": arn, **content}).encode())


class _Raw(io.BytesIO):
    def stream(self, **_: object) -> Any:  # noqa: ANN401 - an iterator of bytes, as urllib3's
        while chunk := self.read(65536):
            yield chunk


def _response(request: AWSPreparedRequest, status: int, body: bytes) -> AWSResponse:
    return AWSResponse(request.url, status, {"Content-Type": "text/xml"}, _Raw(body))  # type: ignore[arg-type]


def _iam_error(code: str, message: str) -> bytes:
    return (
        '<ErrorResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><Error><Type>Sender</Type>'
        f"<Code>{code}</Code><Message>{message}</Message></Error><RequestId>r</RequestId></ErrorResponse>"
    ).encode()


def stack_description(status: str) -> bytes:
    """Write the answer to DescribeStacks."""
    members = (
        "<member><StackName>web</StackName><CreationTime>2030-01-01T00:00:00Z</CreationTime>"
        f"<StackStatus>{status}</StackStatus></member>"
    )
    return (
        f"<DescribeStacksResponse><DescribeStacksResult><Stacks>{members}</Stacks>"
        "</DescribeStacksResult></DescribeStacksResponse>"
    ).encode()


def resource_description(physical_id: str, status: str) -> bytes:
    """Write the answer to DescribeStackResource."""
    detail = (
        "<LogicalResourceId>Certificate</LogicalResourceId>"
        f"<PhysicalResourceId>{physical_id}</PhysicalResourceId>"
        f"<ResourceStatus>{status}</ResourceStatus>"
        "<ResourceType>Custom::IamServerCertificate</ResourceType>"
        "<LastUpdatedTimestamp>2030-01-01T00:00:00Z</LastUpdatedTimestamp>"
    )
    return (
        f"<DescribeStackResourceResponse><DescribeStackResourceResult><StackResourceDetail>{detail}"
        "</StackResourceDetail></DescribeStackResourceResult></DescribeStackResourceResponse>"
    ).encode()


def _json_error(code: str, message: str) -> bytes:
    return json.dumps({"__type": code, "message": message}).encode()
