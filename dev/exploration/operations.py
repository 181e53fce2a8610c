"""What can happen to a world at rest: a small set of deployments, and what people do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from dev.exploration.function import Declaration
from dev.exploration.states import STACK_ID, UNDOINGS, Certificate, State
from server_certificate.contract.ownership import (
    LOGICAL_ID_TAG,
    REPLACES_TAG,
    REQUEST_ID_TAG,
    STACK_ID_TAG,
    is_own,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from dev.exploration.states import LiveWorld, StackState
    from dev.simulator.declared import Template
    from dev.simulator.disturbances import Disturbance

NAME: Final = "www"
"""The name that both stacks declare."""

EDGE: Final = "/cloudfront/edge/"

_NAMED: Final = Declaration(name=NAME)
_RENEWED: Final = Declaration(leaf=1, name=NAME)
_ADOPTED: Final = Declaration(name=NAME, adopt=True)
_GENERATED: Final = Declaration()

TEMPLATES: Final[Mapping[str, Template]] = {
    "named": {"First": _NAMED},
    "renewed": {"First": _RENEWED},
    "elsewhere": {"First": Declaration(name=NAME, path=EDGE)},
    "adopted": {"First": _ADOPTED},
    "adopted, renewed": {"First": Declaration(leaf=1, name=NAME, adopt=True)},
    "generated": {"First": _GENERATED},
    "generated, renewed": {"First": Declaration(leaf=1)},
    "moved": {"Second": _NAMED},
    "moved, adopted": {"Second": _ADOPTED},
    "moved, renewed": {"Second": _RENEWED},
    "both": {"First": _NAMED, "Second": Declaration(leaf=1)},
    "both, adopted": {"First": _ADOPTED, "Second": _GENERATED},
    "exchanged": {"First": _GENERATED, "Second": _NAMED},
}
"""What a stack can declare."""

OF_RIVAL: Final = ("named", "adopted", "generated")
"""What the second stack can declare: the same name."""

STACKS: Final = ("web", "shop")


@dataclass(frozen=True, slots=True)
class Deploy:
    """Create or update a stack."""

    stack: str
    template: str
    neighbor_fails_after: int | None = None

    def __str__(self) -> str:
        after = self.neighbor_fails_after
        failing = "" if after is None else f", another resource fails after {after}"
        return f"deploy '{self.template}' in {self.stack}{failing}"


@dataclass(frozen=True, slots=True)
class Destroy:
    """Delete a stack."""

    stack: str

    def __str__(self) -> str:
        return f"delete {self.stack}"


@dataclass(frozen=True, slots=True)
class ByHand:
    """A person does something."""

    what: str
    leaf: int = 0

    def __str__(self) -> str:
        return f"a person: {self.what} {self.leaf}"


Operation = Deploy | Destroy | ByHand

UPLOAD, REMOVE, UNTAG, POINT = (
    "uploads under the name the leaf",
    "removes what no stack holds",
    "takes the construct's tags off",
    "has it replace somebody else's",
)


def operations(state: State) -> Iterator[Operation]:
    """Yield everything that can happen in a state."""
    for name in STACKS:
        stack = state.stack(name)
        if stack is not None:
            yield Destroy(name)
        if stack is None or not _is_stuck(stack):
            yield from _deployments(name, stack)
    yield from _by_hand(state)


def _is_stuck(stack: StackState) -> bool:
    return stack.status.endswith("FAILED") or stack.status == "ROLLBACK_COMPLETE"


def _deployments(name: str, stack: StackState | None) -> Iterator[Deploy]:
    held = {each.logical_id: each.declared for each in stack.resources} if stack else {}
    for label in TEMPLATES if name == STACKS[0] else OF_RIVAL:
        template = TEMPLATES[label]
        if template == held:
            continue
        yield Deploy(name, label)
        changed = sum(held.get(logical_id) != each for logical_id, each in template.items())
        for after in range(1, changed + 1):
            yield Deploy(name, label, after)


def _by_hand(state: State) -> Iterator[ByHand]:
    holder = next((each for each in state.certificates if each.name == NAME), None)
    if holder is None:
        yield from (ByHand(UPLOAD, leaf) for leaf in (0, 1))
        return
    held = {each.physical_id for stack in state.stacks for each in stack.resources}
    if holder.certificate_id not in held:
        if not any(is_own(key) for key, _ in holder.tags):
            yield ByHand(REMOVE)
    elif any(is_own(key) for key, _ in holder.tags):
        yield ByHand(UNTAG)
        yield ByHand(POINT)


def perform(world: LiveWorld, operation: Operation, plan: Mapping[int, Disturbance]) -> bool:
    """Do it; return whether it succeeded."""
    match operation:
        case Deploy(stack, template, after):
            return world.deploy(stack, TEMPLATES[template], neighbor_fails_after=after, plan=plan)
        case Destroy(stack):
            return world.delete(stack, plan=plan)
        case ByHand(what, leaf):
            world.disturber.begin_operation({})
            by_name = world.account.by_name
            if what == UPLOAD:
                world.account.upload(NAME, "/", leaf, {"cost-center": "42"})
            elif what == REMOVE:
                del by_name[NAME]
            elif what == UNTAG:
                by_name[NAME] = by_name[NAME].retagged(
                    {}, frozenset(filter(is_own, by_name[NAME].tags))
                )
            else:
                put = {REPLACES_TAG: f"{by_name[BYSTANDER].certificate_id} takes-name"}
                by_name[NAME] = by_name[NAME].retagged(put, ())
            return True


BYSTANDER: Final = "bystander"
"""The name of a foreign certificate, to which forged tags point."""


def roots() -> Iterator[State]:
    """Yield the first worlds: a foreign certificate, and nothing else."""
    tags = {
        "team": "them",
        STACK_ID_TAG: f"{STACK_ID}web/1",
        LOGICAL_ID_TAG: "First",
        REQUEST_ID_TAG: "forged",
    }
    bystander = Certificate(BYSTANDER, "ASCABYSTANDER0000", "/", 0, tuple(sorted(tags.items())))
    for undoing in UNDOINGS:
        state = State(certificates=(bystander,), theirs=(bystander,), undoing=undoing)
        yield state.canonical()
