"""The exploration: its fast function behaves like the real one, it is complete, and it finds errors."""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING

import pytest

from dev.exploration import function
from dev.exploration.function import Declaration
from dev.exploration.operations import TEMPLATES, Deploy, Destroy, operations, roots
from dev.exploration.report import section, story
from dev.exploration.search import Exploration, Found
from dev.exploration.states import BY_DELETION, NOT_AT_ALL, LiveWorld, State
from dev.exploration.transitions import Plan, disturbances, plans, step
from dev.resilience.invariants import all_certificates
from dev.resilience.report import EXPLORED, with_explored
from dev.resilience.scenarios import SCENARIOS, Scenario
from dev.simulator.account import Account
from dev.simulator.declared import LEAVES, Declared, leaf, store_secrets, upload_by_hand
from dev.simulator.disturbances import ONLY_ONCE, Disturbance, Extent, Kind, applies
from dev.simulator.sandbox import new_sandboxes
from dev.simulator.world import World
from server_certificate_handler.kernel import deletion, leftovers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from dev.exploration.account import ValueAccount
    from dev.simulator.events import Event

pytestmark = pytest.mark.no_cover
"""The life-cycle tests cover the same code, and measuring coverage would double the time."""

ALL_DISTURBANCES = [
    Disturbance(kind, extent)
    for kind, extent in itertools.product(Kind, Extent)
    if extent is Extent.ONCE or kind not in ONLY_ONCE
]
SAME = (
    "create with a name",
    "rename, re-path and retag",
    "renew under one name, neighbor fails",
    "adopt, neighbor fails",
    "move the construct",
    "delete the stack",
)
EVERY = 17
"""One in this many disturbed operations is compared."""

TEAM = {"cost-center": "42"}


def scenario(name: str) -> Scenario:
    """Return a scenario of the fault table."""
    (found,) = (each for each in SCENARIOS if each.name == name)
    return found


def begin_real(chosen: Scenario) -> World:
    """Bring the real handler to where an operation begins."""
    account = Account()
    for number in range(LEAVES):
        store_secrets(account, number)
    if chosen.is_there is not None:
        upload_by_hand(account, "www", chosen.is_there, tags=TEAM)
    return World(account, SANDBOXES)


def begin_small(chosen: Scenario) -> LiveWorld:
    """Bring the small function to where an operation begins."""
    world = LiveWorld(State())
    if chosen.is_there is not None:
        world.account.upload("www", "/", chosen.is_there, TEAM)
    return world


SANDBOXES = new_sandboxes()


def carried_out(
    world: World, chosen: Scenario, plan: dict[int, Disturbance]
) -> tuple[list[str], str]:
    """Carry a scenario out; return the calls, and what is there in the end, without what is random."""
    world.cloudformation.roll_back_by_deletion = chosen.roll_back_by_deletion

    def fitting(template: dict[str, Declared]) -> dict[str, Declared]:
        kind = Declaration if isinstance(world, LiveWorld) else Declared
        fields = ("leaf", "name", "path", "tags", "in_secret", "breaks", "adopt")
        return {
            key: kind(**{field: getattr(each, field) for field in fields})
            for key, each in template.items()
        }

    for template in chosen.before:
        world.deploy("web", fitting(template))
    if chosen.step.template is None:
        world.delete("web", plan=plan)
    else:
        after = chosen.step.neighbor_fails_after
        template = fitting(chosen.step.template)
        world.deploy("web", template, neighbor_fails_after=after, plan=plan)
    stack = world.stacks["web"]
    bodies = {leaf(number).pem.strip(): number for number in range(LEAVES)}
    certificates = [
        (
            re.sub("-[0-9a-f]{16}$", "", each.name),
            bodies[each.material.body.strip()],
            each.path,
            each.certificate_id,
            {tag.key: tag.value for tag in sorted(each.tags, key=lambda tag: tag.key)},
        )
        for each in all_certificates(world)
    ]
    resources = [
        (logical_id, *shown) for (_, logical_id), shown in sorted(world.account.resources.items())
    ]
    answers = [
        (answer["Status"], answer["PhysicalResourceId"]) for answer in world.answers.values()
    ]
    held = [(key, each.physical_id) for key, each in stack.resources.items()]
    shown = repr(
        (stack.status, held, sorted(certificates, key=lambda each: each[:3]), resources, answers)
    )
    order: dict[str, int] = {}
    random_parts = re.compile(
        r"ASCA[A-Z0-9]{17}|request-\d+|[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{32}|arn:aws:cloud[^']*"
    )
    return world.disturber.calls, random_parts.sub(
        lambda match: f"<{order.setdefault(match[0], len(order))}>", shown
    )


