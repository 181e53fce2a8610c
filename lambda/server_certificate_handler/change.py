"""Create and Update: look, decide, act, and undo what was begun when it fails."""

from __future__ import annotations

import contextlib
import logging
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from server_certificate.assessment import Assessment, Criteria, Given, Input, assess
from server_certificate.findings import errors
from server_certificate.naming import check_name, check_path, content_name
from server_certificate.resource_contract import Secret
from server_certificate.tags import REQUEST_ID_TAG, check_tags
from server_certificate_handler import lifecycle
from server_certificate_handler.errors import (
    CertificateMissingError,
    HandlerError,
    IamRefusedError,
    MaterialRejectedError,
)
from server_certificate_handler.lifecycle import Desired, Move, Retag, Step, Upload

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from server_certificate.findings import Finding
    from server_certificate.resource_contract import ResourceProperties, Text
    from server_certificate.tags import Owner
    from server_certificate_handler.deadline import Deadline
    from server_certificate_handler.iam_store import IamStore
    from server_certificate_handler.stored_certificate import StoredCertificate

log = logging.getLogger(__name__)

_PASSING = {"certificate-expired", "certificate-not-yet-valid"}
"""Errors that time brings: they stop an upload, and nothing else."""

CONFIRM_TRIES = 5
CONFIRM_PAUSE_SECONDS = 1.0
"""IAM answers the caller that wrote at once, as far as was ever observed; it promises less."""


