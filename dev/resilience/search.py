"""
A search for sequences of deployments, failures and people's doings after which something is wrong.

Hypothesis draws the sequences and shrinks the ones that break an invariant.
"""

from __future__ import annotations

import logging
import sys
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from dev.resilience.invariants import all_certificates, broken, owner_of
from dev.simulator.account import Account
from dev.simulator.cloudformation import CloudFormation, Template, new_sandboxes
from dev.simulator.declared import (
    LEAVES,
    NAMES,
    PATHS,
    TAGS,
    Declared,
    forget_secrets,
    leaf,
    store_secrets,
    upload_by_hand,
)
from dev.simulator.disturbances import ENDS, ONLY_ONCE, Disturbance, Extent, Kind
from dev.simulator.sandbox import LeakDetector

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dev.resilience.invariants import Owner
    from dev.simulator.cloudformation import Stack
    from local_cloud.iam.store import ServerCertificate

STACKS: Final = ("web", "shop")
LOGICAL_IDS: Final = ("First", "Second")

_SANDBOXES = new_sandboxes()


@dataclass
class Tally:
    """What the search has done so far."""

    counted: Counter[str] = field(default_factory=Counter)
    is_closed: bool = False
    """Whether something was found: sequences that shrink it are not of the search."""

    def add(self, what: str, number: int = 1) -> None:
        """Count something."""
        if not self.is_closed:
            self.counted[what] += number


TALLY = Tally()

