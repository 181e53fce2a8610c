"""
A search for sequences of deployments, failures and people's doings after which something is wrong.

Hypothesis draws the sequences and shrinks the ones that break an invariant.
"""

from __future__ import annotations

import logging
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from local_cloud.iam.tags import Tag
from resilience.cloudformation import CloudFormation, new_sandboxes
from resilience.disturbances import ONLY_ONCE, Disturbance, Extent, Kind
from resilience.invariants import all_certificates, broken, owner_of
from resilience.sandbox import LeakDetector
from resilience.world import (
    LEAVES,
    NAMES,
    PATHS,
    TAGS,
    Declared,
    forget_secrets,
    leaf,
    store_secrets,
)
from support.account import Account

if TYPE_CHECKING:
    from local_cloud.iam.store import ServerCertificate
    from resilience.cloudformation import Stack, Template
    from resilience.invariants import Owner

STACKS: Final = ("web", "shop")
LOGICAL_IDS: Final = ("First", "Second")

_SANDBOXES = new_sandboxes()
TALLY: Counter[str] = Counter()
"""What the search has done so far."""

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
)
_disturbances = st.one_of(
    st.builds(
        Disturbance,
        st.sampled_from([*Kind]).filter(lambda kind: kind not in ONLY_ONCE),
        st.sampled_from(Extent),
    ),
    st.builds(Disturbance, st.sampled_from([kind for kind in Kind if kind in ONLY_ONCE])),
)
_plans = st.one_of(
    st.just({}), st.dictionaries(st.integers(1, 25), _disturbances, min_size=1, max_size=2)
)
_neighbours = st.sampled_from([None, None, None, 0, 1, 2])
_lost = st.sampled_from([0, 0, 0, 0, 1, 3])


