"""An account in which the renewal function runs: real clients, whose calls never leave the process."""

from __future__ import annotations

import functools
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import botocore.session

from dev.simulator.context import Context
from server_certificate.contract.renewal import SECRET_EVENT
from server_certificate_handler.renewal.entry import handle

NOW = datetime(2026, 11, 28, 0, 17, tzinfo=UTC)
ACCOUNT = "111122223333"
REGION = "eu-central-1"
STACK_ID = f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/Web/0a1b2c3d"
NESTED_ID = f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/Web-Nested/9f8e7d6c"
SECRET_ARN = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:tls-AbCdEf"
ROLE_ARN = f"arn:aws:iam::{ACCOUNT}:role/renewal"
PARAMETER = "TlsVersion"
OLD, NEW = "0" * 32, "1" * 32
CERTIFICATE_ID = "ASCA" + "A" * 17

CANCELED = f"Resource update {'cancel'}led"
"""CloudFormation's reason for a resource that stopped because another one had failed."""

CERTIFICATE_TYPE = "Custom::IamServerCertificate"
LISTENER_TYPE = "AWS::ElasticLoadBalancingV2::Listener"


def detail(
    source: str | None,
    entity: str | None = None,
    *,
    name: str = "Bundle",
    attribute: str = "Properties",
    evaluation: str = "Static",
) -> dict[str, Any]:
    """Return a detail of a resource's change, as CloudFormation describes it."""
    optional = {"ChangeSource": source, "CausingEntity": entity}
    return {
        "Target": {"Attribute": attribute, "Name": name, "RequiresRecreation": "Never"},
        "Evaluation": evaluation,
        **{key: value for key, value in optional.items() if value},
    }


def change(
    logical_id: str,
    resource_type: str,
    *details: dict[str, Any],
    action: str = "Modify",
    replacement: str = "False",
    **others: str,
) -> dict[str, Any]:
    """Return a change, as CloudFormation describes it."""
    resource = {
        "Action": action,
        "LogicalResourceId": logical_id,
        "ResourceType": resource_type,
        "Replacement": replacement,
        "Details": list(details),
        **others,
    }
    return {"Type": "Resource", "ResourceChange": resource}


def certificate_change(logical_id: str = "Certificate") -> dict[str, Any]:
    """Return the change of a certificate that a renewal makes."""
    return change(
        logical_id,
        CERTIFICATE_TYPE,
        detail("DirectModification", evaluation="Dynamic"),
        detail("ParameterReference", PARAMETER),
    )


def listener_change() -> dict[str, Any]:
    """Return the change of a listener that uses the certificate."""
    return change(
        "Listener",
        LISTENER_TYPE,
        detail("ResourceAttribute", "Certificate.Arn", name="Certificates", evaluation="Dynamic"),
    )


