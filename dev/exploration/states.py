"""Worlds at rest as values: frozen, so that equal worlds compare equal, and thawed to run operations."""

from __future__ import annotations

import hashlib
import itertools
from typing import TYPE_CHECKING, Final, NamedTuple

from dev.exploration.account import ValueAccount, certificate_id, stored
from dev.exploration.function import Function, declared_of
from dev.simulator.cloudformation import OnFailure
from dev.simulator.events import response_url
from dev.simulator.stack_record import Resource, StackRecord
from dev.simulator.world import World
from server_certificate.contract.ownership import REPLACES_TAG, REQUEST_ID_TAG

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from dev.exploration.function import Declaration
    from dev.resilience.invariants import Owner
    from dev.simulator.declared import Declared
    from dev.simulator.events import Answer, Event
    from server_certificate_handler.kernel.stored import StoredCertificate

UNDOINGS: Final = (
    BY_UPDATE := "every resource that was touched gets an Update",
    BY_DELETION := "what has replaced another is deleted, and nothing more",
    NOT_AT_ALL := "the stack stays as it is, and can be deleted",
)
"""What CloudFormation does if an operation fails."""

Tags = tuple[tuple[str, str], ...]
STACK_ID: Final = "arn:aws:cloudformation:eu-central-1:111122223333:stack/"


class Held(NamedTuple):
    """A resource of a stack."""

    logical_id: str
    declared: Declaration
    physical_id: str
    consumer: str | None


class StackState(NamedTuple):
    """A stack, and what CloudFormation shows of it."""

    name: str
    stack_id: str
    status: str
    resources: tuple[Held, ...]
    superseded: tuple[Held, ...]


class Certificate(NamedTuple):
    """A certificate in IAM."""

    name: str
    certificate_id: str
    path: str
    leaf: int
    tags: Tags

    def alive(self) -> StoredCertificate:
        """Return it as IAM stores it."""
        return stored(self.certificate_id, self.name, self.path, self.leaf, dict(self.tags))


class Sent(NamedTuple):
    """An event of the operation that led to a world."""

    request_type: str
    stack_id: str
    logical_id: str
    request_id: str
    physical_id: str
    declared: Declaration
    former: Declaration | None

    def event(self) -> Event:
        """Return it as it was sent."""
        event = {
            "RequestType": self.request_type,
            "ResponseURL": response_url(self.request_id),
            "StackId": self.stack_id,
            "RequestId": self.request_id,
            "LogicalResourceId": self.logical_id,
            "ResourceProperties": self.declared.properties(self.logical_id),
        }
        if self.physical_id:
            event["PhysicalResourceId"] = self.physical_id
        if self.former is not None:
            event["OldResourceProperties"] = self.former.properties(self.logical_id)
        return event


class State(NamedTuple):
    """A world at rest."""

    stacks: tuple[StackState, ...] = ()
    shown: tuple[tuple[str, str, str, str], ...] = ()
    """Stack id, logical id, physical id and status of each resource that is shown."""

    certificates: tuple[Certificate, ...] = ()
    theirs: tuple[Certificate, ...] = ()
    """Certificates from before the stacks, as they were then, or as the last successful template has made
    them."""

    excused: frozenset[Owner] = frozenset()
    """Resources that may have left certificates behind, because CloudFormation has given up a Delete."""

    drifted: frozenset[Owner] = frozenset()
    """Resources whose tags a person has changed since their last event."""

    undoing: str = BY_UPDATE
    """What CloudFormation does if an operation fails."""

    sent: tuple[Sent, ...] = ()
    """The events of the operation that first led here. Worlds that differ only in these are equal."""

    def canonical(self) -> State:
        """Return it with ids numbered by their first appearance."""
        rename = _Renaming()
        return State(
            stacks=tuple(
                each._replace(
                    resources=tuple(map(rename.held, each.resources)),
                    superseded=tuple(map(rename.held, each.superseded)),
                )
                for each in self.stacks
            ),
            shown=tuple(
                (stack_id, logical_id, rename(physical_id), status)
                for stack_id, logical_id, physical_id, status in sorted(self.shown, key=_place)
            ),
            certificates=tuple(map(rename.certificate, sorted(self.certificates))),
            theirs=tuple(map(rename.certificate, sorted(self.theirs))),
            excused=self.excused,
            drifted=self.drifted,
            undoing=self.undoing,
            sent=tuple(
                each._replace(
                    request_id=rename(each.request_id), physical_id=rename(each.physical_id)
                )
                for each in self.sent
            ),
        )

    @property
    def digest(self) -> bytes:
        """The key that identifies it."""
        plain = (*self[:4], sorted(self.excused), sorted(self.drifted), self.undoing)
        return hashlib.blake2b(repr(plain).encode(), digest_size=12).digest()

    def stack(self, name: str) -> StackState | None:
        """Return a stack that exists."""
        return next((each for each in self.stacks if each.name == name), None)


