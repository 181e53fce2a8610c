"""
Every operation, every call to AWS in it, and every disturbance, without sampling.

Each case starts with an empty account, prepares it for the operation, runs the operation with one
disturbance, and checks the invariants. Then all stacks are deleted, and nothing may be left.
"""

from __future__ import annotations

import itertools
import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from dev.resilience.invariants import all_certificates, broken, owner_of
from dev.simulator.account import Account
from dev.simulator.declared import LEAVES, forget_secrets, leaf, store_secrets, upload_by_hand
from dev.simulator.disturbances import ONLY_ONCE, Disturbance, Extent, Kind, applies
from dev.simulator.sandbox import LeakDetector, new_sandboxes
from dev.simulator.world import TRIES, World
from server_certificate.contract.ownership import ADOPTED_TAG

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from dev.resilience.scenarios import Scenario
    from dev.simulator.sandbox import Sandbox
    from local_cloud.iam.store import ServerCertificate

STACK: Final = "web"

LOST_ANSWERS: Final = {"answer to CloudFormation lost once": 1, "answer lost in every try": TRIES}


@dataclass(frozen=True, slots=True)
class Case:
    """One scenario with one disturbance."""

    scenario: Scenario
    what: str
    """The disturbance, as a column of the table."""

    where: str
    plan: dict[int, Disturbance] = field(default_factory=dict)
    lose_answers: int = 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of a case."""

    case: Case
    problems: tuple[str, ...]
    """The broken invariants; empty if there are none."""

    deployed: bool
    """Whether the operation succeeded; otherwise it was undone."""


class Trial:
    """Runs cases one after the other."""

    def __init__(self, sandboxes: list[Sandbox] | None = None) -> None:
        self._sandboxes = sandboxes or new_sandboxes()

    def calls(self, scenario: Scenario) -> list[str]:
        """Return the actions that an undisturbed operation calls."""
        world, *_ = self._ready(scenario)
        self._carry_out(world, scenario, {})
        return world.disturber.calls

    def events(self, scenario: Scenario) -> int:
        """Return the number of events of an undisturbed operation."""
        world, *_ = self._ready(scenario)
        before = len(world.history)
        self._carry_out(world, scenario, {})
        return len(world.history) - before

    def run(self, case: Case) -> Outcome:
        """Run one case."""
        world, foreign, adopted = self._ready(case.scenario)
        world.lose_answers = case.lose_answers
        deployed = self._carry_out(world, case.scenario, case.plan)
        world.lose_answers = 0
        excused = set()
        if world.given_up:
            excused = {
                owner
                for certificate in all_certificates(world)
                if certificate.certificate_id in world.given_up and (owner := owner_of(certificate))
            }
        problems = list(
            broken(world, foreign=foreign, excused=excused, drifted=set(), adopted=adopted)
        )
        if world.stacks[STACK].status == "UPDATE_ROLLBACK_FAILED":
            problems.append("the rollback fails, however often it is continued")
        outlives = {each.certificate_id: each for each in foreign} | (
            {} if deployed and case.scenario.replaces_adopted else adopted
        )
        problems += self._leftovers(world)
        problems += self._lost(world, outlives)
        return Outcome(case, tuple(dict.fromkeys(problems)), deployed)

    def _ready(
        self, scenario: Scenario
    ) -> tuple[World, tuple[ServerCertificate, ...], dict[str, ServerCertificate]]:
        account = Account()
        for number in range(LEAVES):
            store_secrets(account, number)
        stranger = leaf(2)
        account.certificates.upload(
            "www-foreign", body=stranger.pem, private_key=stranger.key_pem()
        )
        there = {}
        if scenario.is_there is not None:
            tags = {"team": "them", "cost-center": "42"}
            stored = upload_by_hand(account, "www", scenario.is_there, path="/", tags=tags)
            there[stored.certificate_id] = stored
        world = World(account, self._sandboxes)
        world.cloudformation.roll_back_by_deletion = scenario.roll_back_by_deletion
        for template in scenario.before:
            assert world.deploy(STACK, template), world.answers
        if scenario.forgotten is not None:
            forget_secrets(account, scenario.forgotten)
        foreign = all_foreign(world)
        ids = {each.certificate_id for each in foreign}
        adopted = {key: stored for key, stored in there.items() if key not in ids}
        return world, foreign, adopted

    def _carry_out(self, world: World, scenario: Scenario, plan: dict[int, Disturbance]) -> bool:
        if scenario.step.template is None:
            return world.delete(STACK, plan=plan)
        return world.deploy(
            STACK,
            scenario.step.template,
            neighbor_fails_after=scenario.step.neighbor_fails_after,
            plan=plan,
        )

    def _leftovers(self, world: World) -> Iterator[str]:
        stack = world.stacks[STACK]
        if stack.exists and not world.delete(STACK):
            yield f"the stack cannot be deleted: {list(world.answers.values())[-1]['Reason']}"
        for certificate in all_certificates(world):
            # What its Delete couldn't release is still there, and no later event has its name.
            is_given_up = certificate.certificate_id in world.given_up
            was_adopted = any(tag.key == ADOPTED_TAG for tag in certificate.tags)
            if owner_of(certificate) is not None and not (was_adopted and is_given_up):
                yield f"{certificate.name} is left when the stack is gone"

    def _lost(self, world: World, outlives: Mapping[str, ServerCertificate]) -> Iterator[str]:
        """Yield the certificates from before the stack that were lost with it."""
        by_id = {each.certificate_id: each for each in all_certificates(world)}
        for certificate_id, each in outlives.items():
            left = by_id.get(certificate_id)
            if left is None:
                yield f"{each.name} was there before, and is lost with the stack"
            elif certificate_id not in world.given_up and owner_of(left) is not None:
                yield f"{each.name} was there before, and is left with the tags of the stack"


def all_foreign(world: World) -> tuple[ServerCertificate, ...]:
    """Return the certificates that no stack owns."""
    return tuple(
        certificate for certificate in all_certificates(world) if owner_of(certificate) is None
    )


def cases(trial: Trial, scenario: Scenario) -> Iterator[Case]:
    """Yield all cases of a scenario."""
    calls = trial.calls(scenario)
    for number, action in enumerate(calls, start=1):
        for disturbance in _all_disturbances():
            if applies(disturbance.kind, action):
                where = f"call {number}, {action}"
                yield Case(scenario, disturbance.name, where, {number: disturbance})
    if scenario.is_delivered_twice:
        yield from _cases_of_two(scenario, calls)
    for what, times in LOST_ANSWERS.items():
        yield Case(scenario, what, "first event", lose_answers=times)


def _all_disturbances() -> tuple[Disturbance, ...]:
    return tuple(
        Disturbance(kind, extent)
        for kind, extent in itertools.product(Kind, Extent)
        if extent is Extent.ONCE or kind not in ONLY_ONCE
    )


def _cases_of_two(scenario: Scenario, calls: list[str]) -> Iterator[Case]:
    # If a neighbor fails too, no event follows what is still running.
    others = [each for each in _all_disturbances() if each.kind not in {Kind.TWICE, Kind.CANCELED}]
    again = Disturbance(Kind.TWICE)
    for first, action in enumerate(calls, start=1):
        # More calls than without a disturbance: the disturbed event reads again and undoes.
        for second in range(first + 1, len(calls) + 4):
            for disturbance in others:
                if disturbance.kind is not Kind.IN_USE:
                    where = f"call {first}, {action}, and call {second}"
                    plan = {first: again, second: disturbance}
                    yield Case(scenario, f"the same, then {disturbance.name}", where, plan)
                    if disturbance.extent is Extent.ONCE:
                        # A lasting disturbance would last for one delivery only, which no service does.
                        plan = {first: disturbance, second: again}
                        yield Case(scenario, f"the same, after {disturbance.name}", where, plan)


def sweep(scenario: Scenario) -> Iterator[Outcome]:
    """Run the cases of a scenario one by one."""
    trial = Trial()
    root = logging.getLogger()
    detector = LeakDetector()
    root.addHandler(detector)
    try:
        for case in cases(trial, scenario):
            yield trial.run(case)
    finally:
        root.removeHandler(detector)
