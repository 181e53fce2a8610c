"""Which operations of a search must succeed."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from dev.resilience.invariants import all_certificates, owner_of
from dev.resilience.tally import TALLY
from dev.simulator.declared import TAGS, leaf

if TYPE_CHECKING:
    from dev.resilience.disorder import Disorder
    from dev.resilience.ownership import Ownership
    from dev.simulator.declared import Declared, Template
    from dev.simulator.stack_record import StackRecord
    from dev.simulator.world import World
    from local_cloud.iam.store import ServerCertificate


@dataclass
class Expectations:
    """What must succeed in a world as long as nothing is disturbed."""

    world: World
    ownership: Ownership
    disorder: Disorder

    forgotten: set[int] = field(default_factory=set)
    """Leaves whose secrets are gone."""

    def must_deploy(self, name: str, template: Template) -> bool:
        """Whether nothing outside the deployment can make it fail."""
        stack = self._stack(name)
        if self._is_disordered(stack):
            return False
        resources = stack.resources if stack is not None else {}
        holders = {each.name: each for each in all_certificates(self.world)}
        wanted = [declared.name for declared in template.values() if declared.name]
        for logical_id, declared in template.items():
            owner = (stack.stack_id if stack is not None else "", logical_id)
            held = resources.get(logical_id)
            if held is not None and held.properties == declared.properties(logical_id):
                continue
            if declared.breaks or declared.leaf in self.forgotten:
                return False
            holder = holders.get(declared.name or "")
            if holder is None or owner_of(holder) == owner:
                continue
            if self._has_moved(holder, stack, template, logical_id):
                TALLY.add("must be moved")
            elif self._can_be_adopted(declared, name, logical_id):
                TALLY.add("must be adopted")
            else:
                return False
        return len(set(wanted)) == len(wanted) and len(holders) < 15  # noqa: PLR2004 (of 20)

    def must_be_refused(self, name: str, template: Template) -> bool:
        """Whether the only problem is a construct that has moved and changed at once."""
        stack = self._stack(name)
        if stack is None or self._is_disordered(stack):
            return False
        changed = {
            logical_id: declared
            for logical_id, declared in template.items()
            if logical_id not in stack.resources
            or declared.properties(logical_id) != stack.resources[logical_id].properties
        }
        if len(changed) > 1:
            return False
        for logical_id, declared in changed.items():
            holder = self.world.account.certificates.find(declared.name or "")
            return (
                holder is not None
                and not declared.breaks
                and declared.leaf not in self.forgotten
                and logical_id not in stack.resources
                and self._comes_from(holder, stack, template)
                and not _fits(holder, declared)
            )
        return False

    def must_keep(self, name: str, template: Template) -> dict[str, str]:
        """Return the certificates that stay, because only the place of their content changes, if anything."""
        stack = self._stack(name)
        if stack is None or self._is_disordered(stack):
            return {}
        kept: dict[str, str] = {}
        for logical_id, declared in template.items():
            held = self.held(name, logical_id)
            if held is None or (stack.stack_id, logical_id) in self.disorder.drifted:
                continue
            present = self.world.declared(stack.resources[logical_id])
            same = replace(
                present,
                leaf=declared.leaf,
                breaks=declared.breaks,
                in_secret=declared.in_secret,
                renewal=declared.renewal,
            )
            if declared == same and not declared.breaks and _has_content(held, declared):
                kept[logical_id] = held.certificate_id
        return kept

    def must_roll_back(self, stack: StackRecord) -> bool:
        """Whether the certificates from before an update and their names are there."""
        operation = stack.operation
        if operation is None or self._is_disordered(stack):
            return False
        holders = {each.name: each for each in all_certificates(self.world)}
        by_id = {each.certificate_id: each for each in holders.values()}
        # If the operation has given the name to a neighbor, that makes room.
        touched = {(stack.stack_id, logical_id) for logical_id in operation.attempted}
        for logical_id in operation.attempted.keys() & operation.before.keys():
            before = operation.before[logical_id]
            holder = holders.get(self.world.declared(before).name or "")
            stored = by_id.get(before.physical_id)
            # A replaced certificate is found only under names that the resource can have given it.
            is_lost = stored is None or self.disorder.has_hand_given_name(stored)
            if is_lost or (
                holder is not None
                and (
                    holder.certificate_id in self.ownership.foreign
                    or owner_of(holder) not in touched
                )
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

    def _stack(self, name: str) -> StackRecord | None:
        stack = self.world.stacks.get(name)
        return stack if stack is not None and stack.exists else None

    def _is_disordered(self, stack: StackRecord | None) -> bool:
        return stack is not None and any(
            stack_id == stack.stack_id for stack_id, _ in self.disorder.disordered
        )

    def _can_be_adopted(self, declared: Declared, name: str, logical_id: str) -> bool:
        """Whether the declared certificate exists under its name, and is needed."""
        held = self.held(name, logical_id)
        return (
            declared.adopt
            and any(
                # A certificate that a stack couldn't release still has its tags.
                each.certificate_id in self.ownership.foreign and owner_of(each) is None
                for each in all_certificates(self.world)
                if each.name == declared.name
                and each.path == declared.path
                and _has_content(each, declared)
            )
            and (held is None or not _has_content(held, declared))
        )

    def _has_moved(
        self,
        holder: ServerCertificate,
        stack: StackRecord | None,
        template: Template,
        logical_id: str,
    ) -> bool:
        """Whether a resource is new, and takes over the certificate of a removed one."""
        return (
            stack is not None
            and logical_id not in stack.resources
            and self._comes_from(holder, stack, template)
            and _fits(holder, template[logical_id])
        )

    def _comes_from(
        self, holder: ServerCertificate, stack: StackRecord, template: Template
    ) -> bool:
        return any(
            resource.physical_id == holder.certificate_id
            and owner_of(holder) == (stack.stack_id, logical_id)
            for logical_id, resource in stack.resources.items()
            if logical_id not in template
        )


def _fits(stored: ServerCertificate, declared: Declared) -> bool:
    """Return whether a certificate with the declared name is the declared one in every other way."""
    tags = {tag.key: tag.value for tag in stored.tags}
    return (
        _has_content(stored, declared)
        and stored.path == declared.path
        and TAGS[declared.tags].items() <= tags.items()
    )


def _has_content(stored: ServerCertificate, declared: Declared) -> bool:
    return stored.material.body.strip() == leaf(declared.leaf).pem.strip()
