"""What an event has done to IAM so far, and how it is undone."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from server_certificate_handler.errors import HandlerError, IamRefusedError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

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

    has_moved: bool = field(default=False, init=False)
    """Whether consumers have to learn of a new certificate, name or path."""

    _undo: list[Callable[[], None]] = field(default_factory=list, init=False, repr=False)

    @property
    def has_acted(self) -> bool:
        """Whether anything was done."""
        return bool(self._undo)

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
            if stored is not None and (
                stored.certificate_id == uploaded[0].certificate_id
                if uploaded
                else stored.provenance.request_id == self.request_id
            ):
                log.warning({"decision": "undo: delete", "name": name})
                self.store.delete(name, stored.certificate_id, wait=False)

        self._act(
            lambda: uploaded.append(
                self.store.upload(
                    name=name, path=path, public=public, private_key=private_key, tags=tags
                )
            ),
            discard,
        )
        self.has_moved = True
        return uploaded[0]

    def move(self, step: Move) -> None:
        """Rename or re-path a certificate."""
        self._act(lambda: self._move(step.stored, step.moved), lambda: self._move_back(step))
        self.has_moved = True

    def retag(self, step: Retag) -> None:
        """Change a certificate's tags."""
        self._act(lambda: self._retag(step), lambda: self._retag_back(step))

    def undo(self) -> None:
        """Undo what was done, the last thing first. What fails is logged: the cause is reported."""
        self.store.deadline.begin_undoing()
        while self._undo:
            try:
                self._undo.pop()()
            except HandlerError as err:
                log.error({"decision": "undo failed", "error": str(err)})  # noqa: TRY400 (explained)

    def _act(self, act: Callable[[], None], undo: Callable[[], None]) -> None:
        self._undo.append(undo)
        try:
            act()
        except IamRefusedError as err:
            if not err.may_have_taken_effect:
                self._undo.pop()
            raise

    def _move(self, stored: StoredCertificate, moved: StoredCertificate) -> None:
        self.store.move(
            name=stored.name,
            new_name=moved.name if moved.name != stored.name else None,
            new_path=moved.path if moved.path != stored.path else None,
        )

    def _move_back(self, step: Move) -> None:
        stored = self.store.get(step.new_name)
        if stored is not None and stored.certificate_id == step.stored.certificate_id:
            log.warning({"decision": "undo: move back", "name": step.stored.name})
            self._move(stored, step.stored)

    def _retag(self, step: Retag) -> None:
        self.store.retag(name=step.stored.name, put=step.put, remove=step.remove)

    def _retag_back(self, step: Retag) -> None:
        stored = self.store.get(step.stored.name)
        if stored is not None and stored.certificate_id == step.stored.certificate_id:
            log.warning({"decision": "undo: retag", "name": stored.name})
            self._retag(step.back)
