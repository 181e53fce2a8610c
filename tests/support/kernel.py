"""What the rules of the kernel are written with: certificates, the stack state, events, a world."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import pytest

from dev.certificates.authority import Authority
from server_certificate.contract.ownership import (
    ADOPTED_TAG,
    Owner,
    Provenance,
    SecretVersion,
    is_own,
)
from server_certificate_handler.errors import (
    HandlerError,
    IamRefusedError,
    SourceUnreadableError,
    StackUnreadableError,
)
from server_certificate_handler.kernel.decide import decide
from server_certificate_handler.kernel.desired import Desired, Previous, Request
from server_certificate_handler.kernel.observed import Observed, Unreadable
from server_certificate_handler.kernel.progress import Failed, Progress, after, proceed
from server_certificate_handler.kernel.stack import Phase, ResourceState, Stack
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
from server_certificate_handler.kernel.stored import StoredCertificate
from support.certificates import public_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from _pytest.mark.structures import ParameterSet

    from server_certificate.material import PublicMaterial
    from server_certificate_handler.kernel.steps import Act, Step

ACCOUNT = "arn:aws:iam::111122223333"
STACK_ID = "arn:aws:cloudformation:eu-central-1:111122223333:stack/web/1"
PREFIX = "web-C"

OWNER = Owner(stack_id=STACK_ID, logical_id="C")
NEIGHBOR = Owner(stack_id=STACK_ID, logical_id="Neighbor")
STRANGER = Owner(stack_id=STACK_ID.replace("/1", "/2"), logical_id="C")

_authority = Authority.root().intermediate()
OLD, NEW, OTHER = (public_of(_authority.leaf()) for _ in range(3))
OLD_WITHOUT_ROOT = replace(OLD, chain=OLD.chain[:-1])

HELD, NEXT, SPARE = "ASCAHELD", "ASCANEXT", "ASCASPARE"
"""Ids: of what the resource held before an event, of what comes after it, and of a third."""

THEN, NOW, LATER = "request-then", "request-now", "request-later"
"""RequestIds: of an event of the past, of the one that is decided about, and of another one."""


def event(request: Request, **changes: Any) -> Desired:  # noqa: ANN401 (fields of Desired)
    """Write an event of the resource C, which declares the name 'www' unless told."""
    written: dict[str, Any] = {
        "request": request,
        "request_id": NOW,
        "owner": OWNER,
        "certificate_id": None if request is Request.CREATE else HELD,
        "name": "www",
        "name_prefix": PREFIX,
        "source": "wanted",
    }
    if request is Request.UPDATE:
        written["previous"] = Previous(name="www")
    return Desired(**written | changes)


CREATE, UPDATE, DELETE = (event(request) for request in Request)
ADOPT = replace(CREATE, adopts=True)
ROLL_BACK = replace(UPDATE, certificate_id=NEXT)
"""The Update of a rollback: the resource had gone on to the next one."""

OLD_NAME, NEW_NAME, OTHER_NAME = (CREATE.content_name(content) for content in (OLD, NEW, OTHER))


def certificate(
    name: str = "www",
    content: PublicMaterial | None = OLD,
    *,
    id: str = HELD,  # noqa: A002 (as IAM calls it)
    owner: Owner | None = OWNER,
    path: str = "/",
    adopted: bool = False,
    tags: Mapping[str, str] | None = None,
    **made: Any,  # noqa: ANN401 (fields of Provenance)
) -> StoredCertificate:
    """
    Write a certificate as IAM has it; the resource's own unless told.

    Args:
        name: Its name.
        content: Leaf and chain.
        id: ServerCertificateId.
        owner: Whose it is by its tags; None for nobody's.
        path: Its path.
        adopted: Whether it bears the mark of one that was there before.
        tags: The user's tags.
        made: How it came into being.
    """
    own: dict[str, str] = {}
    if owner is not None:
        own = owner.tags() | Provenance(**{"request_id": THEN, "source": "wanted"} | made).tags()
    if adopted:
        own[ADOPTED_TAG] = "true"
    return StoredCertificate(
        certificate_id=id,
        name=name,
        path=path,
        arn=f"{ACCOUNT}:server-certificate{path}{name}",
        public=content,
        tags={**(tags or {}), **own},
        upload_date=None,
    )


THEIRS = certificate(id="ASCATHEIRS", owner=None, tags={"team": "them"})
"""Somebody else's, who knows nothing of any stack."""


def stack_state(phase: Phase, **resources: str) -> Stack:
    """Write what CloudFormation shows: ``C="ASCAHELD UPDATE_IN_PROGRESS"``."""
    return Stack(
        phase,
        {
            logical_id: ResourceState(*shown.rsplit(" ", 1))
            for logical_id, shown in resources.items()
        },
    )


CREATING = stack_state(Phase.FORWARD, C=" CREATE_IN_PROGRESS")
UPDATING = stack_state(Phase.FORWARD, C=f"{HELD} UPDATE_IN_PROGRESS")
ROLLING_BACK = stack_state(Phase.ROLLBACK, C=f"{NEXT} UPDATE_IN_PROGRESS")
CLEANING_UP = stack_state(Phase.CLEAN_UP, C=f"{NEXT} UPDATE_COMPLETE")
CLEANING_UP_ROLLBACK = stack_state(Phase.ROLLBACK_CLEAN_UP, C=f"{NEXT} UPDATE_COMPLETE")
DELETING = stack_state(Phase.DELETION, C=f"{HELD} DELETE_IN_PROGRESS")


