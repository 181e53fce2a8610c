"""
What to do about an event: pure decisions from what is wanted and what is known of IAM.

Nothing here calls AWS, so every rule of the life cycle can be listed in a table of tests. There is
no plan that could be overtaken: each step is decided anew from what is known after the one before.
So whatever an earlier delivery of the event, another event or a person has left, the steps from
there lead to the same end.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from server_certificate.contract.ownership import (
    LOGICAL_ID_TAG,
    OWN_TAGS,
    STACK_ID_TAG,
    Owner,
    Provenance,
    is_own,
)
from server_certificate.fingerprint import content_fingerprint
from server_certificate.naming import content_name
from server_certificate_handler.adoption import (
    Adoption,
    differences,
    leftover_keys,
    taken_over,
)
from server_certificate_handler.errors import (
    AdoptionRefusedError,
    CertificateMissingError,
    NameTakenError,
    UndoneMeanwhileError,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from server_certificate.material import PublicMaterial
    from server_certificate_handler.stored_certificate import StoredCertificate


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Which certificates are a resource's own, and what their contents are called."""

    owner: Owner
    name_prefix: str
    """Readable part of the names that belong to contents."""

    def content_name(self, public: PublicMaterial) -> str:
        """
        Return the name that belongs to a content of this resource.

        It is the name where none is declared, and the place beside a declared one. It depends on
        the stack: nobody else's certificate has it by chance.
        """
        return content_name(
            self.name_prefix, content_fingerprint(public, owner=self.owner.stack_id)
        )

    def guest_name(self, public: PublicMaterial, *, logical_id: str) -> str:
        """
        Return the name to which a neighbour's certificate makes way.

        It is one that this resource may give, and not the name of the same content of its own.
        """
        owner = f"{self.owner.stack_id} {logical_id}"
        return content_name(self.name_prefix, content_fingerprint(public, owner=owner))

    def owns(self, stored: StoredCertificate) -> bool:
        """Whether a certificate is this resource's own, by its tags, or without any by its name."""
        if STACK_ID_TAG in stored.tags:
            return self.owner.owns(stored.tags)
        return stored.public is not None and stored.name == self.content_name(stored.public)


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """The certificate that an event asks for."""

    identity: Identity
    request_id: str
    explicit_name: str | None
    path: str
    tags: Mapping[str, str]
    """The user's tags, without those that say whose the certificate is."""

    former_name: str | None = None
    """Name in the template before; None when it was generated, or there was none."""

    former_tag_keys: frozenset[str] = frozenset()
    """Keys of the tags in the template before; only these are removed, so that tags which somebody
    else set stay."""

    source: str
    """Digest of the properties that say where the material comes from."""

    retain: bool = False

    physical_id: str | None = None
    """ServerCertificateId of what the resource holds before the event; None when it is created."""

    public: PublicMaterial | None = None
    """The content; None when ``recognised`` tells the certificate."""

    recognised: str | None = None
    """ServerCertificateId of the certificate that held before, in a rollback."""

    untaggable: bool = False
    """Whether IAM was found to know no tags of server certificates here. Then a certificate without
    any, under the wanted name and with the wanted content, is taken for one's own."""

    adopts_at: datetime | None = None
    """The present instant where a certificate that no stack owns may be taken over; else None."""

    settles: bool = False
    """Whether the operations before are over for good: then what was adopted in them is the stack's
    own like any other."""

    released: str | None = None
    """ServerCertificateId of a certificate whose adoption is being undone: its Delete gives it back."""

    makes_way: Mapping[str, bool] = field(default_factory=dict)
    """Whether certificates of neighbours in the stack make way, by ServerCertificateId, as far as was
    asked."""

    def provenance(self, *, takes_name: bool) -> Provenance:
        """Say how a certificate that this event brings in came into being."""
        return Provenance(
            request_id=self.request_id,
            source=self.source,
            replaces=self.physical_id,
            takes_name=takes_name,
            retain=self.retain,
        )

    def all_tags(self, provenance: Provenance) -> dict[str, str]:
        """Return all tags that a certificate of such a provenance has."""
        return {**self.tags, **self.identity.owner.tags(), **provenance.tags()}


