"""An AWS account in this process: real boto3 clients, the local cloud's IAM, a few secrets."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import urllib.parse
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

import boto3
from botocore.awsrequest import AWSResponse
from botocore.config import Config

from dev.certificates.authority import NOW
from dev.simulator.shown import Shown
from local_cloud.iam.actions import answer
from local_cloud.iam.errors import used_by_load_balancer
from local_cloud.iam.store import ServerCertificateStore
from local_cloud.iam.wire import read_query

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from botocore.awsrequest import AWSPreparedRequest

    from local_cloud.iam.errors import IamError
    from local_cloud.iam.store import ServerCertificate

Fault = tuple[int, str, str]
"""An answer that replaces another: HTTP status, code, message."""


class Observer(Protocol):
    """Observes each call."""

    def before(self, action: str) -> Fault | None:
        """Observe a call before its effect; a fault prevents the effect."""

    def after(self, action: str) -> Fault | None:
        """Observe a call after its effect; a fault replaces the answer."""


ACCOUNT_ID = "111122223333"
REGION = "eu-central-1"


@dataclass
class Account(Shown):
    """The account that the handler's clients call; nothing leaves the process."""

    quota: int = 20
    secrets: dict[str, str | bytes] = field(default_factory=dict)
    """Values by ARN or name, and with a version ID after a ``?``."""

    parameters: dict[str, str] = field(default_factory=dict)
    """Values of SSM parameters by name, or by name and version (``name:3``)."""

    plain_parameters: set[str] = field(default_factory=set)
    """The names of the parameters of type String; the others are of type SecureString."""

    objects: dict[str, bytes] = field(default_factory=dict)
    """Contents of S3 objects by bucket and key (``bucket/key``), and with a version after a ``?``."""

    in_use_by: dict[str, str] = field(default_factory=dict)
    """The consumer's ARN by ServerCertificateId."""

    calls: list[str] = field(default_factory=list)
    """The called actions, in order."""

    refuse: dict[str, list[tuple[int, str, str]]] = field(default_factory=dict)
    """Answers (status, code, message) that the next calls of an action get instead."""

    lose_answer: dict[str, tuple[int, str, str]] = field(default_factory=dict)
    """For an action: what replaces the answer to its next call, which takes effect."""

    fail_after: dict[str, tuple[int, int, tuple[int, str, str]]] = field(default_factory=dict)
    """For an action: how many calls succeed, how many then fail, and with what answer."""

    afterwards: dict[str, Callable[[], None]] = field(default_factory=dict)
    """What somebody else does just after the next call of an action."""

    observer: Observer | None = None
    """Observes each call before and after its effect, and can answer, break or delay it."""

    def __post_init__(self) -> None:
        """Create the account's empty store."""
        self.certificates = ServerCertificateStore(
            ACCOUNT_ID, clock=lambda: NOW, quota=self.quota, conflict_of=self._conflict_of
        )

    def client(self, service: str, region: str = REGION) -> Any:  # noqa: ANN401 - boto3 makes its clients at run time
        """Create a boto3 client for this account."""
        client: Any = boto3.client(
            service,  # type: ignore[call-overload]
            region_name=region,
            aws_access_key_id=ACCOUNT_ID,
            aws_secret_access_key="none",  # noqa: S106 - it opens nothing
            config=Config(retries={"mode": "standard", "total_max_attempts": 1}),
        )
        client.meta.events.register(
            "before-send", lambda request, **_: self.serve(service, request)
        )
        return client

    def serve(self, service: str, request: AWSPreparedRequest) -> AWSResponse:
        """Answer a call."""
        action = action_of(request)
        self.calls.append(action)
        carry_out = {
            "cloudformation": self._serve_stacks,
            "iam": self._serve_iam,
            "s3": self._serve_objects,
            "secretsmanager": self._serve_secrets,
            "ssm": self._serve_parameters,
        }[service]
        is_json = service in {"secretsmanager", "ssm"}
        fault = self._fault(action)
        if fault is None and self.observer is not None:
            fault = self.observer.before(action)
        if fault is None:
            response = carry_out(request)
            if action in self.afterwards:
                self.afterwards.pop(action)()
            if self.observer is not None:
                fault = self.observer.after(action)
        if fault is None:
            return response
        status, code, message = fault
        error = _json_error(code, message) if is_json else _iam_error(code, message)
        return _response(request, status, error)

    def names(self) -> dict[str, str]:
        """Return the ServerCertificateId of each name."""
        page = self.certificates.list_certificates(max_items=1000)
        return {item.name: item.certificate_id for item in page.items}

    def _conflict_of(self, certificate: ServerCertificate) -> IamError | None:
        certificate_id = certificate.certificate_id
        if certificate_id not in self.in_use_by:
            return None
        return used_by_load_balancer(certificate_id, self.in_use_by[certificate_id])

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

    def _serve_iam(self, request: AWSPreparedRequest) -> AWSResponse:
        query = _query(request)
        action = query["Action"]
        reply = answer(action, query, self.certificates, request_id=str(uuid.uuid4()))
        if action in self.lose_answer:
            status, code, message = self.lose_answer.pop(action)
            return _response(request, status, _iam_error(code, message))
        return _response(request, reply.status, reply.body)

    def _serve_stacks(self, request: AWSPreparedRequest) -> AWSResponse:
        query = _query(request)
        name = query["StackName"]
        status = self.stack_statuses.get(name, self.stack_status)
        if not status:
            return _response(request, 403, _iam_error("AccessDenied", "no"))
        if query["Action"] == "DescribeStacks":
            return _response(request, 200, _stack_description(status))
        resources = {
            logical_id: resource
            for (stack_id, logical_id), resource in self.resources.items()
            if stack_id == name
        }
        return _response(request, 200, _resource_list(resources))

    def _serve_secrets(self, request: AWSPreparedRequest) -> AWSResponse:
        asked = json.loads(_body(request))
        arn = asked["SecretId"]
        place = f"{arn}?{asked['VersionId']}" if "VersionId" in asked else arn
        if place not in self.secrets:
            message = "Secrets Manager can't find the specified secret."
            return _response(request, 400, _json_error("ResourceNotFoundException", message))
        value = self.secrets[place]
        content = (
            {"SecretString": value}
            if isinstance(value, str)
            else {"SecretBinary": base64.b64encode(value).decode()}
        )
        answer = {"ARN": arn, "Name": arn, "VersionId": version_id(value), **content}
        return _response(request, 200, json.dumps(answer).encode())

    def _serve_parameters(self, request: AWSPreparedRequest) -> AWSResponse:
        asked = json.loads(_body(request))
        name = asked["Name"]
        if name not in self.parameters:
            known = name.partition(":")[0] in self.parameters
            code = "ParameterVersionNotFound" if known else "ParameterNotFound"
            return _response(request, 400, _json_error(code, ""))
        shown = self.parameters[name] if asked["WithDecryption"] else "(encrypted)"
        kind = "String" if name in self.plain_parameters else "SecureString"
        answer = {"Parameter": {"Name": name, "Type": kind, "Value": shown}}
        return _response(request, 200, json.dumps(answer).encode())

    def _serve_objects(self, request: AWSPreparedRequest) -> AWSResponse:
        place = _object_of(request)
        if place in self.objects:
            return _response(request, 200, self.objects[place])
        code = "NoSuchVersion" if "?" in place else "NoSuchKey"
        error = f"<Error><Code>{code}</Code><Message>none</Message></Error>"
        return _response(request, 404, error.encode())