def _place(shown: tuple[str, str, str, str]) -> tuple[str, str]:
    return shown[0], shown[1]


class _Renaming:
    def __init__(self) -> None:
        self._names: dict[str, str] = {}

    def __call__(self, identifier: str) -> str:
        if identifier not in self._names:
            number = len(self._names)
            is_certificate = identifier.startswith("ASCA")
            self._names[identifier] = (
                certificate_id(number)
                if is_certificate
                else f"other-{number}"
                if identifier
                else ""
            )
        return self._names[identifier]

    def held(self, held: Held) -> Held:
        consumer = None if held.consumer is None else self(held.consumer)
        return held._replace(physical_id=self(held.physical_id), consumer=consumer)

    def certificate(self, certificate: Certificate) -> Certificate:
        tags = tuple((key, self._tag(key, value)) for key, value in certificate.tags)
        renamed = self(certificate.certificate_id)
        return certificate._replace(certificate_id=renamed, tags=tags)

    def _tag(self, key: str, value: str) -> str:
        if key not in {REPLACES_TAG, REQUEST_ID_TAG}:
            return value
        identifier, space, rest = value.partition(" ")
        return f"{self(identifier)}{space}{rest}"


_AT_REST: Final = "UPDATE_COMPLETE"
"""Stands for each status of a stack or a resource that is neither deleted nor stuck: later operations
can't tell them apart."""