def rule(sentence: str, *row: object) -> ParameterSet:
    """Return a parameter set whose ID is the sentence."""
    return pytest.param(*row, id=sentence.replace(" ", "-"))


def turning(before: StoredCertificate, after: StoredCertificate) -> Retag:
    """Write the step that gives a certificate the tags that it has afterwards."""
    return Retag(
        before,
        put={key: value for key, value in after.tags.items() if before.tags.get(key) != value},
        remove=frozenset(before.tags.keys() - after.tags.keys()),
    )


def released(stored: StoredCertificate) -> StoredCertificate:
    """Return a certificate as it is without the construct's tags."""
    return replace(
        stored, tags={key: value for key, value in stored.tags.items() if not is_own(key)}
    )


GONE = Unreadable(SourceUnreadableError("The secret is gone."))
CLOSED = StackUnreadableError("The state of the stack can't be read.")


@dataclass
class World:
    """IAM, the stack state and the sources as values, which the steps of an event change."""

    certificates: tuple[StoredCertificate, ...] = ()
    stack_state: Stack | StackUnreadableError = CREATING
    content: PublicMaterial | Unreadable = OLD
    secret_version: SecretVersion | None = None
    """Where the content is read."""

    refused: dict[type, list[HandlerError]] = field(default_factory=lambda: defaultdict(list))
    """Errors that the next steps of a kind fail with, without any effect."""

    lost: dict[type, list[HandlerError]] = field(default_factory=lambda: defaultdict(list))
    """Errors that the next steps of a kind end with, after their effect."""

    after: dict[type, list[Callable[[], object]]] = field(default_factory=lambda: defaultdict(list))
    """What somebody else does after the next steps of a kind."""

    taken: list[Step] = field(default_factory=list)

    def decision(self, desired: Desired, observed: Observed | None = None) -> Step | Done:
        """Decide about an event with all that it asks for, and return what it does first."""
        observed = observed or Observed()
        while isinstance(
            step := decide(observed, desired), Look | ListNames | ReadStack | ReadMaterial | Pause
        ):
            observed = self._effect(step, observed)
        return step

    def carry_out(self, desired: Desired) -> Done | Failed:
        """Carry an event out to its end."""
        progress, step = proceed(Progress(desired))
        while not isinstance(step, Done | Failed):
            progress, step = proceed(after(progress, step, self._outcome(step, progress)))
        return step

    def named(self) -> dict[str, str]:
        """Return the id of each name."""
        return {each.name: each.certificate_id for each in self.certificates}

    def at(self, name: str) -> StoredCertificate:
        """Return the certificate that has a name."""
        return self._there(name)

    def acts(self) -> list[Step]:
        """Return the steps that were taken to change something."""
        return [step for step in self.taken if isinstance(step, Upload | Move | Retag | Delete)]

    def _outcome(self, step: Step, progress: Progress) -> Observed | HandlerError:
        self.taken.append(step)
        kind = type(step)
        if self.refused[kind]:
            return self.refused[kind].pop(0)
        try:
            observed = self._effect(step, progress.observed)
        except (IamRefusedError, StackUnreadableError) as error:
            return error
        if self.after[kind]:
            self.after[kind].pop(0)()
        return self.lost[kind].pop(0) if self.lost[kind] else observed

    def _effect(self, step: Step, observed: Observed) -> Observed:
        match step:
            case Look(name):
                return observed.having_looked(name, self._find(name))
            case ListNames():
                return observed.having_listed(
                    {each.certificate_id: each.name for each in self.certificates}
                )
            case ReadStack():
                if isinstance(self.stack_state, StackUnreadableError):
                    raise self.stack_state
                return observed.having_read(self.stack_state)
            case ReadMaterial():
                return replace(
                    observed, known_content=self.content, secret_version=self.secret_version
                )
            case Pause():
                return observed.having_paused()
            case _:
                return self._act(step, observed)

    def _act(self, step: Act, observed: Observed) -> Observed:
        """Act as IAM does: on whatever has the name by now."""
        match step:
            case Upload(name, path, tags):
                assert not isinstance(self.content, Unreadable)
                bare = certificate(name, self.content, id=NEXT, owner=None, path=path)
                uploaded = replace(bare, tags=dict(tags))
                self._change(None, uploaded)
                return observed.having_uploaded(uploaded)
            case Move(stored, name, path):
                there = self._there(stored.name)
                self._change(there, there.moved(name, path))
                return observed.having_moved(step)
            case Retag(stored, put, remove):
                there = self._there(stored.name)
                self._change(there, there.retagged(put, remove))
                return observed.having_retagged(step)
            case Delete(stored):
                found = self._find(stored.name)
                if found is not None and found.certificate_id == stored.certificate_id:
                    self._change(found, None)
                return observed.having_deleted(stored)

    def _find(self, name: str) -> StoredCertificate | None:
        return next((each for each in self.certificates if each.name == name), None)

    def _there(self, name: str) -> StoredCertificate:
        there = self._find(name)
        if there is None:
            raise IamRefusedError("It is gone.", code="NoSuchEntity")
        return there

    def _change(self, before: StoredCertificate | None, changed: StoredCertificate | None) -> None:
        others = tuple(each for each in self.certificates if each != before)
        if changed is not None and changed.name in {each.name for each in others}:
            raise IamRefusedError("The name is taken.", code="EntityAlreadyExists")
        self.certificates = others if changed is None else (*others, changed)