class LifeCycle(RuleBasedStateMachine):
    """Two stacks with up to two certificates each, and a person, in one account."""

    def __init__(self) -> None:
        super().__init__()
        TALLY["sequences"] += 1
        self.account = Account()
        for number in range(LEAVES):
            store_secrets(self.account, number)
        self.forgotten: set[int] = set()
        self.cloudformation = CloudFormation(_SANDBOXES)
        self.cloudformation.use(self.account)
        self.foreign: dict[str, ServerCertificate] = {}
        self.excused: set[Owner] = set()
        self.drifted: set[Owner] = set()
        self.detector = LeakDetector()
        logging.getLogger().addHandler(self.detector)

    # What a user does

    @initialize(by_deletion=st.booleans())
    def how_replacements_are_rolled_back(self, *, by_deletion: bool) -> None:
        """Choose between the two ways that CloudFormation has."""
        self.cloudformation.roll_back_by_deletion = by_deletion

    @rule(
        name=_stacks,
        template=st.dictionaries(_logical_ids, _declared, min_size=1),
        plan=_plans,
        neighbour=_neighbours,
        lost=_lost,
    )
    def deploy_anything(
        self,
        name: str,
        template: Template,
        plan: dict[int, Disturbance],
        neighbour: int | None,
        lost: int,
    ) -> None:
        """Create a stack, or change everything at once."""
        self._deploy(name, template, plan, neighbour, lost)

    @rule(
        name=_stacks,
        logical_id=_logical_ids,
        change=st.sampled_from(["name", "path", "tags", "leaf", "in_secret"]),
        declared=_declared,
        plan=_plans,
        neighbour=_neighbours,
        lost=_lost,
    )
    def change_one_thing(
        self,
        name: str,
        logical_id: str,
        change: str,
        declared: Declared,
        plan: dict[int, Disturbance],
        neighbour: int | None,
        lost: int,
    ) -> None:
        """Rename, re-path, retag, rotate, or move the material to another source."""
        stack = self.cloudformation.stacks.get(name)
        if stack is None or logical_id not in stack.resources:
            return
        template = self._template(stack)
        present = template[logical_id]
        template[logical_id] = replace(present, breaks=False, **{change: getattr(declared, change)})
        self._deploy(name, template, plan, neighbour, lost)

    @rule(name=_stacks, logical_id=_logical_ids, plan=_plans, neighbour=_neighbours)
    def remove_one(
        self, name: str, logical_id: str, plan: dict[int, Disturbance], neighbour: int | None
    ) -> None:
        """Remove a resource from the template."""
        stack = self.cloudformation.stacks.get(name)
        if stack is None or len(stack.resources) <= 1:
            return
        template = self._template(stack)
        template.pop(logical_id, None)
        self._deploy(name, template, plan, neighbour, 0)

    @rule(name=_stacks, plan=_plans, lost=_lost)
    def delete_the_stack(self, name: str, plan: dict[int, Disturbance], lost: int) -> None:
        """Delete a stack, and once more if that failed."""
        stack = self.cloudformation.stacks.get(name)
        if stack is None or not stack.exists:
            return
        self._delete(stack, plan, lost)

    @rule(number=st.integers(0, 200))
    def an_old_event_arrives_again(self, number: int) -> None:
        """Lambda delivers an event of the past once more."""
        TALLY["late events"] += 1
        self.cloudformation.deliver_late(number)
        self._check()

    # What a person does behind the stacks' backs

    @rule(number=_leaves)
    def secrets_are_forgotten(self, number: int) -> None:
        """The secrets of a certificate are deleted."""
        forget_secrets(self.account, number)
        self.forgotten.add(number)

    @rule(number=_leaves)
    def secrets_are_stored(self, number: int) -> None:
        """The secrets of a certificate are there again."""
        store_secrets(self.account, number)
        self.forgotten.discard(number)

    @rule(name=_stacks, logical_id=_logical_ids, new_name=st.sampled_from(["by-hand", "shop"]))
    def a_person_renames(self, name: str, logical_id: str, new_name: str) -> None:
        """Somebody renames a certificate of a stack."""
        stored = self._held(name, logical_id)
        if stored is None or self._is_taken(new_name):
            return
        self.account.certificates.update(stored.name, new_name=new_name)
        self._drift(stored)

    @rule(name=_stacks, logical_id=_logical_ids)
    def a_person_deletes(self, name: str, logical_id: str) -> None:
        """Somebody deletes a certificate of a stack."""
        stored = self._held(name, logical_id)
        if stored is None:
            return
        self.cloudformation.human_deleted.add(stored.certificate_id)
        self.account.certificates.delete(stored.name)
        self._drift(stored)

    @rule(name=st.sampled_from(["www", "shop", "other"]), number=_leaves, tagged=st.booleans())
    def a_person_uploads(self, name: str, number: int, *, tagged: bool) -> None:
        """Somebody uploads a certificate of their own, perhaps under a name that a stack wants."""
        if self._is_taken(name) or len(self.foreign) > 2:  # noqa: PLR2004 (the quota is 20)
            return
        issued = leaf(number)
        tags = (Tag("team", "them"),) if tagged else ()
        stored = self.account.certificates.upload(
            name, body=issued.pem, chain=issued.chain_pem(), private_key=issued.key_pem(), tags=tags
        )
        self.foreign[stored.certificate_id] = stored

    @precondition(lambda self: self.foreign)
    @rule()
    def a_person_removes_their_own(self) -> None:
        """Somebody deletes a certificate that no stack owns."""
        _, stored = self.foreign.popitem()
        self.account.certificates.delete(stored.name)

    def teardown(self) -> None:
        """Delete everything undisturbed: nothing may be left."""
        try:
            for stack in self.cloudformation.stacks.values():
                if stack.exists:
                    self._delete(stack, {}, 0)
                    assert not stack.exists, f"{stack.name} cannot be deleted"
            for certificate in all_certificates(self.cloudformation):
                owner = owner_of(certificate)
                assert owner is None or owner in self.excused, f"{certificate.name} is left over"
        finally:
            logging.getLogger().removeHandler(self.detector)

    # How it is done

    def _deploy(
        self,
        name: str,
        template: Template,
        plan: dict[int, Disturbance],
        neighbour: int | None,
        lost: int,
    ) -> None:
        stack = self.cloudformation.stacks.get(name)
        if stack is not None and stack.is_stuck:
            self._delete(stack, {}, 0)
        TALLY["deployments"] += 1
        must_succeed = not lost and neighbour is None and self._is_clear(name, template)
        begin = len(self.cloudformation.history)
        self.cloudformation.lose_answers = lost
        succeeded = self.cloudformation.deploy(
            name, template, neighbour_fails_after=neighbour, plan=plan
        )
        self.cloudformation.lose_answers = 0
        self._account_for(begin, plan, lost)
        struck = self.cloudformation.disturber.struck
        TALLY["disturbances"] += len(struck)
        TALLY["succeeded" if succeeded else "rolled back"] += 1
        if must_succeed and not struck:
            assert succeeded, f"the deployment failed: {self._last_reason()}"
        self._check()

    def _delete(self, stack: Stack, plan: dict[int, Disturbance], lost: int) -> None:
        TALLY["deletions"] += 1
        begin = len(self.cloudformation.history)
        self.cloudformation.lose_answers = lost
        deleted = self.cloudformation.delete(stack.name, plan=plan)
        self.cloudformation.lose_answers = 0
        self._account_for(begin, plan, lost)
        TALLY["disturbances"] += len(self.cloudformation.disturber.struck)
        if not deleted:
            begin = len(self.cloudformation.history)
            assert self.cloudformation.delete(stack.name), self._last_reason()
            self._account_for(begin, {}, 0)
        self._check()

    def _account_for(self, begin: int, plan: dict[int, Disturbance], lost: int) -> None:
        """
        See which resources may be left in disorder by what was done to their events.

        A deletion that is disturbed may be given up, and with it what it should have removed; the
        next one that is not takes it along. When an event goes on after CloudFormation has turned
        round, and something else happens to it as well, nobody comes after it until the next one.
        """
        cloudformation = self.cloudformation
        twice_unlucky = len(cloudformation.disturber.struck) + bool(lost) > 1 and any(
            disturbance.kind is Kind.CANCELLED for disturbance in plan.values()
        )
        for event in cloudformation.history[begin:]:
            owner = (event["StackId"], event["LogicalResourceId"])
            phase = cloudformation.phases[event["RequestId"]]
            disturbed = event["RequestId"] in cloudformation.disturbed_requests or lost
            if event["RequestType"] != "Delete":
                self.drifted.discard(owner)
            if disturbed and ("ROLLBACK" in phase or event["RequestType"] == "Delete"):
                self.excused.add(owner)
            elif event["RequestType"] == "Delete" and "ROLLBACK" not in phase:
                self.excused.discard(owner)
            if twice_unlucky:
                self.excused.add(owner)
                self.drifted.add(owner)

    def _check(self) -> None:
        problems = list(
            broken(
                self.cloudformation,
                foreign=self.foreign.values(),
                excused=self.excused,
                drifted=self.drifted,
            )
        )
        assert not problems, "; ".join(problems)

    def _template(self, stack: Stack) -> Template:
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
            owner = (stack.stack_id, logical_id) if stack is not None else None
            if logical_id in resources and resources[logical_id].declared == declared:
                continue
            if declared.breaks or declared.leaf in self.forgotten:
                return False
            if declared.name in holders and holders[declared.name] != owner:
                return False
        return len(set(wanted)) == len(wanted) and len(holders) < 15  # noqa: PLR2004 (of 20)

    def _last_reason(self) -> str:
        return str(list(self.cloudformation.answers.values())[-1].get("Reason"))