@dataclass(frozen=True, slots=True)
class View:
    """What is known of IAM."""

    by_name: Mapping[str, StoredCertificate | None] = field(default_factory=dict)
    """Certificates by name; None: the name is known to be free."""

    looks_first: bool = True
    """Whether names are looked up before something is uploaded under them. A Create does so only
    after a surprise: nearly always they are free, and IAM itself says when they are not."""

    uploaded: frozenset[str] = frozenset()
    """ServerCertificateIds of what this invocation has uploaded."""

    def knows(self, name: str) -> bool:
        """Whether it is known who has a name."""
        return name in self.by_name

    def holder(self, name: str) -> StoredCertificate | None:
        """Return who has a name; None when it is free, or not known to be taken."""
        return self.by_name.get(name)

    def find(self, certificate_id: str | None) -> StoredCertificate | None:
        """Return the certificate with an id, if it is known."""
        return next(
            (each for each in self.certificates if each.certificate_id == certificate_id), None
        )

    @property
    def certificates(self) -> tuple[StoredCertificate, ...]:
        """All known certificates."""
        return tuple(each for each in self.by_name.values() if each is not None)

    def with_holder(self, name: str, stored: StoredCertificate | None) -> View:
        """Return what is known after a look at a name, or after something happened to it."""
        return replace(self, by_name={**self.by_name, name: stored})

    def after_upload(self, uploaded: StoredCertificate) -> View:
        """Return what is known after an upload."""
        view = self.with_holder(uploaded.name, uploaded)
        return replace(view, uploaded=self.uploaded | {uploaded.certificate_id})

    def after_move(self, stored: StoredCertificate, moved: StoredCertificate) -> View:
        """Return what is known after a certificate was moved."""
        return self.with_holder(stored.name, None).with_holder(moved.name, moved)


@dataclass(frozen=True, slots=True)
class Look:
    """Find out who has a name."""

    name: str


@dataclass(frozen=True, slots=True)
class Upload:
    """Upload the wanted content under a name."""

    name: str
    provenance: Provenance


@dataclass(frozen=True, slots=True)
class Move:
    """Rename or re-path a certificate."""

    stored: StoredCertificate
    new_name: str
    new_path: str

    @property
    def moved(self) -> StoredCertificate:
        """The certificate after the step."""
        return self.stored.moved(name=self.new_name, path=self.new_path)


@dataclass(frozen=True, slots=True)
class Retag:
    """Remove tags of a certificate and set others."""

    stored: StoredCertificate
    put: Mapping[str, str]
    remove: frozenset[str]

    @property
    def retagged(self) -> StoredCertificate:
        """The certificate after the step."""
        return self.stored.retagged(put=self.put, remove=self.remove)

    @property
    def back(self) -> Retag:
        """The step that undoes this one."""
        # IAM tells keys apart without regard to case.
        touched = {key.lower() for key in (*self.put, *self.remove)}
        held = {key.lower() for key in self.stored.tags}
        return Retag(
            self.retagged,
            put={key: value for key, value in self.stored.tags.items() if key.lower() in touched},
            remove=frozenset(key for key in self.put if key.lower() not in held),
        )


@dataclass(frozen=True, slots=True)
class Discard:
    """
    Delete an upload that nobody was told of.

    That is a second one by another delivery of this very event, or one that another event was
    about to delete when its function was stopped.
    """

    stored: StoredCertificate


@dataclass(frozen=True, slots=True)
class Adopt:
    """Make a certificate one's own that no stack owns."""

    retag: Retag
    """All of it is one call, so that no moment is left in which it would be lost what it was."""


@dataclass(frozen=True, slots=True)
class Settle:
    """Forget what an adopted certificate was before: nothing can undo that any more."""

    retag: Retag


@dataclass(frozen=True, slots=True)
class GiveBack:
    """Give back a certificate whose adoption has come to nothing."""

    stored: StoredCertificate


@dataclass(frozen=True, slots=True)
class Ask:
    """Find out whether a neighbour in the stack gives up the wanted name."""

    holder: StoredCertificate


Step = Look | Upload | Move | Retag | Discard | Adopt | Settle | GiveBack | Ask