@pytest.mark.parametrize("name", SAME)
def test_the_small_function_does_what_the_real_one_does(name: str) -> None:
    """Whatever disturbs an operation, both make the same calls and leave the same."""
    chosen = scenario(name)
    calls, end = carried_out(begin_real(chosen), chosen, {})
    assert carried_out(begin_small(chosen), chosen, {}) == (calls, end)
    cases = [
        {number: disturbance}
        for number, action in enumerate(calls, start=1)
        for disturbance in ALL_DISTURBANCES
        if applies(disturbance.kind, action)
    ]
    for plan in cases[::EVERY]:
        real = carried_out(begin_real(chosen), chosen, plan)
        assert carried_out(begin_small(chosen), chosen, plan) == real, plan


def begin(*labels: str) -> State:
    """Return the world after a few deployments."""
    state = next(roots())
    for label in labels:
        state = step(state, Deploy("web", label)).state
    return state


@pytest.mark.parametrize(
    ("before", "operation"),
    [
        ((), Deploy("web", "named")),
        ((), Deploy("web", "both", 2)),
        (("named",), Deploy("web", "renewed", 1)),
        (("named",), Deploy("web", "moved")),
        (("both",), Destroy("web")),
    ],
    ids=str,
)
def test_no_disturbance_that_is_left_out_leads_anywhere_else(
    before: tuple[str, ...], operation: Deploy | Destroy
) -> None:
    """The worlds that all disturbances lead to are those that the listed ones lead to."""
    state = begin(*before)
    listed = {step(state, operation, plan).state.digest for plan in plans(state, operation, 1)}
    undisturbed = step(state, operation)
    listed.add(undisturbed.state.digest)
    for number, action in enumerate(undisturbed.calls, start=1):
        for disturbance in set(ALL_DISTURBANCES) - set(disturbances(action)):
            if applies(disturbance.kind, action):
                plan = Plan(((number, disturbance),))
                assert step(state, operation, plan).state.digest in listed, str(plan)


