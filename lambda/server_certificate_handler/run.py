"""Process an event: decide the next step, execute it, and record the result."""

from __future__ import annotations

import logging
import math
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
    """The processing of one event, with everything that it can access."""

    iam: IamStore
    stack: StackReader
    deadline: Deadline

    material: MaterialReader | None
    """None in a Delete, which reads no material."""

    propagation_seconds: int = 0
    """The time to wait after an upload or a new name or path until consumers know about it."""

    deletion_seconds: float = math.inf
    """How long to wait for consumers before a deletion. Default: as long as there is time."""

    def carry_out(self, desired: Desired) -> StoredCertificate | None:
        """
        Process an event.

        Returns:
            The certificate of the resource from now on; None after a Delete.

        Raises:
            HandlerError: The event failed. Its changes have been undone as far as possible.
        """
        progress, step = proceed(Progress(desired))
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
            return self._execute(step, progress)
        except HandlerError as error:
            # Log what can't be undone as a warning, because the response only contains the first
            # failure.
            level = logging.INFO if progress.failure is None else logging.WARNING
            log.log(level, {"step": type(step).__name__.lower(), "refused": str(error)})
            return error

    def _execute(self, step: Step, progress: Progress) -> Observed:
        """Execute a step, and return the new state."""
        observed = progress.observed
        match step:
            case Look(name):
                return observed.having_looked(name, self.iam.get(name))
            case ListNames():
                return observed.having_listed(
                    {listed_id: name for name, listed_id in self.iam.names()}
                )
            case ReadStack():
                return observed.having_read(self.stack.read())
            case ReadMaterial(with_key):
                return self._having_content(observed, with_key=with_key)
            case Pause(seconds):
                self.deadline.wait(seconds)
                return observed.having_paused()
            case _:
                log.info({"decision": type(step).__name__.lower(), **_log_fields(step, progress)})
                return self._act(step, progress)

    def _act(self, step: Act, progress: Progress) -> Observed:
        observed = progress.observed
        match step:
            case Upload():
                return observed.having_uploaded(self._upload(step, progress))
            case Move(stored, name, path):
                if name in {progress.desired.name, stored.name}:
                    self.iam.move(stored, name=name, path=path)
                else:
                    self.iam.move_aside(stored, name=name, path=path)
                return observed.having_moved(step)
            case Retag(stored, put, remove):
                self.iam.retag(name=stored.name, put=put, remove=remove)
                return observed.having_retagged(step)
            case Delete(stored, is_optional):
                wait_seconds = 0 if is_optional else self.deletion_seconds
                self.iam.delete(stored.name, stored.certificate_id, wait_seconds=wait_seconds)
                return observed.having_deleted(stored)

    def _having_content(self, observed: Observed, *, with_key: bool) -> Observed:
        assert self.material is not None  # noqa: S101 (a Delete reads no material)
        try:
            content = self.material.public(with_key=with_key)
        except HandlerError as error:
            return replace(observed, known_content=Unreadable(error))
        return observed.having_content(content, self.material.secret_version)

    def _upload(self, step: Upload, progress: Progress) -> StoredCertificate:
        assert self.material is not None  # noqa: S101 (a Delete uploads nothing)
        material = self.material.upload_material()
        try:
            return self.iam.upload(
                name=step.name,
                path=step.path,
                public=material.public,
                private_key=material.private_key,
                tags=step.tags,
            )
        except IamRefusedError as error:
            if step.tags and is_unsupported(error, stack_id=progress.desired.owner.stack_id):
                raise TagsRefusedError(str(error), code=error.code) from error
            raise


def _log_fields(step: Act, progress: Progress) -> dict[str, object]:
    """Return the fields of the log record of an action."""
    fields: dict[str, object] = {"undoes": True} if progress.failure else {}
    match step:
        case Upload(name, path):
            return {**fields, "name": name, "path": path}
        case Move(stored, name, path):
            return {**fields, "name": stored.name, "new_name": name, "new_path": path}
        case Retag(stored, put, remove):
            return {**fields, "name": stored.name, "put": sorted(put), "remove": sorted(remove)}
        case Delete(stored):
            return {**fields, "name": stored.name, "id": stored.certificate_id}
