"""What an event has done to IAM so far, and how it is undone."""

from __future__ import annotations

import contextlib
import logging
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from server_certificate_handler.adoption import Adoption
from server_certificate_handler.errors import HandlerError, IamRefusedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from server_certificate.material import PrivateKey, PublicMaterial
    from server_certificate_handler.iam_store import IamStore
    from server_certificate_handler.lifecycle import Move, Retag
    from server_certificate_handler.stored_certificate import StoredCertificate

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Journal:
    """
    Acts, and remembers each act before it is made: its answer may be lost while it takes effect.

    Undoing looks first. A certificate is put back only from where the act has put it, so that
    nothing is undone that did not happen, or that somebody else has changed since.
    """

    store: IamStore
    request_id: str
    is_held: Callable[[str], bool]
    """Whether CloudFormation holds a ServerCertificateId for the resource."""

    has_moved: bool = field(default=False, init=False)
    """Whether consumers have to learn of a new certificate, name or path."""

    _adopted: set[str] = field(default_factory=set, init=False)
    """ServerCertificateIds of what was there before."""

    _left: set[str] = field(default_factory=set, init=False)
    """Those of which undoing leaves everything as it is."""

    _changes: list[Callable[[], None]] = field(default_factory=list, init=False, repr=False)
    _uploads: list[Callable[[], None]] = field(default_factory=list, init=False, repr=False)

    @property
    def has_acted(self) -> bool:
        """Whether anything was done."""
        return bool(self._changes or self._uploads)

    def upload(
        self,
        *,
        name: str,
        path: str,
        public: PublicMaterial,
        private_key: PrivateKey,
        tags: Mapping[str, str],
    ) -> StoredCertificate:
        """Upload a certificate."""
        uploaded: list[StoredCertificate] = []

        def discard() -> None:
            stored = self.store.get(name)
            is_it = stored is not None and (
                stored.certificate_id == uploaded[0].certificate_id
                if uploaded
                else stored.provenance.request_id == self.request_id
            )
            # What another delivery has found there and adopted was never uploaded.
            if stored is not None and is_it and not Adoption.of(stored.tags):
                self._discard(stored)

        with _noted(self._uploads, discard):
            uploaded.append(
                self.store.upload(
                    name=name, path=path, public=public, private_key=private_key, tags=tags
                )
            )
        self.has_moved = True
        return uploaded[0]

    def move(self, step: Move) -> None:
        """Rename or re-path a certificate."""
        with _noted(self._changes, lambda: self._move_back(step)):
            self._move(step.stored, step.moved)
        self.has_moved = True

    def retag(self, step: Retag) -> None:
        """Change a certificate's tags."""
        with _noted(self._changes, lambda: self._retag_back(step)):
            self._retag(step)

    def adopt(self, step: Retag) -> None:
        """Make a certificate one's own that no stack owns."""
        self._adopted.add(step.stored.certificate_id)
        with _noted(self._changes, lambda: self._leave_again(step)):
            self._retag(step)

    def undo(self, *, is_followed: bool = False) -> None:
        """
        Undo what was done, the last thing first. What fails is logged: the cause is reported.

        Args:
            is_followed: Whether a Delete of this very event is still to come. What was adopted is
                left to it: it sees what another delivery has answered, which this one may not.
        """
        self._left = self._adopted if is_followed else set()
        while self._changes:
            _attempt(self._changes.pop())
        self.discard_uploads()

    def discard_uploads(self) -> None:
        """Delete what was uploaded, but what CloudFormation holds, and let the rest stand."""
        while self._uploads:
            _attempt(self._uploads.pop())

    def _discard(self, stored: StoredCertificate) -> None:
        """
        Delete an upload, unless another delivery of the event has answered with it.

        It is marked first: whoever looks at it from then on does not adopt it, and whoever adopted
        it before has shown it to CloudFormation, or will fail to.
        """
        made = stored.provenance
        if stored.tags:
            marked = replace(made, discarded=True).tags()
            self.store.retag(name=stored.name, put=marked, remove=())
        if self.is_held(stored.certificate_id):
            log.info({"decision": "leave what was accepted", "id": stored.certificate_id})
            if stored.tags:
                self.store.retag(name=stored.name, put=made.tags(), remove=())
            return
        log.warning({"decision": "undo: delete", "name": stored.name})
        self.store.delete(stored.name, stored.certificate_id, wait=False)

    def _move(self, stored: StoredCertificate, moved: StoredCertificate) -> None:
        self.store.move(
            name=stored.name,
            new_name=moved.name if moved.name != stored.name else None,
            new_path=moved.path if moved.path != stored.path else None,
        )

    def _move_back(self, step: Move) -> None:
        if step.stored.certificate_id in self._left:
            return
        stored = self.store.get(step.new_name)
        if stored is not None and stored.certificate_id == step.stored.certificate_id:
            log.warning({"decision": "undo: move back", "name": step.stored.name})
            self._move(stored, step.stored)

    def _retag(self, step: Retag) -> None:
        self.store.retag(name=step.stored.name, put=step.put, remove=step.remove)

    def _retag_back(self, step: Retag) -> None:
        if step.stored.certificate_id in self._left:
            return
        stored = self.store.get(step.stored.name)
        if stored is not None and stored.certificate_id == step.stored.certificate_id:
            log.warning({"decision": "undo: retag", "name": stored.name})
            self._retag(step.back)

    def _leave_again(self, step: Retag) -> None:
        """Undo an adoption, unless another event has adopted the certificate for good meanwhile."""
        if step.stored.certificate_id in self._left:
            return
        stored = self.store.get(step.stored.name)
        if stored is None or stored.certificate_id != step.stored.certificate_id:
            return
        if stored.provenance.request_id != self.request_id or self.is_held(stored.certificate_id):
            log.info({"decision": "leave what was accepted", "id": stored.certificate_id})
            return
        log.warning({"decision": "undo: leave to whom it was", "name": stored.name})
        self._retag(step.back)


@contextlib.contextmanager
def _noted(notes: list[Callable[[], None]], undo: Callable[[], None]) -> Iterator[None]:
    """Note how an act is undone before it is made, and forget it if the act certainly had no effect."""
    notes.append(undo)
    try:
        yield
    except IamRefusedError as err:
        if not err.may_have_taken_effect:
            notes.pop()
        raise


def _attempt(undo: Callable[[], None]) -> None:
    try:
        undo()
    except HandlerError as err:
        log.error({"decision": "undo failed", "error": str(err)})  # noqa: TRY400 (explained)
