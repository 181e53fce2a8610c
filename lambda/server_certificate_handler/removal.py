"""Delete: by id, never by name alone, and only what is this resource's own."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from server_certificate.contract.ownership import STACK_ID_TAG
from server_certificate_handler.adoption import Adoption
from server_certificate_handler.errors import (
    CertificateInUseError,
    CertificateMissingError,
    IamRefusedError,
    PathNotRestoredError,
)
from server_certificate_handler.giving_back import give_back
from server_certificate_handler.identifiers import failed_request, is_certificate_id
from server_certificate_handler.inventory import own_certificates
from server_certificate_handler.occasion import Occasion
from server_certificate_handler.unsupported import knows_tags

if TYPE_CHECKING:
    from collections.abc import Iterator

    from server_certificate_handler.iam_store import IamStore
    from server_certificate_handler.lifecycle import Identity
    from server_certificate_handler.stack_state import StackState
    from server_certificate_handler.stored_certificate import StoredCertificate

log = logging.getLogger(__name__)

MOST_TRIES = 4
"""How often names are given back anew when something else moves certificates at the same moment."""


class _MovedMeanwhileError(Exception):
    """Something else moves certificates at this moment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Removal:
    """One Delete event on its way."""

    store: IamStore
    stack: StackState
    identity: Identity

    explicit_name: str | None
    """Name in the properties, None when it is generated."""

    source: str
    """Digest of the properties that say where the material comes from."""

    adopts: bool = False
    """Whether the properties allow for the adoption of a certificate that was there before."""

    def delete(self, physical_id: str) -> None:
        """
        Delete what a physical id stands for. Missing is success.

        What was adopted in an operation that is undone is given back instead.

        An id that is no ServerCertificateId was answered by a failed Create, or invented by
        CloudFormation when it cancelled a Create: then only what that Create uploaded goes.

        Raises:
            CertificateInUseError: A consumer holds on to the certificate for too long.
            IamRefusedError: IAM refused a call.
        """
        if is_certificate_id(physical_id):
            self._delete_certificate(physical_id)
        else:
            self._delete_left_behind(physical_id)

    def _delete_certificate(self, certificate_id: str) -> None:
        occasion = self.stack.occasion()
        if occasion in {Occasion.DONE, Occasion.UNDONE} and self._holds(certificate_id):
            log.warning({"decision": "leave: the event came late", "id": certificate_id})
            return
        listed = self.store.names()
        if occasion not in {Occasion.DELETION, Occasion.CLEAN_UP}:
            listed = self._settle_names(certificate_id, listed)
        name = next((name for name, listed_id in listed if listed_id == certificate_id), None)
        succeeded = occasion is Occasion.CLEAN_UP
        has_others = occasion in {Occasion.DELETION, Occasion.CLEAN_UP} and len(listed) > 1
        may_go_back = not succeeded and (self.adopts or occasion is not Occasion.DELETION)
        stored = None
        if name is not None and (has_others or may_go_back):
            # It is looked at, so that a name which has changed hands meanwhile shows.
            stored = self.store.find(certificate_id, likely_names=[name])
            name = None if stored is None else stored.name
        if name is None:
            log.info({"decision": "nothing to delete", "id": certificate_id})
        elif stored is None or succeeded or not self._leave(stored, occasion):
            log.info({"decision": "delete", "name": name, "id": certificate_id})
            self.store.delete(name, certificate_id)
        if occasion is Occasion.DELETION:
            # Nothing of this resource stays; nobody will come for it any more.
            for other in self._others(listed, {certificate_id}, stored):
                self._remove(other)
        elif has_others:
            self._sweep(listed, certificate_id, stored)

    def _leave(self, stored: StoredCertificate, occasion: Occasion) -> bool:
        """
        Give a certificate back that an operation has adopted which came to nothing.

        Returns:
            Whether it must not be deleted: it was given back, now or before, or is another's.
        """
        if self._is_anothers(stored, occasion):
            log.warning({"decision": "leave: not this resource's", "id": stored.certificate_id})
            return True
        adoption = Adoption.of(stored.tags)
        if adoption is None:
            return False
        if occasion is Occasion.DELETION:
            if not adoption.is_undone and not self.stack.has_undone(adoption.at):
                return False
        elif self._keeps(stored.certificate_id):
            log.warning({"decision": "leave: the event came late", "id": stored.certificate_id})
            return True
        give_back(self.store, stored)
        return True

    def _is_anothers(self, stored: StoredCertificate, occasion: Occasion) -> bool:
        """Whether it was given back before, and perhaps adopted by another resource since."""
        if self.identity.owns(stored):
            return False
        # An upload has its tags wherever IAM knows any.
        was_given_back = self.adopts or (
            occasion is Occasion.ROLLBACK and knows_tags(self.identity.owner.stack_id)
        )
        return STACK_ID_TAG in stored.tags or was_given_back

    def _keeps(self, certificate_id: str) -> bool:
        """Whether the resource holds a certificate, and is not being deleted."""
        state = self.stack.resource_if_readable()
        return (
            state is not None and state.certificate_id == certificate_id and not state.is_given_up
        )

    def _holds(self, certificate_id: str) -> bool:
        state = self.stack.resource_if_readable()
        return state is not None and state.certificate_id == certificate_id

    def _others(
        self,
        listed: tuple[tuple[str, str], ...],
        spare: set[str | None],
        beginning_with: StoredCertificate | None = None,
    ) -> Iterator[StoredCertificate]:
        for stored in own_certificates(
            self.store,
            self.identity,
            listed=listed,
            explicit_names={self.explicit_name},
            spare=spare,
            beginning_with=beginning_with,
        ):
            if Adoption.of(stored.tags) or not stored.provenance.retain:
                yield stored

    def _remove(self, other: StoredCertificate, *, wait: bool = True) -> None:
        """Remove what the resource has left and does not hold: uploads go, what was adopted goes back."""
        if Adoption.of(other.tags):
            give_back(self.store, other)
            return
        log.info({"decision": "delete leftover", "name": other.name})
        self.store.delete(other.name, other.certificate_id, wait=wait)

    def _sweep(
        self,
        listed: tuple[tuple[str, str], ...],
        certificate_id: str,
        stored: StoredCertificate | None,
    ) -> None:
        """Delete what earlier clean-ups failed to delete: all but what the stack holds now."""
        state = self.stack.resource_if_readable()
        if state is None or state.certificate_id is None:
            return
        for other in self._others(listed, {certificate_id, state.certificate_id}, stored):
            try:
                self._remove(other, wait=False)
            except (CertificateInUseError, IamRefusedError, PathNotRestoredError) as err:
                # The deletion that was asked for is done; this one has its next chance.
                log.warning({"decision": "leave leftover", "error": str(err)})

    def _settle_names(
        self, certificate_id: str, listed: tuple[tuple[str, str], ...]
    ) -> tuple[tuple[str, str], ...]:
        """
        Give the explicit name back to the predecessor: a rotation under one name is undone.

        CloudFormation may undo a replacement by deleting the new certificate alone. The name
        changes hands before the deletion: consumers refer to it, and would block that.

        Returns:
            Names and ids of the account's certificates after that.
        """
        for _ in range(MOST_TRIES):
            try:
                if not self._gave_name_back(certificate_id, dict(listed)):
                    return listed
            except _MovedMeanwhileError as err:
                log.info({"decision": "look again", "error": str(err)})
            listed = self.store.names()
        raise CertificateMissingError(
            f"Something else moves certificates at the same time as {certificate_id} is to be deleted. Delete again."
        )

    def _gave_name_back(self, certificate_id: str, listed: dict[str, str]) -> bool:
        names = {listed_id: name for name, listed_id in listed.items()}
        explicit = self.explicit_name
        if explicit is None or listed.get(explicit, certificate_id) != certificate_id:
            return False
        stored = self._listed(certificate_id, names)
        if stored is None or stored.public is None or not stored.provenance.takes_name:
            return False
        predecessor = self._listed(stored.provenance.replaces, names)
        if predecessor is None or not self._is_aside(predecessor):
            return False
        if stored.name == explicit:
            self._move(stored, self.identity.content_name(stored.public))
        log.info({"decision": "give name back", "name": explicit, "to": predecessor.certificate_id})
        self._move(predecessor, explicit)
        return True

    def _listed(
        self, certificate_id: str | None, names: dict[str, str]
    ) -> StoredCertificate | None:
        """Return a certificate that was listed; None when it was not."""
        name = names.get(certificate_id or "")
        if name is None:
            return None
        stored = self.store.get(name)
        if stored is None or stored.certificate_id != certificate_id:
            raise _MovedMeanwhileError(f"'{name}' is another's now")
        return stored

    def _is_aside(self, stored: StoredCertificate) -> bool:
        return (
            stored.public is not None
            and self.identity.owns(stored)
            and stored.name == self.identity.content_name(stored.public)
        )

    def _move(self, stored: StoredCertificate, new_name: str) -> None:
        """
        Move a certificate, and see that it was this one.

        IAM moves whatever has the name when the call arrives. Another delivery of the event may
        have given it away since it was looked at: then the move is taken back.
        """
        try:
            self.store.move(name=stored.name, new_name=new_name)
        except IamRefusedError as err:
            there = self.store.get(new_name)
            if there is not None and there.certificate_id == stored.certificate_id:
                return
            if err.code in {"NoSuchEntity", "EntityAlreadyExists"}:
                raise _MovedMeanwhileError(str(err)) from err
            raise
        there = self.store.get(new_name)
        if there is not None and there.certificate_id != stored.certificate_id:
            log.warning({"decision": "move back", "id": there.certificate_id})
            self.store.move(name=new_name, new_name=stored.name)
            raise _MovedMeanwhileError(f"'{stored.name}' was another's")

    def _delete_left_behind(self, physical_id: str) -> None:
        state = self.stack.resource_if_readable()
        if state is not None and state.certificate_id is not None:
            # The resource was created since: this event is late, and what is there is another's.
            log.warning({"decision": "leave: the event came late", "id": state.certificate_id})
            return
        everything = self.stack.occasion() is Occasion.DELETION
        request_id = failed_request(physical_id)
        for stored in self._others(self.store.names(), set()):
            made = stored.provenance
            of_that_create = (
                made.request_id == request_id
                if request_id is not None
                else made.replaces is None and made.source == self.source
            )
            if of_that_create or everything:
                log.info({"decision": "remove", "name": stored.name, "physical_id": physical_id})
                self._remove(stored)