def next_step(view: View, goal: Goal) -> Step | None:
    """
    Decide what to do next; None when the goal is reached.

    Raises:
        NameTakenError: Somebody else's certificate has the wanted name.
        AdoptionRefusedError: It should be adopted, but is not what is declared.
        UndoneMeanwhileError: Another delivery of the event is undoing it.
        CertificateMissingError: The recognised certificate is gone.
    """
    if goal.settles and (current := view.find(goal.physical_id)) and Adoption.of(current.tags):
        return Settle(_settled(current))
    stored = target(view, goal)
    if stored is not None:
        return _put_in_place(view, goal, stored)
    if goal.public is None:
        raise CertificateMissingError(
            f"The certificate {goal.recognised} that held before is gone: somebody deleted it at this moment."
            " Continue the rollback, and it is uploaded anew."
        )
    return _bring_in(view, goal)


def target(view: View, goal: Goal) -> StoredCertificate | None:
    """Return the certificate that is, or becomes, what the goal asks for; None when there is none yet."""
    if goal.public is None:
        return view.find(goal.recognised)
    current = view.find(goal.physical_id)
    is_kept = current is not None and current.certificate_id != goal.released
    if current is not None and is_kept and has_content(current, goal.public):
        return current
    for name in places(goal):
        holder = view.holder(name)
        if holder is not None and _is_own_twin(holder, goal, goal.public):
            return holder
    return None


def recognise(
    current: StoredCertificate | None,
    predecessor: StoredCertificate | None,
    *,
    identity: Identity,
    source: str,
) -> StoredCertificate | None:
    """
    Tell which certificate the wanted properties had produced, without reading any source.

    In a rollback that is the one that was replaced, as long as it is there, or the current one
    where nothing was replaced.

    Args:
        current: What the resource holds.
        predecessor: What the current one was uploaded to replace; None when that is gone, or when
            nothing is being undone.
        identity: The resource.
        source: Digest of the wanted properties.
    """
    for stored in (predecessor, current):
        if (
            stored is not None
            and stored.provenance.source == source
            and (stored is current or identity.owns(stored))
        ):
            return stored
    return None


def places(goal: Goal) -> tuple[str, ...]:
    """Return the names under which the goal's certificate can be: the final one, the one beside."""
    names = [goal.explicit_name]
    if goal.public is not None:
        names.append(goal.identity.content_name(goal.public))
    return tuple(dict.fromkeys(name for name in names if name is not None))


def has_content(stored: StoredCertificate, public: PublicMaterial) -> bool:
    """Compare by DER: IAM changes line ends, and the encoding a user chose is no content."""
    return stored.public is not None and stored.public.der == public.der


def name_taken(holder: StoredCertificate, goal: Goal) -> NameTakenError:
    """Explain whose certificate has the name, and how it could be had."""
    stack = holder.tags.get(STACK_ID_TAG)
    resource = holder.tags.get(LOGICAL_ID_TAG)
    fix = "Choose another server_certificate_name, or leave it out to have a unique one generated."
    if _is_neighbour(holder, goal):
        whose = f"it belongs to the resource {resource} of this stack"
        fix += (
            f" If {resource} gives the name up in the same deployment, let this certificate depend on that one"
            " (node.add_dependency)."
        )
    elif stack:
        whose = f"it belongs to the resource {resource} of the stack {stack}"
        fix += (
            f" If that stack is gone and has left it behind, remove its tag '{STACK_ID_TAG}', and adopt it"
            " (adopt_existing=True)."
        )
    else:
        whose = "its tags name no stack that owns it"
        fix += _way_to_adopt(holder, goal)
    return NameTakenError(
        f"The name '{holder.name}' is taken by the certificate {holder.certificate_id} ({holder.arn}); {whose}."
        f" It was left as it is. {fix}"
    )


def _way_to_adopt(holder: StoredCertificate, goal: Goal) -> str:
    if goal.public is None or not has_content(holder, goal.public):
        return ""
    if goal.adopts_at is None:
        return (
            " It has the very certificate and chain that are declared here: with adopt_existing=True it is taken over"
            " as it is, and keeps its id."
        )
    return (
        " It has the certificate and chain that are declared here, but so has what this resource holds already:"
        " nothing would be uploaded that it could take the place of. To adopt it, declare it as a new"
        " ServerCertificate, and remove this one."
    )


