"""Create and Update: look, decide, act, until the goal is reached; undo what was begun when it fails."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import TYPE_CHECKING

from server_certificate.contract.ownership import LOGICAL_ID_TAG
from server_certificate_handler import lifecycle
from server_certificate_handler.adoption import Adoption
from server_certificate_handler.errors import (
    AdoptionRefusedError,
    CertificateInUseError,
    CertificateMissingError,
    HandlerError,
    IamRefusedError,
    MaterialRejectedError,
    NameTakenError,
    SourceUnreadableError,
    SupersededError,
)
from server_certificate_handler.giving_back import give_back
from server_certificate_handler.inventory import own_certificates
from server_certificate_handler.journal import Journal
from server_certificate_handler.lifecycle import (
    Adopt,
    Ask,
    Discard,
    GiveBack,
    Goal,
    Identity,
    Look,
    Move,
    Retag,
    Settle,
    Step,
    Upload,
    View,
)
from server_certificate_handler.neighbour import Stance, stance
from server_certificate_handler.occasion import Occasion
from server_certificate_handler.unsupported import is_unsupported

if TYPE_CHECKING:
    from server_certificate.contract.ownership import Owner
    from server_certificate.contract.properties import ResourceProperties
    from server_certificate_handler.deadline import Deadline
    from server_certificate_handler.event import Former
    from server_certificate_handler.iam_store import IamStore
    from server_certificate_handler.intake import Intake
    from server_certificate_handler.stack_state import StackState
    from server_certificate_handler.stored_certificate import StoredCertificate

log = logging.getLogger(__name__)

_SURPRISES = {"NoSuchEntity", "EntityAlreadyExists", "ConcurrentModification"}
"""Codes that say IAM holds something else than was known."""

MOST_STEPS = 40
"""Far more than any way to a goal takes, looks and surprises included."""

MOST_SURPRISES = 4
SURPRISE_PAUSE_SECONDS = 1.0
"""Before IAM is looked at anew: what surprised may not be visible everywhere yet."""

LATE_PAUSES_SECONDS = (1.0, 2.0)
"""Before a status that says nobody waits is believed."""

NEIGHBOUR_PAUSES_SECONDS = (1.0, 2.0, 4.0, 8.0, 15.0)
"""Before a neighbour in the stack is looked at anew that has the wanted name, and may give it up."""


class Wanted(Enum):
    """Whether CloudFormation waits for an event."""

    YES = "yes"
    """As far as is known."""

    ACCEPTED = "accepted"
    """It has an answer already, from another delivery of the event."""

    NO_MORE = "no more"
    """It has begun to undo what the event was to do, or is done with it."""


@dataclass(slots=True, kw_only=True)
class Change:
    """One Create or Update event on its way."""

    store: IamStore
    stack: StackState
    intake: Intake
    owner: Owner
    request_id: str
    deadline: Deadline
    properties: ResourceProperties
    former: Former

    _goal: Goal = field(init=False)
    _view: View = field(default_factory=View, init=False)
    _journal: Journal = field(init=False)
    _occasion: Occasion = field(default=Occasion.FORWARD, init=False)
    _is_creation: bool = field(default=False, init=False)

    def __post_init__(self) -> None:
        """State the goal, as far as the properties tell it."""
        properties = self.properties
        self._journal = Journal(self.store, self.request_id, self._holds)
        self._goal = Goal(
            identity=Identity(owner=self.owner, name_prefix=properties.name_prefix),
            request_id=self.request_id,
            explicit_name=properties.name,
            path=properties.path,
            tags=properties.tags,
            former_name=self.former.name,
            former_tag_keys=self.former.tag_keys,
            source=properties.source_digest,
            retain=properties.retain,
            adopts_at=self.intake.at if properties.adopt else None,
        )

    def create(self) -> StoredCertificate:
        """
        Upload what is wanted, adopt it, or find that an earlier delivery of this event has done so.

        Raises:
            HandlerError: Nothing was stored, or what was stored has been removed again.
        """
        self.intake.check_names()
        self._goal = replace(self._goal, public=self.intake.public())
        self._view = View(looks_first=self.properties.adopt)
        self._is_creation = True
        return self._carry_out()

    def update(self, physical_id: str | None) -> StoredCertificate:
        """
        Move and retag in place when the content is the same, else bring in the new content.

        Args:
            physical_id: ServerCertificateId of what the resource holds now; None when it holds none.

        Returns:
            The certificate; another id than before makes CloudFormation delete the one before.

        Raises:
            HandlerError: What was begun has been undone.
        """
        self._occasion = self._why()
        self.intake.check_names()
        settles = self._occasion is Occasion.FORWARD
        self._goal = replace(self._goal, physical_id=physical_id, settles=settles)
        current = self._go_back() if self._occasion is Occasion.ROLLBACK else self._go_on()
        if physical_id and current is None:
            log.warning({"decision": "bring in anew", "missing": physical_id})
        result = self._carry_out(current)
        if self._occasion is Occasion.ROLLBACK:
            self._sweep(result)
        return result

    def _why(self) -> Occasion:
        """
        Tell an update from a rollback, and both from an event that nobody waits for.

        Raises:
            SupersededError: CloudFormation is done with it.
        """
        occasion = self.stack.occasion()
        for pause in LATE_PAUSES_SECONDS:
            if not occasion.is_over or not self.deadline.wait(pause):
                return occasion
            occasion = self.stack.occasion()
        if occasion.is_over:
            raise SupersededError(
                "The event came late: CloudFormation does not update the stack any more. Nothing was changed."
            )
        return occasion

    def _go_on(self) -> StoredCertificate | None:
        """State the goal of an update by what its sources hold; return the current certificate."""
        try:
            self._goal = replace(self._goal, public=self.intake.public())
        except SourceUnreadableError:
            current = self._find_current()
            # The same properties produced it once, so nothing about its content has changed.
            stored = self._recognise(current, undoing=False)
            if stored is None:
                raise
            self._goal = replace(self._goal, recognised=stored.certificate_id)
            return current
        return self._find_current()

    def _go_back(self) -> StoredCertificate | None:
        """State the goal of a rollback by what held before; return the current certificate."""
        current = self._find_current()
        stored = self._recognise(current)
        is_predecessor = stored is not None and stored is not current
        if current is not None and not is_predecessor and self._is_released(current):
            self._goal = replace(self._goal, released=current.certificate_id)
            stored = None
        if stored is None:
            try:
                self._goal = replace(self._goal, public=self.intake.public())
            except (SourceUnreadableError, MaterialRejectedError):
                if current is None or current.provenance.replaces is not None:
                    raise
                # It replaced nothing, so nothing but its source has changed: it held before.
                stored = current
        if stored is not None:
            log.info({"decision": "recognise", "id": stored.certificate_id})
            self._goal = replace(self._goal, recognised=stored.certificate_id)
        return current

    def _is_released(self, current: StoredCertificate) -> bool:
        """
        Whether the operation that is undone has adopted what the resource holds, to replace another.

        Then its Delete follows and gives it back, and it must not get the name from before. Under the
        same name it stays instead: the one from before is gone, and two cannot have it.
        """
        adoption = Adoption.of(current.tags)
        if adoption is None or adoption.at is None or current.name == self.properties.name:
            return False
        began_at = self.stack.began_at()
        return began_at is not None and adoption.at >= began_at

    def _find_current(self) -> StoredCertificate | None:
        return self._find(
            self._goal.physical_id, self.former.name, *reversed(lifecycle.places(self._goal))
        )

    def _recognise(
        self, current: StoredCertificate | None, *, undoing: bool = True
    ) -> StoredCertificate | None:
        predecessor = None
        if undoing and current is not None and (before := current.provenance.replaces):
            predecessor = self._find(before, self.properties.name)
        return lifecycle.recognise(
            current,
            predecessor,
            identity=self._goal.identity,
            source=self._goal.source,
        )

    def _find(self, certificate_id: str | None, *likely: str | None) -> StoredCertificate | None:
        """Find a certificate by its id, and remember what was seen on the way."""
        if certificate_id is None:
            return None
        if found := self._view.find(certificate_id):
            return found
        for candidate in dict.fromkeys(likely):
            if candidate is None or self._view.knows(candidate):
                continue
            stored = self._look(candidate)
            if stored is not None and stored.certificate_id == certificate_id:
                return stored
        listed = self.store.names()
        name = next((name for name, listed_id in listed if listed_id == certificate_id), None)
        return None if name is None else self._look(name)

    def _look(self, name: str) -> StoredCertificate | None:
        stored = self.store.get(name)
        self._view = self._view.with_holder(name, stored)
        return stored

    def _carry_out(self, before: StoredCertificate | None = None) -> StoredCertificate:
        try:
            stored = self._reach()
            if self._journal.has_acted:
                self._check_wanted()
            if self._journal.has_moved:
                self._propagate()
        except SupersededError:
            self.deadline.begin_undoing()
            self._journal.undo()
            self._restore(before)
            raise
        except Exception:
            if self._journal.has_acted:
                self._undo_unless_accepted()
            raise
        return stored

    def _reach(self) -> StoredCertificate:
        surprises = 0
        steps = 0
        while step := lifecycle.next_step(self._view, self._goal):
            steps += 1
            if steps > MOST_STEPS:
                raise CertificateMissingError(
                    "Something else changes the same certificates all the time. Find out what, and deploy again."
                )
            if (
                self._is_creation
                and not isinstance(step, Look | Upload)
                and self._check_wanted() is Wanted.ACCEPTED
            ):
                break
            try:
                self._take(step)
            except IamRefusedError as err:
                surprises += 1
                if not (err.outcome_unknown or err.code in _SURPRISES):
                    raise
                if surprises > MOST_SURPRISES or not self.deadline.wait(SURPRISE_PAUSE_SECONDS):
                    raise
                log.info({"decision": "look again", "error": err.code})
                self._look_again()
                self._check_wanted()
        stored = lifecycle.target(self._view, self._goal)
        assert stored is not None  # noqa: S101 (what no next step means)
        return stored

    def _look_again(self) -> None:
        """Forget what was known of IAM, and find out where the certificates are now."""
        names = [stored.name for stored in self._view.certificates]
        self._view = View(uploaded=self._view.uploaded)
        for name in dict.fromkeys((*lifecycle.places(self._goal), *names)):
            self._look(name)
        for certificate_id in (self._goal.physical_id, self._goal.recognised):
            self._find(certificate_id, self._goal.explicit_name)

    def _take(self, step: Step) -> None:
        match step:
            case Look(name):
                self._look(name)
            case Upload():
                self._upload(step)
            case Move():
                log.info(
                    {
                        "decision": "move",
                        "name": step.stored.name,
                        "new_name": step.new_name,
                        "new_path": step.new_path,
                    }
                )
                self._journal.move(step)
                self._view = self._view.after_move(step.stored, step.moved)
            case Retag():
                self._retag(step)
            case Discard(stored):
                log.info(
                    {"decision": "discard an upload that nobody knows", "id": stored.certificate_id}
                )
                self.store.delete(stored.name, stored.certificate_id, wait=False)
                self._view = self._view.with_holder(stored.name, None)
            case Adopt(retag):
                self._adopt(retag)
            case Settle(retag):
                log.info({"decision": "settle", "id": retag.stored.certificate_id})
                self._journal.retag(retag)
                self._view = self._view.with_holder(retag.stored.name, retag.retagged)
            case GiveBack(stored):
                self._give_back(stored)
            case Ask(holder):
                self._ask(holder)

    def _adopt(self, step: Retag) -> None:
        # Unlike an upload it can be another event's, too: that of the rollback which has begun.
        if not self._is_creation:
            self._check_wanted()
        log.info({"decision": "adopt", "name": step.stored.name, "id": step.stored.certificate_id})
        try:
            self._journal.adopt(step)
        except IamRefusedError as err:
            if not is_unsupported(err, stack_id=self.owner.stack_id):
                raise
            raise AdoptionRefusedError(
                f"The certificate {step.stored.certificate_id} cannot be adopted: IAM takes no tags here ({err.code}),"
                " and nothing else could tell, after a failure, that it was there before. Remove adopt_existing and"
                " choose another server_certificate_name."
            ) from err
        self._view = self._view.with_holder(step.stored.name, step.retagged)

    def _give_back(self, stored: StoredCertificate) -> None:
        """
        Give back what an event before has adopted in vain.

        Raises:
            NameTakenError: CloudFormation holds it, so this event is the one that came late.
        """
        if self._holds(stored.certificate_id):
            raise NameTakenError(
                f"The event came late: the name '{stored.name}' is taken by the certificate {stored.certificate_id},"
                " which another event has adopted for this resource since. It was left as it is."
            )
        give_back(self.store, stored)
        self._look(stored.name)

    def _ask(self, holder: StoredCertificate) -> None:
        """Look whether a neighbour in the stack gives up the wanted name, and wait while that is open."""
        neighbour = self.stack.of(holder.tags[LOGICAL_ID_TAG])
        began_at = self.stack.began_at()
        for pause in (*NEIGHBOUR_PAUSES_SECONDS, None):
            found = stance(
                neighbour.resource_if_readable(),
                holder,
                occasion=self._occasion,
                began_at=began_at,
            )
            if found is not Stance.OPEN or pause is None or not self.deadline.wait(pause):
                break
            self._check_wanted()
            if not self._still_has_its_name(holder):
                return
        log.info(
            {
                "decision": "ask neighbour",
                "stance": found.value,
                "name": holder.name,
                "id": holder.certificate_id,
            }
        )
        if found is Stance.GOES:
            if not self._still_has_its_name(holder):
                return
            try:
                self.store.delete(holder.name, holder.certificate_id, wait=False)
            except CertificateInUseError as err:
                # Then CloudFormation was told of it, and finds it by its id.
                log.info({"decision": "move it aside", "error": str(err)})
                found = Stance.MAKES_WAY
            else:
                self._view = self._view.with_holder(holder.name, None)
                return
        makes_way = {**self._goal.makes_way, holder.certificate_id: found is Stance.MAKES_WAY}
        self._goal = replace(self._goal, makes_way=makes_way)

    def _still_has_its_name(self, stored: StoredCertificate) -> bool:
        there = self._look(stored.name)
        return there is not None and there.certificate_id == stored.certificate_id

    def _upload(self, step: Upload) -> None:
        public = self._goal.public
        assert public is not None  # noqa: S101 (what is recognised is never uploaded)
        private_key = self.intake.private_key()
        tags = self._goal.all_tags(step.provenance)
        log.info({"decision": "upload", "name": step.name, "path": self._goal.path})
        try:
            uploaded = self._journal.upload(
                name=step.name,
                path=self._goal.path,
                public=public,
                private_key=private_key,
                tags=tags,
            )
        except IamRefusedError as err:
            if not is_unsupported(err, stack_id=self.owner.stack_id):
                raise
            # Beside the declared name: there a certificate is known as this resource's own without
            # tags. They follow, then it moves.
            name = self._goal.identity.content_name(public)
            log.warning({"decision": "upload without tags", "name": name, "error": err.code})
            uploaded = self._journal.upload(
                name=name, path=self._goal.path, public=public, private_key=private_key, tags={}
            )
        self._view = self._view.after_upload(uploaded)

    def _retag(self, step: Retag) -> None:
        log.info(
            {
                "decision": "retag",
                "name": step.stored.name,
                "put": sorted(step.put),
                "remove": sorted(step.remove),
            }
        )
        try:
            self._journal.retag(step)
        except IamRefusedError as err:
            if not is_unsupported(err, stack_id=self.owner.stack_id):
                raise
            log.warning({"decision": "go on without tags", "error": err.code})
            self._goal = replace(self._goal, untaggable=True)
        self._view = self._view.with_holder(step.stored.name, step.retagged)

    def _check_wanted(self) -> Wanted:
        """
        Look, after an act, whether CloudFormation still waits for it.

        A Delete, or the Update of a rollback, that comes while this event is on its way sees what
        is there then, and undoes that. What this event does later is its own to undo.

        Raises:
            SupersededError: CloudFormation does not wait any more.
            StackUnreadableError: The role may not read that, and the certificate is new.
        """
        wanted = self._creation_wanted() if self._is_creation else self._update_wanted()
        if wanted is Wanted.NO_MORE:
            raise SupersededError(
                "CloudFormation did not wait for the event any more when the function had worked on it."
                " What it did has been undone."
            )
        return wanted

    def _creation_wanted(self) -> Wanted:
        state = self.stack.resource()
        if state is None:
            # Also what is told of a resource that an update has removed since.
            occasion = self.stack.occasion()
            return Wanted.NO_MORE if occasion.is_over or occasion.undoes else Wanted.YES
        if state.certificate_id is not None:
            stored = lifecycle.target(self._view, self._goal)
            is_it = stored is not None and stored.certificate_id == state.certificate_id
            return Wanted.ACCEPTED if is_it else Wanted.NO_MORE
        return Wanted.NO_MORE if state.is_given_up else Wanted.YES

    def _update_wanted(self) -> Wanted:
        if self._occasion is Occasion.FORWARD and self.stack.occasion().undoes:
            return Wanted.NO_MORE
        return Wanted.YES

    def _undo_unless_accepted(self) -> None:
        """
        Undo a failed event; but what CloudFormation took from another delivery of it stands.

        That may happen while the undoing goes on: then the way to the goal is taken once more.
        """
        self.deadline.begin_undoing()
        if self._is_accepted():
            self._journal.discard_uploads()
            return
        self._journal.undo(is_followed=self._is_creation)
        if self._is_accepted():
            log.warning({"decision": "do again what another delivery has answered"})
            try:
                self._look_again()
                self._reach()
            except HandlerError as err:
                log.error({"decision": "doing again failed", "error": str(err)})  # noqa: TRY400 (explained)

    def _is_accepted(self) -> bool:
        state = self.stack.resource_if_readable()
        if state is None:
            return False
        if self._is_creation:
            return state.certificate_id is not None
        return self._occasion is Occasion.FORWARD and state.status == "UPDATE_COMPLETE"

    def _holds(self, certificate_id: str) -> bool:
        state = self.stack.resource_if_readable()
        return state is not None and state.certificate_id == certificate_id

    def _restore(self, before: StoredCertificate | None) -> None:
        """Put the certificate from before where the template before has it, whoever moved it."""
        if before is None or before.public is None:
            return
        name = self.former.name or self._goal.identity.content_name(before.public)
        try:
            stored = self.store.find(before.certificate_id, likely_names=[name, before.name])
            if stored is not None and (stored.name, stored.path) != (name, self.former.path):
                self._journal.move(Move(stored, name, self.former.path))
        except HandlerError as err:
            log.error({"decision": "restore failed", "error": str(err)})  # noqa: TRY400 (explained)

    def _sweep(self, stored: StoredCertificate) -> None:
        """
        Delete what an update that failed or died has uploaded to replace a certificate.

        CloudFormation knows nothing of it, so nobody else comes for it.
        """
        held = {stored.certificate_id, self._goal.physical_id}
        try:
            leftovers = own_certificates(
                self.store,
                self._goal.identity,
                listed=self.store.names(),
                explicit_names={self.former.name, self.properties.name},
                spare=held,
            )
            for other in leftovers:
                made = other.provenance
                if made.replaces in held and Adoption.of(other.tags):
                    give_back(self.store, other)
                elif made.replaces in held and not made.retain:
                    log.info({"decision": "sweep", "name": other.name, "id": other.certificate_id})
                    self.store.delete(other.name, other.certificate_id, wait=False)
        except HandlerError as err:
            log.error({"decision": "sweep failed", "error": str(err)})  # noqa: TRY400 (explained)

    def _propagate(self) -> None:
        seconds = self.properties.propagation_seconds
        if seconds and not self.deadline.wait(seconds):
            log.warning({"decision": "answer without waiting for propagation", "seconds": seconds})
