"""An AWS account as a value: certificates by name, and clients that are plain objects."""

from __future__ import annotations

import functools
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError, ConnectionClosedError

from dev.simulator.account import REGION
from dev.simulator.declared import LEAVES, leaf
from dev.simulator.sandbox import TRIES
from dev.simulator.shown import Shown
from local_cloud.iam.tags import Tag
from server_certificate.material import PublicMaterial
from server_certificate.naming import arn_resource
from server_certificate_handler.kernel.stored import StoredCertificate

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from dev.simulator.account import Fault
    from dev.simulator.disturbances import Disturber

_FIRST: Final = 1000
"""Ids of worlds at rest have smaller numbers."""

_ARN: Final = "arn:aws:iam::111122223333:"


@dataclass(frozen=True, slots=True)
class Leaf:
    """Stands for a certificate: only its DER matters for decisions."""

    number: int

    @property
    def der(self) -> bytes:
        """The DER, which is compared and gives generated names their fingerprints."""
        return b"leaf %d" % self.number


CONTENTS: Final[tuple[PublicMaterial, ...]] = tuple(
    PublicMaterial(Leaf(number), ())  # type: ignore[arg-type]
    for number in range(LEAVES)
)
_NUMBERS: Final = {content.certificate_pem: number for number, content in enumerate(CONTENTS)}


def certificate_id(number: int) -> str:
    """Return a ServerCertificateId."""
    return f"ASCA{number:017}"


def stored(
    certificate_id: str, name: str, path: str, leaf_number: int, tags: Mapping[str, str]
) -> StoredCertificate:
    """Return a certificate as IAM stores it."""
    return StoredCertificate(
        certificate_id=certificate_id,
        name=name,
        path=path,
        arn=_ARN + arn_resource(path, name),
        public=CONTENTS[leaf_number],
        tags=dict(tags),
        upload_date=None,
    )


class AnsweredError(Exception):
    """IAM answers with an error."""

    def __init__(self, status: int, code: str) -> None:
        self.fault: Fault = (status, code, "")
        super().__init__(code)


@dataclass
class ValueAccount(Shown):
    """The account that a model of the function calls."""

    by_name: dict[str, StoredCertificate] = field(default_factory=dict)
    uploads: int = 0
    """The number of uploads so far."""

    calls: list[str] = field(default_factory=list)
    observer: Disturber = field(init=False)
    deadline_check: Callable[[str], None] = lambda _: None
    """Runs before each try of the SDK."""

    def upload(
        self, name: str, path: str, leaf_number: int, tags: Mapping[str, str]
    ) -> StoredCertificate:
        """Store a certificate."""
        self.uploads += 1
        new = stored(certificate_id(_FIRST + self.uploads), name, path, leaf_number, tags)
        self.by_name[name] = new
        return new

    def status(self, stack_id: str) -> str:
        """Return the status of a stack, deleted ones included."""
        return self.stack_statuses.get(stack_id, "DELETE_COMPLETE")

    def names(self) -> dict[str, str]:
        """Return the ServerCertificateId of each name."""
        return {name: self.by_name[name].certificate_id for name in sorted(self.by_name)}

    @property
    def certificates(self) -> SimpleNamespace:
        """The certificates in the form that the invariants use."""
        items = tuple(shown_as_stored(each) for each in self.by_name.values())
        return SimpleNamespace(list_certificates=lambda **_: SimpleNamespace(items=items))

    def call(self, action: str, effect: Callable[[], Any]) -> Any:  # noqa: ANN401 (whatever it answers)
        """Make a call like the SDK: each try is observed, and some failures are retried."""
        for attempt in range(TRIES):
            is_last = attempt == TRIES - 1
            self.deadline_check("AWS")
            answer = None
            self.calls.append(action)
            try:
                fault = self.observer.before(action)
                if fault is None:
                    try:
                        answer = effect()
                    except AnsweredError as error:
                        fault = error.fault
                    fault = self.observer.after(action) or fault
            except ConnectionClosedError:
                if is_last:
                    raise
                continue
            if fault is None:
                return answer
            status, code, message = fault
            if not is_last and (status >= 500 or code == "Throttling"):  # noqa: PLR2004 (HTTP)
                continue
            parsed: Any = {
                "Error": {"Code": code, "Message": message},
                "ResponseMetadata": {"HTTPStatusCode": status, "RetryAttempts": attempt},
            }
            raise ClientError(parsed, action)
        raise AssertionError


def shown_as_stored(each: StoredCertificate) -> Any:  # noqa: ANN401 (the local cloud's certificate)
    """Return a certificate in the form that the invariants use."""
    public: Any = each.public
    return SimpleNamespace(
        certificate_id=each.certificate_id,
        name=each.name,
        path=each.path,
        material=SimpleNamespace(body=_body(public.certificate.number)),
        tags=[Tag(key, value) for key, value in each.tags.items()],
    )


