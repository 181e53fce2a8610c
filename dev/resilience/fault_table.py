"""
Every operation, every call to AWS in it, every disturbance: no sampling.

Each case starts from an empty account, brings it to where the operation begins, carries the
operation out with one disturbance, and looks whether the invariants hold. Then all stacks are
deleted, and nothing may be left.
"""

from __future__ import annotations

import itertools
import logging
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from dev.resilience.invariants import all_certificates, broken, owner_of
from dev.simulator.account import Account
from dev.simulator.cloudformation import TRIES, CloudFormation, new_sandboxes
from dev.simulator.declared import (
    LEAVES,
    Declared,
    forget_secrets,
    leaf,
    store_secrets,
    upload_by_hand,
)
from dev.simulator.disturbances import ONLY_ONCE, Disturbance, Extent, Kind, applies
from dev.simulator.sandbox import LeakDetector
from server_certificate.contract.ownership import ADOPTED_TAG

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from dev.simulator.cloudformation import Template
    from dev.simulator.sandbox import Sandbox
    from local_cloud.iam.store import ServerCertificate

STACK: Final = "web"


@dataclass(frozen=True, slots=True)
class Step:
    """One operation: the template that is deployed; none deletes the stack."""

    template: Template | None
    neighbour_fails_after: int | None = None


@dataclass(frozen=True, slots=True)
class Scenario:
    """An operation, and what comes before it."""

    name: str
    step: Step
    before: tuple[Template, ...] = ()
    roll_back_by_deletion: bool = False

    is_delivered_twice: bool = False
    """Whether each event is also delivered again at each call, with a disturbance at each other one."""

    forgotten: int | None = None
    """The leaf whose secrets are deleted before the operation, as of a version that is gone."""

    is_there: int | None = None
    """The leaf of a certificate that somebody else has stored under the declared name before."""


def _one(declared: Declared) -> Template:
    return {"Certificate": declared}


GENERATED: Final = Declared()
WWW: Final = Declared(name="www")
RENEWED: Final = replace(WWW, leaf=1)
IN_SECRET: Final = replace(WWW, in_secret=True)
ADOPTED: Final = replace(WWW, adopt=True, tags=1)