def _is_neighbour(stored: StoredCertificate, goal: Goal) -> bool:
    """Whether it belongs to another resource of the same stack."""
    owner = goal.identity.owner
    return stored.tags.get(STACK_ID_TAG) == owner.stack_id and not owner.owns(stored.tags)


def _is_own_twin(stored: StoredCertificate, goal: Goal, public: PublicMaterial) -> bool:
    owned = goal.identity.owns(stored) or (goal.untaggable and not stored.tags)
    return (
        owned
        and has_content(stored, public)
        and not stored.provenance.discarded
        and not _is_borrowed(stored, goal)
    )


def _is_borrowed(stored: StoredCertificate, goal: Goal) -> bool:
    """Whether another event has adopted it, and came to nothing before it could give it back."""
    return (
        Adoption.of(stored.tags) is not None
        and goal.identity.owns(stored)
        and stored.provenance.request_id != goal.request_id
        and stored.certificate_id not in {goal.physical_id, goal.recognised}
    )


def _is_being_undone(stored: StoredCertificate, goal: Goal) -> bool:
    """Whether it is marked to go. What CloudFormation holds stays, though a mark be left on it."""
    is_held = stored.certificate_id == goal.physical_id
    return stored.provenance.discarded and not is_held and goal.identity.owns(stored)


def _bring_in(view: View, goal: Goal) -> Step:
    name, *beside = places(goal)
    for place in (name, *beside):
        if view.looks_first and not view.knows(place):
            return Look(place)
    if discard := _discard_marked(view, goal):
        return discard
    holder = view.holder(name)
    if holder is None:
        return Upload(name, goal.provenance(takes_name=False))
    if goal.adopts_at is not None and STACK_ID_TAG not in holder.tags:
        return Adopt(_adoption(holder, goal, at=goal.adopts_at))
    if _is_borrowed(holder, goal) or not goal.identity.owns(holder):
        return _make_way(view, goal, holder)
    # One's own holder of the name, with other content, makes way; never before the new one is there.
    if not beside:
        raise name_taken(holder, goal)
    if occupant := view.holder(beside[0]):
        raise name_taken(occupant, goal)
    return Upload(beside[0], goal.provenance(takes_name=_takes_name(goal, of=holder)))


def _discard_marked(view: View, goal: Goal) -> Discard | None:
    """Discard what another event was about to delete when it was stopped."""
    for place in places(goal):
        if (there := view.holder(place)) is not None and _is_being_undone(there, goal):
            if there.provenance.request_id != goal.request_id:
                return Discard(there)
            raise UndoneMeanwhileError(
                f"Another delivery of the event has failed, and is about to delete {there.certificate_id}."
                " Deploy again."
            )
    return None


def _put_in_place(view: View, goal: Goal, stored: StoredCertificate) -> Step | None:
    name = goal.explicit_name or (
        goal.identity.content_name(stored.public) if stored.public else stored.name
    )
    holder = view.holder(name)
    retag = _retag(goal, stored, takes_name_of=holder)
    if retag and _is_adopted(goal, stored):
        # Another event brought it in: from now on it is this one's, before anything else happens.
        return retag
    if stored.name != name and holder is not None:
        return _make_way(view, goal, holder)
    if (stored.name, stored.path) != (name, goal.path):
        return Move(stored, name, goal.path)
    return retag or _discard(view, goal, stored)


def _make_way(view: View, goal: Goal, holder: StoredCertificate) -> Step:
    """Move a certificate off the wanted name, to a name of its content: one's own, or a neighbour's that may go."""
    if _is_borrowed(holder, goal):
        return GiveBack(holder)
    identity = goal.identity
    is_neighbour = _is_neighbour(holder, goal)
    if is_neighbour and holder.certificate_id not in goal.makes_way:
        return Ask(holder)
    may_move = identity.owns(holder) or goal.makes_way.get(holder.certificate_id, False)
    # What was there before the operation had the name before it, too.
    if not may_move or holder.public is None or Adoption.of(holder.tags):
        raise name_taken(holder, goal)
    if is_neighbour:
        # Its own events know it by its id, wherever it is.
        aside = identity.guest_name(holder.public, logical_id=holder.tags[LOGICAL_ID_TAG])
    else:
        aside = identity.content_name(holder.public)
    if not view.knows(aside):
        return Look(aside)
    if occupant := view.holder(aside):
        if _is_duplicate(view, goal, occupant, of=holder):
            return Discard(occupant)
        raise name_taken(occupant, goal)
    return Move(holder, aside, holder.path)


