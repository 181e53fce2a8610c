"""A small model of the function: the kernel and what performs its steps, on clients without a network."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from dev.exploration.account import CONTENTS, Client
from dev.simulator.context import Context
from dev.simulator.declared import Declared
from server_certificate.contract.properties import Property, ResourceProperties, parse_properties
from server_certificate_handler.deadline import Deadline
from server_certificate_handler.errors import HandlerError, IamRefusedError
from server_certificate_handler.event import read_event
from server_certificate_handler.iam import IamStore
from server_certificate_handler.identifiers import NOT_CREATED
from server_certificate_handler.kernel.desired import Request
from server_certificate_handler.run import Run
from server_certificate_handler.sources.reading import read
from server_certificate_handler.stack import StackReader

if TYPE_CHECKING:
    from collections.abc import Callable

    from dev.exploration.account import ValueAccount
    from dev.simulator.events import Answer, Event, Properties
    from server_certificate.material import PublicMaterial
    from server_certificate_handler.event import Event as ReadEvent
    from server_certificate_handler.kernel.stored import StoredCertificate


class Declaration(Declared):
    """One certificate resource in a template; its content is a number."""

    __slots__ = ()

    def properties(self, logical_id: str) -> Properties:
        """Return the properties of the custom resource."""
        return _properties(self, logical_id)


@functools.cache
def _properties(declared: Declaration, logical_id: str) -> Properties:
    properties = {
        **Declared.properties(declared, logical_id),
        Property.CERTIFICATE: {"Text": str(declared.leaf)},
    }
    del properties[Property.CERTIFICATE_CHAIN]
    _DECLARED[id(properties)] = declared
    return properties


_DECLARED: dict[int, Declaration] = {}


def declared_of(properties: Properties) -> Declaration:
    """Return what was declared."""
    # ``_properties`` keeps all of them, so that no two ever have the same identity.
    return _DECLARED[id(properties)]


class Function:
    """Replaces Lambda's sandboxes."""

    def __init__(self) -> None:
        self.context = Context()
        self.receive: Callable[[str, Answer], None] = lambda *_: None

    def run(self, account: ValueAccount, event: Event) -> None:
        """Run one invocation, or reuse the result of an equal one."""
        self.context = Context()
        key = _key(account, event)
        known = _KNOWN.get(key)
        if known is not None and account.observer.lets_pass(len(known.actions)):
            account.by_name, account.uploads = dict(known.by_name), known.uploads
            account.observer.skip(known.actions)
            self.receive(event["ResponseURL"], dict(known.answer))
            return
        begin, struck = len(account.calls), len(account.observer.struck)
        can_be_kept = account.observer.lets_pass(0)
        answer = self._answer(account, event)
        if can_be_kept and len(account.observer.struck) == struck:
            if len(_KNOWN) >= _MOST_KNOWN:
                _KNOWN.clear()
            _KNOWN[key] = _Known(
                tuple(account.calls[begin:]), dict(account.by_name), account.uploads, dict(answer)
            )
        self.receive(event["ResponseURL"], answer)

    def _answer(self, account: ValueAccount, event: Event) -> Answer:
        deadline = Deadline(self.context.get_remaining_time_in_millis, self.context.sleep)
        account.deadline_check = deadline.check
        answer = {
            "PhysicalResourceId": event.get("PhysicalResourceId")
            or NOT_CREATED + event["RequestId"],
            "StackId": event["StackId"],
            "RequestId": event["RequestId"],
            "LogicalResourceId": event["LogicalResourceId"],
            "Reason": "",
            "Data": {},
        }
        try:
            stored = _carry_out(read_event(event), Client(account), deadline)
        except HandlerError as error:
            return {**answer, "Status": "FAILED", "Reason": str(error)}
        if stored is not None:
            answer |= {"PhysicalResourceId": stored.certificate_id, "Data": {"Arn": stored.arn}}
        return {**answer, "Status": "SUCCESS", "Reason": "Done."}


class _Known(NamedTuple):
    """The result of an undisturbed invocation."""

    actions: tuple[str, ...]
    by_name: dict[str, StoredCertificate]
    uploads: int
    answer: Answer


_MOST_KNOWN: Final = 20_000
_KNOWN: dict[object, _Known] = {}


def _key(account: ValueAccount, event: Event) -> object:
    """Return everything that an invocation depends on."""
    stack_id = event["StackId"]
    return (
        event["RequestId"],
        event["RequestType"],
        stack_id,
        event["LogicalResourceId"],
        event.get("PhysicalResourceId"),
        id(event["ResourceProperties"]),
        id(event.get("OldResourceProperties")),
        account.status(stack_id),
        account.uploads,
        *(item for item in account.resources.items() if item[0][0] == stack_id),
        *(
            (each.certificate_id, each.name, each.path, each.public, *each.tags.items())
            for each in account.by_name.values()
        ),
    )


def _carry_out(event: ReadEvent, client: Any, deadline: Deadline) -> StoredCertificate | None:  # noqa: ANN401 (as boto3's)
    """Parse an event, like the handler's entry."""
    desired, material = event.removal(), None
    if event.request is not Request.DELETE:
        properties = _parsed(event.properties)
        desired, material = event.desired(properties), _Material(properties, client, deadline)
    run = Run(
        iam=_Store(client, deadline),
        stack=StackReader(client, deadline, event.stack_id),
        deadline=deadline,
        material=material,  # type: ignore[arg-type]
    )
    return run.carry_out(desired)


_PARSED: dict[int, ResourceProperties] = {}


def _parsed(properties: Any) -> ResourceProperties:  # noqa: ANN401 (an event's)
    if (parsed := _PARSED.get(id(properties))) is None:
        parsed = _PARSED[id(properties)] = parse_properties(properties)
    return parsed


class _Store(IamStore):
    """IAM, without PEM to parse."""

    __slots__ = ()

    def get(self, name: str) -> StoredCertificate | None:
        client: Any = self.client
        try:
            return self._call("GetServerCertificate", name, lambda: client.held(name))  # type: ignore[no-any-return]
        except IamRefusedError as error:
            if error.code == "NoSuchEntity":
                return None
            raise


@dataclass(frozen=True, slots=True)
class _Key:
    pem: str = "key"


@dataclass(frozen=True, slots=True)
class _UploadMaterial:
    public: PublicMaterial
    private_key: _Key = _Key()


class _Material:
    """The material of one event: a leaf in the properties, with its key in a secret."""

    def __init__(self, properties: ResourceProperties, client: Client, deadline: Deadline) -> None:
        self._properties, self._client, self._deadline = properties, client, deadline
        self._has_key = False
        self.secret_version = None

    def public(self, *, with_key: bool) -> PublicMaterial:
        part: Any = self._properties.parts.certificate
        content: PublicMaterial = CONTENTS[int(part.text)]
        return self.upload_material().public if with_key else content

    def upload_material(self) -> _UploadMaterial:
        if not self._has_key:
            key: Any = self._properties.parts.private_key
            read(key, client=lambda _: self._client, deadline=self._deadline)
            self._has_key = True
        return _UploadMaterial(self.public(with_key=False))