SCENARIOS: Final = (
    Scenario("create", Step(_one(GENERATED))),
    Scenario("create with a name", Step(_one(WWW)), is_delivered_twice=True),
    Scenario("create beside another", Step({**_one(WWW), "Second": GENERATED}), (_one(WWW),)),
    Scenario("create with a wrong key", Step(_one(replace(WWW, breaks=True)))),
    Scenario("create, neighbour fails", Step(_one(WWW), neighbour_fails_after=1)),
    Scenario("rename", Step(_one(replace(WWW, name="shop"))), (_one(WWW),)),
    Scenario("rename to a generated name", Step(_one(GENERATED)), (_one(WWW),)),
    Scenario("re-path", Step(_one(replace(WWW, path="/edge/"))), (_one(WWW),)),
    Scenario("retag", Step(_one(replace(WWW, tags=2))), (_one(replace(WWW, tags=1)),)),
    Scenario(
        "rename, re-path and retag",
        Step(_one(Declared(name="shop", path="/edge/", tags=2))),
        (_one(replace(WWW, tags=1)),),
        is_delivered_twice=True,
    ),
    Scenario("other source, same content", Step(_one(IN_SECRET)), (_one(WWW),)),
    Scenario(
        "other source, same content, the old one gone, neighbour fails",
        Step(_one(WWW), neighbour_fails_after=1),
        (_one(IN_SECRET),),
        forgotten=0,
    ),
    Scenario("rotate", Step(_one(replace(GENERATED, leaf=1))), (_one(GENERATED),)),
    Scenario("rotate under one name", Step(_one(RENEWED)), (_one(WWW),), is_delivered_twice=True),
    Scenario(
        "rotate, rename and re-path",
        Step(_one(Declared(leaf=1, name="shop", path="/edge/"))),
        (_one(WWW),),
    ),
    Scenario("rotate, then revert", Step(_one(WWW)), (_one(WWW), _one(RENEWED))),
    Scenario("rotate with a wrong key", Step(_one(replace(RENEWED, breaks=True))), (_one(WWW),)),
    Scenario(
        "rename, neighbour fails",
        Step(_one(replace(WWW, name="shop")), neighbour_fails_after=1),
        (_one(WWW),),
    ),
    Scenario(
        "rotate, neighbour fails",
        Step(_one(replace(GENERATED, leaf=1)), neighbour_fails_after=1),
        (_one(GENERATED),),
    ),
    Scenario(
        "rotate under one name, neighbour fails",
        Step(_one(RENEWED), neighbour_fails_after=1),
        (_one(WWW),),
    ),
    Scenario(
        "rotate from secrets, the old ones gone, neighbour fails",
        Step(_one(replace(RENEWED, in_secret=True)), neighbour_fails_after=1),
        (_one(IN_SECRET),),
        forgotten=0,
    ),
    Scenario(
        "rotate under one name, rolled back by Delete alone",
        Step(_one(RENEWED), neighbour_fails_after=1),
        (_one(WWW),),
        roll_back_by_deletion=True,
    ),
    Scenario(
        "pass a name on",
        Step({"Giver": replace(WWW, name="shop"), "Taker": RENEWED}),
        ({"Giver": WWW},),
    ),
    Scenario(
        "pass a name on to a new certificate, neighbour fails",
        Step({"Giver": replace(WWW, name="shop"), "Taker": RENEWED}, neighbour_fails_after=2),
        ({"Giver": WWW},),
    ),
    Scenario(
        "pass a name on in place, neighbour fails",
        Step({"Giver": replace(WWW, name="shop"), "Taker": RENEWED}, neighbour_fails_after=2),
        ({"Giver": WWW, "Taker": replace(RENEWED, name="www-next")},),
    ),
    Scenario(
        "exchange a name between two of one content, neighbour fails",
        Step({"Giver": GENERATED, "Taker": WWW}, neighbour_fails_after=2),
        ({"Giver": WWW, "Taker": GENERATED},),
    ),
    Scenario("adopt", Step(_one(ADOPTED)), is_delivered_twice=True, is_there=0),
    Scenario("adopt, neighbour fails", Step(_one(ADOPTED), neighbour_fails_after=1), is_there=0),
    Scenario("adopt other content", Step(_one(ADOPTED)), is_there=1),
    Scenario(
        "adopt in place of another",
        Step(_one(ADOPTED)),
        (_one(replace(GENERATED, leaf=1)),),
        is_there=0,
    ),
    Scenario(
        "adopt in place of another, neighbour fails",
        Step(_one(ADOPTED), neighbour_fails_after=1),
        (_one(replace(GENERATED, leaf=1)),),
        is_there=0,
    ),
    Scenario(
        "adopt in place of another, rolled back by Delete alone",
        Step(_one(ADOPTED), neighbour_fails_after=1),
        (_one(replace(GENERATED, leaf=1)),),
        roll_back_by_deletion=True,
        is_there=0,
    ),
    Scenario(
        "adopt, then rename, re-path and retag",
        Step(_one(Declared(name="shop", path="/edge/", tags=2, adopt=True))),
        (_one(ADOPTED),),
        is_there=0,
    ),
    Scenario(
        "adopt, then rename, neighbour fails",
        Step(_one(replace(ADOPTED, name="shop")), neighbour_fails_after=1),
        (_one(ADOPTED),),
        is_there=0,
    ),
    Scenario(
        "adopt, then rotate under one name",
        Step(_one(replace(ADOPTED, leaf=1))),
        (_one(ADOPTED),),
        is_there=0,
    ),
    Scenario(
        "adopt, then rotate under one name, neighbour fails",
        Step(_one(replace(ADOPTED, leaf=1)), neighbour_fails_after=1),
        (_one(ADOPTED),),
        is_there=0,
    ),
    Scenario("adopt, then delete the stack", Step(None), (_one(ADOPTED),), is_there=0),
    Scenario("remove", Step({"Second": GENERATED}), ({**_one(WWW), "Second": GENERATED},)),
    Scenario("delete the stack", Step(None), ({**_one(WWW), "Second": GENERATED},)),
)

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
    """What became of a case."""

    case: Case
    problems: tuple[str, ...]
    """What does not hold; empty when the case was survived."""

    deployed: bool
    """Whether the operation succeeded all the same; otherwise it was undone."""