_leaves = st.integers(0, LEAVES - 1)
_stacks = st.sampled_from(STACKS)
_logical_ids = st.sampled_from(LOGICAL_IDS)
_declared = st.builds(
    Declared,
    leaf=_leaves,
    name=st.sampled_from(NAMES),
    path=st.sampled_from(PATHS),
    tags=st.integers(0, len(TAGS) - 1),
    in_secret=st.booleans(),
    breaks=st.sampled_from([False] * 7 + [True]),
    adopt=st.sampled_from([False, False, True]),
)
_disturbances = st.one_of(
    st.builds(
        Disturbance,
        st.sampled_from([kind for kind in Kind if kind not in ONLY_ONCE]),
        st.sampled_from(Extent),
    ),
    st.builds(Disturbance, st.sampled_from([kind for kind in Kind if kind in ONLY_ONCE])),
)


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What goes wrong in an operation."""

    plan: dict[int, Disturbance]
    neighbour_fails_after: int | None = None
    lost_answers: int = 0


_circumstances = st.one_of(
    st.just(Circumstances({})),
    st.builds(
        Circumstances,
        st.dictionaries(st.integers(1, 20), _disturbances, min_size=1, max_size=2),
        st.sampled_from([None, None, None, 1]),
    ),
    st.builds(
        Circumstances,
        st.dictionaries(st.integers(1, 20), _disturbances, max_size=1),
        st.sampled_from([None, 0, 1, 1, 2]),
        st.sampled_from([0, 0, 0, 1, 3]),
    ),
)


@dataclass(frozen=True, slots=True)
class Deploy:
    """Create a stack, or change everything at once."""

    stack: str
    template: Template
    circumstances: Circumstances


@dataclass(frozen=True, slots=True)
class Change:
    """Rename, re-path, retag, rotate, or move the material to another source."""

    stack: str
    logical_id: str
    what: str
    declared: Declared
    circumstances: Circumstances


@dataclass(frozen=True, slots=True)
class Remove:
    """Remove a resource from the template."""

    stack: str
    logical_id: str
    circumstances: Circumstances


@dataclass(frozen=True, slots=True)
class Delete:
    """Delete a stack, and once more if that fails."""

    stack: str
    circumstances: Circumstances


@dataclass(frozen=True, slots=True)
class ArriveLate:
    """Lambda delivers an event of the past once more."""

    number: int


@dataclass(frozen=True, slots=True)
class Secrets:
    """The secrets of a certificate are deleted, or are there again."""

    leaf: int
    are_there: bool


@dataclass(frozen=True, slots=True)
class RenameByHand:
    """Somebody renames a certificate of a stack."""

    stack: str
    logical_id: str
    new_name: str


@dataclass(frozen=True, slots=True)
class DeleteByHand:
    """Somebody deletes a certificate of a stack."""

    stack: str
    logical_id: str


@dataclass(frozen=True, slots=True)
class UploadByHand:
    """Somebody uploads a certificate of their own, perhaps under a name that a stack wants."""

    name: str
    leaf: int
    is_tagged: bool


@dataclass(frozen=True, slots=True)
class AdoptByName:
    """Somebody has stored what a stack is to hold, and the stack takes it over."""

    stack: str
    logical_id: str
    name: str
    declared: Declared
    is_tagged: bool
    circumstances: Circumstances


@dataclass(frozen=True, slots=True)
class RemoveByHand:
    """Somebody deletes a certificate that no stack owns."""


Doing = (
    Deploy
    | Change
    | Remove
    | Delete
    | ArriveLate
    | Secrets
    | RenameByHand
    | DeleteByHand
    | UploadByHand
    | AdoptByName
    | RemoveByHand
)

_changes = st.builds(
    Change,
    _stacks,
    _logical_ids,
    st.sampled_from(["name", "path", "tags", "leaf", "leaf", "leaf", "in_secret", "adopt"]),
    _declared,
    _circumstances,
)
_templates = st.dictionaries(_logical_ids, _declared, min_size=1)
_WEIGHTS: Final[Mapping[st.SearchStrategy[Doing], int]] = {
    _changes: 10,
    st.builds(Deploy, _stacks, _templates, _circumstances): 6,
    st.builds(Remove, _stacks, _logical_ids, _circumstances): 1,
    st.builds(Delete, _stacks, _circumstances): 1,
    st.builds(ArriveLate, st.integers(0, 200)): 2,
    st.builds(Secrets, _leaves, st.booleans()): 2,
    st.builds(RenameByHand, _stacks, _logical_ids, st.sampled_from(["by-hand", "shop"])): 1,
    st.builds(DeleteByHand, _stacks, _logical_ids): 1,
    st.builds(UploadByHand, st.sampled_from(["www", "shop", "other"]), _leaves, st.booleans()): 1,
    st.builds(
        AdoptByName,
        _stacks,
        _logical_ids,
        st.sampled_from(["www", "shop", "other"]),
        _declared,
        st.booleans(),
        _circumstances,
    ): 2,
    st.just(RemoveByHand()): 1,
}
"""How often each is drawn: mostly deployments."""

_doings = st.sampled_from(
    [doing for doing, weight in _WEIGHTS.items() for _ in range(weight)]
).flatmap(lambda doing: doing)


class LifeCycle(RuleBasedStateMachine):
    """Two stacks with up to two certificates each, and a person, in one account."""

    def __init__(self) -> None:
        super().__init__()
        self.steps = 0
        self.account = Account()
        for number in range(LEAVES):
            store_secrets(self.account, number)
        self.forgotten: set[int] = set()
        self.cloudformation = CloudFormation(_SANDBOXES)
        self.cloudformation.use(self.account)
        self.foreign: dict[str, ServerCertificate] = {}
        self.adopted: dict[str, ServerCertificate] = {}
        self.excused: set[Owner] = set()
        self.drifted: set[Owner] = set()
        self.disordered: set[Owner] = set()
        self.detector = LeakDetector()
        logging.getLogger().addHandler(self.detector)

    @initialize(template=_templates, by_deletion=st.booleans())
    def begin(self, template: Template, *, by_deletion: bool) -> None:
        """Create a stack, and choose between CloudFormation's two ways to undo a replacement."""
        self.cloudformation.roll_back_by_deletion = by_deletion
        self._deploy(STACKS[0], template, Circumstances({}))
        self._check()

    @rule(doing=_doings)
    def happens(self, doing: Doing) -> None:  # noqa: C901, PLR0912 (one line a doing)
        """Do one thing, and look whether everything holds."""
        self.steps += 1
        match doing:
            case Deploy(name, template, circumstances):
                self._deploy(name, template, circumstances)
            case Change(name, logical_id, what, declared, circumstances):
                template = self._template(name)
                if logical_id in template:
                    change = {what: getattr(declared, what)}
                    template[logical_id] = replace(template[logical_id], breaks=False, **change)
                    self._deploy(name, template, circumstances)
            case Remove(name, logical_id, circumstances):
                template = self._template(name)
                if template.pop(logical_id, None) and template:
                    self._deploy(name, template, circumstances)
            case Delete(name, circumstances):
                stack = self.cloudformation.stacks.get(name)
                if stack is not None and stack.exists:
                    self._delete(stack, circumstances)
            case ArriveLate(number):
                TALLY.add("late events")
                self.cloudformation.deliver_late(number)
            case Secrets(number, are_there=True):
                store_secrets(self.account, number)
                self.forgotten.discard(number)
            case Secrets(number):
                forget_secrets(self.account, number)
                self.forgotten.add(number)
            case RenameByHand(name, logical_id, new_name):
                stored = self._held(name, logical_id)
                if stored is not None and not self._is_taken(new_name):
                    self.account.certificates.update(stored.name, new_name=new_name)
                    self._drift(stored)
            case DeleteByHand(name, logical_id):
                stored = self._held(name, logical_id)
                if stored is not None:
                    self.cloudformation.human_deleted.add(stored.certificate_id)
                    self.account.certificates.delete(stored.name)
                    self._drift(stored)
            case UploadByHand(name, number, is_tagged):
                self._upload_by_hand(name, number, is_tagged=is_tagged)
            case AdoptByName():
                self._adopt_by_name(doing)
            case RemoveByHand() if self.foreign:
                _, foreign = self.foreign.popitem()
                self.account.certificates.delete(foreign.name)
            case RemoveByHand():
                pass
        self._check()

    def teardown(self) -> None:
        """Delete everything undisturbed: nothing may be left."""
        try:
            if sys.exception() is None:
                self._delete_everything()
                TALLY.add("sequences")
                TALLY.add("steps", self.steps)
                if 10 <= self.steps <= 30:  # noqa: PLR2004 (as it says)
                    TALLY.add("sequences of 10 to 30 steps")
        finally:
            TALLY.is_closed |= isinstance(sys.exception(), Exception)
            logging.getLogger().removeHandler(self.detector)

    def _delete_everything(self) -> None:
        for stack in self.cloudformation.stacks.values():
            if stack.exists:
                self._delete(stack, Circumstances({}))
                assert not stack.exists, f"{stack.name} cannot be deleted"
        for certificate in all_certificates(self.cloudformation):
            owner = owner_of(certificate)
            assert owner is None or owner in self.excused | self.disordered, (
                f"{certificate.name} is left over"
            )

    def _upload_by_hand(self, name: str, number: int, *, is_tagged: bool) -> None:
        if self._is_taken(name) or len(self.foreign) > 2:  # noqa: PLR2004 (the quota is 20)
            return
        tags = {"team": "them", "cost-centre": "42"} if is_tagged else {}
        path = "/theirs/" if is_tagged else "/"
        stored = upload_by_hand(self.account, name, number, path=path, tags=tags)
        self.foreign[stored.certificate_id] = stored

    def _adopt_by_name(self, doing: AdoptByName) -> None:
        declared = replace(doing.declared, name=doing.name, breaks=False, adopt=True)
        self._upload_by_hand(doing.name, declared.leaf, is_tagged=doing.is_tagged)
        template = self._template(doing.stack)
        template[doing.logical_id] = declared
        self._deploy(doing.stack, template, doing.circumstances)

    def _deploy(self, name: str, template: Template, circumstances: Circumstances) -> None:
        stack = self.cloudformation.stacks.get(name)
        if stack is not None and stack.is_stuck:
            self._delete(stack, Circumstances({}))
        TALLY.add("deployments")
        neighbour, lost = circumstances.neighbour_fails_after, circumstances.lost_answers
        must_succeed = not lost and neighbour is None and self._is_clear(name, template)
        begin = len(self.cloudformation.history)
        self.cloudformation.lose_answers = lost
        succeeded = self.cloudformation.deploy(
            name, template, neighbour_fails_after=neighbour, plan=circumstances.plan
        )
        self.cloudformation.lose_answers = 0
        self._account_for(begin, circumstances, succeeded=succeeded)
        struck = self.cloudformation.disturber.struck
        TALLY.add("disturbances", len(struck) + lost)
        TALLY.add("succeeded" if succeeded else "rolled back")
        if must_succeed and not struck:
            assert succeeded, f"the deployment failed: {self._last_reason()}"
        stack = self.cloudformation.stacks[name]
        self._note_adopted(stack)
        if succeeded:
            self._note_rivals(stack, template)
        self._check_rollback(stack)

    def _note_adopted(self, stack: Stack) -> None:
        """What a stack holds when it rests is its own from then on."""
        if stack.is_stuck:
            return
        for resource in stack.resources.values():
            foreign = self.foreign.pop(resource.physical_id, None)
            if foreign is not None:
                self.adopted[foreign.certificate_id] = foreign
                TALLY.add("adopted")

    def _note_rivals(self, stack: Stack, template: Template) -> None:
        """Two certificates of a template with one name cannot both have it, once both exist."""
        names = Counter(declared.name for declared in template.values() if declared.name)
        self.disordered |= {
            (stack.stack_id, logical_id)
            for logical_id, declared in template.items()
            if declared.name and names[declared.name] > 1
        }

    def _check_rollback(self, stack: Stack) -> None:
        """A rollback succeeds as long as the certificates from before and their names are there."""
        operation = stack.operation
        if stack.status != "UPDATE_ROLLBACK_FAILED" or operation is None:
            return
        holders = {each.name: each for each in all_certificates(self.cloudformation)}
        ids = {each.certificate_id for each in holders.values()}
        for logical_id in operation.touched:
            before = operation.before.get(logical_id)
            if before is None:
                continue
            holder = holders.get(before.declared.name or "")
            is_foreign = holder is not None and holder.certificate_id in self.foreign
            if (
                before.physical_id not in ids
                or is_foreign
                or not (
                    holder is None
                    or owner_of(holder) == (stack.stack_id, logical_id)
                    or self._makes_way(holder, stack)
                )
            ):
                return
        raise AssertionError(f"the rollback of {stack.name} failed: {self._last_reason()}")

    def _makes_way(self, holder: ServerCertificate, stack: Stack) -> bool:
        """Whether the operation that is undone has given a neighbour the name."""
        stack_id, logical_id = owner_of(holder) or ("", "")
        operation = stack.operation
        return (
            operation is not None and stack_id == stack.stack_id and logical_id in operation.touched
        )

    def _delete(self, stack: Stack, circumstances: Circumstances) -> None:
        TALLY.add("deletions")
        begin = len(self.cloudformation.history)
        self.cloudformation.lose_answers = circumstances.lost_answers
        deleted = self.cloudformation.delete(stack.name, plan=circumstances.plan)
        self.cloudformation.lose_answers = 0
        self._account_for(begin, circumstances)
        TALLY.add("disturbances", len(self.cloudformation.disturber.struck))
        if not deleted:
            begin = len(self.cloudformation.history)
            assert self.cloudformation.delete(stack.name), self._last_reason()
            self._account_for(begin, Circumstances({}))

    def _account_for(
        self, begin: int, circumstances: Circumstances, *, succeeded: bool = True
    ) -> None:
        """
        See which resources may be left in disorder by what was done to their events.

        A deletion that is disturbed may be given up, and with it what it should have removed; the
        next one that is not takes it along.
        """
        cloudformation = self.cloudformation
        lost = circumstances.lost_answers
        beyond_help = self._is_beyond_help(begin, circumstances)
        for event in cloudformation.history[begin:]:
            owner = (event["StackId"], event["LogicalResourceId"])
            phase = cloudformation.phases[event["RequestId"]]
            disturbed = event["RequestId"] in cloudformation.disturbed_requests or lost
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

    def _is_beyond_help(self, begin: int, circumstances: Circumstances) -> bool:
        """
        Whether two misfortunes of one operation met so that nobody comes after what they left.

        * An event goes on after CloudFormation has turned round, and something else happens to it.
        * Two deliveries of an event move certificates at the same moment, and the one that moved
          the wrong one is stopped before it has moved it back.
        * An update gives no answer, and its rollback fails: what it has uploaded under a name that
          only its own template declares is unknown to every later event.

        The next event puts name and path right, and takes a tag that it finds for somebody else's.
        """
        cloudformation = self.cloudformation
        lost = circumstances.lost_answers
        disturbances = circumstances.plan.values()
        if len(cloudformation.disturber.struck) + bool(lost) > 1:
            kinds = {disturbance.kind for disturbance in disturbances}
            stopped = bool(kinds & ENDS) or any(
                disturbance.extent is Extent.LASTING for disturbance in disturbances
            )
            if Kind.CANCELLED in kinds or (Kind.TWICE in kinds and stopped):
                return True
        requests = [event["RequestId"] for event in cloudformation.history[begin:]]
        answers = {request: cloudformation.answers.get(request) for request in requests}
        is_unanswered = any(
            answer is None and "ROLLBACK" not in cloudformation.phases[request]
            for request, answer in answers.items()
        )
        rollback_failed = any(
            "ROLLBACK" in cloudformation.phases[request]
            and (answer is None or answer["Status"] != "SUCCESS")
            for request, answer in answers.items()
        )
        return is_unanswered and rollback_failed

    def _check(self) -> None:
        problems = list(
            broken(
                self.cloudformation,
                foreign=self.foreign.values(),
                excused=self.excused | self.disordered,
                drifted=self.drifted | self.disordered,
                adopted=self.adopted,
            )
        )
        assert not problems, "; ".join(problems)

    def _template(self, name: str) -> Template:
        stack = self.cloudformation.stacks.get(name)
        if stack is None:
            return {}
        return {lid: resource.declared for lid, resource in stack.resources.items()}

    def _held(self, name: str, logical_id: str) -> ServerCertificate | None:
        stack = self.cloudformation.stacks.get(name)
        if stack is None or logical_id not in stack.resources or stack.is_stuck:
            return None
        held = stack.resources[logical_id].physical_id
        found = [
            each for each in all_certificates(self.cloudformation) if each.certificate_id == held
        ]
        return found[0] if found else None

    def _drift(self, stored: ServerCertificate) -> None:
        owner = owner_of(stored)
        if owner is not None:
            self.drifted.add(owner)

    def _is_taken(self, name: str) -> bool:
        return name in self.account.names()

    def _is_clear(self, name: str, template: Template) -> bool:
        """Whether nothing outside the deployment can make it fail."""
        stack = self.cloudformation.stacks.get(name)
        resources = stack.resources if stack is not None else {}
        holders = {
            certificate.name: owner_of(certificate)
            for certificate in all_certificates(self.cloudformation)
        }
        wanted = [declared.name for declared in template.values() if declared.name]
        for logical_id, declared in template.items():
            owner = (stack.stack_id if stack is not None else "", logical_id)
            if logical_id in resources and resources[logical_id].declared == declared:
                continue
            if declared.breaks or declared.leaf in self.forgotten:
                return False
            if declared.name in holders and holders[declared.name] != owner:
                if not self._can_be_adopted(declared, stack, logical_id):
                    return False
                TALLY.add("must be adopted")
        return len(set(wanted)) == len(wanted) and len(holders) < 15  # noqa: PLR2004 (of 20)

    def _can_be_adopted(self, declared: Declared, stack: Stack | None, logical_id: str) -> bool:
        """Whether what is declared is there under its name, and is needed."""
        held = self._held(stack.name, logical_id) if stack is not None else None
        body = leaf(declared.leaf).pem.strip()
        return (
            declared.adopt
            and any(
                each.name == declared.name and each.material.body.strip() == body
                for each in self.foreign.values()
            )
            and (held is None or held.material.body.strip() != body)
        )

    def _last_reason(self) -> str:
        return str(list(self.cloudformation.answers.values())[-1].get("Reason"))
