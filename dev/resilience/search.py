"""
A search for sequences of deployments, failures and people's doings after which something is wrong.

Hypothesis draws the sequences and shrinks the ones that break an invariant.
"""

from __future__ import annotations

import logging
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from dev.resilience.disorder import Disorder
from dev.resilience.doings import (
    DOINGS,
    STACKS,
    TEMPLATES,
    AdoptByName,
    ArriveLate,
    Change,
    Circumstances,
    Delete,
    DeleteByHand,
    Deploy,
    Doing,
    Remove,
    RemoveByHand,
    RenameByHand,
    Secrets,
    UploadByHand,
)
from dev.resilience.expectations import Expectations
from dev.resilience.invariants import all_certificates, broken, owner_of
from dev.resilience.tally import TALLY
from dev.simulator.account import Account
from dev.simulator.declared import (
    LEAVES,
    Template,
    forget_secrets,
    store_secrets,
    upload_by_hand,
)
from dev.simulator.sandbox import LeakDetector, new_sandboxes
from dev.simulator.world import World

if TYPE_CHECKING:
    from dev.simulator.stack_record import StackRecord
    from local_cloud.iam.store import ServerCertificate

_SANDBOXES = new_sandboxes()


class LifeCycle(RuleBasedStateMachine):
    """Two stacks with up to two certificates each, and a person, in one account."""

    def __init__(self) -> None:
        super().__init__()
        self.steps = 0
        self.account = Account()
        for number in range(LEAVES):
            store_secrets(self.account, number)
        self.world = World(self.account, _SANDBOXES)
        self.foreign: dict[str, ServerCertificate] = {}
        self.forgotten: set[int] = set()
        self.expectations = Expectations(self.world, self.foreign, self.forgotten)
        self.adopted: dict[str, ServerCertificate] = {}
        self.disorder = Disorder()
        self.detector = LeakDetector()
        logging.getLogger().addHandler(self.detector)

    @initialize(template=TEMPLATES, by_deletion=st.booleans())
    def begin(self, template: Template, *, by_deletion: bool) -> None:
        """Create a stack, and choose between CloudFormation's two ways to undo a replacement."""
        self.world.cloudformation.roll_back_by_deletion = by_deletion
        self._deploy(STACKS[0], template, Circumstances({}))
        self._check()

    @rule(doing=DOINGS)
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
                stack = self.world.stacks.get(name)
                if stack is not None and stack.exists:
                    self._delete(stack, circumstances)
            case ArriveLate(number):
                TALLY.add("late events")
                self.world.deliver_late(number)
            case Secrets(number, are_there=True):
                store_secrets(self.account, number)
                self.forgotten.discard(number)
            case Secrets(number):
                forget_secrets(self.account, number)
                self.forgotten.add(number)
            case RenameByHand(name, logical_id, new_name):
                stored = self.expectations.held(name, logical_id)
                if stored is not None and not self._is_taken(new_name):
                    self.account.certificates.update(stored.name, new_name=new_name)
                    self.disorder.drift(stored)
            case DeleteByHand(name, logical_id):
                stored = self.expectations.held(name, logical_id)
                if stored is not None:
                    self.world.human_deleted.add(stored.certificate_id)
                    self.account.certificates.delete(stored.name)
                    self.disorder.drift(stored)
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
        for stack in self.world.stacks.values():
            if stack.exists:
                self._delete(stack, Circumstances({}))
                assert not stack.exists, f"{stack.name} cannot be deleted"
        for certificate in all_certificates(self.world):
            owner = owner_of(certificate)
            assert owner is None or owner in self.disorder.excused | self.disorder.disordered, (
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
        stack = self.world.stacks.get(name)
        if stack is not None and stack.is_stuck:
            self._delete(stack, Circumstances({}))
        TALLY.add("deployments")
        neighbour, lost = circumstances.neighbour_fails_after, circumstances.lost_answers
        must_succeed = (
            not lost and neighbour is None and self.expectations.must_deploy(name, template)
        )
        begin = len(self.world.history)
        self.world.lose_answers = lost
        succeeded = self.world.deploy(
            name, template, neighbour_fails_after=neighbour, plan=circumstances.plan
        )
        self.world.lose_answers = 0
        self.disorder.note_events(self.world, begin, circumstances, succeeded=succeeded)
        struck = self.world.disturber.struck
        TALLY.add("disturbances", len(struck) + lost)
        TALLY.add("succeeded" if succeeded else "rolled back")
        if must_succeed and not struck:
            assert succeeded, f"the deployment failed: {self._last_reason()}"
        stack = self.world.stacks[name]
        self._note_adopted(stack)
        if succeeded:
            self.disorder.note_rivals(stack, template)
        if stack.status == "UPDATE_ROLLBACK_FAILED":
            must = self.expectations.must_roll_back(stack)
            assert not must, f"the rollback of {name} failed: {self._last_reason()}"

    def _note_adopted(self, stack: StackRecord) -> None:
        """What a stack holds when it rests is its own from then on."""
        if stack.is_stuck:
            return
        for resource in stack.resources.values():
            foreign = self.foreign.pop(resource.physical_id, None)
            if foreign is not None:
                self.adopted[foreign.certificate_id] = foreign
                TALLY.add("adopted")

    def _delete(self, stack: StackRecord, circumstances: Circumstances) -> None:
        TALLY.add("deletions")
        begin = len(self.world.history)
        self.world.lose_answers = circumstances.lost_answers
        deleted = self.world.delete(stack.name, plan=circumstances.plan)
        self.world.lose_answers = 0
        self.disorder.note_events(self.world, begin, circumstances)
        TALLY.add("disturbances", len(self.world.disturber.struck))
        if not deleted:
            begin = len(self.world.history)
            assert self.world.delete(stack.name), self._last_reason()
            self.disorder.note_events(self.world, begin, Circumstances({}))

    def _check(self) -> None:
        problems = list(
            broken(
                self.world,
                foreign=self.foreign.values(),
                excused=self.disorder.excused | self.disorder.disordered,
                drifted=self.disorder.drifted | self.disorder.disordered,
                adopted=self.adopted,
            )
        )
        assert not problems, "; ".join(problems)

    def _template(self, name: str) -> Template:
        stack = self.world.stacks.get(name)
        if stack is None:
            return {}
        return {lid: self.world.declared(resource) for lid, resource in stack.resources.items()}

    def _is_taken(self, name: str) -> bool:
        return name in self.account.names()

    def _last_reason(self) -> str:
        return str(list(self.world.answers.values())[-1].get("Reason"))
