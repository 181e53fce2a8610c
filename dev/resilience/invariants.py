"""What must be true whenever the stacks are at rest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dev.simulator.declared import DECLARED_TAGS, TAGS, Renewal, leaf
from server_certificate.contract.ownership import LOGICAL_ID_TAG, STACK_ID_TAG, is_own

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from dev.simulator.stack_record import StackRecord
    from dev.simulator.world import World
    from local_cloud.iam.store import ServerCertificate

Owner = tuple[str, str]
"""Stack id and logical id."""


def broken(
    world: World,
    *,
    foreign: Iterable[ServerCertificate],
    excused: set[Owner],
    drifted: set[Owner],
    adopted: Mapping[str, ServerCertificate] | None = None,
    moved: Collection[str] = (),
    exempt: Collection[str] = (),
) -> Iterator[str]:
    """
    Yield the broken invariants.

    Args:
        world: The stacks and their account.
        foreign: The certificates that belonged to no stack before the last operation. They must not
            have changed, unless the operation has adopted them.
        excused: Resources that may have more certificates than the template declares, because
            CloudFormation has given up a disturbed deletion.
        drifted: Resources that a person has changed since their last event.
        adopted: The certificates that stacks have adopted before, as they were, by their ids.
        moved: Ids of certificates whose construct has moved in the tree. They keep the tags that the
            construct declared where it was: no event has them.
        exempt: Ids of certificates that no event can remove, whatever their tags are.
    """
    yield from world.violations
    certificates = all_certificates(world)
    by_id = {certificate.certificate_id: certificate for certificate in certificates}
    before = {each.certificate_id: each for each in foreign}
    former = {**(adopted or {}), **before}
    stuck = {stack.stack_id for stack in world.stacks.values() if stack.is_stuck}

    def is_unfinished(owner: Owner) -> bool:
        return owner in excused or owner[0] in stuck

    held: set[str] = set(exempt)
    for stack in world.stacks.values():
        held |= {resource.physical_id for _, resource in stack.all_held()}
        for logical_id in stack.resources:
            if not stack.is_stuck and (stack.stack_id, logical_id) not in drifted:
                yield from _misfits(
                    world, stack, logical_id, by_id, former, excused=excused, moved=moved
                )
    for certificate_id, wanted in before.items():
        stored = by_id.get(certificate_id)
        owner = None if stored is None else owner_of(stored)
        # If held, it is checked as the stack's own; if not yet released, it must still be there.
        is_adopted = certificate_id in held or (owner is not None and is_unfinished(owner))
        if stored is None or not (is_adopted or is_untouched(stored, wanted)):
            yield f"the foreign certificate {wanted.name} was changed or deleted"
    for certificate in certificates:
        owner = owner_of(certificate)
        if owner is None or certificate.certificate_id in held:
            continue
        if not is_unfinished(owner):
            yield f"{certificate.name} ({certificate.certificate_id}) of {owner[1]} is left over"


def all_certificates(world: World) -> tuple[ServerCertificate, ...]:
    """Return all certificates of the account."""
    return world.account.certificates.list_certificates(max_items=1000).items


def is_untouched(stored: ServerCertificate, wanted: ServerCertificate) -> bool:
    """
    Return whether a certificate is unchanged, and no stack's.

    What stacks have adopted and released keeps the tags that they declare, as CloudFormation leaves
    those of a resource that it retains.
    """
    return (stored.name, stored.path, stored.material, _other_tags(stored)) == (
        wanted.name,
        wanted.path,
        wanted.material,
        _other_tags(wanted),
    )


def _other_tags(certificate: ServerCertificate) -> dict[str, str]:
    return {tag.key: tag.value for tag in certificate.tags if tag.key not in DECLARED_TAGS}


def _users_tags(certificate: ServerCertificate) -> dict[str, str]:
    return {tag.key: tag.value for tag in certificate.tags if not is_own(tag.key)}


def owner_of(certificate: ServerCertificate) -> Owner | None:
    """Return the resource that a certificate's tags name; None for a foreign one."""
    tags = {tag.key: tag.value for tag in certificate.tags}
    if STACK_ID_TAG not in tags:
        return None
    return tags[STACK_ID_TAG], tags[LOGICAL_ID_TAG]


def _misfits(
    world: World,
    stack: StackRecord,
    logical_id: str,
    by_id: Mapping[str, ServerCertificate],
    former: Mapping[str, ServerCertificate],
    *,
    excused: set[Owner],
    moved: Collection[str],
) -> Iterator[str]:
    where, resource = f"{stack.name}/{logical_id}", stack.resources[logical_id]
    stored = by_id.get(resource.physical_id)
    if stored is None:
        yield f"the certificate {resource.physical_id} of {where} is missing"
        return
    declared = world.declared(resource)
    # The template doesn't say what the secret had when its current version was read.
    is_known = declared.renewal is not Renewal.CURRENT
    if is_known and stored.material.body.strip() != leaf(declared.leaf).pem.strip():
        yield f"{where} has another content"
    if declared.name is not None and stored.name != declared.name:
        yield f"{where} is called {stored.name}, not {declared.name}"
    if declared.name is None and not stored.name.startswith(f"{declared.name_prefix(logical_id)}-"):
        yield f"{where} is called {stored.name}, which is not generated"
    if stored.path != declared.path:
        yield f"{where} has the path {stored.path}, not {declared.path}"
    tags = _users_tags(stored)
    foreign = former.get(stored.certificate_id)
    theirs = _users_tags(foreign) if foreign is not None else {}
    # Tags that templates have declared meanwhile aren't the person's any more.
    kept = {key: value for key, value in theirs.items() if key not in DECLARED_TAGS}
    left = {key: tags[key] for key in tags.keys() & theirs.keys() & DECLARED_TAGS}
    if stored.certificate_id in moved:
        left |= {key: tags[key] for key in tags.keys() & DECLARED_TAGS}
    if tags != {**left, **kept, **TAGS[declared.tags]}:
        yield f"{where} has the tags {tags}, not {TAGS[declared.tags]} and {kept}"
    if owner_of(stored) not in {(stack.stack_id, logical_id), *excused}:
        yield f"{where} does not carry the tags of its owner"
