"""Who owns each certificate: a stack, nobody, or a stack that has adopted it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from dev.resilience.invariants import all_certificates, owner_of
from dev.resilience.tally import TALLY
from dev.simulator.declared import REGION, upload_by_hand
from server_certificate.contract.ownership import ADOPTED_TAG

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dev.simulator.stack_record import StackRecord
    from dev.simulator.world import World
    from local_cloud.iam.store import ServerCertificate

_BYSTANDER = "bystander"
"""A name that no template declares."""

_BY_HAND = {"team": "them", "cost-center": "42"}
_MOST = 3
"""The maximum number of foreign certificates at a time: the quota is 20."""


class Adopted(NamedTuple):
    """What was adopted, before an operation."""

    logical_id: str
    adopts: bool
    """Whether adopt_existing is in the template."""


@dataclass
class Ownership:
    """
    Who owns what.

    Args:
        world: The stacks and their account.
    """

    world: World
    foreign: dict[str, ServerCertificate] = field(default_factory=dict)
    """Certificates that no stack owns and that must stay as they are, by their ids."""

    adopted: dict[str, ServerCertificate] = field(default_factory=dict)
    """Certificates that stacks have adopted, as they were before, by their ids."""

    moved: set[str] = field(default_factory=set)
    """Ids of certificates that may keep the tags of another resource: their construct has moved."""

    ownerless: set[str] = field(default_factory=set)
    """Ids of certificates from which a person has taken the construct's tags."""

    bystander: ServerCertificate = field(init=False)
    """A certificate that no stack ever declares, to which forged tags point."""

    def begin(self, leaf: int) -> None:
        """Upload the bystander."""
        account = self.world.account
        self.bystander = upload_by_hand(account, _BYSTANDER, leaf, tags={"team": "them"})

    def upload_by_hand(self, name: str, leaf: int, *, is_tagged: bool, path: str) -> None:
        """Upload a foreign certificate if its name is free."""
        account = self.world.account
        if name not in account.names() and len(self.foreign) < _MOST:
            tags = _BY_HAND if is_tagged else {}
            stored = upload_by_hand(account, name, leaf, path=path, tags=tags)
            self.foreign[stored.certificate_id] = stored

    def remove_by_hand(self) -> None:
        """Remove a foreign certificate unless a failed stack holds it."""
        for certificate_id in self.foreign.keys() - self._held_ids():
            stored = self._by_id()[certificate_id]
            if owner_of(stored) is None:
                del self.foreign[certificate_id]
                self.world.account.certificates.delete(stored.name)
                return

    def of_stack(self, stack: StackRecord | None) -> dict[str, Adopted]:
        """
        Return what a stack has adopted, by the certificates' ids.

        If two resources hold one certificate, it stays only if both adopt it: the synth refuses two
        certificates with one name.
        """
        held: dict[str, Adopted] = {}
        for logical_id, resource in stack.all_held() if stack is not None else ():
            certificate_id = resource.physical_id
            if certificate_id in self.adopted:
                adopts = self.world.declared(resource).adopts
                other = held.get(certificate_id)
                held[certificate_id] = Adopted(
                    logical_id, adopts and (other is None or other.adopts)
                )
        return held

    def note(
        self,
        stack: StackRecord,
        before: dict[str, Adopted],
        holders: dict[str, set[str]],
        *,
        replaced: Iterable[str] = (),
    ) -> None:
        """
        Update who owns what, after an operation.

        Args:
            stack: The stack.
            before: What it had adopted before.
            holders: Who held what in it before.
            replaced: Logical ids of which nothing but what is held now is the stack's still.
        """
        self.moved |= {
            certificate_id
            for certificate_id, logical_ids in holders_in(stack).items()
            if holders.get(certificate_id, logical_ids) != logical_ids
        }
        if not stack.is_stuck:
            self._note_adopted(stack)
        self._note_released(
            {key: each for key, each in before.items() if each.logical_id not in set(replaced)}
        )
        self._note_ownerless()

    def broken(self) -> Iterator[str]:
        """Yield what is wrong with the bystander, and record the tags that others keep."""
        by_id = self._by_id()
        if by_id.get(self.bystander.certificate_id) != self.bystander:
            yield "the bystander was changed or deleted"
        # The tags that a stack declares stay on what it has adopted and released.
        self.foreign.update(
            {key: by_id[key] for key in self.foreign if key in by_id and not owner_of(by_id[key])}
        )

    def ousted(self) -> Iterator[str]:
        """
        Yield the ids of what was adopted and moved, and whose former name somebody else has taken.

        It keeps the construct's tags: without, its stack would take it for an upload of its own.
        """
        names = self.world.account.names()
        for certificate_id, stored in self._by_id().items():
            before = self.adopted.get(certificate_id)
            if before is not None and before.name in names and _has_generated_name(stored):
                yield certificate_id

    def _note_adopted(self, stack: StackRecord) -> None:
        """What a stack holds at rest is its own from then on."""
        by_id = self._by_id()
        for resource in stack.resources.values():
            certificate_id = resource.physical_id
            stored = self.foreign.pop(certificate_id, None)
            if stored is None and certificate_id in self.ownerless & by_id.keys():
                held = by_id[certificate_id]
                stored = held if any(tag.key == ADOPTED_TAG for tag in held.tags) else None
            if stored is not None:
                self.adopted[certificate_id] = stored
                TALLY.add("adopted")

    def _note_released(self, before: dict[str, Adopted]) -> None:
        """An adopted certificate is foreign again when its stack doesn't hold it any more."""
        held = self._held_ids()
        by_id = self._by_id()
        for certificate_id, each in before.items():
            if certificate_id in held or certificate_id in self.world.human_deleted:
                continue
            if each.adopts:
                assert certificate_id in by_id, "an adopted certificate was deleted with its stack"
                if owner_of(by_id[certificate_id]) is None:
                    self.foreign[certificate_id] = by_id[certificate_id]
                    TALLY.add("released")
                    del self.adopted[certificate_id]
            else:
                del self.adopted[certificate_id]

    def _note_ownerless(self) -> None:
        """A certificate is foreign if no stack holds it and nothing marks it as a stack's."""
        held = self._held_ids()
        by_id = self._by_id()
        for certificate_id in tuple(self.ownerless - held):
            self.ownerless.remove(certificate_id)
            stored = by_id.get(certificate_id)
            # Under the name of its content, its stack knows it without tags.
            if stored is not None and not owner_of(stored) and not _has_generated_name(stored):
                self.foreign[certificate_id] = stored

    def _held_ids(self) -> set[str]:
        return {
            resource.physical_id
            for stack in self.world.stacks.values()
            for _, resource in stack.all_held()
        }

    def _by_id(self) -> dict[str, ServerCertificate]:
        return {each.certificate_id: each for each in all_certificates(self.world)}


def _has_generated_name(stored: ServerCertificate) -> bool:
    return f"-{REGION}-" in stored.name


def holders_in(stack: StackRecord | None) -> dict[str, set[str]]:
    """Return the logical ids of the resources of a stack that hold each certificate."""
    holders: dict[str, set[str]] = {}
    for logical_id, resource in stack.resources.items() if stack is not None else ():
        holders.setdefault(resource.physical_id, set()).add(logical_id)
    return holders
