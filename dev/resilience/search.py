"""
A search for sequences of deployments, failures and actions of people that break an invariant.

Hypothesis draws the sequences, and shrinks those that break one.
"""

from __future__ import annotations

import logging
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from dev.resilience.actions import (
    ACTIONS,
    LEAF_NUMBERS,
    STACKS,
    TEMPLATES,
    Action,
    AdoptByName,
    ArriveLate,
    Change,
    Circumstances,
    Delete,
    Deploy,
    MoveConstruct,
    Remove,
    Renew,
)
from dev.resilience.disorder import Disorder
from dev.resilience.expectations import Expectations
from dev.resilience.invariants import all_certificates, broken, owner_of
from dev.resilience.ownership import Ownership, holders_in
from dev.resilience.people import People
from dev.resilience.tally import TALLY
from dev.simulator.account import Account
from dev.simulator.cloudformation import OnFailure
from dev.simulator.declared import (
    LEAVES,
    Declared,
    Renewal,
    Template,
    current_leaf,
    make_current,
    store_secrets,
)
from dev.simulator.sandbox import LeakDetector, new_sandboxes
from dev.simulator.world import World

if TYPE_CHECKING:
    from dev.simulator.stack_record import StackRecord

_SANDBOXES = new_sandboxes()


class LifeCycle(RuleBasedStateMachine):
    """Two stacks with a few certificates each, and people, in one account."""

    def __init__(self) -> None:
        super().__init__()
        self.steps = 0
        self.account = Account()
        for number in range(LEAVES):
            store_secrets(self.account, number)
        self.world = World(self.account, _SANDBOXES)
        self.ownership = Ownership(self.world)
        self.disorder = Disorder()
        self.expectations = Expectations(self.world, self.ownership, self.disorder)
        self.people = People(self.ownership, self.expectations, self.disorder)
        self.detector = LeakDetector()
        logging.getLogger().addHandler(self.detector)

    @initialize(
        template=TEMPLATES,
        by_deletion=st.booleans(),
        on_failure=st.sampled_from(OnFailure),
        bystander=LEAF_NUMBERS,
    )
    def begin(
        self, template: Template, *, by_deletion: bool, on_failure: OnFailure, bystander: int
    ) -> None:
        """Create a stack, and choose how CloudFormation undoes a failure."""
        self.world.cloudformation.roll_back_by_deletion = by_deletion
        self.world.cloudformation.on_failure = on_failure
        self.ownership.begin(bystander)
        self._deploy(STACKS[0], template, Circumstances({}))
        self._check()

    @rule(action=ACTIONS)
    def happens(self, action: Action) -> None:  # noqa: C901, PLR0912 (one branch for each action)
        """Do one thing, and check the invariants."""
        self.steps += 1
        match action:
            case Deploy(name, template, circumstances):
                self._deploy(name, template, circumstances)
            case Change(name, logical_id, what, declared, circumstances):
                template = self._template(name)
                if logical_id in template:
                    template[logical_id] = _changed(template[logical_id], what, declared)
                    self._deploy(name, template, circumstances)
            case Renew(name, number, breaks, is_noticed, circumstances):
                make_current(self.account, number, breaks=breaks)
                self.expectations.forgotten.discard(number)
                template = self._template(name)
                if is_noticed and template:
                    self._renew(name, template, circumstances)
            case MoveConstruct(name, logical_id, new_id, what, declared, circumstances):
                template = self._template(name)
                if logical_id in template and new_id not in template:
                    template[new_id] = _changed(template.pop(logical_id), what, declared)
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
            case AdoptByName():
                self._adopt_by_name(action)
            case _:
                self.people.do(action)
        self._check()

    def teardown(self) -> None:
        """Delete everything, undisturbed: nothing may be left."""
        try:
            if sys.exception() is None:
                self.delete_everything()
                TALLY.add("sequences")
                TALLY.add("steps", self.steps)
                if 10 <= self.steps <= 30:  # noqa: PLR2004 (as it says)
                    TALLY.add("sequences of 10 to 30 steps")
        finally:
            TALLY.is_closed |= isinstance(sys.exception(), Exception)
            logging.getLogger().removeHandler(self.detector)

    def delete_everything(self) -> None:
        """Delete all stacks, and check that exactly what must remain does."""
        for stack in self.world.stacks.values():
            if stack.exists:
                self._delete(stack, Circumstances({}))
                assert not stack.exists, f"{stack.name} cannot be deleted"
        self._check()
        exempt = self._exempt()
        for certificate in all_certificates(self.world):
            owner = owner_of(certificate)
            assert (
                owner is None
                or certificate.certificate_id in exempt
                or owner in self.disorder.excused | self.disorder.disordered
            ), f"{certificate.name} is left over"

    def _adopt_by_name(self, action: AdoptByName) -> None:
        declared = replace(action.declared, name=action.name, breaks=False, adopt=True)
        self.ownership.upload_by_hand(
            action.name, declared.leaf, is_tagged=action.is_tagged, path=declared.path
        )
        template = self._template(action.stack)
        template[action.logical_id] = declared
        self._deploy(action.stack, template, action.circumstances)

    def _renew(self, name: str, template: Template, circumstances: Circumstances) -> None:
        """Update a stack as the renewal function does: its parameter names the current version."""
        leaf, breaks = current_leaf(self.account)
        renewed = {
            logical_id: replace(each, leaf=leaf, breaks=breaks, renewal=Renewal.VERSION)
            for logical_id, each in template.items()
            if each.renewal is not None
        }
        if renewed:
            TALLY.add("renewals")
            self._deploy(name, {**template, **renewed}, circumstances)

    def _deploy(self, name: str, template: Template, circumstances: Circumstances) -> None:
        template = self._resolved(template)
        stack = self.world.stacks.get(name)
        if stack is not None and stack.is_stuck:
            self._delete(stack, Circumstances({}))
            self._check()
        TALLY.add("deployments")
        is_new = stack is None or not stack.exists
        is_rolled_back = circumstances.parent_fails and not is_new
        neighbor = len(template) if is_rolled_back else circumstances.neighbor_fails_after
        lost = circumstances.lost_answers
        is_undisturbed = not lost and neighbor is None
        must_succeed = is_undisturbed and self.expectations.must_deploy(name, template)
        must_fail = is_undisturbed and self.expectations.must_be_refused(name, template)
        begin = len(self.world.history)
        before, holders = self.ownership.of_stack(stack), holders_in(stack)
        kept = self.expectations.must_keep(name, template) if is_undisturbed else {}
        self.world.lose_answers = lost
        succeeded = self.world.deploy(
            name, template, neighbor_fails_after=neighbor, plan=circumstances.plan
        )
        self.world.lose_answers = 0
        self.disorder.note_events(self.world, begin, succeeded=succeeded)
        struck = self.world.disturber.struck
        TALLY.add("disturbances", len(struck) + lost)
        TALLY.add("succeeded" if succeeded else "rolled back")
        if must_succeed and not struck:
            assert succeeded, f"the deployment failed: {self._first_reason(begin)}"
        if must_fail and not struck:
            TALLY.add("must be refused")
            reason = self._first_reason(begin)
            assert not succeeded, "a construct has moved and changed at once"
            assert "is taken by the certificate" in reason, reason
        stack = self.world.stacks[name]
        if succeeded and not struck:
            TALLY.add("must be kept", len(kept))
            for logical_id, certificate_id in kept.items():
                held = stack.resources[logical_id].physical_id
                assert held == certificate_id, f"the content of {logical_id} was uploaded again"
        self.ownership.note(stack, before, holders, replaced=template if succeeded else ())
        if succeeded or self.world.cloudformation.roll_back_by_deletion:
            self.disorder.note_rivals(stack, template, succeeded=succeeded)
        if stack.status == "UPDATE_ROLLBACK_FAILED":
            must = self.expectations.must_roll_back(stack)
            assert not must, f"the rollback of {name} failed: {self._last_reason()}"
        if circumstances.parent_fails and is_new and stack.exists:
            TALLY.add("new nested stacks deleted")
            self._check()
            self._delete(stack, Circumstances({}))

    def _delete(self, stack: StackRecord, circumstances: Circumstances) -> None:
        TALLY.add("deletions")
        begin = len(self.world.history)
        before, holders = self.ownership.of_stack(stack), holders_in(stack)
        self.world.lose_answers = circumstances.lost_answers
        deleted = self.world.delete(stack.name, plan=circumstances.plan)
        self.world.lose_answers = 0
        TALLY.add("disturbances", len(self.world.disturber.struck))
        if not deleted:
            assert self.world.delete(stack.name), self._last_reason()
        self.disorder.note_events(self.world, begin)
        self.ownership.note(stack, before, holders)

    def _check(self) -> None:
        problems = [
            *broken(
                self.world,
                foreign=self.ownership.foreign.values(),
                excused=self.disorder.excused | self.disorder.disordered,
                drifted=self.disorder.drifted | self.disorder.disordered,
                adopted=self.ownership.adopted,
                moved=self.ownership.moved,
                exempt=self._exempt(),
            ),
            *self.ownership.broken(),
        ]
        assert not problems, "; ".join(problems)

    def _exempt(self) -> set[str]:
        """Return the ids of the bystander, and of certificates that no event finds by name."""
        lost = {
            each.certificate_id
            for each in all_certificates(self.world)
            if self.disorder.is_beyond_reach(each)
        }
        return {*lost, *self.ownership.ousted(), self.ownership.bystander.certificate_id}

    def _template(self, name: str) -> Template:
        stack = self.world.stacks.get(name)
        if stack is None:
            return {}
        return {lid: self.world.declared(resource) for lid, resource in stack.resources.items()}

    def _resolved(self, template: Template) -> Template:
        """Return a template whose declarations say which leaf the secret has at the moment."""
        leaf, breaks = current_leaf(self.account)
        return {
            logical_id: replace(each, leaf=leaf, breaks=breaks)
            if each.renewal is Renewal.CURRENT
            else each
            for logical_id, each in template.items()
        }

    def _first_reason(self, begin: int) -> str:
        """Return the reason of the operation's first failed event."""
        answers = (
            self.world.answers.get(event["RequestId"]) for event in self.world.history[begin:]
        )
        return next((each["Reason"] for each in answers if each and each["Status"] == "FAILED"), "")

    def _last_reason(self) -> str:
        return str(list(self.world.answers.values())[-1].get("Reason"))


def _changed(before: Declared, what: str | None, declared: Declared) -> Declared:
    """Return a declaration with one value from another."""
    change = {what: getattr(declared, what)} if what is not None else {}
    return replace(before, **{"breaks": False, **change})
