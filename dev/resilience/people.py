"""What people do outside deployments."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dev.resilience.actions import (
    ByHand,
    ChangeTags,
    DeleteByHand,
    Forge,
    Point,
    RemoveByHand,
    RenameByHand,
    Secrets,
    Untag,
    UploadByHand,
)
from dev.simulator.declared import DECLARED_TAGS, forget_secrets, store_secrets
from local_cloud.iam.tags import Tag
from server_certificate.contract.ownership import ADOPTED_TAG, REPLACES_TAG, is_own

if TYPE_CHECKING:
    from dev.resilience.disorder import Disorder
    from dev.resilience.expectations import Expectations
    from dev.resilience.invariants import Owner
    from dev.resilience.ownership import Ownership
    from local_cloud.iam.store import ServerCertificate


class People:
    """
    People who may change certificates, tags and secrets.

    Args:
        ownership: Who owns each certificate.
        expectations: What is expected of the stacks.
        disorder: Records what they leave behind.
    """

    def __init__(
        self, ownership: Ownership, expectations: Expectations, disorder: Disorder
    ) -> None:
        self._world = ownership.world
        self._store = ownership.world.account.certificates
        self._ownership, self._expectations = ownership, expectations
        self._disorder = disorder

    def do(self, action: ByHand) -> None:
        """Do something, if what it needs exists."""
        account, ownership = self._world.account, self._ownership
        match action:
            case Secrets(number, are_there=True):
                store_secrets(account, number)
                self._expectations.forgotten.discard(number)
            case Secrets(number):
                forget_secrets(account, number)
                self._expectations.forgotten.add(number)
            case UploadByHand(name, number, is_tagged):
                ownership.upload_by_hand(name, number, is_tagged=is_tagged, path="/theirs/")
            case RemoveByHand():
                ownership.remove_by_hand()
            case _:
                stored = self._expectations.held(action.stack, action.logical_id)
                if stored is not None:
                    stack_id = self._world.stacks[action.stack].stack_id
                    self._change(action, stored, (stack_id, action.logical_id))

    def _change(
        self,
        action: RenameByHand | DeleteByHand | Untag | ChangeTags | Point | Forge,
        stored: ServerCertificate,
        owner: Owner,
    ) -> None:
        """Change what a resource holds."""
        own = [tag for tag in stored.tags if is_own(tag.key)]
        match action:
            case RenameByHand(new_name=name) if name not in self._world.account.names():
                self._store.update(stored.name, new_name=name)
                self._disorder.renamed[stored.certificate_id] = name
                self._disorder.drifted.add(owner)
            case DeleteByHand():
                self._world.human_deleted.add(stored.certificate_id)
                self._store.delete(stored.name)
                self._disorder.drifted.add(owner)
            case Untag() if own:
                self._store.untag(stored.name, [tag.key for tag in own])
                self._ownership.ownerless.add(stored.certificate_id)
                # An adopter then keeps the tags that its stack has declared, or deletes it.
                self._ownership.moved.add(stored.certificate_id)
                self._world.human_deleted.add(stored.certificate_id)
                self._disorder.untagged[owner] = stored.certificate_id
                self._disorder.drifted.add(owner)
            case ChangeTags():
                declared = [
                    Tag(tag.key, "by-hand") for tag in stored.tags if tag.key in DECLARED_TAGS
                ]
                self._store.tag(stored.name, declared)
                self._disorder.drifted.add(owner)
            case Point(number=number) if own:
                others = [self._ownership.bystander, *self._ownership.foreign.values()]
                pointed = f"{others[number % len(others)].certificate_id} takes-name"
                self._store.tag(stored.name, [Tag(REPLACES_TAG, pointed)])
            case Forge(is_adopted=is_adopted):
                self._forge([*own, Tag(ADOPTED_TAG, "true")] if is_adopted else own)

    def _forge(self, tags: list[Tag]) -> None:
        """Give the bystander exactly these tags of the construct."""
        name = self._ownership.bystander.name
        before = self._ownership.bystander.tags
        self._store.untag(name, [tag.key for tag in before if is_own(tag.key)])
        self._store.tag(name, {tag.key: tag for tag in tags}.values())
        self._ownership.bystander = self._store.get(name)
