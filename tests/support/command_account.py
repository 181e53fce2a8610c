"""The account that the command is run against in this process: more of Secrets Manager and IAM."""

from __future__ import annotations

import base64
import json
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import boto3

from dev.simulator.account import (
    ACCOUNT_ID,
    REGION,
    Account,
    _body,
    _iam_error,
    _json_error,
    _query,
    _response,
    action_of,
)
from support import consumer_answers

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest
    from botocore.awsrequest import AWSPreparedRequest, AWSResponse
    from botocore.exceptions import BotoCoreError

    from dev.certificates.authority import Issued
    from local_cloud.iam.store import ServerCertificate
    from local_cloud.iam.tags import Tag

_SUMMARY = (
    "<GetAccountSummaryResponse><GetAccountSummaryResult><SummaryMap>"
    "<entry><key>ServerCertificates</key><value>{used}</value></entry>"
    "<entry><key>ServerCertificatesQuota</key><value>{limit}</value></entry>"
    "</SummaryMap></GetAccountSummaryResult></GetAccountSummaryResponse>"
)


@dataclass
class StoredSecret:
    """A secret with its versions, the present one last."""

    name: str
    versions: dict[str, str | bytes] = field(default_factory=dict)
    kms_key_id: str | None = None
    description: str | None = None
    tags: dict[str, str] = field(default_factory=dict)
    is_deleted: bool = False

    @property
    def arn(self) -> str:
        """Its complete ARN."""
        return f"arn:aws:secretsmanager:{REGION}:{ACCOUNT_ID}:secret:{self.name}-AbCdEf"

    @property
    def present(self) -> dict[str, str]:
        """What the present version holds, as JSON."""
        return dict(json.loads(list(self.versions.values())[-1]))