@functools.cache
def _body(number: int) -> str:
    return leaf(number).pem


class Client:
    """The function's calls to IAM, CloudFormation and Secrets Manager."""

    meta = SimpleNamespace(region_name=REGION)

    def __init__(self, account: ValueAccount) -> None:
        self._account = account

    def held(self, name: str) -> StoredCertificate:
        """GetServerCertificate, without text to parse."""
        return self._account.call("GetServerCertificate", lambda: self._at(name))  # type: ignore[no-any-return]

    def upload_server_certificate(self, **request: Any) -> dict[str, Any]:  # noqa: ANN401 (boto3's)
        """Answer UploadServerCertificate."""
        name, path = request["ServerCertificateName"], request["Path"]

        def effect() -> StoredCertificate:
            if name in self._account.by_name:
                raise AnsweredError(409, "EntityAlreadyExists")
            tags = {tag["Key"]: tag["Value"] for tag in request.get("Tags", [])}
            return self._account.upload(name, path, _NUMBERS[request["CertificateBody"]], tags)

        made = self._account.call("UploadServerCertificate", effect)
        metadata = {
            "ServerCertificateName": name,
            "ServerCertificateId": made.certificate_id,
            "Path": path,
            "Arn": made.arn,
        }
        return {"ServerCertificateMetadata": metadata}

    def update_server_certificate(self, **request: str) -> None:
        """Answer UpdateServerCertificate."""
        name = request["ServerCertificateName"]

        def effect() -> None:
            before = self._at(name)
            new_name = request.get("NewServerCertificateName", name)
            if new_name != name and new_name in self._account.by_name:
                raise AnsweredError(409, "EntityAlreadyExists")
            del self._account.by_name[name]
            moved = before.moved(new_name, request.get("NewPath", before.path))
            self._account.by_name[new_name] = moved

        self._account.call("UpdateServerCertificate", effect)

    def delete_server_certificate(self, *, ServerCertificateName: str) -> None:  # noqa: N803 (boto3's)
        """Answer DeleteServerCertificate."""

        def effect() -> None:
            self._at(ServerCertificateName)
            del self._account.by_name[ServerCertificateName]

        self._account.call("DeleteServerCertificate", effect)

    def tag_server_certificate(self, *, ServerCertificateName: str, Tags: list[Any]) -> None:  # noqa: N803
        """Answer TagServerCertificate."""
        put = {tag["Key"]: tag["Value"] for tag in Tags}
        self._account.call(
            "TagServerCertificate", lambda: self._retag(ServerCertificateName, put, ())
        )

    def untag_server_certificate(self, *, ServerCertificateName: str, TagKeys: list[str]) -> None:  # noqa: N803
        """Answer UntagServerCertificate."""
        self._account.call(
            "UntagServerCertificate", lambda: self._retag(ServerCertificateName, {}, TagKeys)
        )

    def get_secret_value(self, *, SecretId: str) -> dict[str, str]:  # noqa: N803
        """Answer GetSecretValue, with any key."""
        self._account.call("GetSecretValue", lambda: None)
        return {"SecretString": SecretId, "ARN": SecretId, "VersionId": "1"}

    def describe_stacks(self, *, StackName: str) -> dict[str, Any]:  # noqa: N803
        """Answer DescribeStacks."""
        status = self._account.call("DescribeStacks", lambda: self._account.status(StackName))
        return {"Stacks": [{"StackStatus": status}]}

    def get_paginator(self, operation: str) -> SimpleNamespace:
        """Return a paginator with one page."""
        pages = {
            "list_server_certificates": self._list_certificates,
            "list_stack_resources": self._list_resources,
        }[operation]
        return SimpleNamespace(paginate=pages)

    def _list_certificates(self, **_: object) -> list[Any]:
        names = self._account.call("ListServerCertificates", self._account.names)
        listed = [
            {"ServerCertificateName": name, "ServerCertificateId": certificate_id}
            for name, certificate_id in names.items()
        ]
        return [{"ServerCertificateMetadataList": listed}]

    def _list_resources(self, *, StackName: str) -> list[Any]:  # noqa: N803
        shown = self._account.call("ListStackResources", lambda: dict(self._account.resources))
        listed = [
            {
                "LogicalResourceId": logical_id,
                "PhysicalResourceId": physical_id,
                "ResourceStatus": status,
            }
            for (stack_id, logical_id), (physical_id, status) in shown.items()
            if stack_id == StackName
        ]
        return [{"StackResourceSummaries": listed}]

    def _at(self, name: str) -> StoredCertificate:
        if name not in self._account.by_name:
            raise AnsweredError(404, "NoSuchEntity")
        return self._account.by_name[name]

    def _retag(
        self, name: str, put: Mapping[str, str], remove: tuple[str, ...] | list[str]
    ) -> None:
        self._account.by_name[name] = self._at(name).retagged(put, remove)