class Trial:
    """Runs cases one after the other."""

    def __init__(self, sandboxes: list[Sandbox] | None = None) -> None:
        self._sandboxes = sandboxes or new_sandboxes()

    def calls(self, scenario: Scenario) -> list[str]:
        """Return the actions that an undisturbed operation calls."""
        cloudformation, *_ = self._ready(scenario)
        self._carry_out(cloudformation, scenario, {})
        return cloudformation.disturber.calls

    def events(self, scenario: Scenario) -> int:
        """Return the number of events of an undisturbed operation."""
        cloudformation, *_ = self._ready(scenario)
        before = len(cloudformation.history)
        self._carry_out(cloudformation, scenario, {})
        return len(cloudformation.history) - before

    def run(self, case: Case) -> Outcome:
        """Run one case."""
        cloudformation, foreign, adopted = self._ready(case.scenario)
        cloudformation.lose_answers = case.lose_answers
        deployed = self._carry_out(cloudformation, case.scenario, case.plan)
        cloudformation.lose_answers = 0
        excused = set()
        if cloudformation.given_up:
            excused = {
                owner
                for certificate in all_certificates(cloudformation)
                if certificate.certificate_id in cloudformation.given_up
                and (owner := owner_of(certificate))
            }
        problems = list(
            broken(cloudformation, foreign=foreign, excused=excused, drifted=set(), adopted=adopted)
        )
        if cloudformation.stacks[STACK].status == "UPDATE_ROLLBACK_FAILED":
            problems.append("the rollback fails, however often it is continued")
        kept = self._not_adopted(cloudformation, foreign)
        problems += self._leftovers(cloudformation)
        problems += self._lost(cloudformation, kept, adopted)
        return Outcome(case, tuple(dict.fromkeys(problems)), deployed)

    def _ready(
        self, scenario: Scenario
    ) -> tuple[CloudFormation, tuple[ServerCertificate, ...], dict[str, ServerCertificate]]:
        account = Account()
        for number in range(LEAVES):
            store_secrets(account, number)
        stranger = leaf(2)
        account.certificates.upload(
            "www-foreign", body=stranger.pem, private_key=stranger.key_pem()
        )
        there = {}
        if scenario.is_there is not None:
            tags = {"team": "them", "cost-centre": "42"}
            stored = upload_by_hand(account, "www", scenario.is_there, path="/theirs/", tags=tags)
            there[stored.certificate_id] = stored
        cloudformation = CloudFormation(self._sandboxes)
        cloudformation.use(account)
        cloudformation.roll_back_by_deletion = scenario.roll_back_by_deletion
        for template in scenario.before:
            assert cloudformation.deploy(STACK, template), cloudformation.answers
        if scenario.forgotten is not None:
            forget_secrets(account, scenario.forgotten)
        foreign = all_foreign(cloudformation)
        adopted = {key: stored for key, stored in there.items() if stored not in foreign}
        return cloudformation, foreign, adopted

    def _carry_out(
        self, cloudformation: CloudFormation, scenario: Scenario, plan: dict[int, Disturbance]
    ) -> bool:
        if scenario.step.template is None:
            return cloudformation.delete(STACK, plan=plan)
        return cloudformation.deploy(
            STACK,
            scenario.step.template,
            neighbour_fails_after=scenario.step.neighbour_fails_after,
            plan=plan,
        )

    def _leftovers(self, cloudformation: CloudFormation) -> Iterator[str]:
        stack = cloudformation.stacks[STACK]
        if stack.exists and not cloudformation.delete(STACK):
            yield f"the stack cannot be deleted: {list(cloudformation.answers.values())[-1]['Reason']}"
        for certificate in all_certificates(cloudformation):
            # What its Delete could not give back is there still, and no later event knows its name.
            is_given_up = certificate.certificate_id in cloudformation.given_up
            was_adopted = any(tag.key == ADOPTED_TAG for tag in certificate.tags)
            if owner_of(certificate) is not None and not (was_adopted and is_given_up):
                yield f"{certificate.name} is left when the stack is gone"

    def _not_adopted(
        self, cloudformation: CloudFormation, foreign: Iterable[ServerCertificate]
    ) -> tuple[ServerCertificate, ...]:
        """Return what must outlive the stack: all that it has not adopted for good."""
        stack = cloudformation.stacks[STACK]
        held = {resource.physical_id for resource in stack.resources.values()}
        own = set() if stack.is_stuck else held
        return tuple(each for each in foreign if each.certificate_id not in own)

    def _lost(
        self,
        cloudformation: CloudFormation,
        kept: Iterable[ServerCertificate],
        adopted: Mapping[str, ServerCertificate],
    ) -> Iterator[str]:
        by_id = {each.certificate_id: each for each in all_certificates(cloudformation)}
        for each in kept:
            left = by_id.get(each.certificate_id)
            if left is None or (
                left != each and each.certificate_id not in cloudformation.given_up
            ):
                yield f"{each.name} was there before, and is lost with the stack"
        for certificate_id, each in adopted.items():
            if by_id.get(certificate_id, each) != each:
                yield f"{each.name} was adopted, and is left as something else"


def all_foreign(cloudformation: CloudFormation) -> tuple[ServerCertificate, ...]:
    """Return the certificates that no stack owns."""
    return tuple(
        certificate
        for certificate in all_certificates(cloudformation)
        if owner_of(certificate) is None
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
    # A neighbour that fails as well leaves nobody to come after what is still running.
    others = [each for each in _all_disturbances() if each.kind not in {Kind.TWICE, Kind.CANCELLED}]
    again = Disturbance(Kind.TWICE)
    for first, action in enumerate(calls, start=1):
        # More calls than are made when all goes well: the disturbed event looks again and undoes.
        for second in range(first + 1, len(calls) + 4):
            for disturbance in others:
                if disturbance.kind is not Kind.IN_USE:
                    where = f"call {first}, {action}, and call {second}"
                    plan = {first: again, second: disturbance}
                    yield Case(scenario, f"the same, then {disturbance.name}", where, plan)
                    if disturbance.extent is Extent.ONCE:
                        # What lasts does so for one delivery only, which no service does.
                        plan = {first: disturbance, second: again}
                        yield Case(scenario, f"the same, after {disturbance.name}", where, plan)


def sweep(
    scenarios: tuple[Scenario, ...] = SCENARIOS,
    *,
    tell: Callable[[Scenario, list[Outcome]], None] = lambda *_: None,
) -> list[Outcome]:
    """Run all cases of some scenarios."""
    trial = Trial()
    outcomes: list[Outcome] = []
    root = logging.getLogger()
    detector = LeakDetector()
    root.addHandler(detector)
    try:
        for scenario in scenarios:
            of_scenario = [trial.run(case) for case in cases(trial, scenario)]
            tell(scenario, of_scenario)
            outcomes += of_scenario
    finally:
        root.removeHandler(detector)
    return outcomes
