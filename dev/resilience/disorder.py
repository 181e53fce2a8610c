"""What a search must not expect of a resource, after what was done to it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from dev.resilience.invariants import owner_of
from dev.simulator.disturbances import ENDS, Extent, Kind

if TYPE_CHECKING:
    from dev.resilience.doings import Circumstances
    from dev.resilience.invariants import Owner
    from dev.simulator.declared import Template
    from dev.simulator.stack_record import StackRecord
    from dev.simulator.world import World
    from local_cloud.iam.store import ServerCertificate


@dataclass
class Disorder:
    """Resources that may be in disorder."""

    excused: set[Owner] = field(default_factory=set)
    """Those of which more may be left than the template says."""

    drifted: set[Owner] = field(default_factory=set)
    """Those that a person has changed since their last event."""

    disordered: set[Owner] = field(default_factory=set)
    """Those of which nothing is expected any more."""

    def drift(self, stored: ServerCertificate) -> None:
        """Somebody changes a certificate behind its stack's back."""
        owner = owner_of(stored)
        if owner is not None:
            self.drifted.add(owner)

    def note_rivals(self, stack: StackRecord, template: Template) -> None:
        """Two certificates of a template with one name cannot both have it, once both exist."""
        names = Counter(declared.name for declared in template.values() if declared.name)
        self.disordered |= {
            (stack.stack_id, logical_id)
            for logical_id, declared in template.items()
            if declared.name and names[declared.name] > 1
        }

    def note_events(
        self, world: World, begin: int, circumstances: Circumstances, *, succeeded: bool = True
    ) -> None:
        """
        See which resources may be left in disorder by what was done to their events.

        A deletion that is disturbed may be given up, and with it what it should have removed; the
        next one that is not takes it along.

        Args:
            world: Where it happened.
            begin: The operation's first event in the world's history.
            circumstances: What was to go wrong.
            succeeded: Whether the operation succeeded.
        """
        lost = circumstances.lost_answers
        beyond_help = _is_beyond_help(world, begin, circumstances)
        for event in world.history[begin:]:
            owner = (event["StackId"], event["LogicalResourceId"])
            phase = world.phases[event["RequestId"]]
            disturbed = event["RequestId"] in world.disturbed_requests or lost
            # Where a replacement is undone by a Delete alone, the one before gets no event.
            if event["RequestType"] == "Update" and (succeeded or "ROLLBACK" in phase):
                self.drifted.discard(owner)
            if disturbed and ("ROLLBACK" in phase or event["RequestType"] == "Delete"):
                self.excused.add(owner)
            elif event["RequestType"] == "Delete" and "ROLLBACK" not in phase:
                self.excused.discard(owner)
            if beyond_help:
                self.excused.add(owner)
                self.disordered.add(owner)


def _is_beyond_help(world: World, begin: int, circumstances: Circumstances) -> bool:
    """
    Whether two misfortunes of one operation met so that nobody comes after what they left.

    * An event goes on after CloudFormation has turned round, and something else happens to it.
    * Two deliveries of an event move certificates at the same moment, and the one that moved
      the wrong one is stopped before it has moved it back.
    * An update gives no answer, and its rollback fails: what it has uploaded under a name that
      only its own template declares is unknown to every later event.

    The next event puts name and path right, and takes a tag that it finds for somebody else's.
    """
    lost = circumstances.lost_answers
    disturbances = circumstances.plan.values()
    if len(world.disturber.struck) + bool(lost) > 1:
        kinds = {disturbance.kind for disturbance in disturbances}
        stopped = bool(kinds & ENDS) or any(
            disturbance.extent is Extent.LASTING for disturbance in disturbances
        )
        if Kind.CANCELLED in kinds or (Kind.TWICE in kinds and stopped):
            return True
    requests = [event["RequestId"] for event in world.history[begin:]]
    answers = {request: world.answers.get(request) for request in requests}
    is_unanswered = any(
        answer is None and "ROLLBACK" not in world.phases[request]
        for request, answer in answers.items()
    )
    rollback_failed = any(
        "ROLLBACK" in world.phases[request] and (answer is None or answer["Status"] != "SUCCESS")
        for request, answer in answers.items()
    )
    return is_unanswered and rollback_failed
