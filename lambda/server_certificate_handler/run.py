"""Carry an event out: ask what comes next, do it, and see what has become of it."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from server_certificate_handler.errors import (
    HandlerError,
    IamRefusedError,
    TagsRefusedError,
)
from server_certificate_handler.kernel.observed import Unreadable
from server_certificate_handler.kernel.progress import Failed, Progress, after, proceed
from server_certificate_handler.kernel.steps import (
    Delete,
    Done,
    ListNames,
    Look,
    Move,
    Pause,
    ReadMaterial,
    ReadStack,
    Retag,
    Upload,
)
from server_certificate_handler.unsupported import is_unsupported

if TYPE_CHECKING:
    from server_certificate.material import PublicMaterial
    from server_certificate_handler.deadline import Deadline
    from server_certificate_handler.iam import IamStore
    from server_certificate_handler.kernel.desired import Desired
    from server_certificate_handler.kernel.observed import Observed
    from server_certificate_handler.kernel.steps import Act, Step
    from server_certificate_handler.kernel.stored import StoredCertificate
    from server_certificate_handler.material_reader import MaterialReader
    from server_certificate_handler.stack import StackReader

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One event on its way, with all that it can touch."""

    iam: IamStore
    stack: StackReader
    deadline: Deadline

    material: MaterialReader | None
    """None in a Delete, which reads none."""

    propagation_seconds: int = 0
    """How long to wait after an upload, a rename or a re-path, until consumers know of it."""

    def carry_out(self, want: Desired) -> StoredCertificate | None:
        """
        Bring about what an event wants.

        Returns:
            The certificate that the resource holds from now on; None after a Delete.

        Raises:
            HandlerError: It can't be had. What was done has been undone as far as could be.
        """
        progress, step = proceed(Progress(want))
        while not isinstance(step, Done | Failed):
            if progress.failure is not None:
                self.deadline.begin_undoing()
            progress, step = proceed(after(progress, step, self._outcome(step, progress)))
        if isinstance(step, Failed):
            raise step.error
        if progress.has_moved:
            self._propagate()
        return step.stored

    def _propagate(self) -> None:
        seconds = self.propagation_seconds
        if seconds and not self.deadline.wait(seconds):
            log.warning({"decision": "answer without waiting for propagation", "seconds": seconds})

    def _outcome(self, step: Step, progress: Progress) -> Observed | HandlerError:
        try:
            return self._take(step, progress)
        except HandlerError as error:
            # What can't be undone stays, whatever the answer says of the failure that came first.
            level = logging.INFO if progress.failure is None else logging.WARNING
            log.log(level, {"step": type(step).__name__.lower(), "refused": str(error)})
            return error

    def _take(self, step: Step, progress: Progress) -> Observed:
        """Take a step, and return what is known then."""
        seen = progress.seen
        match step:
            case Look(name):
                return seen.having_looked(name, self.iam.get(name))
            case ListNames():
                return seen.having_listed({listed_id: name for name, listed_id in self.iam.names()})
            case ReadStack():
                return seen.having_read(self.stack.read())
            case ReadMaterial(with_key):
                return replace(seen, known_content=self._content(with_key=with_key))
            case Pause(seconds):
                self.deadline.wait(seconds)
                return seen.having_paused()
            case _:
                log.info({"decision": type(step).__name__.lower(), **_shown(step, progress)})
                return self._act(step, progress)

    def _act(self, step: Act, progress: Progress) -> Observed:
        seen = progress.seen
        match step:
            case Upload():
                return seen.having_uploaded(self._upload(step, progress))
            case Move(stored, name, path):
                if name in {progress.want.name, stored.name}:
                    self.iam.move(stored, name=name, path=path)
                else:
                    self.iam.move_aside(stored, name=name, path=path)
                return seen.having_moved(step)
            case Retag(stored, put, remove):
                self.iam.retag(name=stored.name, put=put, remove=remove)
                return seen.having_retagged(step)
            case Delete(stored, is_optional):
                self.iam.delete(stored.name, stored.certificate_id, wait=not is_optional)
                return seen.having_deleted(stored)

    def _content(self, *, with_key: bool) -> PublicMaterial | Unreadable:
        assert self.material is not None  # noqa: S101 (no Delete reads any)
        try:
            return self.material.public(with_key=with_key)
        except HandlerError as error:
            return Unreadable(error)

    def _upload(self, step: Upload, progress: Progress) -> StoredCertificate:
        assert self.material is not None  # noqa: S101 (no Delete uploads)
        material = self.material.complete()
        try:
            return self.iam.upload(
                name=step.name,
                path=step.path,
                public=material.public,
                private_key=material.private_key,
                tags=step.tags,
            )
        except IamRefusedError as error:
            if step.tags and is_unsupported(error, stack_id=progress.want.owner.stack_id):
                raise TagsRefusedError(str(error), code=error.code) from error
            raise


def _shown(step: Act, progress: Progress) -> dict[str, object]:
    """Return what a log record says of an act."""
    shown: dict[str, object] = {"undoes": True} if progress.failure else {}
    match step:
        case Upload(name, path):
            return {**shown, "name": name, "path": path}
        case Move(stored, name, path):
            return {**shown, "name": stored.name, "new_name": name, "new_path": path}
        case Retag(stored, put, remove):
            return {**shown, "name": stored.name, "put": sorted(put), "remove": sorted(remove)}
        case Delete(stored):
            return {**shown, "name": stored.name, "id": stored.certificate_id}