def renewal_input(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 (of any type, for bad input)
    """Return the input of a renewal that the secret's event triggers; None leaves a field out."""
    usual = {
        "Trigger": SECRET_EVENT,
        "Time": "2026-11-28T00:17:00Z",
        "Stack": STACK_ID,
        "Secret": SECRET_ARN,
        "Parameter": PARAMETER,
        "Role": ROLE_ARN,
        "Certificates": [{"Path": "Web/Tls", "LogicalId": "Certificate", "NoticeDays": 14}],
    }
    return {key: value for key, value in {**usual, **changes}.items() if value is not None}


@dataclass
class StoredVersion:
    """A version of the secret."""

    labels: list[str]
    created: datetime


@dataclass
class StoredCertificate:
    """A certificate in IAM."""

    name: str
    expiration: datetime = NOW + timedelta(days=60, hours=5)
    version: str | None = OLD

    @property
    def arn(self) -> str:
        """Return its ARN."""
        return f"arn:aws:iam::{ACCOUNT}:server-certificate/{self.name}"


def _resources() -> dict[tuple[str, str], tuple[str | None, str]]:
    return {(STACK_ID, "Certificate"): (CERTIFICATE_ID, "CREATE_COMPLETE")}


def _versions() -> dict[str, StoredVersion]:
    return {
        OLD: StoredVersion(["AWSPREVIOUS"], NOW - timedelta(days=90)),
        NEW: StoredVersion(["AWSCURRENT"], NOW - timedelta(hours=3)),
    }


@dataclass
class RenewalAccount:
    """The account. By default a renewal is due, and succeeds."""

    status: str | None = "UPDATE_COMPLETE"
    """The status of the stack; None if it doesn't exist."""

    parameters: dict[str, str] = field(default_factory=lambda: {PARAMETER: OLD, "Other": "x"})
    resources: dict[tuple[str, str], tuple[str | None, str]] = field(default_factory=_resources)
    """The physical ID and the status by stack and logical ID."""

    certificates: dict[str, StoredCertificate] = field(
        default_factory=lambda: {CERTIFICATE_ID: StoredCertificate("tls")}
    )
    versions: dict[str, StoredVersion] = field(default_factory=_versions)
    deletion: datetime | None = None
    changes: list[dict[str, Any]] = field(
        default_factory=lambda: [certificate_change(), listener_change()]
    )
    nested: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Change sets of nested stacks by their names."""

    change_set: dict[str, Any] | None = None
    outcome: str | None = "UPDATE_COMPLETE"
    """The status in which an update ends; None if it doesn't end."""

    clock_difference: timedelta = timedelta(0)
    """How much CloudFormation's clock is ahead of the function's."""

    events: list[dict[str, Any]] = field(default_factory=list)
    refuse: dict[str, list[tuple[int, str, str]]] = field(default_factory=dict)
    """Errors for the next calls of an operation: status, code, message."""

    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    regions: dict[str, str] = field(default_factory=dict)
    metrics: dict[tuple[str, str], list[float]] = field(default_factory=dict)
    """The published values by metric and construct path."""

    sent: list[dict[str, Any]] = field(default_factory=list)
    """The events that were sent."""

    context: Context = field(default_factory=Context)

    def run(self, event: object = None) -> None:
        """Run the function."""
        handle(
            renewal_input() if event is None else event,
            self.context,
            client=self.client,
            now=self.now,
            sleep=self.context.sleep,
        )

    def now(self) -> datetime:
        """Return the time, which only sleeping makes pass."""
        return NOW + timedelta(seconds=sum(self.context.slept))

    def called(self, operation: str) -> list[dict[str, Any]]:
        """Return the parameters of the calls of an operation."""
        return [parameters for name, parameters in self.calls if name == operation]

    def sent_types(self) -> list[str]:
        """Return the types of the events that were sent."""
        return [event["DetailType"] for event in self.sent]

    def client(self, service: str, region: str | None = None) -> Any:  # noqa: ANN401 (botocore creates its clients at run time)
        """Return the client of a service."""
        self.regions[service] = region or REGION
        client, holder = _client(service, region or REGION)
        holder["account"] = self
        return client

    def answer(self, operation: str, parameters: dict[str, Any]) -> dict[str, Any]:
        """Answer a call."""
        self.calls.append((operation, parameters))
        if self.refuse.get(operation):
            status, code, message = self.refuse[operation].pop(0)
            return _error(code, message, status)
        answer: dict[str, Any] = getattr(self, f"_{operation}")(parameters)
        return answer

    def _DescribeStackResource(self, given: dict[str, Any]) -> dict[str, Any]:  # noqa: N802 (the operation's name)
        key = (given["StackName"], given["LogicalResourceId"])
        if key not in self.resources:
            return _error("ValidationError", f"Resource {key[1]} does not exist for stack Web")
        physical_id, status = self.resources[key]
        found = {"ResourceStatus": status}
        return {
            "StackResourceDetail": {
                **found,
                **({"PhysicalResourceId": physical_id} if physical_id else {}),
            }
        }

    def _DescribeStacks(self, given: dict[str, Any]) -> dict[str, Any]:  # noqa: N802 (the operation's name)
        if self.status is None:
            return _error("ValidationError", f"Stack with id {given['StackName']} does not exist")
        parameters = [
            {"ParameterKey": key, "ParameterValue": value} for key, value in self.parameters.items()
        ]
        stack = {"StackStatus": self.status, "Parameters": parameters}
        return {"Stacks": [{**stack, "Capabilities": ["CAPABILITY_IAM"]}]}

    def _DescribeStackEvents(self, given: dict[str, Any]) -> dict[str, Any]:  # noqa: N802 (the operation's name)
        """Describe two events on each page."""
        start = int(given.get("NextToken", 0))
        more = {"NextToken": str(start + 2)} if start + 2 < len(self.events) else {}
        return {"StackEvents": self.events[::-1][start : start + 2], **more}

    def _ListServerCertificates(self, _: dict[str, Any]) -> dict[str, Any]:  # noqa: N802 (the operation's name)
        listed = [
            {"ServerCertificateId": id_, "ServerCertificateName": certificate.name}
            for id_, certificate in self.certificates.items()
        ]
        return {"ServerCertificateMetadataList": listed}

    def _GetServerCertificate(self, given: dict[str, Any]) -> dict[str, Any]:  # noqa: N802 (the operation's name)
        (found,) = (
            each
            for each in self.certificates.values()
            if each.name == given["ServerCertificateName"]
        )
        tag = {
            "Key": "cdk-iam-server-certificate:secret-version",
            "Value": f"{SECRET_ARN} {found.version}",
        }
        metadata = {
            "Arn": found.arn,
            "ServerCertificateName": found.name,
            "Expiration": found.expiration,
        }
        tags = [tag] if found.version else []
        return {"ServerCertificate": {"ServerCertificateMetadata": metadata, "Tags": tags}}

    def _DescribeSecret(self, _: dict[str, Any]) -> dict[str, Any]:  # noqa: N802 (the operation's name)
        stages = {id_: version.labels for id_, version in self.versions.items()}
        deletion = {"DeletedDate": self.deletion} if self.deletion else {}
        return {"VersionIdsToStages": stages, **deletion}

    def _ListSecretVersionIds(self, given: dict[str, Any]) -> dict[str, Any]:  # noqa: N802 (the operation's name)
        """List one version on each page."""
        position = int(given.get("NextToken", 0))
        id_, version = list(self.versions.items())[position]
        more = {"NextToken": str(position + 1)} if position + 1 < len(self.versions) else {}
        return {"Versions": [{"VersionId": id_, "CreatedDate": version.created}], **more}

    def _CreateChangeSet(self, given: dict[str, Any]) -> dict[str, Any]:  # noqa: N802 (the operation's name)
        if self.change_set is not None:
            return _error("AlreadyExistsException", "The change set exists.")
        arn = f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:changeSet/{given['ChangeSetName']}/1"
        self.change_set = {
            "ChangeSetId": arn,
            "Status": "CREATE_COMPLETE",
            "CreationTime": self.now(),
            "Description": given["Description"],
            "Parameters": given["Parameters"],
        }
        return {"Id": arn}

    def _DescribeChangeSet(self, given: dict[str, Any]) -> dict[str, Any]:  # noqa: N802 (the operation's name)
        """Describe one change on each page."""
        name = given["ChangeSetName"]
        if name in self.nested:
            return self.nested[name]
        if self.change_set is None:
            return _error("ChangeSetNotFound", "The change set doesn't exist.", 404)
        position = int(given.get("NextToken", 0))
        more = {"NextToken": str(position + 1)} if position + 1 < len(self.changes) else {}
        return {**self.change_set, "Changes": self.changes[position : position + 1], **more}

    def _DeleteChangeSet(self, _: dict[str, Any]) -> dict[str, Any]:  # noqa: N802 (the operation's name)
        self.change_set = None
        return {}

    def _ExecuteChangeSet(self, given: dict[str, Any]) -> dict[str, Any]:  # noqa: N802 (the operation's name)
        token = given["ClientRequestToken"]
        self.change_set = None
        self.add_event(token, "UPDATE_IN_PROGRESS", reason="User Initiated")
        self.status = "UPDATE_IN_PROGRESS"
        if self.outcome == "UPDATE_COMPLETE":
            self.parameters[PARAMETER] = NEW
            for certificate in self.certificates.values():
                certificate.version = NEW
        elif self.outcome:
            self.add_event(token, "UPDATE_FAILED", "Certificate", "The key doesn't belong to it.")
            self.add_event(token, "UPDATE_FAILED", "Listener", CANCELED)
        if self.outcome:
            self.add_event(token, self.outcome)
            self.status = self.outcome
        return {}

    def add_event(
        self,
        token: str,
        status: str,
        logical_id: str | None = None,
        reason: str = "",
        *,
        time: datetime | None = None,
    ) -> None:
        """Add an event of the stack, or of one of its resources."""
        event = {
            "Timestamp": time
            or self.now() + self.clock_difference + timedelta(seconds=len(self.events)),
            "ClientRequestToken": token,
            "LogicalResourceId": logical_id or "Web",
            "PhysicalResourceId": CERTIFICATE_ID if logical_id else STACK_ID,
            "ResourceStatus": status,
        }
        self.events.append({**event, **({"ResourceStatusReason": reason} if reason else {})})

    def _PutMetricData(self, given: dict[str, Any]) -> dict[str, Any]:  # noqa: N802 (the operation's name)
        for datum in given["MetricData"]:
            dimensions = {each["Name"]: each["Value"] for each in datum["Dimensions"]}
            assert dimensions.keys() == {"StackName", "ConstructPath"}
            key = (datum["MetricName"], dimensions["ConstructPath"])
            self.metrics.setdefault(key, []).append(datum["Value"])
        return {}

    def _PutEvents(self, given: dict[str, Any]) -> dict[str, Any]:  # noqa: N802 (the operation's name)
        self.sent += [
            {**entry, "Detail": json.loads(entry["Detail"])} for entry in given["Entries"]
        ]
        return {"FailedEntryCount": 0, "Entries": [{"EventId": "1"} for _ in given["Entries"]]}


def _error(code: str, message: str, status: int = 400) -> dict[str, Any]:
    return {
        "Error": {"Code": code, "Message": message},
        "ResponseMetadata": {"HTTPStatusCode": status},
    }


@functools.cache
def _client(service: str, region: str) -> tuple[Any, dict[str, Any]]:
    """Create a client whose calls are checked by botocore, and answered by an account."""
    client = botocore.session.get_session().create_client(
        service,
        region_name=region,
        aws_access_key_id="x",
        aws_secret_access_key="x",  # noqa: S106 (it opens nothing)
    )
    holder: dict[str, Any] = {}

    def remember(params: dict[str, Any], **_: object) -> None:
        holder["parameters"] = dict(params)

    def answer(model: Any, **_: object) -> tuple[Any, dict[str, Any]]:  # noqa: ANN401 (botocore has no types)
        parsed = holder["account"].answer(model.name, holder["parameters"])
        parsed.setdefault("ResponseMetadata", {"HTTPStatusCode": 200})
        return SimpleNamespace(status_code=parsed["ResponseMetadata"]["HTTPStatusCode"]), parsed

    client.meta.events.register_first("before-parameter-build", remember)
    client.meta.events.register_first("before-call", answer)
    return client, holder
