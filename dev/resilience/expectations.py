"""What a search expects to succeed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from dev.resilience.invariants import all_certificates, owner_of
from dev.resilience.tally import TALLY
from dev.simulator.declared import leaf

if TYPE_CHECKING:
    from dev.simulator.declared import Declared, Template
    from dev.simulator.stack_record import StackRecord
    from dev.simulator.world import World
    from local_cloud.iam.store import ServerCertificate


@dataclass
class Expectations:
    """What must succeed in a world, as long as nothing is disturbed."""

    world: World
    foreign: dict[str, ServerCertificate] = field(default_factory=dict)
    """Certificates that no stack owns, by their ids."""

    forgotten: set[int] = field(default_factory=set)
    """Leaves whose secrets are gone."""

    def must_deploy(self, name: str, template: Template) -> bool:
        """Whether nothing outside a deployment can make it fail."""
        stack = self.world.stacks.get(name)
        resources = stack.resources if stack is not None else {}
        holders = {each.name: owner_of(each) for each in all_certificates(self.world)}
        wanted = [declared.name for declared in template.values() if declared.name]
        for logical_id, declared in template.items():
            owner = (stack.stack_id if stack is not None else "", logical_id)
            held = resources.get(logical_id)
            if held is not None and held.properties == declared.properties(logical_id):
                continue
            if declared.breaks or declared.leaf in self.forgotten:
                return False
            if declared.name in holders and holders[declared.name] != owner:
                if not self._can_be_adopted(declared, name, logical_id):
                    return False
                TALLY.add("must be adopted")
        return len(set(wanted)) == len(wanted) and len(holders) < 15  # noqa: PLR2004 (of 20)

    def must_roll_back(self, stack: StackRecord) -> bool:
        """Whether the certificates from before an update and their names are there."""
        operation = stack.operation
        if operation is None:
            return False
        holders = {each.name: each for each in all_certificates(self.world)}
        ids = {each.certificate_id for each in holders.values()}
        # A neighbour that the operation has given the name makes way.
        touched = {(stack.stack_id, logical_id) for logical_id in operation.attempted}
        for logical_id in operation.attempted.keys() & operation.before.keys():
            before = operation.before[logical_id]
            holder = holders.get(self.world.declared(before).name or "")
            if before.physical_id not in ids or (
                holder is not None
                and (holder.certificate_id in self.foreign or owner_of(holder) not in touched)
            ):
                return False
        return True

    def held(self, name: str, logical_id: str) -> ServerCertificate | None:
        """Return the certificate of a resource that can be updated."""
        stack = self.world.stacks.get(name)
        if stack is None or logical_id not in stack.resources or stack.is_stuck:
            return None
        held = stack.resources[logical_id].physical_id
        return next(
            (each for each in all_certificates(self.world) if each.certificate_id == held), None
        )

    def _can_be_adopted(self, declared: Declared, name: str, logical_id: str) -> bool:
        """Whether what is declared is there under its name, and is needed."""
        held = self.held(name, logical_id)
        body = leaf(declared.leaf).pem.strip()
        return (
            declared.adopt
            and any(
                # One that a stack has adopted and could not give back still has its tags.
                each.certificate_id in self.foreign and owner_of(each) is None
                for each in all_certificates(self.world)
                if each.name == declared.name and each.material.body.strip() == body
            )
            and (held is None or held.material.body.strip() != body)
        )
