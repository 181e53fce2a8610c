"""What nobody can expect of a resource, after what was done to it: for how long, and no longer."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from dev.resilience.invariants import owner_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from dev.resilience.invariants import Owner
    from dev.simulator.declared import Template
    from dev.simulator.events import Event
    from dev.simulator.stack_record import StackRecord
    from dev.simulator.world import World
    from local_cloud.iam.store import ServerCertificate


def still_excused(world: World, events: Iterable[Event], excused: Collection[Owner]) -> set[Owner]:
    """
    Return the resources of which something may be left over.

    CloudFormation gives a Delete up that has failed three times in a clean-up. And when it has turned
    round, nobody comes after the function that it left behind, in case something more happens to that.
    What should have been removed stays until the next Delete of that resource, or Update of a rollback,
    that nothing disturbs. The same holds where both an event and the one that undoes it were disturbed.

    Args:
        world: Where it happened.
        events: Those of the last operation.
        excused: The resources that were excused before.
    """
    excused = set(excused)
    for event in events:
        owner = _owner(event)
        request_id = event["RequestId"]
        succeeded = _is_answered_well(world, event)
        if (
            not succeeded
            and event["RequestType"] == "Delete"
            and "CLEANUP" in world.phases[request_id]
        ):
            excused.add(owner)
        elif (
            succeeded
            and (event["RequestType"] == "Delete" or "ROLLBACK" in world.phases[request_id])
            and request_id not in world.disturbed_requests
        ):
            excused.discard(owner)
    return excused | _left_behind(world, events) | _disturbed_twice(world, events)


def still_drifted(
    world: World, events: Iterable[Event], drifted: Collection[Owner], *, succeeded: bool
) -> set[Owner]:
    """
    Return the resources that somebody has changed, and no Update has put in order that nothing disturbed.

    That is a person, or a function that CloudFormation has left behind.

    Args:
        world: Where it happened.
        events: Those of the last operation.
        drifted: The resources that had drifted before.
        succeeded: Whether the operation has succeeded.
    """
    drifted = set(drifted)
    if world.disturber.struck:
        return drifted | _left_behind(world, events)
    for event in events:
        # Where a replacement is undone by a Delete alone, the one before gets no event.
        is_last = succeeded or "ROLLBACK" in world.phases[event["RequestId"]]
        if is_last and event["RequestType"] == "Update" and _is_answered_well(world, event):
            drifted.discard(_owner(event))
    return drifted


def _left_behind(world: World, events: Iterable[Event]) -> set[Owner]:
    """Return the resources whose function something happened to after CloudFormation had turned round."""
    return {_owner(event) for event in events if _is_left_behind(world, event)}


def _disturbed_twice(world: World, events: Iterable[Event]) -> set[Owner]:
    """Return the resources of which an event was disturbed, and the one that undoes it was, too."""
    disturbed: set[Owner] = set()
    twice: set[Owner] = set()
    for event in events:
        if _is_disturbed(world, event):
            if "ROLLBACK" in world.phases[event["RequestId"]]:
                twice |= {_owner(event)} & disturbed
            disturbed.add(_owner(event))
    return twice


def _is_disturbed(world: World, event: Event) -> bool:
    request_id = event["RequestId"]
    return request_id in world.disturbed_requests or request_id not in world.answers


def _is_left_behind(world: World, event: Event) -> bool:
    request_id = event["RequestId"]
    return request_id in world.overtaken and world.disturbed_requests.get(request_id, 0) > 1


def _owner(event: Event) -> Owner:
    return event["StackId"], event["LogicalResourceId"]


def _is_answered_well(world: World, event: Event) -> bool:
    answer = world.answers.get(event["RequestId"])
    return answer is not None and answer["Status"] == "SUCCESS"


def abandoned(world: World, events: Iterable[Event]) -> Iterator[tuple[Owner, str]]:
    """
    Yield the names of events that could not undo their upload, with their resources.

    An Update was stopped in a stack that is not rolled back, whose later events tell the properties
    from before. Or an event was stopped after CloudFormation had turned round and sent all others.
    """
    stuck = {stack.stack_id for stack in world.stacks.values() if stack.is_stuck}
    for event in events:
        name = event["ResourceProperties"].get("ServerCertificateName")
        if event["RequestType"] == "Delete" or name is None:
            continue
        request_id = event["RequestId"]
        is_disturbed = _is_disturbed(world, event)
        is_lost = request_id in world.overtaken or not _is_answered_well(world, event)
        is_stuck = event["RequestType"] == "Update" and event["StackId"] in stuck
        if (is_stuck and is_disturbed and is_lost) or _is_left_behind(world, event):
            yield _owner(event), name


@dataclass
class Disorder:
    """Resources that may be in disorder."""

    excused: set[Owner] = field(default_factory=set)
    """Those of which more may be left than the template says."""

    drifted: set[Owner] = field(default_factory=set)
    """Those that a person has changed since their last Update."""

    disordered: set[Owner] = field(default_factory=set)
    """Those of which nothing is expected any more."""

    renamed: dict[str, str] = field(default_factory=dict)
    """The names that people have given certificates of stacks, by the certificates' ids."""

    untagged: dict[Owner, str] = field(default_factory=dict)
    """Drifted resources, and the certificates that nothing shows to be theirs."""

    abandoned: set[tuple[Owner, str]] = field(default_factory=set)
    """Names that only an update has declared that failed and was not rolled back."""

    def is_beyond_reach(self, stored: ServerCertificate) -> bool:
        """Return whether a certificate is under a name that no event ever tells."""
        owner = owner_of(stored)
        return self.has_hand_given_name(stored) or (
            owner is not None and (owner, stored.name) in self.abandoned
        )

    def has_hand_given_name(self, stored: ServerCertificate) -> bool:
        """Return whether only a person knows under which name a certificate is."""
        return self.renamed.get(stored.certificate_id) == stored.name

    def note_rivals(self, stack: StackRecord, template: Template, *, succeeded: bool) -> None:
        """
        Two certificates of a template with one name cannot both have it, once both exist.

        One of one content takes the other one's over, which then gets no Delete that gives its name back
        where replacements are undone by a Delete alone.
        """
        names = Counter(declared.name for declared in template.values() if declared.name)
        rivals = {
            (stack.stack_id, logical_id)
            for logical_id, declared in template.items()
            if declared.name and names[declared.name] > 1
        }
        if succeeded:
            self.disordered |= rivals
        else:
            self.drifted |= rivals

    def note_events(self, world: World, begin: int, *, succeeded: bool = True) -> None:
        """
        See which resources are in disorder, and which are no more, after an operation.

        Args:
            world: Where it happened.
            begin: The operation's first event in the world's history.
            succeeded: Whether the operation succeeded.
        """
        events = world.history[begin:]
        self.excused = still_excused(world, events, self.excused)
        self.drifted = still_drifted(world, events, self.drifted, succeeded=succeeded)
        self.abandoned |= set(abandoned(world, events))
        for owner in self.untagged.keys() - self.drifted:
            world.human_deleted.discard(self.untagged.pop(owner))