def test_what_is_recalled_is_what_would_be_done(monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that recalls invocations of runs before ends as one that recalls nothing."""
    state = begin("named")
    operation = Deploy("web", "renewed", 1)
    recalled = [step(state, operation, plan) for plan in plans(state, operation, 1)]
    monkeypatch.setattr(function, "_MOST_KNOWN", 0)
    monkeypatch.setattr(function, "_KNOWN", {})
    assert [step(state, operation, plan) for plan in plans(state, operation, 1)] == recalled


def test_equal_worlds_are_one() -> None:
    """Ids make no difference: deploying and reverting a second time leads to the same state."""
    once = begin("generated", "generated, renewed", "generated")
    twice = begin("generated", *("generated, renewed", "generated") * 2)
    assert once.digest == twice.digest


def test_a_world_made_from_a_state_has_that_state() -> None:
    """A world at rest, and one that was made from its state, have the same state."""
    state = begin("both", "both, adopted")
    same = LiveWorld(state).freeze(
        theirs=state.theirs, excused=state.excused, drifted=state.drifted
    )
    assert same == state._replace(sent=())


def test_every_template_is_deployed_from_every_other() -> None:
    """The set of operations is closed: what can be declared can be declared in each world."""
    for label in TEMPLATES:
        state = begin(label)
        reached = {each.template for each in operations(state) if isinstance(each, Deploy)}
        assert reached >= TEMPLATES.keys() - {label}


@pytest.mark.parametrize(
    ("module", "attribute", "instead"),
    [
        (deletion, "next_leftover", lambda *_, **__: None),
        (deletion, "_restore_name", lambda *_: None),
        (leftovers, "_may_clean_up", lambda *_: False),
    ],
)
def test_the_exploration_finds_a_missing_safeguard(
    monkeypatch: pytest.MonkeyPatch, module: object, attribute: str, instead: Callable[..., object]
) -> None:
    """The exploration finds a case in which a function without one of its safeguards fails."""
    monkeypatch.setattr(module, attribute, instead)
    monkeypatch.setattr(function, "_KNOWN", {})
    assert any(found_in(begin("renewed", "named")))
    function._KNOWN.clear()


def found_in(state: State) -> Iterator[tuple[str, ...]]:
    """Yield what one disturbance breaks."""
    for root in (state, state._replace(undoing=BY_DELETION)):
        for operation in operations(root):
            for size in (0, 1):
                for plan in plans(root, operation, size):
                    if problems := step(root, operation, plan).problems:
                        yield problems


def test_an_event_of_the_operation_before_can_come_in_between(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It is run, nobody takes its answer, and it changes nothing."""
    state = begin("named", "renewed")
    assert [each.request_type for each in state.sent] == ["Update", "Delete"]
    operation = Deploy("web", "moved, renewed")
    undisturbed = step(state, operation).state
    delivered: list[str] = []
    run = function.Function.run

    def noted(self: function.Function, account: ValueAccount, event: Event) -> None:
        delivered.append(event["RequestId"])
        run(self, account, event)

    monkeypatch.setattr(function.Function, "run", noted)
    for late, sent in enumerate(state.sent):
        delivered.clear()
        plan = Plan(((4, Disturbance(Kind.TWICE)),), late=late)
        assert step(state, operation, plan).state.digest == undisturbed.digest
        assert delivered[:2] == ["request-1", sent.request_id]


def test_what_is_left_after_two_disturbances_is_excused_once() -> None:
    """The second one hits what undoes the first; the next Delete that nothing disturbs removes it."""
    throttled = Disturbance(Kind.THROTTLED, Extent.LASTING)
    plan = Plan(((7, throttled), (19, throttled)))
    disturbed = step(begin("moved, renewed"), Deploy("web", "moved"), plan)
    assert disturbed.problems == ()
    assert len(disturbed.state.certificates) == len(begin("moved").certificates) + 1
    assert len(disturbed.state.excused) == 1
    deleted = step(disturbed.state, Destroy("web"))
    assert deleted.problems == ()
    assert deleted.state.certificates == next(roots()).certificates
    assert not deleted.state.excused


def test_lost_answers_disturb_as_well() -> None:
    """The first event was never answered, and the one that undoes it could not delete."""
    throttled = Disturbance(Kind.THROTTLED, Extent.LASTING)
    plan = Plan(((26, throttled),), losing=(1, 3))
    disturbed = step(begin("exchanged"), Deploy("web", "generated, renewed"), plan)
    assert disturbed.problems == ()
    assert len(disturbed.state.excused) == 1


def test_what_a_failed_update_has_left_is_excused_until_the_stack_is_gone() -> None:
    """Its template is not rolled back, and no Delete tells the name that only this Update declared."""
    root = next(each for each in roots() if each.undoing == NOT_AT_ALL)
    state = step(root, Deploy("web", "both")).state
    plan = Plan(((17, Disturbance(Kind.THROTTLED, Extent.LASTING)),))
    state = step(state, Deploy("web", "exchanged"), plan).state
    out_of_time = Plan(((6, Disturbance(Kind.OUT_OF_TIME)),))
    for plan in (out_of_time, Plan()):
        deletion_step = step(state, Destroy("web"), plan)
        assert deletion_step.problems == ()
        state = deletion_step.state
    assert state.stack("web") is None


def test_what_is_found_is_told() -> None:
    """Operations, disturbances, and the calls and the answer to each event of the last one."""
    plan = Plan(((3, Disturbance(Kind.CANCELED)),))
    ways = ((Deploy("web", "named"), Plan()), (Deploy("web", "renewed"), plan))
    told = "\n".join(story(Found(next(roots()), ways, ("something is wrong",))))
    assert told.startswith("something is wrong")
    assert "2. deploy 'renewed' in web: neighbor fails meanwhile at call 3" in told
    assert "Update of First in UPDATE_IN_PROGRESS, calls 1 ListStackResources" in told
    assert "Update of First in UPDATE_ROLLBACK_IN_PROGRESS, while another event waits" in told


def test_the_page_keeps_what_was_explored() -> None:
    """Writing one part of the page leaves the other; writing it again replaces it."""
    page = with_explored("# Page\n\nAll.\n", f"{EXPLORED}\n\nOnce.\n")
    assert page == f"# Page\n\nAll.\n\n{EXPLORED}\n\nOnce.\n"
    assert with_explored(page, f"{EXPLORED}\n\nTwice.\n") == page.replace("Once", "Twice")


def test_cells_are_complete_when_nothing_is_left() -> None:
    """A column is as deep as was asked, and counts what it has done."""
    exploration = Exploration(workers=2)
    try:
        exploration.explore(0, depth=1, seconds=60)
        exploration.explore(1, depth=1, seconds=0)
    finally:
        exploration.close()
    (undisturbed,), (disturbed,) = exploration.cells[:2]
    assert undisturbed.transitions == sum(len(list(operations(root))) for root in roots())
    assert undisturbed.left == 0
    assert disturbed.left == undisturbed.transitions
    assert not exploration.is_exhausted(0, undisturbed)
    written = section(exploration, seconds=60, workers=2)
    assert written.startswith(EXPLORED)
    assert f"| none | 1 | {undisturbed.states} | {undisturbed.transitions} | 0 |" in written