def _adoption(holder: StoredCertificate, goal: Goal, *, at: datetime) -> Retag:
    """
    Make a certificate that no stack owns the one that the goal asks for.

    Raises:
        AdoptionRefusedError: It has another content, or no room for the tags.
    """
    assert goal.public is not None  # noqa: S101 (what is recognised is never brought in)
    if not has_content(holder, goal.public):
        raise AdoptionRefusedError(
            f"The certificate {holder.certificate_id} ({holder.arn}) cannot be adopted:"
            f" {differences(holder.public, goal.public)}. It was left as it is. Declare the certificate and the chain"
            f" that are there (server-certificate show {holder.name}), deploy, and give the new ones in the deployment"
            " after that; or remove adopt_existing and choose another server_certificate_name."
        )
    wanted = goal.all_tags(goal.provenance(takes_name=False))
    put = taken_over(holder, wanted=wanted, at=at)
    return Retag(holder, put, leftover_keys(holder.tags, but=put))


def _settled(stored: StoredCertificate) -> Retag:
    return Retag(stored, {}, leftover_keys(stored.tags, but=OWN_TAGS))


def _is_adopted(goal: Goal, stored: StoredCertificate) -> bool:
    """Whether an event takes over what another one has brought in."""
    return (
        goal.recognised is None
        and stored.certificate_id != goal.physical_id
        and stored.provenance.request_id != goal.request_id
    )


def _takes_name(goal: Goal, *, of: StoredCertificate | None) -> bool:
    """
    Whether a certificate takes the declared name of the one that it replaces.

    Where somebody gave that one the name by hand, its template never did, and it gets it back from
    no rollback.
    """
    is_replaced = of is not None and of.certificate_id == goal.physical_id
    return is_replaced and goal.explicit_name == goal.former_name


def _retag(
    goal: Goal, stored: StoredCertificate, *, takes_name_of: StoredCertificate | None
) -> Retag | None:
    if _is_adopted(goal, stored):
        provenance = goal.provenance(takes_name=_takes_name(goal, of=takes_name_of))
    else:
        provenance = replace(
            stored.provenance, source=goal.source, retain=goal.retain, discarded=False
        )
        is_settled = goal.recognised is None and stored.certificate_id == goal.physical_id
        if is_settled and stored.provenance.source != goal.source:
            # What it once replaced is history, and no rollback of this change may go back to it.
            provenance = replace(provenance, replaces=None, takes_name=False)
    wanted = goal.all_tags(provenance)
    if adoption := Adoption.of(stored.tags):
        wanted |= adoption.tags()
    # Of what was adopted just now the template before has set no tags.
    is_new = adoption is not None and stored.certificate_id != goal.physical_id
    former_keys = frozenset[str]() if is_new else goal.former_tag_keys
    wanted_keys = {key.lower() for key in wanted}
    put = {key: value for key, value in wanted.items() if stored.tags.get(key) != value}
    remove = frozenset(
        key
        for key in stored.tags
        if (key in former_keys or is_own(key)) and key.lower() not in wanted_keys
    )
    return Retag(stored, put, remove) if put or remove else None


def _discard(view: View, goal: Goal, stored: StoredCertificate) -> Discard | None:
    for other in view.certificates:
        if _is_duplicate(view, goal, other, of=stored):
            return Discard(other)
    return None


def _is_duplicate(
    view: View, goal: Goal, other: StoredCertificate, *, of: StoredCertificate
) -> bool:
    """Whether a certificate is a second upload of one event, which nobody was told of."""
    made = other.provenance
    return (
        other.certificate_id not in {of.certificate_id, goal.physical_id, goal.recognised}
        and Adoption.of(other.tags) is None
        and of.public is not None
        and has_content(other, of.public)
        and goal.identity.owns(other)
        and (
            other.certificate_id in view.uploaded
            or made.request_id == goal.request_id
            # In a rollback: of the event that is undone.
            or (goal.recognised is not None and made.replaces == goal.recognised)
        )
    )