@dataclass
class CommandAccount(Account):
    """An account whose secrets can be written, and that knows its quota."""

    stored: dict[str, StoredSecret] = field(default_factory=dict)
    """Secrets by name."""

    unreachable: BotoCoreError | None = None
    """What every call ends in."""

    profiles: list[str | None] = field(default_factory=list)
    regions: dict[str, str] = field(default_factory=dict)
    """The Region that a client was made for, by service."""

    tokens: set[str] = field(default_factory=set)
    """Session tokens that calls were made with."""

    used_by: dict[str, list[str]] = field(default_factory=dict)
    """The certificates that a consumer uses, by the consumer's ARN."""

    consumers_denied: set[str] = field(default_factory=set)
    """The services of consumers that deny access."""

    sent: list[str] = field(default_factory=list)
    """Bodies of requests to Secrets Manager."""

    def connect(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Let every client that boto3 makes from now on talk to this account."""
        make: Callable[..., Any] = boto3.Session.client

        def client(session: boto3.Session, service: str, **options: object) -> object:
            made = make(session, service, **options)
            self.profiles.append(session.profile_name)
            self.regions[service] = made.meta.region_name
            made.meta.events.register(
                "before-send", lambda request, **_: self.serve(service, request)
            )
            return made

        monkeypatch.setattr(boto3.Session, "client", client)

    def secret(self, name: str, content: object, **settings: Any) -> StoredSecret:  # noqa: ANN401 - fields of StoredSecret
        """Put a secret into the account; what is neither text nor bytes, as JSON."""
        value = content if isinstance(content, str | bytes) else json.dumps(content)
        self.stored[name] = StoredSecret(name, {str(uuid.uuid4()): value}, **settings)
        return self.stored[name]

    def hold(
        self, name: str, issued: Issued, *, path: str = "/", tags: tuple[Tag, ...] = ()
    ) -> ServerCertificate:
        """Put a server certificate into the account."""
        return self.certificates.upload(
            name,
            path=path,
            body=issued.pem,
            private_key=issued.key_pem(),
            chain=issued.chain_pem(root=False) or None,
            tags=tags,
        )

    def serve(self, service: str, request: AWSPreparedRequest) -> AWSResponse:
        """Answer a call, if the account is reached at all."""
        token = request.headers.get("X-Amz-Security-Token")
        if token:
            self.tokens.add(token if isinstance(token, str) else token.decode())
        if self.unreachable is not None:
            raise self.unreachable
        if service in consumer_answers.SERVICES:
            self.calls.append(service)
            if service in self.consumers_denied:
                return _response(request, 403, _iam_error("AccessDenied", "no"))
            answer = consumer_answers.answer(service, request, self.used_by)
            return _response(request, 200, answer.encode())
        if service == "secretsmanager":
            self.sent.append(_body(request).decode())
        return super().serve(service, request)

    def _serve_stacks(self, request: AWSPreparedRequest) -> AWSResponse:
        name = _query(request)["StackName"]
        if name in self.stack_statuses:
            return super()._serve_stacks(request)
        message = f"Stack with id {name} does not exist"
        return _response(request, 400, _iam_error("ValidationError", message))

    def _serve_iam(self, request: AWSPreparedRequest) -> AWSResponse:
        if action_of(request) != "GetAccountSummary":
            return super()._serve_iam(request)
        summary = _SUMMARY.format(used=len(self.certificates), limit=self.certificates.quota)
        return _response(request, 200, summary.encode())

    def _serve_secrets(self, request: AWSPreparedRequest) -> AWSResponse:
        action = action_of(request)
        asked = json.loads(_body(request))
        answer = {
            "CreateSecret": self._create,
            "DescribeSecret": self._describe,
            "GetSecretValue": self._value,
            "PutSecretValue": self._put,
        }[action](asked)
        if action in self.afterwards:
            self.afterwards.pop(action)()
        if isinstance(answer, tuple):
            return _response(request, 400, _json_error(*answer))
        return _response(request, 200, json.dumps(answer).encode())

    def _create(self, asked: dict[str, Any]) -> dict[str, Any] | tuple[str, str]:
        if asked["Name"] in self.stored:
            return "ResourceExistsException", f"The secret {asked['Name']} already exists."
        version = asked["ClientRequestToken"]
        made = StoredSecret(
            asked["Name"],
            {version: asked["SecretString"]},
            kms_key_id=asked.get("KmsKeyId"),
            description=asked.get("Description"),
            tags={tag["Key"]: tag["Value"] for tag in asked.get("Tags", [])},
        )
        self.stored[made.name] = made
        return {"ARN": made.arn, "Name": made.name, "VersionId": version}

    def _describe(self, asked: dict[str, Any]) -> dict[str, Any] | tuple[str, str]:
        found = self._found(asked["SecretId"])
        if isinstance(found, tuple):
            return found
        key = {"KmsKeyId": found.kms_key_id} if found.kms_key_id else {}
        stages = {version: ["AWSPREVIOUS"] for version in found.versions}
        stages |= {version: ["AWSCURRENT"] for version in list(found.versions)[-1:]}
        return {"ARN": found.arn, "Name": found.name, "VersionIdsToStages": stages, **key}

    def _value(self, asked: dict[str, Any]) -> dict[str, Any] | tuple[str, str]:
        found = self._found(asked["SecretId"])
        if isinstance(found, tuple):
            return found
        if not found.versions:
            message = "can't find the specified secret value for staging label: AWSCURRENT"
            return "ResourceNotFoundException", f"Secrets Manager {message}"
        version, value = list(found.versions.items())[-1]
        content = (
            {"SecretString": value}
            if isinstance(value, str)
            else {"SecretBinary": base64.b64encode(value).decode()}
        )
        return {"ARN": found.arn, "Name": found.name, "VersionId": version, **content}

    def _put(self, asked: dict[str, Any]) -> dict[str, Any] | tuple[str, str]:
        found = self._found(asked["SecretId"])
        if isinstance(found, tuple):
            return found
        version = asked["ClientRequestToken"]
        found.versions[version] = asked["SecretString"]
        return {"ARN": found.arn, "Name": found.name, "VersionId": version}

    def _found(self, wanted: str) -> StoredSecret | tuple[str, str]:
        for secret in self.stored.values():
            if wanted in {secret.name, secret.arn}:
                if secret.is_deleted:
                    message = "because it was marked for deletion."
                    return (
                        "InvalidRequestException",
                        f"You can't perform this operation on the secret {message}",
                    )
                return secret
        return "ResourceNotFoundException", "Secrets Manager can't find the specified secret."