@dataclass(slots=True, kw_only=True)
class Change:
    """One Create or Update event on its way."""

    store: IamStore
    read: Callable[[Text | Secret], str | bytes]
    """Reads a part; raises ``SourceUnreadableError``."""

    owner: Owner
    request_id: str
    deadline: Deadline
    at: datetime
    """The instant to judge validity at."""

    properties: ResourceProperties
    former_tag_keys: frozenset[str] = frozenset()
    """Keys of the tags in the template before."""

    _given: Given = field(init=False, repr=False)
    _desired: Desired = field(init=False)

    def __post_init__(self) -> None:
        """Read the public parts, once. The key is read when an upload needs it, and only then."""
        chain = self.properties.chain
        self._given = Given(
            certificate=self._input(self.properties.certificate),
            chain=self._input(chain) if chain else None,
        )

    def create(self) -> StoredCertificate:
        """
        Upload what is wanted, or find that an earlier delivery of this event has done so.

        Raises:
            HandlerError: Nothing was stored, or what was stored has been removed again.
        """
        self._desire()
        return self._carry_out((Upload(self._desired.name),))

    def update(self, certificate_id: str, *, former_name: str | None) -> StoredCertificate:
        """
        Move and retag in place when the content is the same, else bring in the new content.

        Args:
            certificate_id: The physical id: what the resource holds now.
            former_name: The explicit name of the template before.

        Returns:
            The certificate; another id than before makes CloudFormation delete the one before.

        Raises:
            HandlerError: What was begun has been undone.
        """
        self._desire()
        likely_names = [name for name in (former_name, self._desired.name) if name]
        current = self.store.find(certificate_id, likely_names=likely_names)
        if current is None:
            log.warning({"decision": "upload anew", "missing": certificate_id})
        elif lifecycle.has_content(current, self._desired.public):
            return self._carry_out(self._in_place(current))
        elif (twin := self._twin(current)) is not None:
            log.info({"decision": "bring back own certificate", "id": twin.certificate_id})
            make_way = lifecycle.make_way(current, self._desired)
            return self._carry_out((*make_way, *self._in_place(twin)))
        return self._carry_out(lifecycle.replace(current, self._desired))

    def _desire(self) -> None:
        properties = self.properties
        name = properties.name or content_name(properties.name_prefix, "0" * 64)
        findings: tuple[Finding, ...] = (
            *check_name(name),
            *check_path(properties.path),
            *check_tags(properties.tags),
        )
        assessment = self._assess()
        unusable = [
            finding for finding in errors(assessment.findings) if finding.code not in _PASSING
        ]
        if findings or unusable or assessment.public is None:
            raise self._rejection((*findings, *assessment.findings))
        self._desired = Desired(
            owner=self.owner,
            explicit_name=properties.name,
            name_prefix=properties.name_prefix,
            path=properties.path,
            public=assessment.public,
            tags=properties.tags,
        )

    def _input(self, source: Text | Secret) -> Input:
        content = self.read(source)
        return Input(content) if isinstance(content, bytes) else Input.of_text(content)

    def _assess(self, private_key: Input | None = None) -> Assessment:
        return assess(
            replace(self._given, private_key=private_key),
            Criteria(at=self.at, acknowledged=self.properties.acknowledged),
        )

    def _rejection(self, findings: Iterable[Finding]) -> MaterialRejectedError:
        parts = {
            "certificate": self.properties.certificate,
            "chain": self.properties.chain,
            "private-key": self.properties.private_key,
        }
        origins = {
            subject: source.description
            for subject, source in parts.items()
            if isinstance(source, Secret)
        }
        return MaterialRejectedError(findings, origins=origins)

    def _in_place(self, stored: StoredCertificate) -> tuple[Step, ...]:
        return lifecycle.in_place(stored, self._desired, former_tag_keys=self.former_tag_keys)

    def _twin(self, current: StoredCertificate) -> StoredCertificate | None:
        for name in dict.fromkeys((self._desired.content_name, self._desired.name)):
            holder = None if name == current.name else self.store.get(name)
            if holder is not None and lifecycle.is_own_twin(holder, self._desired):
                return holder
        return None

    def _carry_out(self, steps: Iterable[Step]) -> StoredCertificate:
        moved = False
        with contextlib.ExitStack() as undo:
            for step in steps:
                self._act(step, undo)
                moved = moved or not isinstance(step, Retag)
            stored = self._confirm()
            # An upload that turned out to be made already may have another path or other tags.
            for step in self._in_place(stored):
                self._act(step, undo)
                stored = self._confirm()
            if moved:
                self._propagate()
            undo.pop_all()
        return stored

    def _act(self, step: Step, undo: contextlib.ExitStack) -> None:
        match step:
            case Upload(name):
                if self._upload(name):
                    undo.callback(self._undo, "delete", name, lambda: self._discard(name))
            case Move():
                self._move(step)
                undo.callback(self._undo, "move back", step.name, lambda: self._move(step.back))
            case Retag():
                self._retag(step)
                undo.callback(self._undo, "retag", step.name, lambda: self._retag(step.back))

    def _upload(self, name: str) -> bool:
        """Upload; False when the certificate is there already, by an earlier delivery."""
        assessment = self._assess(self._input(self.properties.private_key))
        for finding in assessment.findings:
            log.info(
                {"finding": finding.code, "severity": finding.severity.value, "text": str(finding)}
            )
        private_key = assessment.private_key
        if errors(assessment.findings) or private_key is None:
            raise self._rejection(assessment.findings)
        log.info({"decision": "upload", "name": name, "path": self._desired.path})
        try:
            self.store.upload(
                name=name,
                path=self._desired.path,
                public=self._desired.public,
                private_key=private_key,
                tags={**self._desired.tags, **self.owner.tags(request_id=self.request_id)},
            )
        except IamRefusedError as err:
            if err.code != "EntityAlreadyExists":
                raise
            holder = self.store.get(name)
            if holder is None or not lifecycle.is_own_twin(holder, self._desired):
                raise (lifecycle.name_taken(holder) if holder else err) from err
            log.info({"decision": "adopt own upload", "name": name, "id": holder.certificate_id})
            # From now on it is this request's: the clean-up of an earlier one must not find it.
            self.store.retag(name=name, put={REQUEST_ID_TAG: self.request_id}, remove=())
            return False
        return True

    def _move(self, step: Move) -> None:
        log.info(
            {
                "decision": "move",
                "name": step.name,
                "new_name": step.new_name,
                "new_path": step.new_path,
            }
        )
        try:
            self.store.move(
                name=step.name,
                new_name=step.new_name if step.new_name != step.name else None,
                new_path=step.new_path if step.new_path != step.path else None,
            )
        except IamRefusedError as err:
            holder = self.store.get(step.new_name) if err.code == "EntityAlreadyExists" else None
            if holder is None:
                raise
            raise lifecycle.name_taken(holder) from err

    def _retag(self, step: Retag) -> None:
        log.info(
            {
                "decision": "retag",
                "name": step.name,
                "put": sorted(step.put),
                "remove": sorted(step.remove),
            }
        )
        self.store.retag(name=step.name, put=step.put, remove=step.remove)

    def _confirm(self) -> StoredCertificate:
        name = self._desired.name
        for _ in range(CONFIRM_TRIES):
            stored = self.store.get(name)
            if stored is not None and lifecycle.has_content(stored, self._desired.public):
                return stored
            if not self.deadline.wait(CONFIRM_PAUSE_SECONDS):
                break
        raise CertificateMissingError(
            f"The certificate '{name}' was stored, but IAM does not return it as it was sent;"
            " something else changes certificates at the same time. Deploy again."
        )

    def _propagate(self) -> None:
        seconds = self.properties.propagation_seconds
        if seconds and not self.deadline.wait(seconds):
            log.warning({"decision": "answer without waiting for propagation", "seconds": seconds})

    def _discard(self, name: str) -> None:
        stored = self.store.get(name)
        if stored is not None and stored.tags.get(REQUEST_ID_TAG) == self.request_id:
            self.store.delete(name)

    def _undo(self, what: str, name: str, action: Callable[[], None]) -> None:
        log.warning({"decision": f"undo: {what}", "name": name})
        try:
            action()
        except HandlerError:
            # The failure that led here is the one to report.
            log.exception({"decision": "undo failed", "name": name})