def version_id(value: str | bytes) -> str:
    """Return the ID of the version of a secret that has a value."""
    return hashlib.md5(str(value).encode(), usedforsecurity=False).hexdigest()


def action_of(request: AWSPreparedRequest) -> str:
    """Return the action that a request calls."""
    if "s3." in str(urllib.parse.urlsplit(str(request.url)).hostname):
        return "GetObject"
    if "X-Amz-Target" not in request.headers:
        return _query(request)["Action"]
    target: str | bytes = request.headers["X-Amz-Target"]
    text = target.decode() if isinstance(target, bytes) else str(target)
    return text.rpartition(".")[2]


def _object_of(request: AWSPreparedRequest) -> str:
    """Return the bucket, key and version in a request to S3."""
    url = urllib.parse.urlsplit(str(request.url))
    bucket = str(url.hostname).partition(".s3.")[0]
    version = urllib.parse.parse_qs(url.query).get("versionId")
    return f"{bucket}{urllib.parse.unquote(url.path)}{f'?{version[0]}' if version else ''}"


def _query(request: AWSPreparedRequest) -> dict[str, str]:
    return read_query(_body(request), {})


def _body(request: AWSPreparedRequest) -> bytes:
    return request.body if isinstance(request.body, bytes) else str(request.body).encode()


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


def _stack_description(status: str) -> bytes:
    """Write the answer to DescribeStacks."""
    return (
        "<DescribeStacksResponse><DescribeStacksResult><Stacks><member><StackName>web</StackName>"
        f"<CreationTime>{NOW.isoformat()}</CreationTime><StackStatus>{status}</StackStatus></member></Stacks>"
        "</DescribeStacksResult></DescribeStacksResponse>"
    ).encode()


def _resource_list(resources: Mapping[str, tuple[str, str]]) -> bytes:
    """Write the answer to ListStackResources: physical ids and statuses by logical id."""
    summaries = "".join(
        f"<member><LogicalResourceId>{logical_id}</LogicalResourceId>"
        f"<PhysicalResourceId>{physical_id}</PhysicalResourceId>"
        f"<ResourceStatus>{status}</ResourceStatus>"
        "<ResourceType>Custom::IamServerCertificate</ResourceType></member>"
        for logical_id, (physical_id, status) in resources.items()
    )
    return (
        "<ListStackResourcesResponse><ListStackResourcesResult><StackResourceSummaries>"
        f"{summaries}</StackResourceSummaries></ListStackResourcesResult></ListStackResourcesResponse>"
    ).encode()


def _json_error(code: str, message: str) -> bytes:
    return json.dumps({"__type": code, "message": message}).encode()
