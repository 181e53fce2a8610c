"""Have CloudFormation renew the certificates of a stack."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from server_certificate_handler.errors import HandlerError
from server_certificate_handler.renewal.attempts import Attempt, last_attempt, request_token
from server_certificate_handler.renewal.decide import (
    RETRY_AFTER,
    Busy,
    Impossible,
    NothingToDo,
    Renew,
    certificates_behind,
    decide,
    fix,
)
from server_certificate_handler.renewal.failures import (
    ConflictError,
    RenewalFailedError,
    RenewalRefusedError,
)
from server_certificate_handler.renewal.review import refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from datetime import datetime

    from server_certificate_handler.deadline import Deadline
    from server_certificate_handler.renewal.change_sets import ChangeSets
    from server_certificate_handler.renewal.facts import CertificateFacts, SecretFacts, StackFacts
    from server_certificate_handler.renewal.run_input import Renewing, RunInput
    from server_certificate_handler.renewal.stacks import StackReader

log = logging.getLogger(__name__)

PAUSE_SECONDS = 2.0
"""The time between two looks at the events of the update."""

LAST_SECONDS = 45.0
"""The time left when the run stops waiting for the update."""

CLOCK_DIFFERENCE = timedelta(minutes=5)
"""How much the clocks of the function and of CloudFormation may differ."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Renewer:
    """Renews the certificates of a stack."""

    run_input: RunInput
    renewing: Renewing
    stacks: StackReader
    change_sets: ChangeSets
    deadline: Deadline
    now: Callable[[], datetime]

    def renew(
        self,
        certificates: Collection[CertificateFacts | None],
        secret: SecretFacts,
        stack: StackFacts | None,
    ) -> bool:
        """
        Renew the certificates, if that is due.

        Args:
            certificates: The certificates that the stack has; None for one that can't be read.
            secret: The secret.
            stack: The root stack; None if it doesn't exist.

        Returns:
            Whether they have been renewed.

        Raises:
            ConflictError: Another operation is in progress.
            RenewalFailedError: The renewal was rolled back, or can't begin.
            RenewalRefusedError: It would have changed something else.
            CallError: AWS answered with an error.
            OutOfTimeError: The time for work is over.
        """
        decision = decide(
            certificates,
            secret=secret,
            stack=stack,
            parameter=self.renewing.parameter,
            attempt=self._last_attempt(certificates, secret, stack),
            now=self.now(),
        )
        match decision:
            case NothingToDo(reason):
                log.info({"decision": "nothing to renew", "reason": reason})
                return False
            case Busy(reason):
                raise ConflictError(reason)
            case Impossible(reason):
                raise RenewalFailedError(reason)
            case Renew(version_id):
                assert stack is not None  # noqa: S101 (otherwise it is impossible)
                return self._update(stack, version_id)

    def _last_attempt(
        self,
        certificates: Collection[CertificateFacts | None],
        secret: SecretFacts,
        stack: StackFacts | None,
    ) -> Attempt | None:
        """Return the last attempt with the current version. The events are read only if it matters."""
        value = stack.parameters.get(self.renewing.parameter) if stack else None
        if value is None or not secret.current:
            return None
        if not certificates_behind(certificates, secret, value):
            return None
        since = self.now() - RETRY_AFTER
        events = self.stacks.events(self.run_input.stack_id, since=since)
        return last_attempt(events, secret.current)

    def _update(self, stack: StackFacts, version_id: str) -> bool:
        began = self.now()
        log.info({"decision": "renew", "version": version_id})
        token = request_token(version_id, began)
        name = self.change_sets.create(version_id, stack=stack, renewing=self.renewing, now=began)
        try:
            self._review(name, version_id)
            self.change_sets.execute(name, token)
        except HandlerError:
            self._delete(name)
            raise
        attempt = self._wait(version_id, token, since=began - CLOCK_DIFFERENCE)
        if attempt is None:
            log.info({"decision": "leave it to CloudFormation", "token": token})
            return False
        if attempt.has_failed:
            ended = replace(stack, status=attempt.status)
            raise RenewalFailedError(
                f"The renewal failed, and the status of the stack is {ended.status}."
                f" {attempt.explanation} {fix(ended)}".rstrip()
            )
        log.info({"decision": "renewed", "version": version_id})
        return True

    def _review(self, name: str, version_id: str) -> None:
        change_set = self.change_sets.read(name)
        parameter = self.renewing.parameter
        reason = refusal(change_set, parameter=parameter, version_id=version_id)
        if reason is not None:
            raise RenewalRefusedError(
                f"The change set was not executed. {reason} If you want all of its changes, deploy"
                f" them: cdk deploy --parameters {self.run_input.stack_name}:{parameter}={version_id}"
            )

    def _delete(self, name: str) -> None:
        try:
            self.change_sets.delete(name)
        except HandlerError as err:
            log.warning({"decision": "leave the change set", "reason": str(err)})

    def _wait(self, version_id: str, token: str, *, since: datetime) -> Attempt | None:
        """Wait until the update has ended; None if it takes longer than the run."""
        while self.deadline.seconds > LAST_SECONDS:
            events = self.stacks.events(self.run_input.stack_id, since=since)
            own = [event for event in events if event.request == token]
            attempt = last_attempt(own, version_id)
            if attempt is not None and attempt.is_over:
                return attempt
            self.deadline.wait(PAUSE_SECONDS)
        return None
