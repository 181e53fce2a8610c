"""One operation, disturbed or not, from one world at rest to the next, and the invariants it breaks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from dev.exploration.account import shown_as_stored
from dev.exploration.operations import (
    BYSTANDER,
    NAME,
    POINT,
    REMOVE,
    TEMPLATES,
    UNTAG,
    UPLOAD,
    ByHand,
    Deploy,
    Destroy,
    perform,
)
from dev.exploration.states import Certificate, LiveWorld, State, Tags
from dev.resilience.disorder import abandoned, still_drifted, still_excused
from dev.resilience.invariants import all_certificates, broken, owner_of
from dev.simulator.disturbances import Disturbance, Extent, Kind
from server_certificate.contract.ownership import ADOPTED_TAG, LOGICAL_ID_TAG, STACK_ID_TAG, is_own

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from dev.exploration.operations import Operation
    from dev.resilience.invariants import Owner

_LASTING, _ONCE = Extent.LASTING, Extent.ONCE

_ALWAYS: Final = (
    Disturbance(Kind.THROTTLED, _LASTING),
    Disturbance(Kind.KILLED, _LASTING),
    Disturbance(Kind.OUT_OF_TIME),
    Disturbance(Kind.TWICE),
    Disturbance(Kind.CANCELED),
)
_OF_READING: Final = (*_ALWAYS, Disturbance(Kind.FAILED, _LASTING))
_OF_EFFECTS: Final = (
    *_OF_READING,
    Disturbance(Kind.REFUSED, _LASTING),
    Disturbance(Kind.LOST, _ONCE),
    Disturbance(Kind.LOST, _LASTING),
    Disturbance(Kind.KILLED_AFTER),
)
_OF_DELETION: Final = (
    *_OF_EFFECTS,
    Disturbance(Kind.IN_USE, _ONCE),
    Disturbance(Kind.IN_USE, _LASTING),
)
_BY_ACTION: Final[Mapping[str, tuple[Disturbance, ...]]] = {
    "ListStackResources": _ALWAYS,
    "DescribeStacks": _ALWAYS,
    "GetSecretValue": _ALWAYS,
    "GetServerCertificate": _OF_READING,
    "ListServerCertificates": _OF_READING,
    "DeleteServerCertificate": _OF_DELETION,
}
LOST_ANSWERS: Final = (1, 3)
"""How many answers to an event are lost: one, or the answers of all tries."""


def disturbances(action: str) -> tuple[Disturbance, ...]:
    """
    Return what can happen to a call, without disturbances that have the same effect as another.

    A disturbance that occurs once and is retried, by the SDK or by the function, has no effect. A
    function that is killed before a call could as well be killed after the previous one. A connection
    that always breaks has the effect of an internal error each time; a denied read that of a throttled
    one.
    """
    return _BY_ACTION.get(action, _OF_EFFECTS)


@dataclass(frozen=True, slots=True)
class Plan:
    """The disturbances of an operation."""

    calls: tuple[tuple[int, Disturbance], ...] = ()
    losing: tuple[int, int] = (0, 0)
    """The event whose answers are lost, and how many are lost."""

    late: int | None = None
    """Which event of the previous operation is delivered again, at the last disturbed call."""

    @property
    def size(self) -> int:
        """The number of disturbances."""
        return len(self.calls) + bool(self.losing[1])

    def __str__(self) -> str:
        messages = [f"{disturbance.name} at call {number}" for number, disturbance in self.calls]
        if self.late is not None:
            messages[-1] += f", which is event {self.late + 1} of the operation before"
        if self.losing[1]:
            messages.append(f"{self.losing[1]} answers to event {self.losing[0]} lost")
        return "; ".join(messages) or "undisturbed"


UNDISTURBED: Final = Plan()


@dataclass(frozen=True, slots=True)
class Step:
    """The result of an operation."""

    state: State
    problems: tuple[str, ...]
    calls: tuple[str, ...]
    messages: tuple[str, ...]
    """The result of each event, for people."""


def plans(state: State, operation: Operation, size: int) -> Iterator[Plan]:
    """
    Yield all combinations of this many disturbances of an operation.

    The second one disturbs what the operation does after the first.
    """
    if size == 0:
        yield UNDISTURBED
        return
    for first in plans(state, operation, size - 1):
        known = step(state, operation, first)
        begin = max((number for number, _ in first.calls), default=0)
        for number, action in enumerate(known.calls[begin:], start=begin + 1):
            for disturbance in disturbances(action):
                yield Plan((*first.calls, (number, disturbance)), first.losing, first.late)
            if first == UNDISTURBED:
                again = (number, Disturbance(Kind.TWICE))
                yield from (Plan((again,), late=late) for late in range(len(state.sent)))
        if first.losing == (0, 0):
            for event in range(1, len(known.messages) + 1):
                for times in LOST_ANSWERS:
                    yield Plan(first.calls, (event, times), first.late)


def step(state: State, operation: Operation, plan: Plan = UNDISTURBED) -> Step:
    """Run an operation."""
    world = LiveWorld(state)
    world.losing, world.late = plan.losing, plan.late
    succeeded = perform(world, operation, dict(plan.calls))
    calls, messages = tuple(world.disturber.calls), tuple(world.messages)
    is_disturbed = bool(world.disturber.struck) or plan.losing != (0, 0)
    theirs = list(_theirs(world, operation, succeeded=succeeded))
    excused = _excused(world)
    drifted = _drifted(world, operation, succeeded=succeeded)
    after = world.freeze(theirs=theirs, excused=excused, drifted=drifted)
    problems = [
        *_problems(world, theirs, excused, drifted),
        *(() if is_disturbed else _unexpected(world, state, operation, succeeded=succeeded)),
        *(() if is_disturbed else _replays(world)),
    ]
    return Step(after, tuple(dict.fromkeys(problems)), calls, messages)


def _replays(world: LiveWorld) -> Iterator[str]:
    """Yield the events that change something if they are delivered again to a world at rest."""
    before = dict(world.account.by_name)
    world.deliver_earlier()
    if world.account.by_name != before:
        yield "an event of the operation before, delivered late, changes something"
    for number, event in enumerate(tuple(world.history)):
        world.deliver_late(number)
        if world.account.by_name != before:
            yield f"the {event['RequestType']} of {event['LogicalResourceId']}, delivered late, changes something"
            return


def _theirs(world: LiveWorld, operation: Operation, *, succeeded: bool) -> Iterator[Certificate]:
    """
    Yield the certificates that must outlive every stack, as they must be.

    A certificate becomes the stack's own if adopt_existing is removed from the template, or if a
    successful update replaces it. Without a rollback, a Delete has the properties of the last update.
    """
    theirs = {each.certificate_id: each for each in world.state.theirs}
    certificates = {each.certificate_id: each for each in world.certificates()}
    if operation == ByHand(REMOVE):
        theirs = {key: each for key, each in theirs.items() if each.name != NAME}
    if isinstance(operation, ByHand) and operation.what == UPLOAD:
        theirs |= {each.certificate_id: each for each in certificates.values() if each.name == NAME}
    if isinstance(operation, Deploy) and succeeded:
        theirs = {
            key: each for key, each in theirs.items() if not _is_replaced(world, operation, key)
        }
    for stack in world.stacks.values():
        for resource in stack.resources.values():
            held = certificates.get(resource.physical_id)
            is_undone = stack.is_stuck and stack.status != "UPDATE_FAILED"
            if is_undone or held is None or held.certificate_id not in theirs:
                continue
            if world.declared(resource).adopt:
                theirs[held.certificate_id] = held._replace(tags=_of_users(held.tags))
            else:
                del theirs[held.certificate_id]
    yield from theirs.values()


def _of_users(tags: Tags) -> Tags:
    return tuple(item for item in tags if not is_own(item[0]))


def _is_replaced(world: LiveWorld, operation: Deploy, certificate_id: str) -> bool:
    before = world.state.stack(operation.stack)
    for held in before.resources if before is not None else ():
        if held.physical_id == certificate_id and held.logical_id in TEMPLATES[operation.template]:
            now = world.stacks[operation.stack].resources[held.logical_id]
            return now.physical_id != certificate_id
    return False


_NOT_ROLLED_BACK: Final = {"UPDATE_FAILED", "DELETE_FAILED"}


def _excused(world: LiveWorld) -> set[Owner]:
    """Return the resources that may have left certificates behind, also in deleted stacks."""
    before = world.state.excused
    failed = {each.stack_id for each in world.state.stacks if each.status in _NOT_ROLLED_BACK}
    return (
        still_excused(world, world.history, before)
        | {owner for owner in before if owner[0] in failed}
        | {owner for owner, _ in abandoned(world, world.history)}
        | _ousted(world)
    )


def _ousted(world: LiveWorld) -> set[Owner]:
    """
    Return the resources whose adopted certificate moved aside and can't get its name back.

    Somebody else has the name, or had it when the stack released the certificate.
    """
    held = {each.physical_id for stack in world.stacks.values() for _, each in stack.all_held()}
    away = {
        owner
        for each in all_certificates(world)
        if (owner := owner_of(each)) is not None
        and each.certificate_id not in held
        and each.name != NAME
        and any(tag.key == ADOPTED_TAG for tag in each.tags)
    }
    return away if NAME in world.account.by_name else away & world.state.excused


def _drifted(world: LiveWorld, operation: Operation, *, succeeded: bool) -> set[Owner]:
    """Return the resources that a person or a late Update has changed, and no Update has repaired since."""
    before = world.state.drifted
    drifted = still_drifted(world, world.history, before, succeeded=succeeded)
    if isinstance(operation, ByHand) and operation.what in {UNTAG, POINT}:
        held = world.account.by_name[NAME].certificate_id
        drifted |= {
            (stack.stack_id, logical_id)
            for stack in world.stacks.values()
            for logical_id, resource in stack.resources.items()
            if resource.physical_id == held
        }
    late = world.state.sent[world.late] if world.late is not None else None
    if late is not None and late.request_type == "Update":
        # It can't be distinguished from the running Update if both have the same certificate.
        drifted |= {
            (stack.stack_id, held.logical_id)
            for stack in world.state.stacks
            for held in stack.resources
            if (stack.stack_id, held.logical_id, held.physical_id)
            == (late.stack_id, late.logical_id, late.physical_id)
        }
    return drifted


def _problems(
    world: LiveWorld, theirs: list[Certificate], excused: set[Owner], drifted: set[Owner]
) -> Iterator[str]:
    """Yield the broken invariants of a world at rest."""
    bystander = world.account.by_name.get(BYSTANDER)
    (before,) = (each for each in theirs if each.name == BYSTANDER)
    if bystander != before.alive():
        yield "the bystander was changed or deleted"
    others = (each for each in theirs if each != before)
    shown = {each.certificate_id: shown_as_stored(each.alive()) for each in others}
    # A foreign certificate has tags of its owner, which stay when it becomes a stack's own.
    tagged = {
        each.certificate_id: shown_as_stored(each._replace(tags=_of_users(each.tags)).alive())
        for each in world.state.certificates
    }
    yield from broken(
        world,
        foreign=shown.values(),
        # Without its tags, a certificate can't be found.
        excused=excused | drifted,
        drifted=drifted,
        adopted={**tagged, **shown},
        exempt={before.certificate_id},
    )
    unsure = {stack_id for stack_id, _ in world.state.drifted}
    if any(
        stack.status == "UPDATE_ROLLBACK_FAILED" and stack.stack_id not in unsure
        for stack in world.stacks.values()
    ):
        yield "the rollback fails, however often it is continued"


def _unexpected(
    world: LiveWorld, before: State, operation: Operation, *, succeeded: bool
) -> Iterator[str]:
    """Yield what has failed without a cause."""
    if isinstance(operation, Destroy) and not succeeded:
        yield f"{operation.stack} can't be deleted: {_last_reason(world)}"
    if not isinstance(operation, Deploy) or operation.neighbor_fails_after is not None:
        return
    if not succeeded and _must_succeed(before, operation):
        yield f"the deployment fails: {_last_reason(world)}"


def _must_succeed(before: State, operation: Deploy) -> bool:
    """Whether each name that a template declares is free, its own, or that of a certificate to adopt."""
    if before.excused or before.drifted:
        return False
    holder = next((each for each in before.certificates if each.name == NAME), None)
    if holder is None:
        return True
    tags = dict(holder.tags)
    stack = before.stack(operation.stack)
    held = {each.logical_id: each for each in stack.resources} if stack is not None else {}
    for logical_id, declared in TEMPLATES[operation.template].items():
        if declared.name != NAME:
            continue
        fits = (holder.leaf, holder.path) == (declared.leaf, declared.path)
        present = held.get(logical_id)
        if stack is not None and tags.get(STACK_ID_TAG) == stack.stack_id:
            # If it is new, the construct has moved.
            return tags[LOGICAL_ID_TAG] == logical_id or (present is None and fits)
        # It adopts only what it doesn't have.
        has_it = present is not None and present.declared.leaf == declared.leaf
        return STACK_ID_TAG not in tags and declared.adopt and fits and not has_it
    return True


def _last_reason(world: LiveWorld) -> str:
    return next(
        (each["Reason"] for each in world.answers.values() if each["Status"] == "FAILED"), ""
    )