class LiveWorld(World):
    """A world made from a state; can lose the answers to a single event."""

    account: Any

    def __init__(self, state: State) -> None:
        account = ValueAccount(
            by_name={each.name: each.alive() for each in state.certificates},
            stack_statuses={each.stack_id: each.status for each in state.stacks},
            resources={
                (stack_id, logical_id): (physical_id, status)
                for stack_id, logical_id, physical_id, status in state.shown
            },
        )
        super().__init__(account, [Function() for _ in range(3)])  # type: ignore[arg-type, misc]
        self.state = state
        self.late: int | None = None
        """Which event of the previous operation is delivered instead of the current one a second time."""

        self.messages: list[str] = []
        """The result of each event, for people."""

        self.losing: tuple[int, int] = (0, 0)
        """The number of the event whose answers are lost, and how many are lost."""
        self.cloudformation.roll_back_by_deletion = state.undoing == BY_DELETION
        if state.undoing == NOT_AT_ALL:
            self.cloudformation.on_failure = OnFailure.DO_NOTHING
        for each in state.stacks:
            # What a person has taken from a stack can be missing.
            self.human_deleted |= {
                held.physical_id
                for held in each.resources
                if (each.stack_id, held.logical_id) in state.drifted
            }
            resources = {held.logical_id: _resource(held) for held in each.resources}
            superseded = [(held.logical_id, _resource(held)) for held in each.superseded]
            self.stacks[each.name] = StackRecord(
                each.name, each.stack_id, each.status, resources, superseded=superseded
            )

    def freeze(
        self,
        *,
        theirs: Iterable[Certificate],
        excused: Iterable[Owner],
        drifted: Iterable[Owner],
    ) -> State:
        """Return its state at rest."""
        alive = [each for _, each in sorted(self.stacks.items()) if each.exists]
        ids = {each.stack_id for each in alive}
        resources = {(each.stack_id, lid) for each in alive for lid in each.resources}
        certificates = self.certificates()
        owned = {value for each in certificates for _, value in each.tags}
        return State(
            stacks=tuple(
                StackState(
                    each.name,
                    each.stack_id,
                    each.status if each.is_stuck else _AT_REST,
                    tuple(self._held(*item) for item in each.resources.items()),
                    tuple(self._held(*item) for item in each.superseded),
                )
                for each in alive
            ),
            shown=tuple(
                (*place, physical_id, status if status.startswith("DELETE") else _AT_REST)
                for place, (physical_id, status) in self.account.resources.items()
                if place in resources or (place[0] in ids and status != "DELETE_COMPLETE")
            ),
            certificates=certificates,
            theirs=tuple(theirs),
            excused=frozenset(each for each in excused if each[0] in ids | owned),
            drifted=frozenset(each for each in drifted if each[0] in ids),
            undoing=self.state.undoing,
            sent=tuple(map(_sent, self.history)),
        ).canonical()

    def certificates(self) -> tuple[Certificate, ...]:
        """Return what IAM holds."""
        return tuple(
            Certificate(
                each.name,
                each.certificate_id,
                each.path,
                each.public.certificate.number,
                tuple(sorted(each.tags.items())),
            )
            for _, each in sorted(self.account.by_name.items())
        )

    def _stack(self, name: str) -> StackRecord:
        stack = self.stacks.get(name)
        if stack is None or not stack.exists:
            taken = {value for each in self.state.certificates for _, value in each.tags}
            taken |= {stack_id for stack_id, _ in self.state.excused}
            stack_id = next(
                stack_id
                for number in itertools.count(1)
                if (stack_id := f"{STACK_ID}{name}/{number}") not in taken
            )
            stack = self.stacks[name] = StackRecord(name, stack_id)
        return stack

    def _send(self, event: Event) -> None:
        # With numbers, an operation in a world always sends the same events.
        event["RequestId"] = f"request-{len(self.history) + 1}"
        event["ResponseURL"] = response_url(event["RequestId"])
        calls, place = self.disturber.calls, len(self.messages)
        begin = len(calls)
        super()._send(event)
        answer = self.answers.get(event["RequestId"])
        self.messages.insert(
            place,
            f"{event['RequestType']} of {event['LogicalResourceId']}"
            f" in {self.phases[event['RequestId']]}, {_counted(calls[begin:], begin)}:"
            f" {answer['Status'] + ', ' + answer['Reason'] if answer else 'no answer'}",
        )

    def deliver_earlier(self) -> None:
        """Deliver the events of the previous operation again; nobody waits for their answers."""
        for each in self.state.sent:
            self._invoke(each.event())

    def _deliver_again(self) -> None:
        if self.late is None:
            super()._deliver_again()
            return
        self._depth += 1
        self._invoke(self.state.sent[self.late].event())
        self._depth -= 1

    def _receive(self, url: str, answer: Answer) -> None:
        if any(answer["RequestId"] == each.request_id for each in self.state.sent):
            return
        number, times = self.losing
        if times and len(self.history) == number:
            self.losing = (number, times - 1)
            self.lose_answers = 1
        super()._receive(url, answer)

    def declared(self, resource: Resource) -> Declared:
        """Return what was declared of a resource."""
        return declared_of(resource.properties)

    def _held(self, logical_id: str, resource: Resource) -> Held:
        declared = declared_of(resource.properties)
        return Held(logical_id, declared, resource.physical_id, resource.consumer)


def _counted(calls: list[str], begin: int) -> str:
    counted = [f"{number} {action}" for number, action in enumerate(calls, start=begin + 1)]
    return f"calls {', '.join(counted)}" if counted else "while another event waits"


def _sent(event: Event) -> Sent:
    former = event.get("OldResourceProperties")
    return Sent(
        event["RequestType"],
        event["StackId"],
        event["LogicalResourceId"],
        event["RequestId"],
        event.get("PhysicalResourceId", ""),
        declared_of(event["ResourceProperties"]),
        declared_of(former) if former is not None else None,
    )


def _resource(held: Held) -> Resource:
    properties = held.declared.properties(held.logical_id)
    return Resource(properties, held.physical_id, held.consumer)
